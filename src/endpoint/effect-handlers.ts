import { isRight } from 'fp-ts/lib/Either.js';
import type { Respond, ResponseDraft } from '../../machines/effects.js';
import {
  formatURI,
  header,
  isFinal,
  isSIPURI,
  type Request,
  type Response,
  reasonPhrase,
  type URI,
} from '../message/index.js';
import type { TransportError } from '../transports/transport.js';
import type { Endpoint } from './endpoint.js';
import type { Handlers } from './interpreter.js';
import { ClientTransaction, Dialog, Notifier, type ServerTransaction, type UAS } from './live-machine.js';
import { dialogKey } from './matching.js';
import { type Additions, buildResponse } from './response-building.js';
import { startUAS } from './user-agent-servers.js';

/** What becomes of each effect. */
export const createHandlers = (endpoint: Endpoint): Handlers => ({
  sendRequest: (transaction, { request }) => endpoint.send(request.text, transaction.flow, transaction),

  sendResponse: (transaction, { response }) => endpoint.send(response.text, transaction.flow, transaction),

  passToUser: (transaction, { message }) => {
    if (transaction instanceof ClientTransaction)
      answerNotify(endpoint, transaction.user, message as Response);
    else passRequest(endpoint, transaction);
  },

  reportFailure: (transaction, { failure }) => {
    const { user } = transaction;
    if (user instanceof Notifier) endpoint.dispatch(user, { type: 'notifyFailed', failure });
    else if (user !== undefined) endpoint.dispatch(user, { type: 'failure', failure });
    else endpoint.configuration.application.failed(unsentResponse);
  },

  startTimer: (live, { timer, delay }) => live.startTimer(endpoint.configuration.scheduler, timer, delay),

  stopTimer: (live, { timer }) => live.stopTimer(endpoint.configuration.scheduler, timer),

  respond: (uas, order) => answer(endpoint, uas, order),

  startNotifier: (uas, { state }) => startNotifier(endpoint, uas, state),

  refreshSubscription: ({ notifier }, { expires }) => {
    const now = endpoint.configuration.scheduler.now();
    if (notifier !== undefined) endpoint.dispatch(notifier, { type: 'refresh', expires, now });
  },

  endSubscription: ({ notifier }) => {
    const now = endpoint.configuration.scheduler.now();
    if (notifier !== undefined) endpoint.dispatch(notifier, { type: 'end', reason: 'timeout', now });
  },

  cancelTransaction: ({ cancels }) => {
    if (cancels?.user !== undefined) endpoint.dispatch(cancels.user, { type: 'cancel' });
  },

  tellApplication: (live, { event }) => endpoint.configuration.application.told(live, event),

  notify: (notifier, { request }) =>
    endpoint.dispatch(notifier.dialog, { type: 'send', usage: notifier.number, request }),

  leaveDialog: ({ dialog }) => endpoint.dispatch(dialog, { type: 'usageEnded' }),

  requestInDialog: (dialog, order) => {
    const notifier = endpoint.tables.notifiers.get(order.usage);
    if (notifier !== undefined) endpoint.requests.send(order, dialog, notifier);
  },

  passToUsage: (_dialog, { transaction }) => {
    const live = endpoint.tables.serverTransactions.get(transaction);
    if (live !== undefined) admit(endpoint, live);
  },

  refuseRequest: (_dialog, { transaction, response }) => {
    const live = endpoint.tables.serverTransactions.get(transaction);
    const request = live?.arrival?.request;
    if (live === undefined || request === undefined) return;
    live.arrival = undefined;
    respond(endpoint, live, request, response, {});
  },
});

const unsentResponse: TransportError = {
  code: 'failed',
  message: 'A final response could not be sent; its user agent server is done',
};

/** A request that came in a dialog goes to the dialog first, for its CSeq (RFC 3261 §12.2.2); a CANCEL has no order of its own. */
const passRequest = (endpoint: Endpoint, transaction: ServerTransaction) => {
  const { arrival } = transaction;
  if (arrival === undefined) return;
  const dialog = arrival.request.method === 'CANCEL' ? undefined : endpoint.dialogOf(arrival.essentials);
  if (dialog === undefined) return admit(endpoint, transaction);
  endpoint.dispatch(dialog, {
    type: 'request',
    transaction: transaction.key,
    sequence: arrival.essentials.cseq.sequence,
  });
};

/** Where a peer wants its requests: its one Contact, a SIP URI. */
const contactOf = (request: Request): string | undefined => {
  const contact = header(request, 'Contact');
  const uri = isRight(contact) && contact.right !== '*' ? contact.right[0]?.uri : undefined;
  return uri !== undefined && isSIPURI(uri) ? requestURI(uri) : undefined;
};

/** What of a URI may stand in a Request-URI: neither headers nor `method` (RFC 3261 §19.1.1, Table 1). */
const requestURI = (uri: URI): string => {
  if (!isSIPURI(uri) || (uri.headers.length === 0 && !uri.parameters.has('method'))) return uri.text;
  const parameters = new Map(uri.parameters);
  parameters.delete('method');
  return formatURI({ ...uri, headers: [], parameters });
};

const admit = (endpoint: Endpoint, transaction: ServerTransaction) => {
  const { arrival } = transaction;
  transaction.arrival = undefined;
  if (arrival !== undefined) startUAS(endpoint, transaction, arrival);
};

const answer = (endpoint: Endpoint, uas: UAS, { response, headers, hasContact }: Respond) => {
  const { transaction, arrival, tag, dialog } = uas;
  const contact = hasContact
    ? (dialog?.contact ?? endpoint.requests.contact(arrival.flow.transport, arrival.essentials.uri))
    : undefined;
  // REFER and SUBSCRIBE refresh the remote target once they are accepted (RFC 3261 §12.2.2, RFC 5057 §5.4).
  const target = hasContact && dialog !== undefined ? contactOf(arrival.request) : undefined;
  if (dialog !== undefined && target !== undefined)
    endpoint.dispatch(dialog, { type: 'targetRefresh', target });
  respond(endpoint, transaction, arrival.request, response, { toTag: tag, headers, contact });
};

/** A user's answer is the `response` event of its transaction. */
const respond = (
  endpoint: Endpoint,
  transaction: ServerTransaction,
  request: Request,
  draft: ResponseDraft,
  additions: Additions,
) => {
  const { server } = endpoint.configuration;
  const response = buildResponse(request, draft, server === undefined ? additions : { ...additions, server });
  endpoint.dispatch(transaction, { type: 'response', response });
};

const answerNotify = (endpoint: Endpoint, notifier: Notifier, response: Response) => {
  if (!isFinal(response.status)) return;
  const retryAfter = header(response, 'Retry-After');
  endpoint.dispatch(notifier, {
    type: 'notifyAnswered',
    status: response.status,
    ...(isRight(retryAfter) ? { retryAfter: retryAfter.right } : {}),
  });
};

const startNotifier = (endpoint: Endpoint, uas: UAS, state: 'pending' | 'active') => {
  const dialog = uas.dialog ?? startDialog(endpoint, uas);
  uas.dialog = dialog;
  const { referExpires: expires, scheduler } = endpoint.configuration;
  const id = uas.arrival.essentials.cseq.sequence;
  const report = { status: 100, reason: reasonPhrase(100) };
  const instance = endpoint.engines.notifier.create({ state, id, report, expires, now: scheduler.now() });
  uas.notifier = new Notifier(endpoint, instance, endpoint.nextNumber(), id, dialog, uas);
  endpoint.dispatch(dialog, { type: 'usageStarted' });
  endpoint.start(uas.notifier);
  if (endpoint.isClosing) endpoint.dispatch(uas.notifier, deactivation(scheduler.now()));
};

/** The end of a subscription whose user agent closes (RFC 6665 §4.1.3). */
export const deactivation = (now: number) => ({ type: 'end', reason: 'deactivated', now }) as const;

/** The dialog that the 2xx to a request makes, as its UAS sees it (RFC 3261 §12.1.1). */
const startDialog = (endpoint: Endpoint, { arrival, tag }: UAS): Dialog => {
  const { request, essentials, flow } = arrival;
  const routes = header(request, 'Record-Route');
  const route = isRight(routes) ? routes.right : [];
  const [first] = route;
  const instance = endpoint.engines.dialog.create({
    callId: essentials.callId,
    local: `<${essentials.to.uri.text}>;tag=${tag}`,
    remote: `<${essentials.from.uri.text}>${essentials.from.tag === undefined ? '' : `;tag=${essentials.from.tag}`}`,
    target: contactOf(request) ?? '',
    routes: route.map(({ uri }) => `<${requestURI(uri)}>`),
    firstRouteIsLoose: first === undefined || (isSIPURI(first.uri) && first.uri.parameters.has('lr')),
    remoteSequence: essentials.cseq.sequence,
  });
  const key = dialogKey(essentials.callId, tag, essentials.from.tag);
  const dialog = new Dialog(
    endpoint,
    instance,
    key,
    flow.transport,
    endpoint.requests.contact(flow.transport, essentials.uri),
  );
  endpoint.start(dialog);
  return dialog;
};

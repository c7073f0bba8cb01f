import { isRight } from 'fp-ts/lib/Either.js';
import type { Respond, ResponseDraft } from '../../machines/effects.js';
import { header, isFinal, isSuccess, type Request, type Response } from '../message/index.js';
import { forgetFields } from '../message/wire-message.js';
import type { TransportError } from '../transports/transport.js';
import { contactOf, startNotifier, startSession } from './dialog-usages.js';
import type { Endpoint } from './endpoint.js';
import type { Handlers } from './interpreter.js';
import {
  type Arrival,
  ClientTransaction,
  Delivery,
  Dialog,
  mayStartUsage,
  type ServerTransaction,
  type UAS,
  type Usage,
} from './live-machine.js';
import { neighbourOf, readNextHop } from './request-routing.js';
import { type Additions, buildResponse } from './response-building.js';
import { reviseBindingsOf, revisePublicationOf } from './store-revisions.js';
import { startUAS } from './user-agent-servers.js';

/** What becomes of each effect. */
export const createHandlers = (endpoint: Endpoint): Handlers => ({
  sendRequest: (transaction, { request }) => endpoint.send(request.text, transaction.flow, transaction),

  sendResponse: (transaction, { response }) => {
    transaction.keep(response.text);
    endpoint.send(response.text, transaction.flow, transaction);
  },

  passToUser: (transaction, { message }) => {
    if (transaction instanceof ClientTransaction) answerDelivery(endpoint, transaction, message as Response);
    else if (transaction instanceof Delivery) answerUsage(endpoint, transaction.user, message as Response);
    else if (transaction.arrival !== undefined) passRequest(endpoint, transaction);
    else if (transaction.user !== undefined)
      endpoint.dispatch(transaction.user, { type: 'ack', request: message });
  },

  reportFailure: (transaction, { failure, cause }) => {
    const { application } = endpoint.configuration;
    if (transaction instanceof ClientTransaction)
      return endpoint.dispatch(transaction.user, { type: failure, cause });
    if (transaction instanceof Delivery)
      return endpoint.dispatch(transaction.user, { type: 'requestFailed', failure, cause });
    const { user } = transaction;
    if (user === undefined)
      return failure === 'transportError' ? application.failed(unsentResponse) : undefined;
    if (user.instance.snapshot.status === 'done') application.told(user, { type: 'failure', failure });
    else endpoint.dispatch(user, { type: 'failure', failure });
  },

  startTimer: (live, { timer, delay }) => live.startTimer(endpoint.configuration.scheduler, timer, delay),

  stopTimer: (live, { timer }) => live.stopTimer(endpoint.configuration.scheduler, timer),

  respond: (uas, order) => answer(endpoint, uas, order),

  startSession: (uas) => startSession(endpoint, uas),

  tellSession: ({ dialog }, { event }) => {
    if (dialog?.session !== undefined) endpoint.dispatch(dialog.session, event);
  },

  replaceSession: ({ joins: { replaces } }) => {
    if (replaces !== undefined) endpoint.dispatch(replaces, { type: 'hangUp' });
  },

  acknowledgeProvisional: ({ joins: { acknowledges } }) => {
    if (acknowledges !== undefined) endpoint.dispatch(acknowledges, { type: 'prack' });
  },

  startNotifier: (uas, order) => startNotifier(endpoint, uas, order),

  refreshSubscription: ({ notifier }, { expires }) => {
    const now = endpoint.now();
    if (notifier !== undefined) endpoint.dispatch(notifier, { type: 'refresh', expires, now });
  },

  endSubscription: ({ notifier }) => {
    const now = endpoint.now();
    if (notifier !== undefined) endpoint.dispatch(notifier, { type: 'end', reason: 'timeout', now });
  },

  cancelTransaction: ({ joins: { cancels } }) => {
    if (cancels?.user !== undefined) endpoint.dispatch(cancels.user, { type: 'cancel' });
  },

  reviseBindings: (uas) => reviseBindingsOf(endpoint, uas),

  revisePublication: (uas) => revisePublicationOf(endpoint, uas),

  tellApplication: (live, { event }) => endpoint.configuration.application.told(live, event),

  sendInDialog: (usage, { request }) =>
    endpoint.dispatch(usage.dialog, { type: 'send', usage: usage.number, request }),

  endRequests: (live) => {
    const dialog = live instanceof Dialog ? live : live.dialog;
    for (const uas of [...dialog.requests()]) endpoint.dispatch(uas, { type: 'sessionEnded' });
  },

  confirmDialog: ({ dialog }) => endpoint.dispatch(dialog, { type: 'confirm' }),

  leaveDialog: ({ dialog, delivery }) => {
    if (delivery !== undefined) endpoint.dispatch(delivery, { type: 'userEnded' });
    endpoint.dispatch(dialog, { type: 'usageEnded' });
  },

  requestInDialog: (dialog, request) => {
    const usage = usageOf(endpoint, dialog, request.usage);
    if (usage !== undefined) endpoint.requests.deliver(request, usage);
  },

  locate: (delivery, { uri }) => {
    const hop = readNextHop(uri);
    if (isRight(hop)) void endpoint.resolve(hop.right.host, delivery);
  },

  takeNumber: ({ user }) => endpoint.dispatch(user.dialog, { type: 'ready', usage: user.number }),

  numberRequest: (dialog, { usage, sequence }) => {
    const delivery = usageOf(endpoint, dialog, usage)?.delivery;
    if (delivery !== undefined) endpoint.dispatch(delivery, { type: 'numbered', sequence });
  },

  tryTarget: (delivery, attempt) => endpoint.requests.send(delivery, attempt),

  endUsages: (dialog) => {
    for (const usage of [...dialog.usages()]) endpoint.dispatch(usage, { type: 'dialogEnded' });
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
  const dialog = arrival.request.method === 'CANCEL' ? undefined : arrival.dialog;
  if (dialog === undefined) return admit(endpoint, transaction);
  endpoint.dispatch(dialog, {
    type: 'request',
    transaction: transaction.key,
    sequence: arrival.essentials.cseq.sequence,
    mayStartUsage: mayStartUsage(arrival.request.method),
    host: arrival.flow.remote.host,
  });
};

const admit = (endpoint: Endpoint, transaction: ServerTransaction) => {
  const { arrival } = transaction;
  transaction.arrival = undefined;
  if (arrival === undefined) return;
  startUAS(endpoint, transaction, arrival);
  if (transaction.user !== undefined) forgetFields(arrival.request);
};

const answer = (endpoint: Endpoint, uas: UAS, { response, headers, hasContact }: Respond) => {
  const { transaction, arrival, tag, dialog } = uas;
  const contact = hasContact ? (dialog?.contact ?? endpoint.requests.contact(arrival)) : undefined;
  // A request in a dialog refreshes the remote target once it is accepted, not again when its 2xx is repeated (RFC 3261 §12.2.2, RFC 5057 §5.4).
  const accepts = isSuccess(response.status) && transaction.is('trying', 'proceeding');
  const refreshes = hasContact && accepts && arrival.essentials.to.tag !== undefined;
  const target = refreshes ? contactOf(arrival.request) : undefined;
  if (dialog !== undefined && target !== undefined) refreshTarget(endpoint, dialog, arrival, target);
  respond(endpoint, transaction, arrival.request, response, { toTag: tag, headers, contact });
  // A request that waits on keeps its text, not what its header fields were read into, which takes many times as much.
  if (uas.instance.snapshot.status !== 'done') forgetFields(arrival.request);
};

const refreshTarget = (
  endpoint: Endpoint,
  dialog: Dialog,
  { essentials: { via }, flow }: Arrival,
  target: string,
) => {
  dialog.neighbour = neighbourOf(via, flow);
  endpoint.dispatch(dialog, { type: 'targetRefresh', target });
  dialog.weigh();
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

/** A request has a response; a final one the dialog hears of too, for it may be over (RFC 5057 §5.1). */
const answerDelivery = (
  endpoint: Endpoint,
  { user: delivery, flow }: ClientTransaction,
  response: Response,
) => {
  const { status } = response;
  endpoint.dispatch(delivery, { type: 'response', response });
  if (isFinal(status))
    endpoint.dispatch(delivery.user.dialog, { type: 'answered', status, host: flow.remote.host });
};

/** What a usage's request came to. */
const answerUsage = (endpoint: Endpoint, usage: Usage, response: Response) => {
  const retryAfter = header(response, 'Retry-After');
  endpoint.dispatch(usage, {
    type: 'requestAnswered',
    status: response.status,
    ...(isRight(retryAfter) ? { retryAfter: retryAfter.right } : {}),
  });
};

const usageOf = ({ tables }: Endpoint, { session }: Dialog, number: number): Usage | undefined =>
  session?.number === number ? session : tables.notifiers.get(number);

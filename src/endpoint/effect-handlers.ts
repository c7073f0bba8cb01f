import { isRight } from 'fp-ts/lib/Either.js';
import type { Respond, ResponseDraft } from '../../machines/effects.js';
import { header, isFinal, isSuccess, type Request, type Response } from '../message/index.js';
import { forgetFields } from '../message/wire-message.js';
import type { TransportError } from '../transports/transport.js';
import { contactOf, startNotifier, startSession } from './dialog-usages.js';
import type { Endpoint } from './endpoint.js';
import type { Handlers } from './interpreter.js';
import {
  ClientTransaction,
  Dialog,
  mayStartUsage,
  type ServerTransaction,
  type UAS,
} from './live-machine.js';
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
    if (transaction instanceof ClientTransaction) answerUsage(endpoint, transaction, message as Response);
    else if (transaction.arrival !== undefined) passRequest(endpoint, transaction);
    else if (transaction.user !== undefined)
      endpoint.dispatch(transaction.user, { type: 'ack', request: message });
  },

  reportFailure: (transaction, { failure }) => {
    const { application } = endpoint.configuration;
    if (transaction instanceof ClientTransaction)
      return endpoint.dispatch(transaction.user, { type: 'requestFailed', failure });
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

  leaveDialog: ({ dialog }) => endpoint.dispatch(dialog, { type: 'usageEnded' }),

  requestInDialog: ({ session }, order) => {
    const usage = session?.number === order.usage ? session : endpoint.tables.notifiers.get(order.usage);
    if (usage !== undefined) endpoint.requests.send(order, usage);
  },

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
  if (dialog !== undefined && target !== undefined) refreshTarget(endpoint, dialog, target);
  respond(endpoint, transaction, arrival.request, response, { toTag: tag, headers, contact });
  // A request that waits on keeps its text, not what its header fields were read into, which may be fifty times as much.
  if (uas.instance.snapshot.status !== 'done') forgetFields(arrival.request);
};

const refreshTarget = (endpoint: Endpoint, dialog: Dialog, target: string) => {
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

/** What a usage's request came to; the dialog hears of it too, for it may be over (RFC 5057 §5.1). */
const answerUsage = (endpoint: Endpoint, { user: usage, flow }: ClientTransaction, response: Response) => {
  const { status } = response;
  if (!isFinal(status)) return;
  const retryAfter = header(response, 'Retry-After');
  endpoint.dispatch(usage, {
    type: 'requestAnswered',
    status,
    ...(isRight(retryAfter) ? { retryAfter: retryAfter.right } : {}),
  });
  endpoint.dispatch(usage.dialog, { type: 'answered', status, host: flow.remote.host });
};

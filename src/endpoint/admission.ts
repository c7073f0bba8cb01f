import { isRight } from 'fp-ts/lib/Either.js';
import type { ResponseDraft } from '../../machines/effects.js';
import { header, type Request } from '../message/index.js';
import { refusesSubscription } from '../message/referral.js';
import type { Endpoint } from './endpoint.js';
import type { Dialog } from './live-machine.js';

/** The answer where there is no room for one more request, or for what it may start: a dialog, a subscription (RFC 3261 §21.5.4). */
export const inspectRoom = (
  endpoint: Endpoint,
  request: Request,
  dialog: Dialog | undefined,
): ResponseDraft | undefined => {
  if (hasNoTransaction(endpoint) || (endpoint.isClosing && dialog === undefined)) return overload;
  const { userAgentServers, outsideDialogs, dialogs, notifiers } = endpoint.tables;
  const { limits } = endpoint.configuration;
  const subscribes = startsSubscription(request, dialog);
  const isFull =
    (subscribes && notifiers.size + userAgentServers.size >= limits.subscriptions) ||
    (dialog === undefined &&
      (subscribes || request.method === 'INVITE') &&
      dialogs.size + outsideDialogs >= limits.dialogs);
  return isFull ? overload : undefined;
};

export const hasNoTransaction = ({ tables, configuration }: Endpoint): boolean =>
  tables.serverTransactions.size + tables.clientTransactions.size >= configuration.limits.transactions;

/** Seconds after which a refused peer may try again. */
const retryAfter = 10;

export const overload: ResponseDraft = { status: 503, headers: [['Retry-After', `${retryAfter}`]] };

/** A SUBSCRIBE that finds its subscription refreshes or ends it. */
const startsSubscription = (request: Request, dialog: Dialog | undefined): boolean => {
  if (request.method === 'REFER') return !refusesSubscription(request);
  if (request.method !== 'SUBSCRIBE') return false;
  const event = header(request, 'Event');
  return !isRight(event) || dialog?.notifierOf(event.right) === undefined;
};

import { isRight } from 'fp-ts/lib/Either.js';
import type { ResponseDraft } from '../../machines/effects.js';
import { header, type Request } from '../message/index.js';
import { refusesSubscription } from '../message/referral.js';
import type { Endpoint } from './endpoint.js';
import { machineSize, requestSize } from './held-bytes.js';
import type { LimitName } from './limit-report.js';
import type { Dialog } from './live-machine.js';
import { type Essentials, serverTransactionKey } from './matching.js';
import type { Holdings, Source } from './sources.js';

/** Where a request would be let in. */
export interface Entrance {
  readonly request: Request;
  readonly essentials: Essentials;
  readonly dialog: Dialog | undefined;
  readonly source: Source;
}

/**
 * The answer where there is no room for one more request, or for what it may start: a dialog, a subscription (RFC 3261 §21.5.4).
 * What makes room, the BYE of a dialog and the CANCEL of a request that is there, finds some as long as there is a transaction.
 */
export const inspectRoom = (endpoint: Endpoint, entrance: Entrance): ResponseDraft | undefined => {
  const { tables, configuration } = endpoint;
  const { limits } = configuration;
  const { dialog, source } = entrance;
  if (makesRoom(endpoint, entrance))
    return tables.totals.transactions < limits.transactions
      ? undefined
      : refuse(endpoint, 'transactions', limits);
  if (endpoint.isClosing && dialog === undefined) return overload;
  const wish = wishOf(entrance);
  const all = reached(tables.totals, limits, wish);
  if (all !== undefined) return refuse(endpoint, all, limits);
  if (wish.subscribes && dialog !== undefined && dialog.subscriptions >= limits.subscriptionsPerDialog)
    return refuse(endpoint, 'subscriptionsPerDialog', limits);
  const own = reached(source, limits.perSource, wish);
  if (own === undefined || configuration.isTrusted(source.name)) return undefined;
  return refuse(endpoint, own, limits.perSource, source);
};

/** Seconds after which a refused peer may try again. */
const retryAfter = 10;

const overload: ResponseDraft = { status: 503, headers: [['Retry-After', `${retryAfter}`]] };

const refuse = <Name extends LimitName>(
  endpoint: Endpoint,
  limit: Name,
  limits: Readonly<Record<Name, number>>,
  source?: Source,
): ResponseDraft => {
  endpoint.limited(limit, limits[limit], source?.name);
  return overload;
};

const makesRoom = ({ tables }: Endpoint, { request, essentials, dialog }: Entrance): boolean =>
  (request.method === 'BYE' && dialog !== undefined) ||
  (request.method === 'CANCEL' && tables.serverTransactions.has(serverTransactionKey(essentials, 'INVITE')));

/** What a request needs besides a transaction. */
interface Wish {
  readonly bytes: number;
  readonly subscribes: boolean;
  readonly opensDialog: boolean;
}

const wishOf = ({ request, essentials, dialog }: Entrance): Wish => {
  const subscribes = startsSubscription(request, dialog);
  return {
    // Its transaction and its user agent server.
    bytes: 2 * machineSize + requestSize(request.text, essentials),
    subscribes,
    opensDialog: dialog === undefined && (subscribes || request.method === 'INVITE'),
  };
};

/** The limit that leaves no room. */
const reached = (held: Holdings, most: Holdings, wish: Wish): keyof Holdings | undefined => {
  if (held.transactions >= most.transactions) return 'transactions';
  if (held.bytes + wish.bytes > most.bytes) return 'bytes';
  if (wish.subscribes && held.subscriptions >= most.subscriptions) return 'subscriptions';
  return wish.opensDialog && held.dialogs >= most.dialogs ? 'dialogs' : undefined;
};

/** A SUBSCRIBE that finds its subscription refreshes or ends it. */
const startsSubscription = (request: Request, dialog: Dialog | undefined): boolean => {
  if (request.method === 'REFER') return !refusesSubscription(request);
  if (request.method !== 'SUBSCRIBE') return false;
  const event = header(request, 'Event');
  return !isRight(event) || dialog?.notifierOf(event.right) === undefined;
};

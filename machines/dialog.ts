/**
 * A dialog as its UAS keeps it: RFC 3261 §12. It counts CSeqs in both directions, keeps the route set and the
 * remote target, and ends with the last of its usages (RFC 5057 §4.1). A request that may still make one holds it too,
 * from its admission to its answer.
 */
import { assign, emit, setup } from 'xstate';
import { warning } from '../src/message/warning.js';
import {
  type DialogEffect,
  endRequests,
  endUsages,
  type HeaderField,
  numberRequest,
  passToUsage,
  type RequestDraft,
  type RequestInDialog,
  type ResponseDraft,
  refuseRequest,
  requestInDialog,
} from './effects.js';
import { listEventTypes } from './event-types.js';

export interface Input {
  readonly callId: string;
  /** The To of the request that made the dialog, with the local tag: the From of what is sent in it. */
  readonly local: string;
  /** The From of that request: the To of what is sent. */
  readonly remote: string;
  /** The peer's Contact URI. */
  readonly target: string;
  /** The URIs of the Record-Route in angle brackets, in order (§12.1.1). */
  readonly routes: readonly string[];
  /** Whether the first route is a loose router (§12.2.1.1). */
  readonly firstRouteIsLoose: boolean;
  readonly remoteSequence: number;
  /** The host that the request which made it came from. */
  readonly source: string;
}

export interface Context extends Input {
  /** The latest other host that a request in it came from, or that has answered one of ours. */
  readonly proven: string | undefined;
  readonly localSequence: number;
  /** Its usages, and the requests in it that may still make one. */
  readonly holders: number;
}

export type Event =
  | {
      readonly type: 'request';
      /** The key of the request's server transaction. */
      readonly transaction: string;
      readonly sequence: number;
      /** That it came from. */
      readonly host: string;
      /** Whether its answer may make a usage: a REFER's, a SUBSCRIBE's. */
      readonly mayStartUsage: boolean;
    }
  /** Such a request has its answer. */
  | { readonly type: 'requestEnded' }
  /** The ACK of a 2xx has come from that host. */
  | { readonly type: 'acknowledged'; readonly host: string }
  | { readonly type: 'confirm' }
  /** A request of ours has its final response, from the host that it went to. */
  | { readonly type: 'answered'; readonly status: number; readonly host: string }
  /** A target refresh request was accepted: its Contact's URI (§12.2.2). */
  | { readonly type: 'targetRefresh'; readonly target: string }
  | { readonly type: 'send'; readonly usage: number; readonly request: RequestDraft }
  /** The request of that usage can leave. */
  | { readonly type: 'ready'; readonly usage: number }
  | { readonly type: 'usageStarted' }
  | { readonly type: 'usageEnded' };

type Incoming = Extract<Event, { type: 'request' }>;
type Outgoing = Extract<Event, { type: 'send' }>;
type Ready = Extract<Event, { type: 'ready' }>;

export const eventTypes = listEventTypes<Event>({
  request: true,
  requestEnded: true,
  acknowledged: true,
  confirm: true,
  answered: true,
  targetRefresh: true,
  send: true,
  ready: true,
  usageStarted: true,
  usageEnded: true,
});

export const dialog = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: DialogEffect },
  guards: {
    isInOrder: ({ context, event }) => isInOrder(context, event),
    isInOrderAndHolds: ({ context, event }) =>
      isInOrder(context, event) && event.type === 'request' && event.mayStartUsage,
    endsDialog: ({ event }) => event.type === 'answered' && endingStatuses.has(event.status),
    isLastHolder: ({ context }) => context.holders <= 1,
  },
  actions: {
    rememberRequest: assign(({ context, event }) =>
      event.type === 'request'
        ? { remoteSequence: event.sequence, proven: provenBy(context, event.host) }
        : {},
    ),
    rememberHost: assign(({ context, event }) =>
      'host' in event ? { proven: provenBy(context, event.host) } : {},
    ),
    rememberTarget: assign(({ event }) => (event.type === 'targetRefresh' ? { target: event.target } : {})),
    countRequest: assign({ localSequence: ({ context }) => context.localSequence + 1 }),
    countHolder: assign({ holders: ({ context }) => context.holders + 1 }),
    discountHolder: assign({ holders: ({ context }) => context.holders - 1 }),
    passToUsage: emit(({ event }) => passToUsage((event as Incoming).transaction)),
    refuseDisorder: emit(({ event }) => refuseRequest((event as Incoming).transaction, outOfOrder)),
    endUsages: emit(endUsages()),
    endRequests: emit(endRequests()),
    sendRequest: emit(({ context, event }) => inDialog(context, event as Outgoing)),
    numberRequest: emit(({ context, event }) => numberRequest((event as Ready).usage, context.localSequence)),
  },
}).createMachine({
  id: 'dialog',
  description: 'RFC 3261 §12; RFC 5057 §4.1, §5.1',
  context: ({
    input: { callId, local, remote, target, routes, firstRouteIsLoose, remoteSequence, source },
  }) => ({
    callId,
    local,
    remote,
    target,
    routes,
    firstRouteIsLoose,
    remoteSequence,
    source,
    proven: undefined,
    localSequence: 0,
    holders: 0,
  }),
  initial: 'early',
  states: {
    early: { on: { confirm: { description: 'RFC 3261 §12.1.1: the 2xx', target: 'confirmed' } } },
    confirmed: {},
    terminated: { type: 'final' },
  },
  on: {
    request: [
      {
        description:
          'RFC 3261 §12.2.2; RFC 5057 §4.1: what may make a usage holds the dialog until its answer',
        guard: 'isInOrderAndHolds',
        actions: ['rememberRequest', 'countHolder', 'passToUsage'],
      },
      { description: 'RFC 3261 §12.2.2', guard: 'isInOrder', actions: ['rememberRequest', 'passToUsage'] },
      { description: 'RFC 3261 §12.2.2: each CSeq is higher than the last', actions: 'refuseDisorder' },
    ],
    acknowledged: { description: 'RFC 3261 §13.3.1.4', actions: 'rememberHost' },
    targetRefresh: { description: 'RFC 3261 §12.2.2', actions: 'rememberTarget' },
    send: { description: 'RFC 3261 §12.2.1.1', actions: 'sendRequest' },
    ready: {
      description: 'RFC 3261 §12.2.1.1: numbers go up in the order in which requests leave',
      actions: ['countRequest', 'numberRequest'],
    },
    answered: [
      {
        description: 'RFC 5057 §5.1',
        guard: 'endsDialog',
        actions: ['rememberHost', 'endUsages', 'endRequests'],
      },
      { actions: 'rememberHost' },
    ],
    usageStarted: { actions: 'countHolder' },
    usageEnded: [
      { description: 'RFC 5057 §4.1', guard: 'isLastHolder', target: '.terminated' },
      { actions: 'discountHolder' },
    ],
    requestEnded: [
      { description: 'RFC 5057 §4.1', guard: 'isLastHolder', target: '.terminated' },
      { actions: 'discountHolder' },
    ],
  },
});

const isInOrder = ({ remoteSequence }: Context, event: Event) =>
  event.type === 'request' && event.sequence > remoteSequence;

/**
 * How often a request to that host may be repeated before any response: as often as RFC 3261 §17.1.2.2 has it where
 * undefined. A host that only a Contact or a Record-Route names may be a third party, who never asked for anything:
 * it has to answer once, or to send a request of its own. Of several addresses of a name only the first has repeats.
 */
export const repeatsTo = (
  dialog: { readonly context: Context },
  host: string,
  attempt: number,
): number | undefined => {
  if (isProven(dialog, host)) return undefined;
  return attempt === 1 ? unprovenRepeats : 0;
};

/** Whether a request in the dialog came from that host, or one of ours was answered there. */
export const isProven = ({ context }: { readonly context: Context }, host: string): boolean =>
  host === context.source || host === context.proven;

const unprovenRepeats = 2;

const provenBy = ({ source, proven }: Context, host: string) => (host === source ? proven : host);

const outOfOrder: ResponseDraft = {
  status: 500,
  headers: [warning('The CSeq is not over that of the last request in the dialog.')],
};

/** The responses to a request in a dialog after which it is gone, with all of its usages (RFC 5057 §5.1). */
const endingStatuses: ReadonlySet<number> = new Set([404, 410, 416, 482, 483, 484, 485, 502, 604]);

/** RFC 3261 §12.2.1.1: the remote target stands in the Request-URI, unless the first route is a strict router. */
const inDialog = (context: Context, { usage, request }: Outgoing): RequestInDialog => {
  const { routes, target } = context;
  const firstRoute = routes[0]?.slice(1, -1);
  const strictRouter = context.firstRouteIsLoose ? undefined : firstRoute;
  return requestInDialog({
    usage,
    method: request.method,
    uri: strictRouter ?? target,
    nextHop: firstRoute ?? target,
    identity: [
      ...(strictRouter === undefined ? routes : [...routes.slice(1), `<${target}>`]).map(
        (route): HeaderField => ['Route', route],
      ),
      ['Max-Forwards', '70'],
      ['From', context.local],
      ['To', context.remote],
      ['Call-ID', context.callId],
    ],
    headers: request.headers,
    body: request.body,
  });
};

/**
 * One request on its way to whoever answers it: RFC 3263 §4.3, RFC 3261 §8.1.2. It knows the targets that are still to
 * try, looks up those that are names when their turn comes, has the request numbered once it can leave
 * (RFC 3261 §12.2.1.1), and sends it to one target after the other, each time in a new client transaction, until one
 * has answered.
 */
import { assign, emit, setup } from 'xstate';
import { isProvisional, type Response } from '../src/message/index.js';
import {
  type DeliveryEffect,
  type Failure,
  locate,
  passToUser,
  reportFailure,
  type Target,
  takeNumber,
  tryTarget,
} from './effects.js';
import { listEventTypes } from './event-types.js';

export interface Input {
  /** Those to try, in order; a URI is one whose host has yet to be looked up. */
  readonly targets: readonly (Target | string)[];
  /** Why there is none. */
  readonly cause?: string | undefined;
}

export interface Context {
  /** The CSeq of the request, once it has one. */
  readonly sequence: number | undefined;
  /** The one whose turn it is, and those after it. */
  readonly targets: readonly (Target | string)[];
  readonly tried: readonly Target[];
  /** What became of the last that was tried. */
  readonly failure: Failure;
  readonly cause: string | undefined;
}

export type Event =
  /** Where the URI leads; nowhere has a cause. */
  | { readonly type: 'located'; readonly targets: readonly Target[]; readonly cause?: string | undefined }
  | { readonly type: 'numbered'; readonly sequence: number }
  | { readonly type: 'response'; readonly response: Response }
  /** No final response has come within 64·T1. */
  | { readonly type: 'timeout' }
  | { readonly type: 'transportError'; readonly cause?: string | undefined }
  /** Nobody waits for the answer any more. */
  | { readonly type: 'userEnded' };

export const eventTypes = listEventTypes<Event>({
  located: true,
  numbered: true,
  response: true,
  timeout: true,
  transportError: true,
  userEnded: true,
});

export const delivery = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: DeliveryEffect },
  guards: {
    isExhausted: ({ context }) => context.targets.length === 0,
    isName: ({ context }) => typeof context.targets[0] === 'string',
    isNumbered: ({ context }) => context.sequence !== undefined,
    isProvisional: ({ event }) => event.type === 'response' && isProvisional(event.response.status),
    isFinal: ({ event }) => event.type === 'response' && !isProvisional(event.response.status),
  },
  actions: {
    takeLocated: assign(({ context, event }) => (event.type === 'located' ? located(context, event) : {})),
    rememberNumber: assign(({ event }) => (event.type === 'numbered' ? { sequence: event.sequence } : {})),
    leaveTarget: assign(({ context: { targets, tried }, event }) => ({
      targets: targets.slice(1),
      tried: [...tried, targets[0] as Target],
      failure: event.type === 'timeout' ? ('timeout' as const) : ('transportError' as const),
      cause: event.type === 'transportError' ? event.cause : undefined,
    })),
    locate: emit(({ context }) => locate(context.targets[0] as string)),
    takeNumber: emit(takeNumber()),
    tryTarget: emit(({ context: { sequence, targets, tried } }) =>
      tryTarget(targets[0] as Target, sequence as number, tried.length + 1),
    ),
    passResponse: emit(({ event }) => passToUser((event as Extract<Event, { type: 'response' }>).response)),
    reportFailure: emit(({ context: { failure, cause } }) => reportFailure(failure, cause)),
    reportTimeout: emit(reportFailure('timeout')),
  },
}).createMachine({
  id: 'delivery',
  description: 'RFC 3263 §4; RFC 3261 §8.1.2, §18.1.1',
  context: ({ input: { targets, cause } }) => ({
    sequence: undefined,
    targets,
    tried: noTargets,
    failure: 'transportError',
    cause,
  }),
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'isExhausted', target: 'terminated', actions: 'reportFailure' },
        { description: 'RFC 3263 §4.2', guard: 'isName', target: 'locating' },
        { description: 'RFC 3263 §4.3: the same request', guard: 'isNumbered', target: 'trying' },
        { target: 'numbering' },
      ],
    },
    locating: {
      entry: 'locate',
      on: { located: { description: 'RFC 3263 §4.2', target: 'choosing', actions: 'takeLocated' } },
    },
    numbering: {
      entry: 'takeNumber',
      on: {
        numbered: { description: 'RFC 3261 §12.2.1.1', target: 'trying', actions: 'rememberNumber' },
      },
    },
    trying: {
      entry: 'tryTarget',
      on: {
        response: [
          { guard: 'isProvisional', target: 'proceeding' },
          { target: 'terminated', actions: 'passResponse' },
        ],
        timeout: { description: 'RFC 3263 §4.3', target: 'choosing', actions: 'leaveTarget' },
        transportError: { description: 'RFC 3263 §4.3', target: 'choosing', actions: 'leaveTarget' },
      },
    },
    proceeding: {
      on: {
        response: { guard: 'isFinal', target: 'terminated', actions: 'passResponse' },
        timeout: {
          description: 'RFC 3263 §4.3: not once a response has come',
          target: 'terminated',
          actions: 'reportTimeout',
        },
        transportError: { description: 'RFC 3263 §4.3', target: 'choosing', actions: 'leaveTarget' },
      },
    },
    terminated: { type: 'final' },
  },
  on: { userEnded: { target: '.terminated' } },
});

const noTargets: readonly Target[] = [];

/** The addresses of a name take its place, each once: not those that were tried, and no more those that come later. */
const located = (
  { targets, tried, cause }: Context,
  event: Extract<Event, { type: 'located' }>,
): Pick<Context, 'targets' | 'cause'> => {
  const found = event.targets.filter(
    (target, index) => !tried.some(isSame(target)) && event.targets.findIndex(isSame(target)) === index,
  );
  const others = targets.slice(1).filter((other) => typeof other === 'string' || !found.some(isSame(other)));
  return { targets: [...found, ...others], cause: cause ?? event.cause };
};

const isSame =
  ({ protocol, host, port }: Target) =>
  (other: Target) =>
    other.protocol === protocol && other.host === host && other.port === port;

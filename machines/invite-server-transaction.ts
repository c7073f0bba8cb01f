/**
 * The server transaction of INVITE: RFC 3261 §17.2.1, Figure 7, with the state Accepted that RFC 6026 §7.1 adds.
 * A refusal is repeated until its ACK comes (Timers G and H); a 2xx is not: its user agent server repeats it, and
 * this transaction lives on only to absorb what else the INVITE's client sends (Timer L).
 * RFC 6026 §8.8 replaces the figure's "Transport Err." arrows: the transaction stays and tells its user.
 */
import { assign, emit, setup } from 'xstate';
import {
  createResponse,
  isProvisional,
  isSuccess,
  type Request,
  type Response,
} from '../src/message/index.js';
import {
  passToUser,
  reportFailure,
  sendResponse,
  startTimer,
  stopTimer,
  type TransactionEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import { inviteTryingDelay, type TimerValues, timerG, timerH, timerI, timerL } from './timers.js';

export interface Input {
  readonly request: Request;
  /** Whether the transport that the request came by is reliable. */
  readonly reliable: boolean;
  readonly timers: TimerValues;
}

export interface Context {
  /** Until the final response has been sent. */
  readonly request: Request | undefined;
  /** The one to send again, if any. */
  readonly response: Response | undefined;
  readonly reliable: boolean;
  readonly timers: TimerValues;
  /** Of Timer G, in milliseconds. */
  readonly interval: number;
}

export type Event =
  | { readonly type: 'retransmission' }
  | { readonly type: 'response'; readonly response: Response }
  | { readonly type: 'ack'; readonly request: Request }
  | { readonly type: 'transportError'; readonly cause?: string | undefined }
  | { readonly type: 'tryingDelay' }
  | { readonly type: 'timerG' }
  | { readonly type: 'timerH' }
  | { readonly type: 'timerI' }
  | { readonly type: 'timerL' };

export const eventTypes = listEventTypes<Event>({
  retransmission: true,
  response: true,
  ack: true,
  transportError: true,
  tryingDelay: true,
  timerG: true,
  timerH: true,
  timerI: true,
  timerL: true,
});

export const inviteServerTransaction = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: TransactionEffect },
  guards: {
    isProvisional: ({ event }) => event.type === 'response' && isProvisional(event.response.status),
    isSuccess: ({ event }) => event.type === 'response' && isSuccess(event.response.status),
    hasResponse: ({ context }) => context.response !== undefined,
    hasNoResponse: ({ context }) => context.response === undefined,
    isReliable: ({ context }) => context.reliable,
  },
  actions: {
    passRequest: emit(({ context }) => passToUser(context.request as Request)),
    passACK: emit(({ event }) => passToUser((event as Extract<Event, { type: 'ack' }>).request)),
    rememberResponse: assign(({ event }) => (event.type === 'response' ? { response: event.response } : {})),
    prepareTrying: assign(({ context }) => ({ response: createResponse(context.request as Request, 100) })),
    sendResponse: emit(({ context }) => sendResponse(context.response as Response)),
    sendSuccess: emit(({ event }) => sendResponse((event as Extract<Event, { type: 'response' }>).response)),
    forgetRequest: assign({ request: undefined }),
    forgetBoth: assign({ request: undefined, response: undefined }),
    forgetResponse: assign({ response: undefined }),
    doubleInterval: assign(({ context }) => ({ interval: timerG(context.timers, context.interval) })),
    startTryingDelay: emit(startTimer('tryingDelay', inviteTryingDelay)),
    stopTryingDelay: emit(stopTimer('tryingDelay')),
    startTimerG: emit(({ context }) => startTimer('timerG', context.interval)),
    stopTimerG: emit(stopTimer('timerG')),
    startTimerH: emit(({ context }) => startTimer('timerH', timerH(context.timers))),
    stopTimerH: emit(stopTimer('timerH')),
    startTimerI: emit(({ context }) => startTimer('timerI', timerI(context.timers, context.reliable))),
    startTimerL: emit(({ context }) => startTimer('timerL', timerL(context.timers))),
    reportTimeout: emit(reportFailure('timeout')),
    reportTransportError: emit(reportFailure('transportError')),
  },
}).createMachine({
  id: 'inviteServerTransaction',
  description: 'RFC 3261 §17.2.1 Figure 7; RFC 6026 §7.1, §8.8',
  context: ({ input: { request, reliable, timers } }) => ({
    request,
    reliable,
    timers,
    response: undefined,
    interval: timerG(timers),
  }),
  initial: 'proceeding',
  states: {
    proceeding: {
      entry: ['startTryingDelay', 'passRequest'],
      exit: 'stopTryingDelay',
      on: {
        response: [
          { guard: 'isProvisional', actions: ['stopTryingDelay', 'rememberResponse', 'sendResponse'] },
          {
            description: 'RFC 6026 §7.1',
            guard: 'isSuccess',
            target: 'accepted',
            actions: ['sendSuccess', 'forgetBoth'],
          },
          {
            description: 'RFC 3261 §17.2.1: over a reliable transport nothing is repeated',
            guard: 'isReliable',
            target: 'completed',
            actions: ['rememberResponse', 'sendResponse'],
          },
          { target: 'completed', actions: ['rememberResponse', 'sendResponse', 'startTimerG'] },
        ],
        tryingDelay: {
          description: 'RFC 3261 §17.2.1: a user that says nothing for 200 ms is answered for',
          guard: 'hasNoResponse',
          actions: ['prepareTrying', 'sendResponse'],
        },
        retransmission: { guard: 'hasResponse', actions: 'sendResponse' },
        transportError: { description: 'RFC 6026 §8.8', actions: 'reportTransportError' },
      },
    },
    completed: {
      entry: ['forgetRequest', 'startTimerH'],
      on: {
        retransmission: { actions: 'sendResponse' },
        timerG: { actions: ['sendResponse', 'doubleInterval', 'startTimerG'] },
        ack: { target: 'confirmed', actions: ['stopTimerG', 'stopTimerH', 'forgetResponse'] },
        timerH: {
          description: 'RFC 3261 §17.2.1: the ACK never came',
          target: 'terminated',
          actions: 'reportTimeout',
        },
        transportError: { description: 'RFC 6026 §8.8', actions: 'reportTransportError' },
      },
    },
    confirmed: {
      entry: 'startTimerI',
      on: { timerI: { target: 'terminated' } },
    },
    accepted: {
      entry: 'startTimerL',
      on: {
        response: { description: 'RFC 6026 §7.1', guard: 'isSuccess', actions: 'sendSuccess' },
        ack: { description: 'RFC 6026 §7.1', actions: 'passACK' },
        timerL: { target: 'terminated' },
        transportError: { description: 'RFC 6026 §8.8', actions: 'reportTransportError' },
      },
    },
    terminated: { type: 'final' },
  },
});

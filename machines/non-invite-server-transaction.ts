/**
 * The server transaction of every request but INVITE: RFC 3261 §17.2.2, Figure 8.
 * RFC 4320 §4.1 decides when a 100 leaves: over an unreliable transport not before a client's Timer E has
 * grown to T2, and then by itself. RFC 4320 §4.2 bounds it: past 64·T1 an answer is of no use and none is sent.
 * RFC 6026 §8.8 replaces the figure's "Transport Err." arrow: the transaction stays and tells its user.
 */
import { assign, emit, type StateValue, setup } from 'xstate';
import { createResponse, isFinal, type Request, type Response } from '../src/message/index.js';
import {
  passToUser,
  reportFailure,
  sendResponse,
  startTimer,
  stopTimer,
  type TransactionEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import { type TimerValues, timerJ, transactionExpiry, tryingDelay } from './timers.js';

export interface Input {
  readonly request: Request;
  /** Whether the transport that the request came by is reliable. */
  readonly reliable: boolean;
  readonly timers: TimerValues;
}

export interface Context {
  /** Until the final response has been sent. */
  readonly request: Request | undefined;
  readonly response: Response | undefined;
  readonly reliable: boolean;
  readonly timers: TimerValues;
}

export type Event =
  | { readonly type: 'retransmission' }
  | { readonly type: 'response'; readonly response: Response }
  | { readonly type: 'transportError'; readonly cause?: string | undefined }
  | { readonly type: 'tryingDelay' }
  | { readonly type: 'expiry' }
  | { readonly type: 'timerJ' };

export const eventTypes = listEventTypes<Event>({
  retransmission: true,
  response: true,
  transportError: true,
  tryingDelay: true,
  expiry: true,
  timerJ: true,
});

export const nonInviteServerTransaction = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: TransactionEffect },
  guards: {
    isFinal: ({ event }) =>
      event.type === 'response' && isFinal(event.response.status) && event.response.status !== 408,
    isTrying: ({ event }) => event.type === 'response' && event.response.status === 100,
    isTryingInTime: ({ context, event }) =>
      context.reliable && event.type === 'response' && event.response.status === 100,
  },
  actions: {
    passRequest: emit(({ context }) => passToUser(context.request as Request)),
    rememberResponse: assign({
      response: ({ context, event }) => (event.type === 'response' ? event.response : context.response),
    }),
    prepareTrying: assign({
      response: ({ context }) => context.response ?? createResponse(context.request as Request, 100),
    }),
    sendResponse: emit(({ context }) => sendResponse(context.response as Response)),
    forgetRequest: assign({ request: undefined }),
    startTryingDelay: emit(({ context }) => startTimer('tryingDelay', tryingDelay(context.timers))),
    stopTryingDelay: emit(stopTimer('tryingDelay')),
    startExpiry: emit(({ context }) => startTimer('expiry', transactionExpiry(context.timers))),
    stopExpiry: emit(stopTimer('expiry')),
    startTimerJ: emit(({ context }) => startTimer('timerJ', timerJ(context.timers, context.reliable))),
    reportExpiry: emit(reportFailure('timeout')),
    reportTransportError: emit(reportFailure('transportError')),
  },
}).createMachine({
  id: 'nonInviteServerTransaction',
  description: 'RFC 3261 §17.2.2 Figure 8; RFC 4320; RFC 6026 §8.8',
  context: ({ input: { request, reliable, timers } }) => ({ request, reliable, timers, response: undefined }),
  initial: 'trying',
  states: {
    trying: {
      entry: ['startTryingDelay', 'startExpiry', 'passRequest'],
      on: {
        response: [
          {
            guard: 'isFinal',
            target: 'completed',
            actions: ['stopTryingDelay', 'rememberResponse', 'sendResponse'],
          },
          {
            description: 'RFC 4320 §4.1: over a reliable transport a 100 may leave at any time',
            guard: 'isTryingInTime',
            target: 'proceeding',
            actions: ['stopTryingDelay', 'rememberResponse', 'sendResponse'],
          },
          {
            description: 'RFC 4320 §4.1: over an unreliable transport a 100 waits',
            guard: 'isTrying',
            actions: 'rememberResponse',
          },
        ],
        tryingDelay: {
          description: 'RFC 4320 §4.1: who has not answered by then sends 100',
          target: 'proceeding',
          actions: ['prepareTrying', 'sendResponse'],
        },
        expiry: {
          description: 'RFC 4320 §4.2: too late to answer',
          target: 'terminated',
          actions: 'reportExpiry',
        },
        transportError: { description: 'RFC 6026 §8.8', actions: 'reportTransportError' },
      },
    },
    proceeding: {
      on: {
        retransmission: { actions: 'sendResponse' },
        response: [
          { guard: 'isFinal', target: 'completed', actions: ['rememberResponse', 'sendResponse'] },
          { guard: 'isTrying', actions: ['rememberResponse', 'sendResponse'] },
        ],
        expiry: {
          description: 'RFC 4320 §4.2: too late to answer',
          target: 'terminated',
          actions: 'reportExpiry',
        },
        transportError: { description: 'RFC 6026 §8.8', actions: 'reportTransportError' },
      },
    },
    completed: {
      entry: ['forgetRequest', 'stopExpiry', 'startTimerJ'],
      on: {
        retransmission: { actions: 'sendResponse' },
        timerJ: { target: 'terminated' },
        transportError: { description: 'RFC 6026 §8.8', actions: 'reportTransportError' },
      },
    },
    terminated: { type: 'final' },
  },
});

/** Whether a 100 has to wait: over an unreliable transport, until it leaves by itself (RFC 4320 §4.1). */
export const tryingWaits = ({
  value,
  context,
}: {
  readonly value: StateValue;
  readonly context: Pick<Context, 'reliable'>;
}): boolean => value === 'trying' && !context.reliable;

/**
 * The client transaction of every request but INVITE: RFC 3261 §17.1.2, Figure 6.
 * It repeats its request over an unreliable transport until a response comes (Timer E), gives up after 64·T1
 * (Timer F), and absorbs retransmitted final responses for a while (Timer K).
 */
import { assign, emit, setup } from 'xstate';
import { isFinal, isProvisional, type Request, type Response } from '../src/message/index.js';
import {
  passToUser,
  reportFailure,
  sendRequest,
  startTimer,
  stopTimer,
  type TransactionEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import { type TimerValues, timerE, timerF, timerK } from './timers.js';

export interface Input {
  readonly request: Request;
  /** Whether the transport that the request goes by is reliable. */
  readonly reliable: boolean;
  /** How often the request may be repeated before a response comes; until Timer F where undefined. */
  // Deviates from RFC 3261 §17.1.2.2: a host that may be a third party is not repeated to until Timer F.
  readonly repeats: number | undefined;
  readonly timers: TimerValues;
}

export interface Context {
  /** Until the final response has come. */
  readonly request: Request | undefined;
  readonly reliable: boolean;
  /** Those that are left. */
  readonly repeats: number | undefined;
  readonly timers: TimerValues;
  /** Of Timer E, in milliseconds. */
  readonly interval: number;
}

export type Event =
  | { readonly type: 'response'; readonly response: Response }
  | { readonly type: 'transportError'; readonly cause?: string | undefined }
  | { readonly type: 'timerE' }
  | { readonly type: 'timerF' }
  | { readonly type: 'timerK' };

export const eventTypes = listEventTypes<Event>({
  response: true,
  transportError: true,
  timerE: true,
  timerF: true,
  timerK: true,
});

export const nonInviteClientTransaction = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: TransactionEffect },
  guards: {
    isReliable: ({ context }) => context.reliable,
    mayRepeat: ({ context }) => context.repeats !== 0,
    isProvisional: ({ event }) => event.type === 'response' && isProvisional(event.response.status),
    isFinal: ({ event }) => event.type === 'response' && isFinal(event.response.status),
  },
  actions: {
    sendRequest: emit(({ context }) => sendRequest(context.request as Request)),
    passResponse: emit(({ event }) => passToUser((event as Extract<Event, { type: 'response' }>).response)),
    forgetRequest: assign({ request: undefined }),
    countRepeat: assign(({ context: { repeats } }) =>
      repeats === undefined ? {} : { repeats: repeats - 1 },
    ),
    doubleInterval: assign({ interval: ({ context }) => timerE(context.timers, context.interval) }),
    growInterval: assign({ interval: ({ context }) => context.timers.T2 }),
    startTimerE: emit(({ context }) => startTimer('timerE', context.interval)),
    stopTimerE: emit(stopTimer('timerE')),
    startTimerF: emit(({ context }) => startTimer('timerF', timerF(context.timers))),
    stopTimerF: emit(stopTimer('timerF')),
    startTimerK: emit(({ context }) => startTimer('timerK', timerK(context.timers, context.reliable))),
    reportTimeout: emit(reportFailure('timeout')),
    reportTransportError: emit(({ event }) =>
      reportFailure('transportError', (event as Extract<Event, { type: 'transportError' }>).cause),
    ),
  },
}).createMachine({
  id: 'nonInviteClientTransaction',
  description: 'RFC 3261 §17.1.2 Figure 6',
  context: ({ input: { request, reliable, repeats, timers } }) => ({
    request,
    reliable,
    repeats,
    timers,
    interval: timerE(timers),
  }),
  initial: 'starting',
  states: {
    starting: {
      description: 'The request from the transaction user, before it is sent.',
      always: [
        { guard: 'isReliable', target: 'trying', actions: ['sendRequest', 'startTimerF'] },
        { target: 'trying', actions: ['sendRequest', 'startTimerE', 'startTimerF'] },
      ],
    },
    trying: {
      on: {
        response: [
          { guard: 'isProvisional', target: 'proceeding', actions: 'passResponse' },
          {
            guard: 'isFinal',
            target: 'completed',
            actions: ['stopTimerE', 'stopTimerF', 'startTimerK', 'passResponse'],
          },
        ],
        timerE: {
          description: 'RFC 3261 §17.1.2.2: as often as the host may be asked',
          guard: 'mayRepeat',
          actions: ['countRepeat', 'doubleInterval', 'sendRequest', 'startTimerE'],
        },
        timerF: { target: 'terminated', actions: 'reportTimeout' },
        transportError: { target: 'terminated', actions: 'reportTransportError' },
      },
    },
    proceeding: {
      on: {
        response: [
          { guard: 'isProvisional', actions: 'passResponse' },
          {
            guard: 'isFinal',
            target: 'completed',
            actions: ['stopTimerE', 'stopTimerF', 'startTimerK', 'passResponse'],
          },
        ],
        timerE: { actions: ['growInterval', 'sendRequest', 'startTimerE'] },
        timerF: { target: 'terminated', actions: 'reportTimeout' },
        transportError: { target: 'terminated', actions: 'reportTransportError' },
      },
    },
    completed: {
      entry: 'forgetRequest',
      on: { timerK: { target: 'terminated' } },
    },
    terminated: { type: 'final' },
  },
});

/**
 * The shape of a user agent server that answers once and is done (RFC 3261 §8.2): by itself where a row of its inspection
 * or the lack of a handler says so, else as the application says, for 48·T1 at most.
 */
import { assign, emit, setup } from 'xstate';
import {
  acknowledgeProvisional,
  type Failure,
  type ResponseDraft,
  respond,
  startTimer,
  stopTimer,
  tellApplication,
  type UserAgentEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import { type ContentInput, hasStrangeContent, type Refusal, refusalArrows } from './refusals.js';
import { decision, type TimerValues } from './timers.js';

export interface Input extends ContentInput {
  /** Whether the application answers. */
  readonly handled: boolean;
  /** The answer where it does not. */
  readonly answer: ResponseDraft;
  readonly timers: TimerValues;
}

export type Context = Input;

export type Event =
  | { readonly type: 'answer'; readonly answer: ResponseDraft }
  | { readonly type: 'trying' }
  | { readonly type: 'cancel' }
  | { readonly type: 'sessionEnded' }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'decision' };

export const eventTypes = listEventTypes<Event>({
  answer: true,
  trying: true,
  cancel: true,
  sessionEnded: true,
  failure: true,
  decision: true,
});

export const singleResponseUAS = <const Id extends string, Own extends Input = Input>(
  id: Id,
  description: string,
  /** Tried in order, before the content. */
  refusals: readonly Refusal<Own>[] = [],
  /** Ordered for a request that is not refused. */
  admit: readonly 'acknowledgeProvisional'[] = [],
) => {
  const refusing = refusalArrows([...refusals, hasStrangeContent], 'answered');
  return setup({
    types: {} as { input: Own; context: Context; events: Event; emitted: UserAgentEffect },
    guards: {
      ...(refusing.guards as Record<never, never>),
      isHandled: ({ context }) => context.handled,
    },
    actions: {
      ...(refusing.actions as Record<never, never>),
      rememberAnswer: assign(({ event }) => (event.type === 'answer' ? { answer: event.answer } : {})),
      respond: emit(({ context }) => respond(context.answer)),
      respondTrying: emit(respond({ status: 100 })),
      respondUndecided: emit(respond({ status: 500, reason: 'No Decision' })),
      respondTerminated: emit(respond({ status: 487 })),
      acknowledgeProvisional: emit(acknowledgeProvisional()),
      startDecision: emit(({ context }) => startTimer('decision', decision(context.timers))),
      stopDecision: emit(stopTimer('decision')),
      tellRequest: emit(tellApplication({ type: 'request' })),
      tellUndecided: emit(tellApplication({ type: 'undecided' })),
      tellCancel: emit(tellApplication({ type: 'cancel' })),
      tellFailure: emit(({ event }) =>
        tellApplication({ type: 'failure', failure: 'failure' in event ? event.failure : 'timeout' }),
      ),
    },
  }).createMachine({
    id,
    description,
    context: ({ input }) => input,
    initial: 'received',
    states: {
      received: {
        always: [
          ...(refusing.arrows as []),
          { guard: 'isHandled', target: 'deciding', actions: admit },
          { target: 'answered', actions: ['respond', ...admit] },
        ],
      },
      deciding: {
        entry: ['startDecision', 'tellRequest'],
        exit: 'stopDecision',
        on: {
          answer: { target: 'answered', actions: ['rememberAnswer', 'respond'] },
          trying: { actions: 'respondTrying' },
          decision: {
            description: 'RFC 4320 §4.2',
            target: 'answered',
            actions: ['respondUndecided', 'tellUndecided'],
          },
          cancel: { description: 'RFC 3261 §9.2: no effect on the answer', actions: 'tellCancel' },
          sessionEnded: {
            description: 'RFC 3261 §15.1.2',
            target: 'answered',
            actions: ['respondTerminated', 'tellCancel'],
          },
          failure: { description: 'RFC 6026 §8.8', actions: 'tellFailure' },
        },
      },
      answered: { type: 'final' },
    },
  });
};

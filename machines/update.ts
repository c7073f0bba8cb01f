/**
 * The user agent server of UPDATE, inside a session: RFC 3311 §5.2. One without an offer refreshes the target and is
 * answered at once; an offer that is refused leaves the session as it was.
 */
import { assign, emit, setup } from 'xstate';
import { isSuccess } from '../src/message/index.js';
import {
  respond,
  startTimer,
  stopTimer,
  tellApplication,
  tellSession,
  type UserAgentEffect,
} from './effects.js';
import {
  type AnswerInput,
  hasNoAcceptableAnswer,
  hasNotOneContact,
  hasStrangeContent,
  type Refusal,
  refusalArrows,
} from './refusals.js';
import { type GlareInput, glareRefusals } from './session-glare.js';
import type { Event, Input as SingleResponseInput } from './single-response-uas.js';
import { decision } from './timers.js';

export { eventTypes } from './single-response-uas.js';

export interface Input extends SingleResponseInput, AnswerInput, GlareInput {
  readonly hasOneContact: boolean;
  readonly hasOffer: boolean;
}

export type Context = Input;

const refusals: readonly Refusal<Input>[] = [
  hasNotOneContact,
  hasStrangeContent,
  hasNoAcceptableAnswer,
  ...glareRefusals,
];
const refusing = refusalArrows(refusals, 'answered');

export const update = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: {
    ...(refusing.guards as Record<never, never>),
    hasNoOffer: ({ context }) => !context.hasOffer,
    isHandled: ({ context }) => context.handled,
  },
  actions: {
    ...(refusing.actions as Record<never, never>),
    rememberAnswer: assign(({ event }) => (event.type === 'answer' ? { answer: event.answer } : {})),
    respond: emit(({ context: { answer } }) =>
      respond(answer, isSuccess(answer.status) ? 'withContact' : 'withoutContact'),
    ),
    respondSuccess: emit(respond({ status: 200 }, 'withContact')),
    respondTrying: emit(respond({ status: 100 })),
    respondUndecided: emit(respond({ status: 504, reason: 'No Decision' })),
    respondTerminated: emit(respond({ status: 487 })),
    startDecision: emit(({ context }) => startTimer('decision', decision(context.timers))),
    stopDecision: emit(stopTimer('decision')),
    tellOffered: emit(tellSession({ type: 'offered' })),
    tellOfferSettled: emit(tellSession({ type: 'offerSettled' })),
    tellRequest: emit(tellApplication({ type: 'request' })),
    tellUndecided: emit(tellApplication({ type: 'undecided' })),
    tellCancel: emit(tellApplication({ type: 'cancel' })),
    tellFailure: emit(({ event }) =>
      tellApplication({ type: 'failure', failure: 'failure' in event ? event.failure : 'timeout' }),
    ),
  },
}).createMachine({
  id: 'update',
  description: 'RFC 3311 §5.2',
  context: ({ input }) => input,
  initial: 'received',
  states: {
    received: {
      always: [
        ...(refusing.arrows as []),
        {
          description: 'RFC 3311 §5.2: a target refresh',
          guard: 'hasNoOffer',
          target: 'answered',
          actions: 'respondSuccess',
        },
        { guard: 'isHandled', target: 'deciding' },
        { target: 'answered', actions: 'respond' },
      ],
    },
    deciding: {
      entry: ['tellOffered', 'startDecision', 'tellRequest'],
      exit: ['stopDecision', 'tellOfferSettled'],
      on: {
        answer: { target: 'answered', actions: ['rememberAnswer', 'respond'] },
        trying: { actions: 'respondTrying' },
        decision: {
          description: 'RFC 3311 §5.2: it is answered promptly',
          target: 'answered',
          actions: ['respondUndecided', 'tellUndecided'],
        },
        sessionEnded: {
          description: 'RFC 3261 §15.1.2',
          target: 'answered',
          actions: ['respondTerminated', 'tellCancel'],
        },
        cancel: { description: 'RFC 3261 §9.2: no effect on the answer', actions: 'tellCancel' },
        failure: { description: 'RFC 6026 §8.8', actions: 'tellFailure' },
      },
    },
    answered: { type: 'final' },
  },
});

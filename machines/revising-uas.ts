/**
 * The shape of a user agent server whose acceptance changes what a store keeps, for REGISTER (RFC 3261 §10.3) and PUBLISH
 * (RFC 3903 §6): the application decides, then the store revises, both within 48·T1, and nothing is accepted that is not
 * stored.
 */
import { assign, emit, setup } from 'xstate';
import { isSuccess, type Request } from '../src/message/index.js';
import {
  type Failure,
  type HeaderField,
  type ResponseDraft,
  respond,
  startTimer,
  stopTimer,
  tellApplication,
  type UserAgentEffect,
} from './effects.js';
import { type ContentInput, hasStrangeContent, type Refusal, refusalArrows } from './refusals.js';
import { decision, type TimerValues } from './timers.js';

export interface Input extends ContentInput {
  readonly request: Request;
  /** Seconds: a shorter time that is asked for is refused. */
  readonly minimum: number;
  readonly timers: TimerValues;
}

export interface Context extends Input {
  readonly answer: ResponseDraft;
}

export type Event =
  /** Of status 200 to 699. */
  | { readonly type: 'answer'; readonly answer: ResponseDraft }
  | { readonly type: 'trying' }
  | { readonly type: 'cancel' }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'decision' }
  | RevisedBindings
  | RevisedPublication
  | OutOfOrder
  | Unmatched
  | { readonly type: 'storeFailed' };

/** But for those that only one of them has. */
export const sharedEventTypes = {
  answer: true,
  trying: true,
  cancel: true,
  failure: true,
  decision: true,
  revised: true,
  storeFailed: true,
} as const;

export interface RevisedBindings {
  readonly type: 'revised';
  /** Every current binding as a Contact value, with its expires parameter. */
  readonly bindings: readonly string[];
}

export interface RevisedPublication {
  readonly type: 'revised';
  /** The new one of what was published. */
  readonly entityTag: string;
  /** Seconds that it stays; 0 where it was removed. */
  readonly expires: number;
}

/** A binding was made by the same Call-ID with a CSeq as high (RFC 3261 §10.3 steps 6 and 7). */
export interface OutOfOrder {
  readonly type: 'outOfOrder';
}

/** No publication has the entity-tag of the SIP-If-Match (RFC 3903 §6 step 3). */
export interface Unmatched {
  readonly type: 'unmatched';
}

/** What tells one such user agent server from another. */
interface Character<Own extends Input, Outcome extends RevisedBindings | RevisedPublication> {
  /** Tried in order, before the content, and that before the application is asked. */
  readonly refusals: readonly Refusal<Own>[];
  /** Has the store revise. */
  readonly revise: UserAgentEffect;
  /** Header fields of the 2xx. */
  readonly tell: (revised: Outcome) => readonly HeaderField[];
  readonly conflict: {
    readonly event: (OutOfOrder | Unmatched)['type'];
    readonly description: string;
    readonly response: ResponseDraft;
  };
}

export const revisingUAS = <
  const Id extends string,
  Own extends Input,
  Outcome extends RevisedBindings | RevisedPublication,
>(
  id: Id,
  description: string,
  { refusals, revise, tell, conflict }: Character<Own, Outcome>,
) => {
  const refusing = refusalArrows([...refusals, hasStrangeContent], 'answered');
  return setup({
    types: {} as { input: Own; context: Context; events: Event; emitted: UserAgentEffect },
    guards: {
      ...(refusing.guards as Record<never, never>),
      isAccepted: ({ event }) => event.type === 'answer' && isSuccess(event.answer.status),
    },
    actions: {
      ...(refusing.actions as Record<never, never>),
      rememberAnswer: assign(({ event }) => (event.type === 'answer' ? { answer: event.answer } : {})),
      revise: emit(revise),
      respond: emit(({ context }) => respond(context.answer)),
      respondRevised: emit(({ context, event }) =>
        respond(context.answer, 'withoutContact', tell(event as Outcome)),
      ),
      respondConflict: emit(respond(conflict.response)),
      respondFailed: emit(respond({ status: 500, reason: 'Not Stored' })),
      respondTrying: emit(respond({ status: 100 })),
      respondUndecided: emit(respond({ status: 500, reason: 'No Decision' })),
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
    context: ({ input }) => ({ ...input, answer: { status: 200 } }),
    initial: 'received',
    states: {
      received: { always: [...(refusing.arrows as []), { target: 'unanswered' }] },
      unanswered: {
        entry: ['startDecision', 'tellRequest'],
        exit: 'stopDecision',
        initial: 'deciding',
        states: {
          deciding: {
            on: {
              answer: [
                { guard: 'isAccepted', target: 'revising', actions: 'rememberAnswer' },
                { target: `#${id}.answered`, actions: ['rememberAnswer', 'respond'] },
              ],
              decision: {
                description: 'RFC 4320 §4.2',
                target: `#${id}.answered`,
                actions: ['respondUndecided', 'tellUndecided'],
              },
            },
          },
          revising: {
            entry: 'revise',
            on: {
              revised: { target: `#${id}.answered`, actions: 'respondRevised' },
              [conflict.event]: {
                description: conflict.description,
                target: `#${id}.answered`,
                actions: 'respondConflict',
              },
              storeFailed: { target: `#${id}.answered`, actions: 'respondFailed' },
              decision: {
                description: 'RFC 4320 §4.2',
                target: `#${id}.answered`,
                actions: 'respondFailed',
              },
            },
          },
        },
        on: {
          trying: { actions: 'respondTrying' },
          cancel: { description: 'RFC 3261 §9.2: no effect on the answer', actions: 'tellCancel' },
          failure: { description: 'RFC 6026 §8.8', actions: 'tellFailure' },
        },
      },
      answered: { type: 'final' },
    },
  });
};

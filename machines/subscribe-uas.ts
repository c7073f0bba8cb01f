/**
 * The user agent server of SUBSCRIBE: RFC 6665 §4.2.1. It gives the answer only; the subscription is a notifier.
 * A new one is the application's to accept, for 48·T1 at most: then it is pending. A referral's subscription is made by
 * its REFER alone: a SUBSCRIBE refreshes it or ends it (RFC 3515 §2.4.4).
 */
import { assign, emit, setup } from 'xstate';
import {
  endSubscription,
  type Failure,
  type Report,
  type ResponseDraft,
  refreshSubscription,
  respond,
  startNotifier,
  startTimer,
  stopTimer,
  tellApplication,
  type UserAgentEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import {
  type ContentInput,
  hasNotOneContact,
  hasStrangeContent,
  hasUnreadableRoutes,
  notAcceptable,
  type Refusal,
  type RouteInput,
  refusalArrows,
} from './refusals.js';
import { decision, type TimerValues } from './timers.js';

export interface Input extends RouteInput, ContentInput {
  readonly hasOneContact: boolean;
  /** Whether the Event names a package that is served here. */
  readonly packageIsKnown: boolean;
  readonly packages: readonly string[];
  /** Whether a subscription is there that the dialog and the Event name. */
  readonly matches: boolean;
  /** Whether only a REFER makes a subscription to this package. */
  readonly isReferral: boolean;
  /** Seconds, as granted: never more than asked for. */
  readonly expires: number;
  /** Seconds that a subscription lasts at the least. */
  readonly minimum: number;
  /** The media types of the package's NOTIFYs; none where it declares none. */
  readonly contentTypes: readonly string[];
  /** The one of them that its Accept takes; undefined where it takes none, or there is none. */
  readonly contentType: string | undefined;
  /** What the first NOTIFY of a pending subscription says. */
  readonly neutral: Report;
  readonly timers: TimerValues;
}

export interface Context extends Input {
  readonly answer: ResponseDraft;
  readonly report: Report;
}

export type Event =
  | { readonly type: 'accept'; readonly answer: ResponseDraft; readonly report: Report }
  | { readonly type: 'suspend'; readonly answer: ResponseDraft; readonly report: Report }
  | { readonly type: 'reject'; readonly answer: ResponseDraft }
  | { readonly type: 'trying' }
  | { readonly type: 'cancel' }
  | { readonly type: 'sessionEnded' }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'decision' };

export const eventTypes = listEventTypes<Event>({
  accept: true,
  suspend: true,
  reject: true,
  trying: true,
  cancel: true,
  sessionEnded: true,
  failure: true,
  decision: true,
});

/** An hour: a shorter interval than this may be too brief (RFC 6665 §4.2.1.1). */
const briefest = 3_600;

const refusals: readonly Refusal<Input>[] = [
  {
    guard: 'isOfUnknownPackage',
    description: 'RFC 6665 §4.2.1.1',
    applies: ({ packageIsKnown }) => !packageIsKnown,
    response: ({ packages }) => ({ status: 489, headers: [['Allow-Events', packages.join(', ')]] }),
  },
  hasNotOneContact,
  hasUnreadableRoutes,
  {
    guard: 'isReferral',
    description: 'RFC 3515 §2.4.4',
    applies: ({ isReferral, matches }) => isReferral && !matches,
    response: () => ({ status: 403, reason: 'Only REFER Makes This Subscription' }),
  },
  {
    guard: 'isTooBrief',
    description: 'RFC 6665 §4.2.1.1',
    applies: ({ expires, minimum }) => expires > 0 && expires < briefest && expires < minimum,
    response: ({ minimum }) => ({ status: 423, headers: [['Min-Expires', `${minimum}`]] }),
  },
  hasStrangeContent,
  {
    guard: 'isUnacceptable',
    description: 'RFC 6665 §3.1.3; RFC 3261 §21.4.7',
    applies: (input) =>
      input.contentType === undefined &&
      input.contentTypes.length > 0 &&
      !(input.matches && input.expires === 0),
    response: ({ contentTypes }) => notAcceptable(contentTypes.join(', ')),
  },
];
const refusing = refusalArrows(refusals, 'rejected');

export const subscribeUAS = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: {
    ...(refusing.guards as Record<never, never>),
    isNew: ({ context }) => !context.matches,
    unsubscribes: ({ context }) => context.expires === 0,
  },
  actions: {
    ...(refusing.actions as Record<never, never>),
    rememberAnswer: assign(({ context, event }) => ({
      answer: 'answer' in event ? event.answer : context.answer,
      report: 'report' in event ? event.report : context.report,
    })),
    respond: emit(({ context }) => respond(context.answer)),
    respondExpires: emit(({ context }) =>
      respond(context.answer, 'withContact', [['Expires', `${context.expires}`]]),
    ),
    respondTrying: emit(respond({ status: 100 })),
    respondTerminated: emit(respond({ status: 487 })),
    startActiveNotifier: emit(({ context }) => startNotifier('active', context.report, context.expires)),
    startPendingNotifier: emit(({ context }) => startNotifier('pending', context.report, context.expires)),
    refreshSubscription: emit(({ context }) => refreshSubscription(context.expires)),
    endSubscription: emit(endSubscription()),
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
  id: 'subscribeUAS',
  description: 'RFC 6665 §4.2.1; RFC 3515 §2.4.4',
  context: ({ input }) => ({ ...input, answer: { status: 200 }, report: input.neutral }),
  initial: 'received',
  states: {
    received: {
      always: [
        ...(refusing.arrows as []),
        { guard: 'isNew', target: 'deciding' },
        {
          description: 'RFC 6665 §4.2.1.4',
          guard: 'unsubscribes',
          target: 'accepted',
          actions: ['respondExpires', 'endSubscription'],
        },
        {
          description: 'RFC 6665 §4.2.1.3',
          target: 'accepted',
          actions: ['respondExpires', 'refreshSubscription'],
        },
      ],
    },
    deciding: {
      entry: ['startDecision', 'tellRequest'],
      exit: 'stopDecision',
      on: {
        accept: { target: 'accepted', actions: ['rememberAnswer', 'respondExpires', 'startActiveNotifier'] },
        suspend: {
          target: 'accepted',
          actions: ['rememberAnswer', 'respondExpires', 'startPendingNotifier'],
        },
        reject: { target: 'rejected', actions: ['rememberAnswer', 'respond'] },
        trying: { actions: 'respondTrying' },
        decision: {
          description: 'RFC 6665 §4.2.1.2: who must still be asked leaves it pending',
          target: 'accepted',
          actions: ['respondExpires', 'startPendingNotifier', 'tellUndecided'],
        },
        sessionEnded: {
          description: 'RFC 3261 §15.1.2',
          target: 'rejected',
          actions: ['respondTerminated', 'tellCancel'],
        },
        cancel: { description: 'RFC 3261 §9.2: no effect on the answer', actions: 'tellCancel' },
        failure: { description: 'RFC 6026 §8.8', actions: 'tellFailure' },
      },
    },
    accepted: { type: 'final' },
    rejected: { type: 'final' },
  },
});

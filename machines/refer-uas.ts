/**
 * The user agent server of REFER: RFC 3515 §2.4.2, RFC 7647, RFC 4488. It gives the answer only; the subscription
 * that a 2xx makes is a notifier, which it starts.
 * The policy's verdict comes first, and nothing is followed without its grant. A grant leaves the answer to the
 * application, for 48·T1 at most: the 2xx has to leave before the transaction expires (RFC 3515 §2.4.2).
 */
import { assign, emit, setup } from 'xstate';
import { hasOneContact } from '../src/message/dialog.js';
import type { Request } from '../src/message/index.js';
import { hasOneReferTo, refusesSubscription } from '../src/message/referral.js';
import {
  type Failure,
  type HeaderField,
  type ResponseDraft,
  respond,
  startNotifier,
  startTimer,
  stopTimer,
  tellApplication,
  type UserAgentEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import {
  badRequest,
  type ContentInput,
  hasNotOneContact,
  hasStrangeContent,
  hasUnreadableRoutes,
  type Refusal,
  type RouteInput,
  refusalArrows,
} from './refusals.js';
import { decision, type TimerValues } from './timers.js';

/** What a policy says of a REFER: go on, go on but wait for an approval, or refuse. */
export type Verdict =
  | { readonly type: 'grant' }
  | { readonly type: 'pending' }
  | { readonly type: 'refuse'; readonly status: number; readonly reason?: string };

export interface Input extends RouteInput, ContentInput {
  readonly request: Request;
  readonly verdict: Verdict;
  /** 200, or 202 for peers older than RFC 7647. */
  readonly success: 200 | 202;
  readonly timers: TimerValues;
}

export interface Context extends Input {
  readonly answer: ResponseDraft;
  /** False where the REFER asked for none by `Refer-Sub: false` (RFC 4488 §4). */
  readonly subscribes: boolean;
}

export type Event =
  | { readonly type: 'accept'; readonly answer?: ResponseDraft }
  | { readonly type: 'redirect'; readonly answer: ResponseDraft }
  | { readonly type: 'reject'; readonly answer: ResponseDraft }
  | { readonly type: 'trying' }
  | { readonly type: 'cancel' }
  | { readonly type: 'sessionEnded' }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'decision' };

export const eventTypes = listEventTypes<Event>({
  accept: true,
  redirect: true,
  reject: true,
  trying: true,
  cancel: true,
  sessionEnded: true,
  failure: true,
  decision: true,
});

const refusals: readonly Refusal<Input>[] = [
  {
    guard: 'hasNotOneReferTo',
    description: 'RFC 3515 §2.4.2',
    applies: ({ request }) => !hasOneReferTo(request),
    response: () => badRequest('One Target Required', 'The Refer-To is not exactly one URI.'),
  },
  { ...hasNotOneContact, description: 'RFC 3515 §2.2', applies: ({ request }) => !hasOneContact(request) },
  hasUnreadableRoutes,
  hasStrangeContent,
];
const refusing = refusalArrows(refusals, 'rejected');

export const referUAS = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: {
    ...(refusing.guards as Record<never, never>),
    isGranted: ({ context }) => context.verdict.type === 'grant',
    isPending: ({ context }) => context.verdict.type === 'pending',
    subscribes: ({ context }) => context.subscribes,
  },
  actions: {
    ...(refusing.actions as Record<never, never>),
    rememberAnswer: assign({
      answer: ({ context, event }) => ('answer' in event && event.answer ? event.answer : context.answer),
    }),
    refuseByPolicy: emit(({ context }) => refusal(context.verdict)),
    respondTrying: emit(respond({ status: 100 })),
    respondTerminated: emit(respond({ status: 487 })),
    respond: emit(({ context }) => respond(context.answer)),
    respondSuccess: emit(({ context }) => respond(context.answer, 'withContact')),
    respondWithoutSubscription: emit(({ context }) => respond(context.answer, 'withContact', referSubFalse)),
    startPendingNotifier: emit(startNotifier('pending')),
    startActiveNotifier: emit(startNotifier('active')),
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
  id: 'referUAS',
  description: 'RFC 3515 §2.4.2; RFC 7647; RFC 4488',
  context: ({ input: { request, verdict, success, routesAreReadable, contentRefusal, timers } }) => ({
    request,
    verdict,
    success,
    routesAreReadable,
    contentRefusal,
    timers,
    answer: { status: success },
    subscribes: !refusesSubscription(request),
  }),
  initial: 'received',
  states: {
    received: {
      always: [
        ...(refusing.arrows as []),
        { description: 'RFC 3515 §2.4.2', guard: 'isPending', target: 'approving' },
        { guard: 'isGranted', target: 'deciding' },
        { description: 'RFC 3515 §5.2', target: 'rejected', actions: 'refuseByPolicy' },
      ],
    },
    approving: {
      always: [
        {
          guard: 'subscribes',
          target: 'accepted',
          actions: ['respondSuccess', 'startPendingNotifier', 'tellRequest'],
        },
        { target: 'accepted', actions: ['respondWithoutSubscription', 'tellRequest'] },
      ],
    },
    deciding: {
      entry: ['startDecision', 'tellRequest'],
      exit: 'stopDecision',
      on: {
        accept: [
          {
            guard: 'subscribes',
            target: 'accepted',
            actions: ['rememberAnswer', 'respondSuccess', 'startActiveNotifier'],
          },
          {
            description: 'RFC 4488 §4',
            target: 'accepted',
            actions: ['rememberAnswer', 'respondWithoutSubscription'],
          },
        ],
        redirect: { target: 'redirected', actions: ['rememberAnswer', 'respond'] },
        reject: { target: 'rejected', actions: ['rememberAnswer', 'respond'] },
        trying: { actions: 'respondTrying' },
        decision: [
          {
            description: 'RFC 3515 §2.4.2: the 2xx leaves before the transaction expires',
            guard: 'subscribes',
            target: 'accepted',
            actions: ['respondSuccess', 'startPendingNotifier', 'tellUndecided'],
          },
          {
            description: 'RFC 4488 §4',
            target: 'accepted',
            actions: ['respondWithoutSubscription', 'tellUndecided'],
          },
        ],
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
    redirected: { type: 'final' },
    rejected: { type: 'final' },
  },
});

const refusal = (verdict: Verdict) =>
  verdict.type === 'refuse'
    ? respond({ status: verdict.status, ...(verdict.reason === undefined ? {} : { reason: verdict.reason }) })
    : respond({ status: 603 });

const referSubFalse: readonly HeaderField[] = [['Refer-Sub', 'false']];

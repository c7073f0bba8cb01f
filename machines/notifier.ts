/**
 * One subscription, seen by its notifier: RFC 6665 §4.2.2, with the states of §4.1.3's Subscription-State and, for a
 * referral, the bodies and the end of RFC 3515 §2.4.4 to §2.4.7.
 * One NOTIFY is in flight at a time, the next waits a second (RFC 3515 §3.10), and at most one report waits for its
 * turn: a newer one takes its place until the end has been decided, which nothing replaces.
 */
import { assign, emit, setup } from 'xstate';
import {
  type Failure,
  type HeaderField,
  leaveDialog,
  notify,
  type SubscriptionEnd,
  startTimer,
  type TerminationReason,
  tellApplication,
  type UserAgentEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import { notifySpacing } from './timers.js';

/** How far the referred request has come: the Status-Line of a sipfrag body (RFC 3515 §2.4.5). */
export interface Report {
  readonly status: number;
  readonly reason: string;
}

export interface Input {
  readonly state: 'pending' | 'active';
  /** The CSeq of the REFER (RFC 3515 §2.4.6). */
  readonly id: number;
  readonly report: Report;
  /** Seconds. */
  readonly expires: number;
  /** Milliseconds, as in every event that may send. */
  readonly now: number;
}

export interface Context {
  readonly state: 'pending' | 'active';
  readonly id: number;
  /** The newest report that was sent, or in `ending` the last one. */
  readonly report: Report;
  /** The one that waits for its turn. */
  readonly waiting: Report | undefined;
  /** When the subscription ends, in milliseconds. */
  readonly deadline: number;
  readonly now: number;
  readonly end: SubscriptionEnd;
}

export type Event =
  | { readonly type: 'report'; readonly report: Report; readonly now: number }
  | { readonly type: 'grant'; readonly now: number }
  | { readonly type: 'refresh'; readonly expires: number; readonly now: number }
  | {
      readonly type: 'end';
      readonly reason: TerminationReason;
      readonly report?: Report;
      readonly now: number;
    }
  | { readonly type: 'notifyAnswered'; readonly status: number; readonly retryAfter?: number }
  | { readonly type: 'notifyFailed'; readonly failure: Failure }
  | { readonly type: 'notifySpacing'; readonly now: number }
  | { readonly type: 'expiry'; readonly now: number };

export const eventTypes = listEventTypes<Event>({
  report: true,
  grant: true,
  refresh: true,
  end: true,
  notifyAnswered: true,
  notifyFailed: true,
  notifySpacing: true,
  expiry: true,
});

/** What `pending` and `active` have in common: a NOTIFY in flight, the second after it, and rest. */
const paced = <const Notifying, const Spacing, const Ready>(
  notifyState: 'notifyPending' | 'notifyActive',
  own: { readonly notifying: Notifying; readonly spacing: Spacing; readonly ready: Ready },
) =>
  ({
    initial: 'notifying',
    states: {
      notifying: {
        on: {
          ...own.notifying,
          refresh: { actions: ['extend', 'startExpiry', 'keepLastReport'] },
          end: { target: '#notifier.ending.notifying', actions: 'rememberEnd' },
          expiry: { target: '#notifier.ending.notifying', actions: 'rememberExpiry' },
          notifyAnswered: [
            {
              description: 'RFC 6665 §4.2.2: Retry-After keeps the subscription',
              guard: 'isRetried',
              target: 'spacing',
              actions: ['keepLastReport', 'startRetry'],
            },
            {
              description: 'RFC 6665 §4.2.2',
              guard: 'isRefused',
              target: '#notifier.terminated',
              actions: 'rememberRefusal',
            },
            { description: 'RFC 3515 §3.10', target: 'spacing', actions: 'startSpacing' },
          ],
          notifyFailed: {
            description: 'RFC 6665 §4.2.2',
            target: '#notifier.terminated',
            actions: 'rememberFailure',
          },
        },
      },
      spacing: {
        on: {
          ...own.spacing,
          refresh: { actions: ['extend', 'startExpiry', 'keepLastReport'] },
          end: { target: '#notifier.ending.spacing', actions: 'rememberEnd' },
          expiry: { target: '#notifier.ending.spacing', actions: 'rememberExpiry' },
          notifySpacing: [
            { guard: 'reportWaits', target: 'notifying', actions: ['takeReport', notifyState] },
            { target: 'ready' },
          ],
        },
      },
      ready: {
        on: {
          ...own.ready,
          refresh: { target: 'notifying', actions: ['extend', 'startExpiry', notifyState] },
          end: { target: '#notifier.ending.last', actions: ['rememberEnd', 'notifyTerminated'] },
          expiry: { target: '#notifier.ending.last', actions: ['rememberExpiry', 'notifyTerminated'] },
        },
      },
    },
  }) as const;

export const notifier = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: {
    isPending: ({ context }) => context.state === 'pending',
    isRetried: ({ event }) =>
      event.type === 'notifyAnswered' &&
      event.status >= 300 &&
      event.status !== 481 &&
      event.retryAfter !== undefined,
    isRefused: ({ event }) => event.type === 'notifyAnswered' && event.status >= 300,
    reportWaits: ({ context }) => context.waiting !== undefined,
  },
  actions: {
    keepReport: assign(({ event }) => (event.type === 'report' ? { waiting: event.report } : {})),
    keepLastReport: assign({ waiting: ({ context }) => context.waiting ?? context.report }),
    takeReport: assign(({ context, event }) => ({
      report: (event.type === 'report' ? event.report : context.waiting) ?? context.report,
      waiting: undefined,
      now: 'now' in event ? event.now : context.now,
    })),
    extend: assign(({ event }) =>
      event.type === 'refresh' ? { deadline: event.now + event.expires * 1_000, now: event.now } : {},
    ),
    rememberEnd: assign(({ context, event }) =>
      event.type === 'end'
        ? { end: event.reason, report: event.report ?? context.waiting ?? context.report }
        : {},
    ),
    rememberExpiry: assign(({ context }) => ({
      end: 'timeout' as const,
      report: context.waiting ?? context.report,
    })),
    rememberRefusal: assign({ end: 'refused' }),
    rememberFailure: assign(({ event }) => (event.type === 'notifyFailed' ? { end: event.failure } : {})),
    notifyPending: emit(({ context }) =>
      notify(fields(context, `pending;expires=${left(context)}`), body(context)),
    ),
    notifyActive: emit(({ context }) =>
      notify(fields(context, `active;expires=${left(context)}`), body(context)),
    ),
    notifyTerminated: emit(({ context }) =>
      notify(fields(context, `terminated;reason=${context.end}`), body(context)),
    ),
    startExpiry: emit(({ context }) => startTimer('expiry', context.deadline - context.now)),
    startSpacing: emit(startTimer('notifySpacing', notifySpacing)),
    startRetry: emit(({ context, event }) => startTimer('notifySpacing', retryDelay(context, event))),
    leaveDialog: emit(leaveDialog()),
    tellEnd: emit(({ context }) => tellApplication({ type: 'subscriptionEnded', reason: context.end })),
  },
}).createMachine({
  id: 'notifier',
  description: 'RFC 6665 §4.2.2; RFC 3515 §2.4.4–§2.4.7, §3.10',
  context: ({ input }) => ({
    state: input.state,
    id: input.id,
    report: input.report,
    waiting: undefined,
    deadline: input.now + input.expires * 1_000,
    now: input.now,
    end: 'noresource',
  }),
  initial: 'starting',
  states: {
    starting: {
      description: 'RFC 3515 §2.4.4: a NOTIFY at once',
      always: [
        { guard: 'isPending', target: 'pending', actions: ['notifyPending', 'startExpiry'] },
        { target: 'active', actions: ['notifyActive', 'startExpiry'] },
      ],
    },
    pending: paced('notifyPending', {
      notifying: { grant: { target: '#notifier.active.notifying', actions: 'keepLastReport' } },
      spacing: { grant: { target: '#notifier.active.spacing', actions: 'keepLastReport' } },
      ready: { grant: { target: '#notifier.active.notifying', actions: ['takeReport', 'notifyActive'] } },
    }),
    active: paced('notifyActive', {
      notifying: { report: { actions: 'keepReport' } },
      spacing: { report: { actions: 'keepReport' } },
      ready: { report: { target: 'notifying', actions: ['takeReport', 'notifyActive'] } },
    }),
    ending: {
      initial: 'notifying',
      states: {
        notifying: {
          on: {
            notifyAnswered: [
              { guard: 'isRetried', target: 'spacing', actions: 'startRetry' },
              { guard: 'isRefused', target: '#notifier.terminated', actions: 'rememberRefusal' },
              { target: 'spacing', actions: 'startSpacing' },
            ],
            notifyFailed: { target: '#notifier.terminated', actions: 'rememberFailure' },
          },
        },
        spacing: { on: { notifySpacing: { target: 'last', actions: 'notifyTerminated' } } },
        last: {
          on: {
            notifyAnswered: [
              { guard: 'isRefused', target: '#notifier.terminated', actions: 'rememberRefusal' },
              { target: '#notifier.terminated' },
            ],
            notifyFailed: { target: '#notifier.terminated', actions: 'rememberFailure' },
          },
        },
      },
    },
    terminated: { type: 'final', entry: ['leaveDialog', 'tellEnd'] },
  },
});

const fields = (context: Context, subscriptionState: string): readonly HeaderField[] => [
  ['Event', `refer;id=${context.id}`],
  ['Subscription-State', subscriptionState],
  ['Content-Type', 'message/sipfrag'],
];

const body = ({ report }: Context) => `SIP/2.0 ${report.status} ${report.reason}\r\n`;

const left = ({ deadline, now }: Context) => Math.max(0, Math.ceil((deadline - now) / 1_000));

/** As late as Retry-After asks, but no later than the subscription ends: a peer can't hold it beyond that. */
const retryDelay = ({ deadline, now }: Context, event: Event) => {
  const asked = event.type === 'notifyAnswered' ? 1_000 * (event.retryAfter ?? 0) : 0;
  return Math.max(notifySpacing, Math.min(asked, deadline - now));
};

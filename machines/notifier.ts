/**
 * One subscription, seen by its notifier: RFC 6665 §4.2.2, with the states of §4.1.3's Subscription-State; for a
 * referral as RFC 3515 §2.4.4 to §2.4.7 has it.
 * One NOTIFY is in flight at a time, the next waits (RFC 3515 §3.10, RFC 6665 §4.2.2), and at most one report waits for
 * its turn: a newer one takes its place until the end has been decided, which nothing replaces. The application is told
 * what became of one that waited.
 */
import { assign, emit, type StateValueFrom, setup } from 'xstate';
import { secondsUntil } from '../src/message/interval.js';
import {
  type Failure,
  leaveDialog,
  type Report,
  type SubscriptionEnd,
  sendInDialog,
  startTimer,
  type TerminationReason,
  tellApplication,
  type UserAgentEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';

export type { Report };

export interface Input {
  readonly state: 'pending' | 'active';
  /** The Event of its NOTIFYs: `refer;id=93809823` (RFC 3515 §2.4.6). */
  readonly event: string;
  /** What the first NOTIFY says. */
  readonly report: Report;
  /** Seconds; 0 for a single NOTIFY (RFC 6665 §4.4.3). */
  readonly expires: number;
  /** From the answer to a NOTIFY to the next, in milliseconds. */
  readonly spacing: number;
  /** Whole milliseconds of the epoch, as in every event that may send. */
  readonly now: number;
}

export interface Context {
  readonly state: 'pending' | 'active';
  readonly event: string;
  /** The newest report that was sent. */
  readonly report: Report;
  /** The one that waits for its turn. */
  readonly waiting: Report | undefined;
  /** Whether a NOTIFY is owed, if only to say the same again (RFC 6665 §4.2.1.3). */
  readonly owed: boolean;
  /** When the subscription ends, in whole milliseconds of the epoch. */
  readonly deadline: number;
  readonly spacing: number;
  readonly now: number;
  readonly end: SubscriptionEnd;
  /** Seconds after which a new subscription may be tried (RFC 6665 §4.1.3). */
  readonly retryAfter: number | undefined;
}

export type Event =
  | { readonly type: 'report'; readonly report: Report; readonly now: number }
  | { readonly type: 'grant'; readonly report?: Report; readonly now: number }
  | { readonly type: 'refresh'; readonly expires: number; readonly now: number }
  | {
      readonly type: 'end';
      readonly reason: TerminationReason;
      readonly report?: Report;
      readonly retryAfter?: number;
      readonly now: number;
    }
  | { readonly type: 'requestAnswered'; readonly status: number; readonly retryAfter?: number }
  /** The cause is for people. */
  | { readonly type: 'requestFailed'; readonly failure: Failure; readonly cause?: string | undefined }
  /** The dialog is gone (RFC 5057 §5.1). */
  | { readonly type: 'dialogEnded' }
  | { readonly type: 'notifySpacing'; readonly now: number }
  | { readonly type: 'expiry'; readonly now: number };

export const eventTypes = listEventTypes<Event>({
  report: true,
  grant: true,
  refresh: true,
  end: true,
  requestAnswered: true,
  requestFailed: true,
  dialogEnded: true,
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
          refresh: { actions: ['extend', 'oweNotify', 'startExpiry'] },
          expiry: { target: '#notifier.ending.notifying', actions: 'rememberExpiry' },
          requestAnswered: [
            {
              description: 'RFC 6665 §4.2.2: Retry-After keeps the subscription',
              guard: 'isRetried',
              target: 'spacing',
              actions: ['oweNotify', 'startRetry'],
            },
            {
              description: 'RFC 6665 §4.2.2',
              guard: 'isRefused',
              target: '#notifier.terminated',
              actions: 'rememberRefusal',
            },
            { description: 'RFC 3515 §3.10', target: 'spacing', actions: 'startSpacing' },
          ],
          requestFailed: {
            description: 'RFC 6665 §4.2.2',
            target: '#notifier.terminated',
            actions: 'rememberFailure',
          },
        },
      },
      spacing: {
        on: {
          ...own.spacing,
          refresh: { actions: ['extend', 'oweNotify', 'startExpiry'] },
          expiry: { target: '#notifier.ending.spacing', actions: 'rememberExpiry' },
        },
      },
      ready: {
        on: {
          ...own.ready,
          refresh: { target: 'notifying', actions: ['extend', 'startExpiry', notifyState] },
          end: {
            target: '#notifier.ending.last',
            actions: ['rememberEnd', 'takeReport', 'notifyTerminated'],
          },
          expiry: { target: '#notifier.ending.last', actions: ['rememberExpiry', 'notifyTerminated'] },
        },
      },
    },
  }) as const;

export const notifier = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: {
    isFetch: ({ context }) => context.deadline <= context.now,
    isPending: ({ context }) => context.state === 'pending',
    isRetried: ({ event }) =>
      event.type === 'requestAnswered' &&
      event.status >= 300 &&
      event.status !== 481 &&
      event.retryAfter !== undefined,
    isRefused: ({ event }) => event.type === 'requestAnswered' && event.status >= 300,
    reportWaits: ({ context }) => context.waiting !== undefined,
    replacesReport: ({ context, event }) =>
      context.waiting !== undefined && 'report' in event && event.report !== undefined,
    notifyIsOwed: ({ context }) => context.owed,
  },
  actions: {
    keepReport: assign(({ event }) => ('report' in event ? { waiting: event.report } : {})),
    oweNotify: assign({ owed: true }),
    takeReport: assign(({ context, event }) => ({
      report: ('report' in event ? event.report : context.waiting) ?? context.report,
      waiting: undefined,
      owed: false,
      now: 'now' in event ? event.now : context.now,
    })),
    extend: assign(({ event }) =>
      event.type === 'refresh' ? { deadline: event.now + event.expires * 1_000, now: event.now } : {},
    ),
    rememberEnd: assign(({ context, event }) =>
      event.type === 'end'
        ? { end: event.reason, waiting: event.report ?? context.waiting, retryAfter: event.retryAfter }
        : {},
    ),
    rememberExpiry: assign({ end: 'timeout' }),
    rememberRefusal: assign({ end: 'refused' }),
    rememberFailure: assign(({ event }) => (event.type === 'requestFailed' ? { end: event.failure } : {})),
    rememberDialogEnd: assign({ end: 'dialogEnded' }),
    notifyPending: emit(({ context }) =>
      notify(context, `pending;expires=${secondsUntil(context.deadline, context.now)}`),
    ),
    notifyActive: emit(({ context }) =>
      notify(context, `active;expires=${secondsUntil(context.deadline, context.now)}`),
    ),
    notifyTerminated: emit(({ context }) => notify(context, terminatedState(context))),
    startExpiry: emit(({ context }) => startTimer('expiry', context.deadline - context.now)),
    startSpacing: emit(({ context }) => startTimer('notifySpacing', context.spacing)),
    startRetry: emit(({ context, event }) => startTimer('notifySpacing', retryDelay(context, event))),
    leaveDialog: emit(leaveDialog()),
    tellReplaced: emit(({ context }) =>
      tellApplication({ type: 'reportReplaced', report: context.waiting ?? context.report }),
    ),
    tellSent: emit(({ context }) => tellApplication({ type: 'reportSent', report: context.report })),
    tellEnd: emit(({ context }) => tellApplication({ type: 'subscriptionEnded', reason: context.end })),
  },
}).createMachine({
  id: 'notifier',
  description: 'RFC 6665 §4.2.2; RFC 3515 §2.4.4–§2.4.7, §3.10',
  context: ({ input }) => ({
    state: input.state,
    event: input.event,
    report: input.report,
    waiting: undefined,
    owed: false,
    deadline: input.now + input.expires * 1_000,
    spacing: input.spacing,
    now: input.now,
    end: 'noresource',
    retryAfter: undefined,
  }),
  initial: 'starting',
  states: {
    starting: {
      description: 'RFC 6665 §4.2.1.2, RFC 3515 §2.4.4: a NOTIFY at once',
      always: [
        {
          description: 'RFC 6665 §4.4.3: Expires: 0 asks for one NOTIFY',
          guard: 'isFetch',
          target: 'ending.last',
          actions: ['rememberExpiry', 'notifyTerminated'],
        },
        { guard: 'isPending', target: 'pending', actions: ['notifyPending', 'startExpiry'] },
        { target: 'active', actions: ['notifyActive', 'startExpiry'] },
      ],
    },
    pending: paced('notifyPending', {
      notifying: {
        grant: { target: '#notifier.active.notifying', actions: ['keepReport', 'oweNotify'] },
        end: { target: '#notifier.ending.notifying', actions: 'rememberEnd' },
      },
      spacing: {
        grant: { target: '#notifier.active.spacing', actions: ['keepReport', 'oweNotify'] },
        end: { target: '#notifier.ending.spacing', actions: 'rememberEnd' },
        notifySpacing: [
          { guard: 'notifyIsOwed', target: 'notifying', actions: ['takeReport', 'notifyPending'] },
          { target: 'ready' },
        ],
      },
      ready: { grant: { target: '#notifier.active.notifying', actions: ['takeReport', 'notifyActive'] } },
    }),
    active: paced('notifyActive', {
      notifying: {
        report: [
          { guard: 'replacesReport', actions: ['tellReplaced', 'keepReport'] },
          { actions: 'keepReport' },
        ],
        end: [
          {
            guard: 'replacesReport',
            target: '#notifier.ending.notifying',
            actions: ['tellReplaced', 'rememberEnd'],
          },
          { target: '#notifier.ending.notifying', actions: 'rememberEnd' },
        ],
      },
      spacing: {
        report: [
          { guard: 'replacesReport', actions: ['tellReplaced', 'keepReport'] },
          { actions: 'keepReport' },
        ],
        end: [
          {
            guard: 'replacesReport',
            target: '#notifier.ending.spacing',
            actions: ['tellReplaced', 'rememberEnd'],
          },
          { target: '#notifier.ending.spacing', actions: 'rememberEnd' },
        ],
        notifySpacing: [
          { guard: 'reportWaits', target: 'notifying', actions: ['takeReport', 'notifyActive', 'tellSent'] },
          { guard: 'notifyIsOwed', target: 'notifying', actions: ['takeReport', 'notifyActive'] },
          { target: 'ready' },
        ],
      },
      ready: { report: { target: 'notifying', actions: ['takeReport', 'notifyActive'] } },
    }),
    ending: {
      initial: 'notifying',
      states: {
        notifying: {
          on: {
            requestAnswered: [
              { guard: 'isRetried', target: 'spacing', actions: 'startRetry' },
              { guard: 'isRefused', target: '#notifier.terminated', actions: 'rememberRefusal' },
              { target: 'spacing', actions: 'startSpacing' },
            ],
            requestFailed: { target: '#notifier.terminated', actions: 'rememberFailure' },
          },
        },
        spacing: {
          on: {
            notifySpacing: [
              {
                guard: 'reportWaits',
                target: 'last',
                actions: ['takeReport', 'notifyTerminated', 'tellSent'],
              },
              { target: 'last', actions: 'notifyTerminated' },
            ],
          },
        },
        last: {
          on: {
            requestAnswered: [
              { guard: 'isRefused', target: '#notifier.terminated', actions: 'rememberRefusal' },
              { target: '#notifier.terminated' },
            ],
            requestFailed: { target: '#notifier.terminated', actions: 'rememberFailure' },
          },
        },
      },
    },
    terminated: { type: 'final', entry: ['leaveDialog', 'tellEnd'] },
  },
  on: {
    dialogEnded: { description: 'RFC 5057 §5.1', target: '.terminated', actions: 'rememberDialogEnd' },
  },
});

/** Whether what is reported leaves at once: no NOTIFY is in flight, and the last was long enough ago. */
export const notifiesAtOnce = ({ value }: { readonly value: StateValueFrom<typeof notifier> }): boolean =>
  typeof value === 'object' && Object.values(value).includes('ready');

const notify = ({ event, report }: Context, subscriptionState: string) =>
  sendInDialog({
    method: 'NOTIFY',
    headers: [
      ['Event', event],
      ['Subscription-State', subscriptionState],
      ...(report.body === '' ? [] : [['Content-Type', report.contentType] as const]),
    ],
    body: report.body,
  });

const terminatedState = ({ end, retryAfter }: Context) =>
  `terminated;reason=${end}${retryAfter === undefined ? '' : `;retry-after=${retryAfter}`}`;

/** As late as Retry-After asks, but no later than the subscription ends: a peer can't hold it beyond that. */
const retryDelay = ({ deadline, now, spacing }: Context, event: Event) => {
  const asked = event.type === 'requestAnswered' ? 1_000 * (event.retryAfter ?? 0) : 0;
  return Math.max(spacing, Math.min(asked, deadline - now));
};

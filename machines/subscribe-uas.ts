/**
 * The user agent server of SUBSCRIBE: RFC 6665 §4.2.1. It gives the answer only; the subscription is a notifier.
 * A referral's subscription is made by its REFER alone: a SUBSCRIBE refreshes it or ends it (RFC 3515 §2.4.4).
 */
import { emit, setup } from 'xstate';
import { endSubscription, refreshSubscription, respond, type UserAgentEffect } from './effects.js';
import { listEventTypes } from './event-types.js';

export interface Input {
  /** Whether the Event names a package that is served here. */
  readonly packageIsKnown: boolean;
  /** Whether a subscription is there that the dialog and the Event name. */
  readonly matches: boolean;
  /** Seconds, as granted: never more than asked for. */
  readonly expires: number;
  readonly packages: readonly string[];
}

export type Context = Input;

export type Event = { readonly type: never };

export const eventTypes = listEventTypes<Event>({});

export const subscribeUAS = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: {
    isOfUnknownPackage: ({ context }) => !context.packageIsKnown,
    hasNoSubscription: ({ context }) => !context.matches,
    unsubscribes: ({ context }) => context.expires === 0,
  },
  actions: {
    refusePackage: emit(({ context }) =>
      respond({ status: 489, headers: [['Allow-Events', context.packages.join(', ')]] }),
    ),
    refuse: emit(respond({ status: 403, reason: 'Only REFER Makes This Subscription' })),
    respondExpires: emit(({ context }) =>
      respond({ status: 200, headers: [['Expires', `${context.expires}`]] }, 'withContact'),
    ),
    refreshSubscription: emit(({ context }) => refreshSubscription(context.expires)),
    endSubscription: emit(endSubscription()),
  },
}).createMachine({
  id: 'subscribeUAS',
  description: 'RFC 6665 §4.2.1; RFC 3515 §2.4.4',
  context: ({ input }) => input,
  initial: 'received',
  states: {
    received: {
      always: [
        {
          description: 'RFC 6665 §4.2.1.1',
          guard: 'isOfUnknownPackage',
          target: 'rejected',
          actions: 'refusePackage',
        },
        { description: 'RFC 3515 §2.4.4', guard: 'hasNoSubscription', target: 'rejected', actions: 'refuse' },
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
    accepted: { type: 'final' },
    rejected: { type: 'final' },
  },
});

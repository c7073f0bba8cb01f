/** The user agent server of CANCEL: RFC 3261 §9.2. What is cancelled hears of it and decides for itself. */
import { emit, setup } from 'xstate';
import { cancelTransaction, respond, type UserAgentEffect } from './effects.js';
import { listEventTypes } from './event-types.js';

export interface Input {
  /** Whether a server transaction is there that the CANCEL names. */
  readonly matches: boolean;
}

export type Context = Input;

export type Event = { readonly type: never };

export const eventTypes = listEventTypes<Event>({});

export const cancel = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: { matches: ({ context }) => context.matches },
  actions: {
    respond: emit(respond({ status: 200 })),
    refuse: emit(respond({ status: 481 })),
    cancelTransaction: emit(cancelTransaction()),
  },
}).createMachine({
  id: 'cancel',
  description: 'RFC 3261 §9.2',
  context: ({ input }) => input,
  initial: 'received',
  states: {
    received: {
      always: [
        { guard: 'matches', target: 'answered', actions: ['respond', 'cancelTransaction'] },
        { target: 'answered', actions: 'refuse' },
      ],
    },
    answered: { type: 'final' },
  },
});

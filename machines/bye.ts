/** The user agent server of BYE: RFC 3261 §15.1.2. It ends the session, and no other usage of the dialog (RFC 5057 §4). */
import { emit, setup } from 'xstate';
import { respond, tellSession, type UserAgentEffect } from './effects.js';
import { listEventTypes } from './event-types.js';

export interface Input {
  /** Whether the dialog has a session. */
  readonly matches: boolean;
}

export type Context = Input;

export type Event = { readonly type: never };

export const eventTypes = listEventTypes<Event>({});

export const bye = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: { matches: ({ context }) => context.matches },
  actions: {
    respond: emit(respond({ status: 200 })),
    refuse: emit(respond({ status: 481 })),
    endSession: emit(tellSession({ type: 'bye' })),
  },
}).createMachine({
  id: 'bye',
  description: 'RFC 3261 §15.1.2; RFC 5057 §4',
  context: ({ input }) => input,
  initial: 'received',
  states: {
    received: {
      always: [
        { guard: 'matches', target: 'answered', actions: ['respond', 'endSession'] },
        { target: 'answered', actions: 'refuse' },
      ],
    },
    answered: { type: 'final' },
  },
});

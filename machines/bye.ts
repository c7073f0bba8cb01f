/** The user agent server of BYE: RFC 3261 §15.1.2. It ends the session, and no other usage of the dialog (RFC 5057 §4). */
import { emit, setup } from 'xstate';
import { respond, tellSession, type UserAgentEffect } from './effects.js';
import { listEventTypes } from './event-types.js';
import { type ContentInput, hasStrangeContent, type Refusal, refusalArrows } from './refusals.js';

export interface Input extends ContentInput {
  /** Whether the dialog has a session. */
  readonly matches: boolean;
}

export type Context = Input;

export type Event = { readonly type: never };

export const eventTypes = listEventTypes<Event>({});

const refusals: readonly Refusal<Input>[] = [
  {
    guard: 'isOutsideSession',
    description: 'RFC 3261 §15.1.2',
    applies: ({ matches }) => !matches,
    response: () => ({ status: 481 }),
  },
  hasStrangeContent,
];
const refusing = refusalArrows(refusals, 'answered');

export const bye = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  guards: refusing.guards as Record<never, never>,
  actions: {
    ...(refusing.actions as Record<never, never>),
    respond: emit(respond({ status: 200 })),
    endSession: emit(tellSession({ type: 'bye' })),
  },
}).createMachine({
  id: 'bye',
  description: 'RFC 3261 §15.1.2; RFC 5057 §4',
  context: ({ input }) => input,
  initial: 'received',
  states: {
    received: {
      always: [...(refusing.arrows as []), { target: 'answered', actions: ['respond', 'endSession'] }],
    },
    answered: { type: 'final' },
  },
});

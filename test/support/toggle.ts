import { assign, emit, setup } from 'xstate';

/** A lamp that can be turned a number of times: small, and with every kind of step. */
export const toggle = setup({
  types: {} as {
    input: { turns: number };
    context: { turns: number };
    events: { type: 'turn' } | { type: 'look' } | { type: 'break'; error: string };
    emitted: { type: 'lit' | 'darkened' | 'worn'; turns: number };
  },
  guards: {
    isWorn: ({ context }) => context.turns === 0,
  },
  actions: {
    count: assign({ turns: ({ context }) => context.turns - 1 }),
    light: emit(({ context }) => ({ type: 'lit', turns: context.turns })),
    darken: emit(({ context }) => {
      if (context.turns < 0) throw new RangeError('worn out');
      return { type: 'darkened', turns: context.turns };
    }),
    wear: emit(({ context }) => ({ type: 'worn', turns: context.turns })),
    break: assign(({ event }) => {
      throw new RangeError(event.type === 'break' ? event.error : '');
    }),
  },
}).createMachine({
  id: 'toggle',
  context: ({ input }) => ({ turns: input.turns }),
  initial: 'off',
  on: { break: { actions: ['count', 'light', 'break'] } },
  states: {
    off: {
      entry: 'darken',
      on: { turn: { target: 'on', actions: ['count', 'light'], description: 'Let there be light' } },
    },
    on: {
      always: { guard: 'isWorn', target: 'worn' },
      on: { turn: { target: 'off', actions: 'count' } },
    },
    worn: { entry: 'wear', type: 'final' },
  },
});

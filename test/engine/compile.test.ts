import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, and, assign, emit, not, raise, sendTo, setup, stateIn } from 'xstate';
import { compile, toXState } from '../../src/engine/compile.js';
import { CompileError } from '../../src/engine/subset.js';

const event = { type: 'go' };

describe('a step', () => {
  /** Every state and arrow says what it does: `-a` leaves, `+a` enters, `!` is the arrow's own. */
  const told = (arrow: object) =>
    machineOf({
      id: 'told',
      entry: say('+root'),
      exit: say('-root'),
      initial: 'a',
      states: {
        a: {
          entry: say('+a'),
          exit: say('-a'),
          initial: 'b',
          on: { '*': { actions: say('?') } },
          states: {
            b: { id: 'b', entry: say('+b'), exit: say('-b'), ...arrow },
            c: { id: 'c', entry: say('+c'), exit: say('-c') },
          },
        },
        d: {
          id: 'd',
          entry: say('+d'),
          exit: say('-d'),
          initial: 'e',
          states: { e: { entry: say('+e'), exit: say('-e') } },
        },
        f: { id: 'f', type: 'final', entry: say('+f'), exit: say('-f') },
      },
    });

  test.each([
    ['enters its target', { target: 'c' }, { a: 'c' }, '-b ! +c'],
    [
      'leaves inner states before outer ones and enters outer ones first',
      { target: '#d' },
      { d: 'e' },
      '-b -a ! +d +e',
    ],
    ['enters the state around it anew', { target: '#told.a' }, { a: 'b' }, '-b -a ! +a +b'],
    ['stays where it is without a target', {}, { a: 'b' }, '!'],
    ['stays where it is with itself as the target', { target: 'b' }, { a: 'b' }, '!'],
    ['reenters where told to', { target: 'b', reenter: true }, { a: 'b' }, '-b ! +b'],
    ['leaves the root in the step that ends the machine', { target: '#f' }, 'f', '-b -a ! +f -f -root'],
    ['is not taken where its guard forbids it', { target: 'c', guard: 'isNever' }, { a: 'b' }, '?'],
  ])('%s', (_, arrow, value, said) => {
    const table = compile(told({ on: { go: { ...arrow, actions: say('!') } } }));
    const [snapshot, effects] = table.transition(table.initial(undefined)[0], event);

    expect(snapshot.value).toEqual(value);
    expect(words(effects)).toBe(said);
  });

  test.each([
    ['passes an event that an inner state has no arrow for to the outer one', {}, '?'],
    ['keeps an event that is forbidden', { on: { go: {} } }, ''],
    [
      'takes the exact arrow before the wildcard',
      { on: { '*': { actions: say('*') }, go: { actions: say('!') } } },
      '!',
    ],
    [
      'takes the wildcard of an inner state before an outer arrow',
      { on: { '*': { actions: say('*') } } },
      '*',
    ],
    [
      'takes the first arrow that is open',
      { on: { go: [{ guard: 'isNever', actions: say('1') }, { actions: say('2') }, { actions: say('3') }] } },
      '2',
    ],
    [
      'takes arrows without an event after one with it',
      {
        on: { go: { actions: 'increase' } },
        always: { guard: 'isPositive', target: 'c', actions: say('!') },
      },
      '-b ! +c',
    ],
  ])('%s', (_, arrows, said) => {
    const table = compile(told(arrows));
    expect(words(table.transition(table.initial(undefined)[0], event)[1])).toBe(said);
  });

  test('enters the root first at the start', () => {
    expect(words(compile(told({})).initial(undefined)[1])).toBe('+root +a +b');
  });

  test('lets an emit see the context as of its place in the list', () => {
    const table = compile(told({ on: { go: { actions: ['tellCount', 'increase', 'tellCount'] } } }));
    const [snapshot, effects] = table.transition(table.initial(undefined)[0], event);

    expect(words(effects)).toBe('0 1');
    expect(snapshot.context).toEqual({ count: 1 });
  });

  test('that changes nothing gives the same snapshot and the same empty list back', () => {
    const table = compile(told({ on: { go: {} } }));
    const [start] = table.initial(undefined);
    const [snapshot, effects] = table.transition(start, event);

    expect(snapshot).toBe(start);
    expect(effects).toBe(table.transition(start, event)[1]);
    expect(Object.isFrozen(effects)).toBe(true);
  });

  test('goes on from a snapshot that went through JSON', () => {
    const table = compile(told({ on: { go: { target: 'c' } } }));
    const [start] = table.initial(undefined);

    expect(table.transition(JSON.parse(JSON.stringify(start)), event)[0].value).toEqual({ a: 'c' });
    expect(() => table.transition({ ...start, value: 'nowhere' }, event)).toThrow(RangeError);
  });

  test('shares one frozen value among all snapshots of a state', () => {
    const table = compile(told({}));
    const [{ value }] = table.initial(undefined);

    expect(table.initial(undefined)[0].value).toBe(value);
    expect(Object.isFrozen(value)).toBe(true);
  });

  test('does nothing once the machine is done', () => {
    const table = compile(told({ on: { go: { target: '#f' } } }));
    const [done] = table.transition(table.initial(undefined)[0], event);

    expect(done.status).toBe('done');
    expect(table.transition(done, event)).toEqual([done, []]);
  });

  test('that runs in a circle throws', () => {
    const circle = { on: { go: 'c' }, always: { guard: 'isPositive', actions: 'increase' } };
    const table = compile(told(circle));
    const [start] = table.initial(undefined);

    expect(() => table.transition({ ...start, context: { count: 1 } }, event)).not.toThrow();
    expect(() => table.transition({ ...start, context: { count: 1 } }, { type: 'other' })).toThrow(/circle/);
  });

  test('throws what an action throws, at the start, too', () => {
    const table = compile(told({ on: { go: { actions: 'fail' } } }));
    expect(() => table.transition(table.initial(undefined)[0], event)).toThrow(new Error('failed'));
    expect(() => compile(told({ entry: 'fail' })).initial(undefined)).toThrow(new Error('failed'));
  });

  test('becomes a snapshot of XState', () => {
    const machine = told({ on: { go: 'c' } });
    const snapshot = toXState(machine, compile(machine).initial(undefined)[0]);

    expect(snapshot.matches({ a: 'b' } as never)).toBe(true);
    expect(snapshot.can(event as never)).toBe(true);
  });
});

describe('a machine outside the subset', () => {
  const a = (state: object, root: object = {}) => ({ initial: 'a', states: { a: state, b: {} }, ...root });

  test.each<[string, object, string]>([
    ['without states', {}, 'its root: the machine has no states; give it some.'],
    [
      'with a parallel root',
      { type: 'parallel', states: { a: {} } },
      'its root: it is a parallel state; write a machine for each region.',
    ],
    [
      'with a parallel state',
      a({ type: 'parallel', states: { x: {} } }),
      "state 'a': it is a parallel state; write a machine for each region.",
    ],
    [
      'with a history state',
      a({ initial: 'x', states: { x: {}, h: { type: 'history' } } }),
      "state 'a.h': it is a history state; remember the state in the context.",
    ],
    [
      'with a final state inside another',
      a({ initial: 'x', states: { x: { type: 'final' } } }),
      "state 'a.x': it is a final state inside another state; make it atomic, or move it to the root.",
    ],
    [
      'with an invocation',
      a({ invoke: { src: 'x' } }),
      "state 'a': it invokes an actor; emit an effect and take the answer as an event.",
    ],
    [
      'with onDone',
      a({ initial: 'x', states: { x: {} }, onDone: 'b' }),
      "state 'a': it has onDone; put the arrow on the state that ends.",
    ],
    [
      'with after',
      a({ after: { 1: 'b' } }),
      "state 'a': it has after; emit a timer effect and take its end as an event.",
    ],
    ['with a route', a({ id: 'x', route: {} }), "state 'a': it has a route; draw an arrow."],
    ['with an output', a({}, { output: 1 }), 'its root: it has an output; emit an effect.'],
    [
      'with actions on an initial arrow',
      { ...a({}), initial: { target: 'a', actions: 'increase' } },
      'its root: its initial arrow has actions; make them entry actions.',
    ],
    [
      'with a pattern of events',
      a({ on: { 'x.*': 'b' } }),
      "state 'a': its event 'x.*' is a pattern; write the types out, or '*' alone.",
    ],
    [
      "with an event of XState's",
      a({ on: { 'xstate.x': 'b' } }),
      "state 'a': its event 'xstate.x' is XState's own; name it anew.",
    ],
    [
      'with an event outside the list',
      a({ on: { gone: 'b' } }),
      "state 'a': its event 'gone' is not in eventTypes; mend the arrow or the list.",
    ],
    [
      'with several targets',
      a({ on: { go: { target: ['b', 'b'] } } }),
      "state 'a': an arrow of it has several targets; draw one.",
    ],
    [
      'with an arrow to the root',
      a({ on: { go: '#outside' } }),
      "state 'a': an arrow of it targets the root; target a state.",
    ],
    [
      'with such an arrow without an event',
      a({ always: '#outside' }),
      "state 'a': an arrow of it targets the root; target a state.",
    ],
    [
      'with an unknown action',
      a({ on: { go: { actions: 'x' } } }),
      "state 'a': the action 'x' is unknown; define it in setup({ actions }).",
    ],
    [
      'with an unknown action where nothing goes',
      { ...a({}), states: { a: {}, b: { exit: 'x' } } },
      "state 'b': the action 'x' is unknown; define it in setup({ actions }).",
    ],
    [
      'with an unknown guard',
      a({ on: { go: { guard: 'x' } } }),
      "state 'a': the guard 'x' is unknown; define it in setup({ guards }).",
    ],
    [
      'with an unknown guard inside another',
      a({ always: { guard: and(['isNever', 'x']) } }),
      "state 'a': the guard 'x' is unknown; define it in setup({ guards }).",
    ],
    [
      'with an inline action',
      a({ entry: () => {} }),
      "state 'a': it has an inline action; name it in setup({ actions }).",
    ],
    [
      'with an inline assign',
      a({ entry: assign({}) }),
      "state 'a': it has an inline action; name it in setup({ actions }).",
    ],
    [
      'with an inline guard',
      a({ on: { go: { guard: () => true } } }),
      "state 'a': it has an inline guard; name it in setup({ guards }).",
    ],
    [
      'with an inline guard inside another',
      a({ on: { go: { guard: not(() => true) } } }),
      "state 'a': it has an inline guard; name it in setup({ guards }).",
    ],
    [
      'with inline stateIn',
      a({ on: { go: { guard: stateIn('a') } } }),
      "state 'a': it has an inline guard; name it in setup({ guards }).",
    ],
    [
      'with stateIn',
      a({ on: { go: { guard: 'isInside' } } }),
      "state 'a': the guard 'isInside' is a stateIn; put the arrow on the state that is meant.",
    ],
    [
      'with parameters that are a function',
      a({ entry: { type: 'increase', params: () => 1 } }),
      "state 'a': the parameters of the action 'increase' are an inline function; compute them in the action.",
    ],
    [
      "with a guard's parameters that are a function",
      a({ on: { go: { guard: { type: 'isNever', params: () => 1 } } } }),
      "state 'a': the parameters of the guard 'isNever' are an inline function; compute them in the guard.",
    ],
    ...['custom', 'raised', 'sent'].map((name): [string, object, string] => [
      `with the action ${name}`,
      a({ exit: name }),
      `state 'a': the action '${name}' is neither an assign nor an emit; emit an effect that orders it.`,
    ]),
  ])('%s is refused', (_, config, message) => {
    const machine = machineOf({ id: 'outside', ...config });
    expect(() => compile(machine, ['go'])).toThrow(new CompileError(`Machine 'outside', ${message}`));
  });
});

function machineOf(config: object): AnyStateMachine {
  return chart.createMachine({ context: { count: 0 }, ...config } as never) as unknown as AnyStateMachine;
}

const chart = setup({
  types: {} as { context: { count: number }; events: { type: string }; emitted: { type: string } },
  guards: {
    isNever: () => false,
    isPositive: ({ context }) => context.count > 0,
    isInside: stateIn('a'),
  },
  actions: {
    increase: assign({ count: ({ context }) => context.count + 1 }),
    say: emit((_, { word }: { word: string }) => ({ type: word })),
    tellCount: emit(({ context }) => ({ type: `${context.count}` })),
    fail: emit(() => {
      throw new Error('failed');
    }),
    custom: () => {},
    raised: raise({ type: 'go' }),
    sent: sendTo('somebody', { type: 'go' }),
  },
});

function say(word: string) {
  return { type: 'say', params: { word } };
}

function words(effects: readonly { readonly type: string }[]): string {
  return effects.map(({ type }) => type).join(' ');
}

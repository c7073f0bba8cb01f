import fc from 'fast-check';
import { type AnyStateMachine, and, assign, type EventObject, emit, not, or, setup } from 'xstate';

/** A machine of the subset as data, so that fast-check can shrink it. */
interface StatePlan {
  readonly children: readonly StatePlan[];
  readonly initial: number;
  readonly isFinal: boolean;
  readonly entry: readonly ActionPlan[];
  readonly exit: readonly ActionPlan[];
  readonly on: readonly (readonly [descriptor: string, arrows: readonly ArrowPlan[]])[];
  readonly always: readonly ArrowPlan[];
}

interface ArrowPlan {
  readonly target: number | undefined;
  readonly guard: GuardPlan | undefined;
  readonly reenter: boolean;
  readonly actions: readonly ActionPlan[];
}

type GuardPlan =
  | string
  | { readonly type: string; readonly params: unknown }
  | readonly [Connective, GuardPlan, GuardPlan];
type Connective = 'and' | 'or' | 'not';
type ActionPlan = string | { readonly type: string; readonly params: unknown };

const eventTypes = ['a', 'b', 'c'];

const chart = setup({
  types: {} as {
    input: number;
    context: { count: number; last: string };
    events: { type: string; bold: boolean };
    emitted: { type: string };
  },
  guards: {
    isEven: ({ context }) => context.count % 2 === 0,
    isOdd: not('isEven'),
    isBold: ({ event }) => event.bold === true,
    isAtLeast: ({ context }, { bound }: { bound: number }) => context.count >= bound,
    isSound: ({ context }) => {
      if (context.count === 6) throw new RangeError('six');
      return true;
    },
  },
  actions: {
    increase: assign(({ context }) => ({ count: (context.count + 1) % 8 })),
    remember: assign({ last: ({ event }) => event.type }),
    reset: assign({ count: 0, last: 'reset' }),
    add: assign(({ context }, { by }: { by: number }) => ({ count: (context.count + by) % 8 })),
    ring: emit({ type: 'rang' }),
    tell: emit(({ context, event }) => ({ type: 'told', ...context, event: event.type })),
    report: emit(({ context }, { at }: { at: string }) => ({ type: 'reported', at, count: context.count })),
    fail: assign(({ context }) => {
      if (context.count === 5) throw new RangeError('five');
      return {};
    }),
    failToTell: emit(({ context }) => {
      if (context.count === 7) throw new RangeError('seven');
      return { type: 'told' };
    }),
  },
});

const guard = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<GuardPlan>('isEven', 'isOdd', 'isBold') },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('isAtLeast'), params: fc.record({ bound: fc.nat(7) }) }),
  },
  { weight: 1, arbitrary: fc.constant<GuardPlan>('isSound') },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom<Connective>('and', 'or', 'not'),
      fc.constantFrom<GuardPlan>('isEven', 'isBold'),
      fc.constantFrom<GuardPlan>('isOdd', { type: 'isAtLeast', params: { bound: 3 } }),
    ),
  },
) as fc.Arbitrary<GuardPlan>;

const action: fc.Arbitrary<ActionPlan> = fc.oneof(
  { weight: 16, arbitrary: fc.constantFrom('increase', 'remember', 'reset', 'ring', 'tell', 'tell') },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('add'), params: fc.record({ by: fc.nat(3) }) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('report'),
      params: fc.record({ at: fc.string({ maxLength: 2 }) }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom('fail', 'failToTell') },
);

const actions = fc.array(action, { maxLength: 2 });

function arrow(guarded: number): fc.Arbitrary<ArrowPlan> {
  return fc.record({
    target: fc.option(fc.nat(20), { nil: undefined, freq: 5 }),
    guard: fc.oneof(
      { weight: guarded, arbitrary: guard },
      { weight: 100 - guarded, arbitrary: fc.constant(undefined) },
    ),
    reenter: fc.boolean(),
    actions,
  });
}

const forbidden = fc.constant<ArrowPlan>({
  target: undefined,
  guard: undefined,
  reenter: false,
  actions: [],
});

const on = fc
  .shuffledSubarray([...eventTypes, '*'], { minLength: 1 })
  .chain((descriptors) =>
    fc.tuple(
      ...descriptors.map((descriptor) =>
        fc.tuple(
          fc.constant(descriptor),
          fc.oneof(
            { weight: 8, arbitrary: fc.array(arrow(40), { minLength: 1, maxLength: 3 }) },
            { weight: 1, arbitrary: fc.tuple(forbidden) },
            { weight: 1, arbitrary: fc.constant([]) },
          ),
        ),
      ),
    ),
  );

const always = fc.oneof(
  { weight: 8, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(arrow(90), { minLength: 1, maxLength: 2 }) },
);

function state(depth: number, minLength: number): fc.Arbitrary<StatePlan> {
  const children =
    depth === 0 ? fc.constant([]) : fc.array(state(depth - 1, 0), { minLength, maxLength: minLength + 2 });
  const isFinal = fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0);
  return fc.record({ children, initial: fc.nat(5), isFinal, entry: actions, exit: actions, on, always });
}

/** Machines with states nested to three levels; every name and arrow of them is in the subset. */
export const randomMachine: fc.Arbitrary<AnyStateMachine> = state(3, 1).map(machineOf);

export const randomEvents: fc.Arbitrary<readonly EventObject[]> = fc.array(
  fc.record({ type: fc.constantFrom(...eventTypes, 'unheardOf'), bold: fc.boolean() }),
  { minLength: 1, maxLength: 12 },
);

export const randomInput = fc.nat(4);

/** Few, so that both a circle of `always` arrows and a chain of just that length are common. */
const maxIterations = 3;

function machineOf(root: StatePlan): AnyStateMachine {
  const count = sizeOf(root);
  let next = 0;

  const stateConfig = (plan: StatePlan, level: number): Record<string, unknown> => {
    const id = `state${next++}`;
    const names = plan.children.map((_, index) => `child${index}`);
    return {
      id,
      entry: plan.entry,
      exit: plan.exit,
      always: plan.always.map(arrowConfig),
      on: Object.fromEntries(plan.on.map(([descriptor, arrows]) => [descriptor, arrows.map(arrowConfig)])),
      ...(names.length > 0
        ? {
            initial: names[plan.initial % names.length],
            states: Object.fromEntries(
              plan.children.map((child, index) => [names[index], stateConfig(child, level + 1)]),
            ),
          }
        : plan.isFinal && level === 1 && { type: 'final' }),
    };
  };
  const arrowConfig = ({ target, guard, reenter, actions }: ArrowPlan) => ({
    ...(target !== undefined && { target: `#state${1 + (target % (count - 1))}` }),
    ...(guard !== undefined && { guard: guardConfig(guard) }),
    ...(reenter && { reenter }),
    actions,
  });

  const config = {
    context: ({ input }: { input: number }) => ({ count: input, last: '' }),
    options: { maxIterations },
    ...stateConfig(root, 0),
  };
  return chart.createMachine(config as never) as unknown as AnyStateMachine;
}

function guardConfig(plan: GuardPlan): unknown {
  if (!Array.isArray(plan)) return plan;
  const [connective, first, second] = plan as readonly [Connective, string, string];
  return { and: () => and([first, second]), or: () => or([first, second]), not: () => not(first) }[
    connective
  ]();
}

function sizeOf(plan: StatePlan): number {
  return 1 + plan.children.reduce((sum, child) => sum + sizeOf(child), 0);
}

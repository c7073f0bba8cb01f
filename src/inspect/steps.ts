import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, EventObject, StateValue } from 'xstate';
import { arrowIdsOf } from '../draw/chart.js';
import { type CompiledMachine, compile } from '../engine/compile.js';
import type { Snapshot } from '../engine/engine.js';

/** What one step went through. */
export interface Course {
  /** As `data-arrow` in the picture names them. */
  readonly arrows: readonly string[];
  /** Of those arrows, and of the states that were entered. */
  readonly clauses: readonly string[];
}

/** Takes a step again, which a machine's purity allows, and looks on. `event` is undefined for the first, which has an input. */
export const courseOf = (
  machine: AnyStateMachine,
  event: EventObject | undefined,
  before: Snapshot<AnyStateMachine> | undefined,
  input: unknown,
): Course => {
  const tracer = tracerOf(machine);
  const arrows: string[] = [];
  const clauses: string[] = [];
  const note = (clause: string | undefined) => {
    if (clause !== undefined && !clauses.includes(clause)) clauses.push(clause);
  };
  let value = before?.value as StateValue | undefined;
  const enter = (next: StateValue) => {
    for (const path of pathsOf(next))
      if (value === undefined || !pathsOf(value).includes(path)) note(tracer.states.get(path));
    value = next;
  };
  const trace = {
    action: () => {},
    microstep: (
      _event: EventObject,
      snapshot: { readonly value: StateValue },
      transitions: readonly AnyTransitionDefinition[],
    ) => {
      if (value === undefined) enter(tracer.initial);
      for (const transition of transitions) {
        arrows.push(tracer.arrows.get(transition) ?? '');
        note(transition.description);
        if (transition.reenter && transition.target?.[0] !== undefined)
          note(tracer.states.get(transition.target[0].path.join('.')));
      }
      enter(snapshot.value);
    },
  };
  if (event === undefined) {
    const [{ value: last }] = tracer.table.initial(input, trace);
    if (value === undefined) enter(last as StateValue);
  } else if (before !== undefined) tracer.table.transition(before, event, trace);
  return { arrows, clauses };
};

interface Tracer {
  readonly table: CompiledMachine<AnyStateMachine>;
  readonly arrows: ReadonlyMap<AnyTransitionDefinition, string>;
  /** The clauses of the states that have one, by their paths. */
  readonly states: ReadonlyMap<string, string>;
  readonly initial: StateValue;
}

const tracers = new WeakMap<AnyStateMachine, Tracer>();

const tracerOf = (machine: AnyStateMachine): Tracer => {
  const known = tracers.get(machine);
  if (known !== undefined) return known;
  const tracer = {
    table: compile(machine),
    arrows: arrowIdsOf(machine),
    states: new Map(clausesFrom(machine.root)),
    initial: initialValue(machine.root),
  };
  tracers.set(machine, tracer);
  return tracer;
};

const clausesFrom = (node: AnyStateNode): readonly (readonly [string, string])[] =>
  Object.values<AnyStateNode>(node.states).flatMap((state) => [
    ...(state.description === undefined ? [] : [[state.path.join('.'), state.description] as const]),
    ...clausesFrom(state),
  ]);

const initialValue = (node: AnyStateNode): StateValue => {
  const child: AnyStateNode = node.initial.target[0]!;
  return child.type === 'compound' ? { [child.key]: initialValue(child) } : child.key;
};

/** The states that a value is in, the outermost first. */
const pathsOf = (value: StateValue, around = ''): readonly string[] =>
  typeof value === 'string'
    ? [`${around}${value}`]
    : Object.entries(value).flatMap(([key, inner]) => [
        `${around}${key}`,
        ...(inner === undefined ? [] : pathsOf(inner, `${around}${key}.`)),
      ]);

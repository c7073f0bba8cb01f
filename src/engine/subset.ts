import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** A machine that is outside the subset: the message names the machine, the state and the remedy. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
}

export function refuse(state: AnyStateNode, what: string, remedy: string): never {
  const where = state.parent === undefined ? 'its root' : `state '${state.path.join('.')}'`;
  throw new CompileError(`Machine '${state.machine.id}', ${where}: ${what}; ${remedy}.`);
}

/**
 * Checks that a machine's states and arrows are of the subset (DESIGN.md, Machines), and its event types of the list.
 *
 * @throws CompileError
 */
export function admit(machine: AnyStateMachine, eventTypes?: readonly string[]): void {
  const root: AnyStateNode = machine.root;
  if (root.type === 'atomic' || root.type === 'final') {
    refuse(root, 'the machine has no states', 'give it some');
  }
  const states = statesFrom(root);
  for (const state of states) admitState(state);
  for (const state of states) {
    for (const [type, arrows] of state.transitions) {
      admitEventType(state, type, eventTypes);
      for (const arrow of arrows) admitTarget(state, arrow);
    }
    for (const arrow of state.always ?? []) admitTarget(state, arrow);
  }
}

function admitState(state: AnyStateNode): void {
  for (const [isOutside, what, remedy] of outside) if (isOutside(state)) refuse(state, what, remedy);
}

const outside: readonly (readonly [
  isOutside: (state: AnyStateNode) => boolean,
  what: string,
  remedy: string,
])[] = [
  [({ type }) => type === 'parallel', 'it is a parallel state', 'write a machine for each region'],
  [({ type }) => type === 'history', 'it is a history state', 'remember the state in the context'],
  [
    ({ type, parent }) => type === 'final' && parent?.parent !== undefined,
    'it is a final state inside another state',
    'make it atomic, or move it to the root',
  ],
  [
    ({ invoke }) => invoke.length > 0,
    'it invokes an actor',
    'emit an effect and take the answer as an event',
  ],
  [({ config }) => config.onDone !== undefined, 'it has onDone', 'put the arrow on the state that ends'],
  [({ after }) => after.length > 0, 'it has after', 'emit a timer effect and take its end as an event'],
  [({ config }) => config.route !== undefined, 'it has a route', 'draw an arrow'],
  [({ output }) => output !== undefined, 'it has an output', 'emit an effect'],
  [
    ({ type, initial }) => type === 'compound' && initial.actions.length > 0,
    'its initial arrow has actions',
    'make them entry actions',
  ],
];

function admitEventType(state: AnyStateNode, type: string, eventTypes: readonly string[] | undefined): void {
  if (type === '*') return;
  if (type.endsWith('*'))
    refuse(state, `its event '${type}' is a pattern`, "write the types out, or '*' alone");
  if (type.startsWith('xstate.')) refuse(state, `its event '${type}' is XState's own`, 'name it anew');
  if (eventTypes !== undefined && !eventTypes.includes(type)) {
    refuse(state, `its event '${type}' is not in eventTypes`, 'mend the arrow or the list');
  }
}

function admitTarget(state: AnyStateNode, { target }: AnyTransitionDefinition): void {
  if (target === undefined) return;
  if (target.length > 1) refuse(state, 'an arrow of it has several targets', 'draw one');
  if (target[0] === state.machine.root) refuse(state, 'an arrow of it targets the root', 'target a state');
}

function statesFrom(state: AnyStateNode): AnyStateNode[] {
  return [state, ...Object.values<AnyStateNode>(state.states).flatMap(statesFrom)];
}

import type {
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  EmittedFrom,
  EventFromLogic,
  InputFrom,
  MachineContext,
  SnapshotFrom,
  StateValue,
} from 'xstate';
import type { Snapshot } from './engine.js';
import { actionOf, guardOf } from './implementations.js';
import { admit } from './subset.js';
import { type Action, type Arrow, type Leaf, Table, type Trace } from './table.js';

/**
 * A machine as a table: the same steps as XState's `initialTransition` and `transition`, many times as fast.
 *
 * Deliberate differences: a finished machine ignores events; an error of the initial step is thrown; a machine without
 * `maxIterations` of its own may take 1,000 microsteps in one step, not any number.
 */
export interface CompiledMachine<Machine extends AnyStateMachine> {
  initial(input: InputFrom<Machine>, trace?: Trace): [Snapshot<Machine>, readonly EmittedFrom<Machine>[]];
  /** The same snapshot comes back where nothing changed. `snapshot` may come out of JSON. */
  transition(
    snapshot: Snapshot<Machine>,
    event: EventFromLogic<Machine>,
    trace?: Trace,
  ): [Snapshot<Machine>, readonly EmittedFrom<Machine>[]];
}

/**
 * Compiles a machine of the subset (DESIGN.md, Machines).
 *
 * @param eventTypes The closed list of the machine's event types; an arrow for another one is refused.
 * @throws CompileError
 */
export function compile<Machine extends AnyStateMachine>(
  machine: Machine,
  eventTypes?: readonly string[],
): CompiledMachine<Machine> {
  admit(machine, eventTypes);
  return tableOf(machine) as unknown as CompiledMachine<Machine>;
}

/** A compiled snapshot as one of XState's own, with `matches`, `can`, `hasTag` and the rest. */
export function toXState<Machine extends AnyStateMachine>(
  machine: Machine,
  { value, context, status }: Snapshot<Machine>,
): SnapshotFrom<Machine> {
  return machine.resolveState({ value: value as StateValue, context, status }) as SnapshotFrom<Machine>;
}

/** How many microsteps one step may take where the machine does not say. */
const defaultMicrosteps = 1_000;

function tableOf(machine: AnyStateMachine): Table {
  const leaves = leavesOf(machine.root);
  for (const [node, leaf] of leaves) connect(node, leaf, leaves);

  const entered = [machine.root as AnyStateNode, ...descentFrom(machine.root)];
  const first = entered.at(-1)!;
  const { context } = machine.config as {
    context?: MachineContext | ((scope: { input: unknown }) => MachineContext);
  };
  const { maxIterations = Number.POSITIVE_INFINITY } = machine.options as { maxIterations?: number };
  return new Table({
    leaves: [...leaves.values()],
    first: leaves.get(first)!,
    entry: [...entriesOf(entered), ...farewells(first)],
    context: typeof context === 'function' ? (input) => context({ input }) : () => context ?? {},
    microsteps: Number.isFinite(maxIterations) ? maxIterations : defaultMicrosteps,
  });
}

type Leaves = ReadonlyMap<AnyStateNode, Writable<Leaf>>;
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The leaves below and including `node`, as yet without arrows. */
function leavesOf(node: AnyStateNode): Leaves {
  if (node.type === 'compound') {
    return new Map(Object.values<AnyStateNode>(node.states).flatMap((child) => [...leavesOf(child)]));
  }
  const status = node.type === 'final' ? 'done' : 'active';
  return new Map([
    [node, { value: stateValueOf(node), status, arrows: new Map(), otherwise: [], always: [] }],
  ]);
}

function connect(node: AnyStateNode, leaf: Writable<Leaf>, leaves: Leaves): void {
  const innermostFirst = pathTo(node).reverse();
  const arrowsOf = (definitions: (state: AnyStateNode) => readonly AnyTransitionDefinition[]): Arrow[] =>
    innermostFirst.flatMap(definitions).map((definition) => arrowFrom(node, definition, leaves));

  const types = new Set(innermostFirst.flatMap((state) => [...state.transitions.keys()]));
  types.delete('*');
  for (const type of types) {
    leaf.arrows.set(
      type,
      arrowsOf(({ transitions }) => [...(transitions.get(type) ?? []), ...(transitions.get('*') ?? [])]),
    );
  }
  leaf.otherwise = arrowsOf(({ transitions }) => transitions.get('*') ?? []);
  leaf.always = arrowsOf(({ always }) => always ?? []);
  refuseUnknownActions(innermostFirst);
}

/** What an arrow comes to when it is taken while `leaf` is active. */
function arrowFrom(leaf: AnyStateNode, definition: AnyTransitionDefinition, leaves: Leaves): Arrow {
  const source: AnyStateNode = definition.source;
  const target: AnyStateNode | undefined = definition.target?.[0];
  const guard = definition.guard === undefined ? undefined : guardOf(source, definition.guard);
  const own = definition.actions.map((action) => actionOf(source, action));
  if (target === undefined) return { guard, actions: own, target: leaves.get(leaf)!, definition };

  const domain = domainOf(source, target, definition.reenter);
  const exited = below(domain, pathTo(leaf)).reverse();
  const entered = [...below(domain, pathTo(target)), ...descentFrom(target)];
  const next = descentFrom(target).at(-1) ?? target;
  const actions = [...exitsOf(exited), ...own, ...entriesOf(entered), ...farewells(next)];
  return { guard, actions, target: leaves.get(next)!, definition };
}

function exitsOf(nodes: readonly AnyStateNode[]): Action[] {
  return nodes.flatMap((node) => node.exit.map((action) => actionOf(node, action)));
}

function entriesOf(nodes: readonly AnyStateNode[]): Action[] {
  return nodes.flatMap((node) => node.entry.map((action) => actionOf(node, action)));
}

/** Those of states that nothing enters or leaves are compiled nowhere else. */
function refuseUnknownActions(states: readonly AnyStateNode[]): void {
  entriesOf(states);
  exitsOf(states);
}

/** A machine that ends leaves its final state and its root in the same step. */
function farewells(leaf: AnyStateNode): Action[] {
  return leaf.type === 'final' ? exitsOf([leaf, leaf.machine.root]) : [];
}

/** The state that an arrow stays inside of; `undefined` where it leaves the root, too. */
function domainOf(source: AnyStateNode, target: AnyStateNode, reenter: boolean): AnyStateNode | undefined {
  if (!reenter && pathTo(target).includes(source)) return source;
  const around = pathTo(source).slice(0, -1);
  return pathTo(target)
    .slice(0, -1)
    .findLast((state) => around.includes(state));
}

function below(domain: AnyStateNode | undefined, path: readonly AnyStateNode[]): AnyStateNode[] {
  return domain === undefined ? [...path] : path.slice(path.indexOf(domain) + 1);
}

/** The states from the root to `node`, both included. */
function pathTo(node: AnyStateNode): AnyStateNode[] {
  return node.parent === undefined ? [node] : [...pathTo(node.parent), node];
}

/** The states that entering `node` enters below it. */
function descentFrom(node: AnyStateNode): AnyStateNode[] {
  if (node.type !== 'compound') return [];
  const child: AnyStateNode = node.initial.target[0]!;
  return [child, ...descentFrom(child)];
}

function stateValueOf(leaf: AnyStateNode): StateValue {
  return leaf.path.reduceRight<StateValue | undefined>(
    (inner, key) => (inner === undefined ? key : Object.freeze({ [key]: inner })),
    undefined,
  )!;
}

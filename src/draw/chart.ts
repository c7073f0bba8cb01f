import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/**
 * What a drawing of a machine needs to know: names only. States are named by their path (`active.notifying`),
 * the machine itself by the empty path.
 */
export interface Chart {
  /** The machine's id. */
  readonly id: string;
  /** The RFC sections that the machine follows. */
  readonly description?: string;
  /** The initial state. */
  readonly initial: string;
  /** In the order of the chart; a compound state stands before its children. */
  readonly states: readonly State[];
  /** The arrows that leave a state, in the order in which they are tried. */
  readonly arrows: readonly Arrow[];
  /** The arrows of the machine itself, which any state has. */
  readonly anywhere: readonly Arrow[];
}

export interface State {
  readonly id: string;
  readonly key: string;
  readonly kind: 'atomic' | 'compound' | 'final';
  /** The compound state around it, if any. */
  readonly parent?: string;
  /** A compound state's initial child. */
  readonly initial?: string;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** The arrows that don't leave the state. */
  readonly internal: readonly Arrow[];
  /** The clause that orders the state. */
  readonly description?: string;
}

export interface Arrow {
  /** The source's path and the arrow's place among those of its source: `active.ready:2`. */
  readonly id: string;
  readonly source: string;
  /** None for an internal arrow. */
  readonly target?: string;
  /** Any of these takes the arrow; none means `always`. */
  readonly events: readonly string[];
  /** `else` where an unguarded arrow follows guarded ones of the same event. */
  readonly guard?: string;
  readonly actions: readonly string[];
  /** The clause that orders the arrow. */
  readonly description?: string;
}

/** Reads a machine of the subset (DESIGN.md, Machines) into its chart. */
export function chartOf(machine: AnyStateMachine): Chart {
  const { root } = machine;
  const nodes = descendants(root);
  const arrows = nodes.map(arrowsOf);
  return {
    id: root.key,
    ...described(root.description),
    initial: pathOf(initialOf(root)),
    states: nodes.map((node, index) => stateOf(node, arrows[index]!.filter(isInternal))),
    arrows: arrows.flat().filter((arrow) => !isInternal(arrow)),
    anywhere: arrowsOf(root),
  };
}

/** The arrow that each of a machine's transitions is drawn as: several events may share one. */
export function arrowIdsOf(machine: AnyStateMachine): ReadonlyMap<AnyTransitionDefinition, string> {
  const ids = new Map<AnyTransitionDefinition, string>();
  for (const node of [machine.root, ...descendants(machine.root)])
    for (const [{ id }, definitions] of definedArrows(node))
      for (const definition of definitions) ids.set(definition, id);
  return ids;
}

/** The compound states around a state, the outermost first, and the state itself. */
export function lineage(chart: Chart, id: string): readonly string[] {
  const parent = chart.states.find((state) => state.id === id)?.parent;
  return parent === undefined ? [id] : [...lineage(chart, parent), id];
}

/** The arrows between the same two states, which are drawn as one line. */
export function sharedArrows(chart: Chart): readonly (readonly [Arrow, ...Arrow[]])[] {
  const shared = new Map<string, [Arrow, ...Arrow[]]>();
  for (const arrow of chart.arrows) {
    const ends = `${arrow.source} ${arrow.target}`;
    const before = shared.get(ends);
    if (before === undefined) shared.set(ends, [arrow]);
    else before.push(arrow);
  }
  return [...shared.values()];
}

/** What takes an arrow, in words; empty for `always`. */
export function eventsOf(arrow: Arrow): string {
  return arrow.events.map((event) => (event === '*' ? 'any event' : event)).join(', ');
}

/** What an arrow orders; one that neither leaves its state nor orders anything says so. */
export function actionsOf(arrow: Arrow): readonly string[] {
  return isInternal(arrow) && arrow.actions.length === 0 ? ['ignored'] : arrow.actions;
}

function stateOf(node: AnyStateNode, internal: readonly Arrow[]): State {
  const parent = node.parent?.parent ? { parent: pathOf(node.parent) } : {};
  const shape = { id: pathOf(node), key: node.key, ...parent };
  const body = {
    entry: node.entry.map(nameOf),
    exit: node.exit.map(nameOf),
    internal,
    ...described(node.description),
  };
  switch (node.type) {
    case 'compound':
      return { ...shape, kind: 'compound', initial: pathOf(initialOf(node)), ...body };
    case 'atomic':
    case 'final':
      return { ...shape, kind: node.type, ...body };
    default:
      throw new Error(`${node.id}: a ${node.type} state cannot be drawn`);
  }
}

function arrowsOf(node: AnyStateNode): readonly Arrow[] {
  return definedArrows(node).map(([arrow]) => arrow);
}

/** A state's arrows, each with the transitions that it stands for. */
function definedArrows(
  node: AnyStateNode,
): readonly (readonly [Arrow, readonly AnyTransitionDefinition[]])[] {
  const merged = new Map<string, { arrow: Omit<Arrow, 'id'>; definitions: AnyTransitionDefinition[] }>();
  for (const candidates of [...node.transitions.values(), node.always ?? []]) {
    let guarded = false;
    for (const definition of candidates) {
      const { eventType, source, target, guard, actions, reenter, description } = definition;
      const name = guard === undefined ? (guarded ? 'else' : undefined) : nameOf(guard);
      guarded ||= guard !== undefined;
      const stays = target?.[0] === source && source.type === 'atomic' && !reenter;
      const arrow = {
        source: pathOf(source),
        ...(target?.[0] === undefined || stays ? {} : { target: pathOf(target[0]) }),
        ...(name === undefined ? {} : { guard: name }),
        actions: actions.map(nameOf),
        ...described(description),
      };
      const key = JSON.stringify(arrow);
      const before = merged.get(key);
      const events = [...(before?.arrow.events ?? []), ...(eventType === '' ? [] : [eventType])];
      merged.set(key, {
        arrow: { ...arrow, events },
        definitions: [...(before?.definitions ?? []), definition],
      });
    }
  }
  return [...merged.values()].map(({ arrow, definitions }, index) => [
    { id: `${arrow.source}:${index}`, ...arrow },
    definitions,
  ]);
}

function isInternal(arrow: Arrow): boolean {
  return arrow.target === undefined;
}

function descendants(node: AnyStateNode): readonly AnyStateNode[] {
  const children: readonly AnyStateNode[] = Object.values(node.states);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function initialOf(node: AnyStateNode): AnyStateNode {
  return node.initial.target[0]!;
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

/** The name of a guard or an action as a machine holds it. */
export function nameOf(named: unknown): string {
  if (typeof named === 'string') return named;
  if (typeof named === 'object' && named !== null && 'type' in named && typeof named.type === 'string')
    return named.type;
  return typeof named === 'function' && named.name !== '' ? named.name : 'inline';
}

function described(description: string | undefined): { readonly description?: string } {
  return description === undefined ? {} : { description };
}

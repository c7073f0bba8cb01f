import type { AnyTransitionDefinition, EventObject, MachineContext, StateValue } from 'xstate';

/** An atomic or final state, and with it the whole configuration: in the subset one leaf is active at a time. */
export interface Leaf {
  readonly value: StateValue;
  readonly status: 'active' | 'done';
  /** The arrows an event may take, by its type: innermost state first, in each state exact before `*`, in document order. */
  readonly arrows: Map<string, readonly Arrow[]>;
  /** The arrows for an event of any other type. */
  readonly otherwise: readonly Arrow[];
  readonly always: readonly Arrow[];
}

/** One arrow as it leaves one leaf. */
export interface Arrow {
  readonly guard: Guard | undefined;
  /** Exits, the arrow's own actions, entries: in the order in which they run. */
  readonly actions: readonly Action[];
  readonly target: Leaf;
  readonly definition: AnyTransitionDefinition;
}

/** What a guard and an action get to see. */
export interface Scope {
  readonly context: MachineContext;
  readonly event: EventObject;
}

export type Guard = (scope: Scope) => boolean;

export type Action =
  | { readonly type: 'assign'; readonly context: (scope: Scope) => MachineContext }
  | { readonly type: 'emit'; readonly effect: (scope: Scope) => EventObject };

export interface TableSnapshot {
  readonly value: StateValue;
  readonly context: MachineContext;
  readonly status: 'active' | 'done';
}

/** Is told what happens within a step, while it happens. */
export interface Trace {
  action(effect: EventObject): void;
  microstep(
    event: EventObject,
    snapshot: TableSnapshot,
    transitions: readonly AnyTransitionDefinition[],
  ): void;
}

export const noEffects: readonly EventObject[] = Object.freeze([]);

/** What compiling a machine comes to. */
export interface Chart {
  readonly leaves: readonly Leaf[];
  readonly first: Leaf;
  /** What entering the first leaf does. */
  readonly entry: readonly Action[];
  readonly context: (input: unknown) => MachineContext;
  /** More microsteps than this in one step are taken for a circle of `always` arrows. */
  readonly microsteps: number;
}

/** A compiled machine: pure, and the same for every instance. */
export class Table {
  private readonly leaves: ReadonlyMap<StateValue, Leaf>;

  constructor(private readonly chart: Chart) {
    this.leaves = new Map(chart.leaves.map((leaf) => [leaf.value, leaf]));
  }

  initial(input: unknown, trace?: Trace): [TableSnapshot, readonly EventObject[]] {
    const event = { type: 'xstate.init', input };
    const { first, entry, context, microsteps } = this.chart;
    const macrostep = new Macrostep(first, context(input), event, trace);
    macrostep.perform(entry);
    macrostep.settle(microsteps);
    return [macrostep.snapshot(), macrostep.effects];
  }

  transition(
    snapshot: TableSnapshot,
    event: EventObject,
    trace?: Trace,
  ): [TableSnapshot, readonly EventObject[]] {
    if (snapshot.status !== 'active') return [snapshot, noEffects];

    const leaf = this.leaves.get(snapshot.value) ?? this.find(snapshot.value);
    const macrostep = new Macrostep(leaf, snapshot.context, event, trace);
    macrostep.take(macrostep.choose(leaf.arrows.get(event.type) ?? leaf.otherwise));
    macrostep.settle(this.chart.microsteps);
    const unchanged = macrostep.leaf === leaf && macrostep.scope.context === snapshot.context;
    return [unchanged ? snapshot : macrostep.snapshot(), macrostep.effects];
  }

  /** For a value that came from elsewhere, as out of JSON. */
  private find(value: StateValue): Leaf {
    const wanted = JSON.stringify(value);
    for (const leaf of this.leaves.values()) if (JSON.stringify(leaf.value) === wanted) return leaf;
    throw new RangeError(`The machine has no state ${wanted}.`);
  }
}

/** One event, or the start, taken to its end. */
class Macrostep {
  effects = noEffects as EventObject[];
  scope: Scope;

  constructor(
    public leaf: Leaf,
    context: MachineContext,
    event: EventObject,
    private readonly trace: Trace | undefined,
  ) {
    this.scope = { context, event };
  }

  snapshot(): TableSnapshot {
    return { value: this.leaf.value, context: this.scope.context, status: this.leaf.status };
  }

  choose(arrows: readonly Arrow[]): Arrow | undefined {
    for (let index = 0; index < arrows.length; index++) {
      const arrow = arrows[index]!;
      if (arrow.guard === undefined || arrow.guard(this.scope)) return arrow;
    }
    return undefined;
  }

  take(arrow: Arrow | undefined): void {
    if (arrow !== undefined) {
      this.perform(arrow.actions);
      this.leaf = arrow.target;
    }
    if (this.trace !== undefined) {
      this.trace.microstep(this.scope.event, this.snapshot(), arrow === undefined ? [] : [arrow.definition]);
    }
  }

  perform(actions: readonly Action[]): void {
    let place = this.makeRoom(actions);
    for (let index = 0; index < actions.length; index++) {
      const action = actions[index]!;
      if (action.type === 'assign') this.assign(action.context(this.scope));
      else this.emit(place++, action.effect(this.scope));
    }
  }

  /** Where the first effect of these actions goes: arrays that grow by `push` take several times the memory. */
  private makeRoom(actions: readonly Action[]): number {
    let emits = 0;
    for (let index = 0; index < actions.length; index++) if (actions[index]!.type === 'emit') emits++;
    const { effects } = this;
    if (emits === 0) return effects.length;
    const roomier = new Array<EventObject>(effects.length + emits);
    for (let index = 0; index < effects.length; index++) roomier[index] = effects[index]!;
    this.effects = roomier;
    return effects.length;
  }

  /** Takes `always` arrows until none is open. Like XState, looks no further after one that changed nothing. */
  settle(limit: number): void {
    let changed = true;
    for (let microstep = 1; this.leaf.status === 'active'; microstep++) {
      if (microstep > limit) {
        throw new RangeError(`The always arrows run in a circle: more than ${limit} microsteps in one step.`);
      }
      const arrow = changed ? this.choose(this.leaf.always) : undefined;
      if (arrow === undefined) return;

      const { leaf, scope } = this;
      this.take(arrow);
      changed = this.leaf !== leaf || this.scope !== scope;
    }
  }

  private assign(context: MachineContext): void {
    this.scope = { context, event: this.scope.event };
  }

  private emit(place: number, effect: EventObject): void {
    this.effects[place] = effect;
    this.trace?.action(effect);
  }
}

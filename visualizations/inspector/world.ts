import { statePath } from '../../src/draw/state-path.js';
import type { Entry, InputEntry, Standing, StepEntry } from '../../src/inspect/entry.js';

/** What a feed says of the machines where its entries begin, and begin again after some were missed. */
export interface Muster {
  readonly kind: 'muster';
  /** The number before the first entry that follows. */
  readonly n: number;
  readonly at: number;
  readonly standings: readonly Standing[];
}

/** What the page folds. */
export type Item = Entry | Muster;

export interface RunningTimer {
  readonly timer: string;
  readonly from: number;
  readonly until: number;
}

/** One machine at a moment. */
export interface Condition {
  readonly number: number;
  /** `active.notifying`. */
  readonly state: string;
  readonly isDone: boolean;
  readonly since: number;
  readonly at: number;
  readonly timers: readonly RunningTimer[];
  /** Its last step; none where only its standing is known. */
  readonly last: StepEntry | undefined;
}

/** Everything at a moment: the fold of the items up to it. */
export class World {
  n = 0;
  at = 0;
  /** How many machines are not done. */
  live = 0;
  /** The machines by their numbers. */
  readonly conditions: Map<number, Condition>;

  constructor(conditions: Iterable<readonly [number, Condition]> = []) {
    this.conditions = new Map(conditions);
  }

  copy(): World {
    const copied = new World(this.conditions);
    copied.n = this.n;
    copied.at = this.at;
    copied.live = this.live;
    return copied;
  }

  /** Takes the next item; gives itself. */
  apply(item: Item): this {
    this.n = item.n;
    this.at = item.at;
    if (item.kind === 'step') this.#step(item);
    else if (item.kind === 'input') this.#input(item);
    else if (item.kind === 'muster') this.#muster(item);
    return this;
  }

  /** Takes out a machine that had not started when it was mustered. */
  forget(number: number): void {
    const before = this.conditions.get(number);
    if (before === undefined || before.last !== undefined) return;
    this.live -= Number(!before.isDone);
    this.conditions.delete(number);
  }

  /** Takes out the machines that had ended by then. */
  bury(n: number): void {
    for (const [number, { isDone, last }] of this.conditions)
      if (isDone && (last?.n ?? 0) <= n) this.conditions.delete(number);
  }

  #set(condition: Condition): void {
    const before = this.conditions.get(condition.number);
    this.live += Number(!condition.isDone) - Number(before !== undefined && !before.isDone);
    this.conditions.set(condition.number, condition);
  }

  #step(entry: StepEntry): void {
    const { machine, to, status, at } = entry;
    const before = this.conditions.get(machine);
    const isDone = status === 'done';
    this.#set({
      number: machine,
      state: statePath(to),
      isDone,
      since: before?.since ?? at,
      at,
      timers: isDone ? none : timersAfter(before?.timers ?? none, entry),
      last: entry,
    });
  }

  #input({ input, machine, what }: InputEntry): void {
    if (input === 'timerEnded') this.#endTimer(machine, what);
    else if (input === 'ended') this.#endAll();
  }

  #endAll(): void {
    for (const condition of this.conditions.values())
      if (!condition.isDone) this.#set({ ...condition, isDone: true, timers: none });
  }

  #endTimer(machine: number | undefined, name: string | undefined): void {
    const before = machine === undefined ? undefined : this.conditions.get(machine);
    if (before?.timers.some(({ timer }) => timer === name) !== true) return;
    this.conditions.set(before.number, {
      ...before,
      timers: before.timers.filter(({ timer }) => timer !== name),
    });
  }

  /** Whoever is not there any more has ended meanwhile; whoever started later comes with its first step. */
  #muster({ standings, at }: Muster): void {
    const standing = new Map(standings.map((each) => [each.machine, each]));
    for (const condition of this.conditions.values())
      if (!condition.isDone && !standing.has(condition.number))
        this.#set({ ...condition, isDone: true, timers: none });
    for (const each of standings) {
      if (each.since > at) continue;
      const before = this.conditions.get(each.machine);
      if (before !== undefined && before.at >= each.at) continue;
      this.#set({
        number: each.machine,
        state: statePath(each.value),
        isDone: each.status === 'done' && each.at <= at,
        since: each.since,
        at: each.at,
        timers: each.timers.filter(({ from }) => from <= at),
        last: undefined,
      });
    }
  }
}

export function fold(world: World, items: Iterable<Item>): World {
  for (const item of items) world.apply(item);
  return world;
}

const none: readonly RunningTimer[] = [];

function timersAfter(before: readonly RunningTimer[], { at, effects }: StepEntry): readonly RunningTimer[] {
  let timers = before;
  for (const effect of effects) {
    if (!isTimerEffect(effect)) continue;
    const others = timers.filter(({ timer }) => timer !== effect.timer);
    timers =
      effect.type === 'startTimer'
        ? [...others, { timer: effect.timer, from: at, until: at + (effect.delay ?? 0) }]
        : others;
  }
  return timers;
}

export interface TimerEffect {
  readonly type: 'startTimer' | 'stopTimer';
  readonly timer: string;
  readonly delay?: number;
}

export const isTimerEffect = (effect: { readonly type: string }): effect is TimerEffect =>
  (effect.type === 'startTimer' || effect.type === 'stopTimer') &&
  'timer' in effect &&
  typeof effect.timer === 'string';

import { statePath } from '../../src/draw/state-path.js';
import type { Entry } from '../../src/inspect/entry.js';
import { firstAfter } from './player.js';
import { Roster } from './roster.js';
import { type Condition, type Item, World } from './world.js';

/** The moments that are kept to fold on from stand at least so far apart, and are about so many. */
const leastDistance = 1_000;
const mostCheckpoints = 50;

/** All that the page knows, in order, and how everything stood after each entry. */
export class Timeline {
  #items: Item[] = [];
  #entries: Entry[] = [];
  #base = new World();
  #checkpoints: { readonly index: number; readonly world: World }[] = [];
  #latest = new World();
  #cursor = new World();
  /** The items that the cursor's world has taken. */
  #cursorIndex = 0;
  readonly roster = new Roster();
  #gaps: Gap[] = [];
  /** How many entries are missing, those of long ago among them. */
  missed = 0;
  /** Grows with every change. */
  version = 0;

  readonly #distance: number;

  /** `limit` is how many items are kept. */
  constructor(readonly limit = 50_000) {
    this.#distance = Math.max(leastDistance, Math.ceil(limit / mostCheckpoints));
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Where entries are missing; another list once some of it is forgotten. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  /** The numbers of the first and the last entry; `last` is one less where there is none. */
  get first(): number {
    return this.#entries[0]?.n ?? this.#latest.n + 1;
  }

  get last(): number {
    return this.#latest.n;
  }

  /** How everything stands after the last entry. */
  get latest(): World {
    return this.#latest;
  }

  append(items: readonly Item[]): void {
    this.#correct(items);
    for (const item of items) {
      if (this.#items.length > 0 && item.n <= this.#latest.n && item.kind !== 'muster') continue;
      if (this.#items.length > 0 && this.#items.length % this.#distance === 0)
        this.#checkpoints.push({ index: this.#items.length, world: this.#latest.copy() });
      this.#items.push(item);
      this.#latest.apply(item);
      if (item.kind === 'muster') for (const standing of item.standings) this.roster.meet(standing);
      else {
        const missed = missedBetween(this.#entries.at(-1), item);
        if (missed > 0) this.#gaps.push({ n: item.n, at: item.at, missed });
        this.missed += missed;
        this.#entries.push(item);
        this.roster.add(item);
      }
    }
    this.version++;
    if (this.#items.length > this.limit * 1.2) this.#forget(this.#items.length - this.limit);
  }

  /** A muster tells how machines stand when a page connects: those that start only in what it is sent then were not there yet. */
  #correct(items: readonly Item[]): void {
    const late = new Set<number>();
    for (const item of items)
      if (item.kind === 'step' && item.event === undefined && this.#isMustered(item.machine))
        late.add(item.machine);
    if (late.size === 0) return;
    const worlds = [this.#base, this.#latest, this.#cursor, ...this.#checkpoints.map(({ world }) => world)];
    for (const world of worlds) for (const number of late) world.forget(number);
    this.#items = this.#items.map((item) =>
      item.kind === 'muster'
        ? { ...item, standings: item.standings.filter(({ machine }) => !late.has(machine)) }
        : item,
    );
  }

  #isMustered(machine: number): boolean {
    const condition = this.#latest.conditions.get(machine);
    return condition !== undefined && condition.last === undefined;
  }

  /** The entry of that number, where it is known. */
  entry(n: number): Entry | undefined {
    const entry = this.#entries[firstAfter(this.#entries, n) - 1];
    return entry?.n === n ? entry : undefined;
  }

  /** How everything stood after entry `n`: to be looked at before the next call, not to be kept. */
  worldAt(n: number): World {
    if (n >= this.last) return this.#latest;
    const end = firstAfter(this.#items, n);
    const checkpoint = this.#checkpoints.findLast(({ index }) => index <= end);
    const start = checkpoint?.index ?? 0;
    if (this.#cursorIndex > end || this.#cursorIndex < start) {
      this.#cursor = (checkpoint?.world ?? this.#base).copy();
      this.#cursorIndex = start;
    }
    for (; this.#cursorIndex < end; this.#cursorIndex++) this.#cursor.apply(this.#items[this.#cursorIndex]!);
    return this.#cursor;
  }

  /** A machine at a moment; undefined before its start. One known by its standing alone is where its next step came from. */
  conditionAt(world: World, number: number): Condition | undefined {
    const condition = world.conditions.get(number);
    if (condition === undefined || condition.last !== undefined) return condition;
    const from = this.roster.machines.get(number)?.steps.find(({ n }) => n > world.n)?.from;
    return from === undefined ? condition : { ...condition, state: statePath(from), isDone: false };
  }

  /** Leaves out the oldest items, and the machines that ended in them. */
  #forget(count: number): void {
    const { n } = this.#items[count - 1]!;
    this.#base = this.worldAt(n).copy();
    this.#items = this.#items.slice(count);
    this.#entries = this.#entries.slice(firstAfter(this.#entries, n));
    if ((this.#gaps[0]?.n ?? n + 1) <= n) this.#gaps = this.#gaps.slice(firstAfter(this.#gaps, n));
    this.#checkpoints = this.#checkpoints
      .filter(({ index }) => index > count)
      .map(({ index, world }) => ({ index: index - count, world }));
    for (const world of [this.#base, this.#latest, ...this.#checkpoints.map((each) => each.world)])
      world.bury(n);
    this.roster.forget(n, this.#base.conditions);
    this.#cursor = this.#base.copy();
    this.#cursorIndex = 0;
  }
}

/** Entries that are missing before the one of number `n`. */
export interface Gap {
  readonly n: number;
  readonly at: number;
  readonly missed: number;
}

/** How many entries between two were missed. */
export const missedBetween = (before: Entry | undefined, entry: Entry): number =>
  before === undefined ? 0 : entry.n - before.n - 1;

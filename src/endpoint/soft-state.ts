import type { Either } from 'fp-ts/lib/Either.js';
import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** What is gone at a time unless it is refreshed: a binding, a publication. */
export interface SoftState {
  /** Whole milliseconds of the epoch, so that it means the same in another process. */
  readonly expiresAt: number;
}

/** Seconds that soft state stays. */
export interface Intervals {
  /** Where no time is asked for. */
  readonly default: number;
  /** However long a time is asked for. */
  readonly maximum: number;
}

/** Never more than was asked for (RFC 3261 §10.3 step 7, RFC 3903 §6 step 4). */
export const grantedInterval = (asked: number | undefined, intervals: Intervals): number =>
  Math.min(asked ?? intervals.default, intervals.maximum);

export const unexpired = <Entry extends SoftState>(entries: readonly Entry[], now: number) =>
  entries.filter(({ expiresAt }) => expiresAt > now);

/** What a key's entries become, or why they stay as they are. */
type Change<Entry, Conflict> = (current: readonly Entry[]) => Either<Conflict, readonly Entry[]>;

/** Replaces the entries of a key at once or not at all; gives the new ones. `now` is in milliseconds. */
export type Revise<Entry, Conflict> = (
  key: string,
  change: Change<Entry, Conflict>,
  now: number,
) => TaskEither<Conflict | Error, readonly Entry[]>;

/** How much soft state is kept in memory. */
export interface SoftStateLimits {
  readonly keys: number;
  readonly entriesPerKey: number;
  /** Bytes of all entries, their texts and what each takes besides. */
  readonly bytes: number;
}

/** In this process's memory, within limits, and an Error for what is over them. What has expired goes first. */
export const memorySoftState = <Entry extends SoftState, Conflict>(
  limits: SoftStateLimits,
): Revise<Entry, Conflict> => {
  const kept = new Kept<Entry>(limits);
  return (key, change, now) => async () => {
    const changed = change(kept.of(key));
    if (isLeft(changed)) return changed;
    const cause = kept.replace(key, changed.right, now);
    return cause === undefined
      ? changed
      : left(new Error(`Nothing was stored, since ${cause}: the limits of the store say how much it takes`));
  };
};

class Kept<Entry extends SoftState> {
  readonly #limits: SoftStateLimits;
  readonly #entries = new Map<string, readonly Entry[]>();
  #bytes = 0;
  /** Before this nothing expires. */
  #soonest = Number.POSITIVE_INFINITY;

  constructor(limits: SoftStateLimits) {
    this.#limits = limits;
  }

  of(key: string): readonly Entry[] {
    return this.#entries.get(key) ?? [];
  }

  /** Gives back why nothing was replaced, where nothing was. */
  replace(key: string, entries: readonly Entry[], now: number): string | undefined {
    const { keys, entriesPerKey, bytes } = this.#limits;
    if (entries.length > entriesPerKey) return `one key would have over ${entriesPerKey} entries`;
    if (!this.#fits(key, entries)) this.#sweep(now);
    if (!this.#fits(key, entries))
      return `all ${keys} keys or ${bytes} bytes are taken, and too few have expired`;
    this.#set(key, entries);
    return undefined;
  }

  #fits(key: string, entries: readonly Entry[]): boolean {
    const before = this.of(key);
    if (entries.length === 0 || entries === before) return true;
    const { keys, bytes } = this.#limits;
    const isRoom = before.length > 0 || this.#entries.size < keys;
    return isRoom && this.#bytes - sizeOf(key, before) + sizeOf(key, entries) <= bytes;
  }

  #sweep(now: number): void {
    if (now < this.#soonest) return;
    this.#soonest = Number.POSITIVE_INFINITY;
    for (const [key, entries] of this.#entries) this.#set(key, unexpired(entries, now));
  }

  #set(key: string, entries: readonly Entry[]): void {
    this.#bytes += sizeOf(key, entries) - sizeOf(key, this.of(key));
    for (const { expiresAt } of entries) this.#soonest = Math.min(this.#soonest, expiresAt);
    if (entries.length === 0) this.#entries.delete(key);
    // A copy, since a text cut out of a message keeps the whole message alive.
    else this.#entries.set(key, structuredClone(entries));
  }
}

/** What an entry takes without its texts, its part of the table included. */
const entrySize = 512;

const sizeOf = (key: string, entries: readonly SoftState[]): number => {
  let size = 0;
  for (const entry of entries) {
    size += entrySize + key.length;
    for (const value of Object.values(entry)) if (typeof value === 'string') size += value.length;
  }
  return size;
};

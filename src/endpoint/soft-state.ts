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

/** In this process's memory: so many keys, and so many entries a key, and an Error for one more. What has expired goes first. */
export const memorySoftState = <Entry extends SoftState, Conflict>(
  keys: number,
  entriesPerKey: number,
): Revise<Entry, Conflict> => {
  const kept = new Map<string, readonly Entry[]>();

  /** Whether there is room for a key, once what has expired is gone. */
  const makeRoom = (key: string, now: number): boolean => {
    if (kept.has(key) || kept.size < keys) return true;
    for (const [other, entries] of kept) if (unexpired(entries, now).length === 0) kept.delete(other);
    return kept.size < keys;
  };

  const revise = (
    key: string,
    change: Change<Entry, Conflict>,
    now: number,
  ): Either<Conflict | Error, readonly Entry[]> => {
    const changed = change(kept.get(key) ?? []);
    if (isLeft(changed)) return changed;
    const entries = changed.right;
    if (entries.length > entriesPerKey)
      return left(overfull(`one key would have over ${entriesPerKey} entries`));
    if (entries.length === 0) kept.delete(key);
    else if (!makeRoom(key, now)) return left(overfull(`all ${keys} keys are taken, and none has expired`));
    // A copy, since a text cut out of a message keeps the whole message alive.
    else kept.set(key, structuredClone(entries));
    return changed;
  };

  return (key, change, now) => async () => revise(key, change, now);
};

const overfull = (cause: string) =>
  new Error(`Nothing was stored, since ${cause}: the limits of the store say how many it takes`);

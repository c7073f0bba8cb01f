import type { Entry } from '../../src/inspect/entry.js';

/** A silence longer than this is cut to it, in milliseconds. */
const longestSilence = 1_000;

/** Plays entries at the pace at which they happened. */
export class Player {
  /** The time that is played. */
  #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  /** The number of the entry that is reached after so many milliseconds, going on from `n`; undefined at the end. */
  advance(entries: readonly Entry[], n: number, elapsed: number): number | undefined {
    let index = firstAfter(entries, n);
    const next = entries[index];
    if (next === undefined) return undefined;
    this.#at = Math.max(this.#at + elapsed, next.at - longestSilence);
    let reached = n;
    for (; index < entries.length && entries[index]!.at <= this.#at; index++) reached = entries[index]!.n;
    return reached;
  }
}

/** The index of the first entry after number `n`. */
export function firstAfter(entries: readonly { readonly n: number }[], n: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.n <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}

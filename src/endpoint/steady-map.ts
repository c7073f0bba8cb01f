/**
 * A Map whose table does not shrink while its entries come and go. V8 makes a new table when one shrinks, and the one left
 * behind, once it is old, keeps all that it held until the next full collection of garbage.
 */
export class SteadyMap<Key extends string | number, Value> {
  readonly #map = new Map<Key | symbol, Value | undefined>(fillers);

  get size(): number {
    return this.#map.size - fillers.length;
  }

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  set(key: Key, value: Value): void {
    this.#map.set(key, value);
  }

  delete(key: Key): boolean {
    return this.#map.delete(key);
  }

  *values(): IterableIterator<Value> {
    for (const value of this.#map.values()) if (value !== undefined) yield value;
  }
}

/** Entries that stay, so many that the table is made anew once in a thousand deletions at most. */
const fillers = Array.from({ length: 1_024 }, () => [Symbol('filler'), undefined] as const);

import { lowerCase } from './characters.js';

/** A closed list of names, found in a text without cutting them out of it. */
export class Names {
  readonly list: readonly string[];
  readonly #buckets: (number[] | undefined)[] = new Array(1024).fill(undefined);

  constructor(list: readonly string[]) {
    this.list = list;
    list.forEach((name, index) => {
      const bucket = bucketOf(name, 0, name.length);
      this.#buckets[bucket] = [...(this.#buckets[bucket] ?? []), index];
    });
  }

  /** The index of the name that stands from `start` to `end`, in any case, or -1. */
  find(text: string, start: number, end: number): number {
    const bucket = this.#buckets[bucketOf(text, start, end)];
    if (bucket === undefined) return -1;
    for (const index of bucket) {
      const name = this.list[index]!;
      if (name.length === end - start && equalAt(text, start, end, name)) return index;
    }
    return -1;
  }
}

/** Whether the name stands from `start` to `end`, in any case. */
export function equalAt(text: string, start: number, end: number, name: string): boolean {
  const length = end - start;
  if (length !== name.length) return false;
  for (let index = 0; index < length; index++) {
    const one = text.charCodeAt(start + index);
    const other = name.charCodeAt(index);
    if (one !== other && (one > 255 || other > 255 || lowerCase[one] !== lowerCase[other])) return false;
  }
  return true;
}

/** The first letter, which reads the same in either case, and the length. */
const bucketOf = (text: string, start: number, end: number): number =>
  ((text.charCodeAt(start) & 31) << 5) | ((end - start) & 31);

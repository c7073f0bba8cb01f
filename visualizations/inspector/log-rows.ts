import type { Entry } from '../../src/inspect/entry.js';
import { missedBetween, type Timeline } from './timeline.js';

/** A line of the log: a cause, or what came of it. */
export type LogRow =
  | {
      readonly kind: 'entry';
      readonly key: string;
      readonly n: number;
      readonly entry: Entry;
      readonly isCause: boolean;
    }
  | { readonly kind: 'gap'; readonly key: string; readonly n: number; readonly missed: number };

/** Entries as lines, each group under the entry that caused it; it grows with its entries. */
export class LogRows {
  readonly rows: LogRow[] = [];
  #taken = 0;
  #group: number | undefined;
  #before: Entry | undefined;

  constructor(
    private readonly timeline: Timeline,
    /** All of these, or those of one machine. */
    readonly entries: readonly Entry[],
    readonly machine?: number,
  ) {}

  /** Takes the entries that have come. */
  extend(): readonly LogRow[] {
    for (; this.#taken < this.entries.length; this.#taken++) this.#add(this.entries[this.#taken]!);
    return this.rows;
  }

  #add(entry: Entry): void {
    if (this.machine !== undefined && (entry.kind === 'message' || entry.machine !== this.machine)) return;
    const missed = this.entries === this.timeline.entries ? missedBetween(this.#before, entry) : 0;
    if (missed > 0) this.rows.push({ kind: 'gap', key: `gap ${entry.n}`, n: entry.n, missed });
    this.#before = entry;
    const isCause = entry.n === entry.cause;
    const cause = isCause || entry.cause === this.#group ? undefined : this.timeline.entry(entry.cause);
    if (cause !== undefined) this.rows.push({ ...rowOf(cause, true), key: `${cause.n} of ${entry.n}` });
    this.#group = entry.cause;
    this.rows.push(rowOf(entry, isCause));
  }
}

const rowOf = (entry: Entry, isCause: boolean) =>
  ({ kind: 'entry', key: `${entry.n}`, n: entry.n, entry, isCause }) as const;

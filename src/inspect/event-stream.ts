import type { ServerResponse } from 'node:http';
import { machines as shipped } from '../../machines/index.js';
import type { Entry } from './entry.js';
import type { Pace } from './pace.js';
import type { Source } from './source.js';

/** Most entries of one batch: between two, calls have their turn. */
const longestBatch = 250;
/** A batch ends with the entry that makes it as many characters. */
const largestBatch = 128 * 1024;

/** Batches as text, made once for all pages that stand at the same entry. */
export class Batches {
  #last: Batch | undefined;

  constructor(private readonly source: Source) {}

  /** The entries from one on, as many as a batch holds; `undefined` where there is none yet. */
  from(first: number): Batch | undefined {
    if (first >= this.source.next) return undefined;
    if (this.#last?.first === first && this.#last.isFull) return this.#last;
    const texts: string[] = [];
    let length = 0;
    let n = first;
    while (n < this.source.next && texts.length < longestBatch && length < largestBatch) {
      n = this.source.present?.(n) ?? n;
      const text = JSON.stringify(this.source.entry(n) as Entry);
      texts.push(text);
      length += text.length;
      n++;
    }
    const isFull = texts.length === longestBatch || length >= largestBatch;
    this.#last = { first, next: n, isFull, text: `[${texts.join(',')}]` };
    return this.#last;
  }
}

interface Batch {
  readonly first: number;
  readonly next: number;
  readonly isFull: boolean;
  readonly text: string;
}

/** One page that listens (Server-Sent Events). It is sent no more than it takes; `drained` says when it takes more. */
export class EventStream {
  #next: number;
  #waits = false;

  /** `after` is the id of the last entry that the page has, if it has any. */
  constructor(
    private readonly response: ServerResponse,
    private readonly source: Source,
    private readonly batches: Batches,
    private readonly pace: Pace,
    after: string | undefined,
    drained: () => void,
  ) {
    const { start, first, next } = source;
    const last = after?.startsWith(`${start}:`) === true ? Number(after.slice(start.length + 1)) : Number.NaN;
    this.#next = last >= 0 && last < next ? Math.floor(last) + 1 : first;
    response.on('drain', () => {
      this.#waits = false;
      drained();
    });
    this.#write('retry: 1000\n\n');
    this.#event('hello', {
      version: 1,
      start,
      live: source.live,
      now: source.now(),
      first,
      next,
      size: source.size,
      machines: source.standings(),
      charts: shipped.map(({ name }) => name),
    });
    if (this.#next < first) this.#skip(first);
  }

  /** Sends the next batch, if there is one and the page takes it. */
  pump(): 'sent' | 'nothing' | 'overrun' {
    if (this.#next < this.source.first) {
      if (this.#waits) return 'overrun';
      // To the newer half, for at this speed the oldest are gone before they are sent.
      const { first, next, size } = this.source;
      this.#skip(Math.max(first, next - Math.ceil(size / 2)));
    }
    if (this.#waits || this.pace.isSpent) return 'nothing';
    return this.pace.spend(() => this.#send()) ? 'sent' : 'nothing';
  }

  /** Whether there was something to send. */
  #send(): boolean {
    const batch = this.batches.from(this.#next);
    if (batch === undefined) return false;
    this.#next = batch.next;
    this.#write(`id: ${this.source.start}:${batch.next - 1}\nevent: entries\ndata: ${batch.text}\n\n`);
    return true;
  }

  /** Sends all that is left, and that no more will come. */
  finish(): void {
    if (this.#next < this.source.first) this.#skip(this.source.first);
    while (this.#send()) {}
    this.#event('closed', {});
    this.end();
  }

  beat(): void {
    if (!this.#waits) this.#write(': still here\n\n');
  }

  end(): void {
    this.response.end();
  }

  drop(): void {
    this.response.destroy();
  }

  #skip(first: number): void {
    this.#next = first;
    this.#event('gap', { first });
  }

  #event(name: string, data: unknown): void {
    this.#write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(text: string): void {
    if (!this.response.write(text)) this.#waits = true;
  }
}

import { randomUUID } from 'node:crypto';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Entry, MessageEntry, Standing, StepEntry } from './entry.js';
import {
  isBoolean,
  isCount,
  isNumber,
  isString,
  listOf,
  oneOf,
  optional,
  record,
  type Shape,
} from './shape.js';
import type { Source } from './source.js';

/** Whether a text begins as an export of a page does. */
export const isExport = (text: string): boolean => isHead(parsed(text.slice(0, endOfLine(text, 0))));

/** What an export holds, and the number of its last line where that is cut off and left out. */
export interface Export {
  readonly source: Source;
  readonly cutOff: number | undefined;
}

/** Reads what a page has exported; where it can't, one sentence that names the line. */
export const readExport = (text: string): Either<string, Export> => {
  const entries: Entry[] = [];
  let line = 1;
  let cutOff: number | undefined;
  for (let start = endOfLine(text, 0) + 1; start < text.length; start = endOfLine(text, start) + 1) {
    line++;
    const end = endOfLine(text, start);
    const entry = parsed(text.slice(start, end));
    if (entry === undefined && end === text.length) {
      cutOff = line;
      break;
    }
    if (!isEntry(entry)) return left(`line ${line} is no entry; export it anew`);
    if (entry.n <= (entries.at(-1)?.n ?? 0))
      return left(`line ${line} does not come after the one before; export it anew`);
    entries.push(entry);
  }
  return right({ source: new ExportedEntries(entries), cutOff });
};

const endOfLine = (text: string, start: number): number => {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
};

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
};

const isHead = record({ type: oneOf('sipchart entries'), version: oneOf(1) });

const common = { n: isCount, at: isNumber, cause: isCount, callId: optional(isString) };

/** A machine's value is no deeper than its states are nested. */
const stateOf = (depth: number): Shape => {
  const inner = depth === 0 ? isString : stateOf(depth - 1);
  return (value) =>
    isString(value) ||
    (typeof value === 'object' && value !== null && Object.values(value).every((each) => inner(each)));
};

const isState = stateOf(8);

const isEvent = record({ type: isString });

const kinds: ReadonlyMap<unknown, Shape> = new Map([
  [
    'input',
    record({
      ...common,
      input: oneOf(
        'timerEnded',
        'order',
        'sendFailed',
        'resolved',
        'closed',
        'unframed',
        'close',
        'drained',
        'ended',
      ),
      machine: optional(isCount),
      what: optional(isString),
    }),
  ],
  [
    'message',
    record({
      ...common,
      direction: oneOf('received', 'sent'),
      protocol: isString,
      remote: isString,
      text: isString,
      label: isString,
      isRetransmission: isBoolean,
    }),
  ],
  [
    'step',
    record({
      ...common,
      machine: isCount,
      id: isString,
      chart: isString,
      parent: optional(isCount),
      method: optional(isString),
      event: optional(isEvent),
      from: optional(isState),
      to: isState,
      status: oneOf('active', 'done'),
      arrows: listOf(isString),
      clauses: listOf(isString),
      effects: listOf(isEvent),
    }),
  ],
]);

const isEntry = (value: unknown): value is Entry =>
  kinds.get((value as { readonly kind?: unknown } | null | undefined)?.kind)?.(value) === true;

/** What was kept of a feed: it does not grow. */
class ExportedEntries implements Source {
  readonly start = randomUUID();
  readonly live = false;
  readonly size: number;
  readonly first: number;
  readonly next: number;

  constructor(private readonly entries: readonly Entry[]) {
    this.size = entries.length;
    this.first = entries[0]?.n ?? 1;
    this.next = (entries.at(-1)?.n ?? 0) + 1;
  }

  now(): number {
    return this.entries.at(-1)?.at ?? 0;
  }

  entry(n: number): Entry | undefined {
    const entry = this.entries[this.#index(n)];
    return entry?.n === n ? entry : undefined;
  }

  /** A page that was too slow has missed some. */
  present(n: number): number {
    return this.entries[this.#index(n)]?.n ?? this.next;
  }

  /** Of the first entry from a number on. */
  #index(n: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entries[middle]!.n < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  message(n: number): MessageEntry | undefined {
    const entry = this.entry(n);
    return entry?.kind === 'message' ? entry : undefined;
  }

  localAddress(): undefined {
    return undefined;
  }

  standings(): readonly Standing[] {
    const standings = new Map<number, Standing>();
    for (const entry of this.entries)
      if (entry.kind === 'step') standings.set(entry.machine, after(entry, standings.get(entry.machine)));
    return [...standings.values()];
  }
}

const after = (step: StepEntry, before: Standing | undefined): Standing => {
  const { machine, id, chart, parent, method, callId, to, status, at } = step;
  let timers = (before?.timers ?? []).filter(({ timer }) => timer !== step.event?.type);
  for (const { type, timer, delay } of step.effects as readonly {
    readonly type: string;
    readonly timer?: string;
    readonly delay?: number;
  }[]) {
    if (type !== 'startTimer' && type !== 'stopTimer') continue;
    timers = timers.filter((running) => running.timer !== timer);
    if (type === 'startTimer' && timer !== undefined && delay !== undefined)
      timers.push({ timer, from: at, until: at + delay });
  }
  return {
    machine,
    id,
    chart,
    ...(parent === undefined ? {} : { parent }),
    ...(method === undefined ? {} : { method }),
    ...(callId === undefined ? {} : { callId }),
    value: to,
    status,
    since: before?.since ?? at,
    at,
    timers: status === 'done' ? [] : timers,
  };
};

import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Entry, MessageEntry, Standing, StepEntry } from './entry.js';
import type { Source } from './source.js';

/** The first line of what a page has exported. */
interface Head {
  readonly type: 'sipchart entries';
  readonly version: 1;
}

/** Whether a text begins as an export of a page does. */
export const isExport = (text: string): boolean => isHead(parsed(text.slice(0, endOfLine(text, 0))));

/** Reads what a page has exported; where it can't, one sentence that names the line. */
export const readExport = (text: string): Either<string, Source> => {
  const entries: Entry[] = [];
  let line = 1;
  for (let start = endOfLine(text, 0) + 1; start < text.length; start = endOfLine(text, start) + 1) {
    line++;
    const entry = parsed(text.slice(start, endOfLine(text, start)));
    if (!isEntry(entry)) return left(`line ${line} is no entry; export it anew`);
    if (entries.length > 0 && entry.n !== entries.at(-1)!.n + 1)
      return left(`line ${line} does not follow the one before; export it anew`);
    entries.push(entry);
  }
  return right(new ExportedEntries(entries));
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

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isHead = (value: unknown): value is Head =>
  isObject(value) && value.type === 'sipchart entries' && value.version === 1;

const isEntry = (value: unknown): value is Entry => {
  if (!isObject(value) || !Number.isSafeInteger(value.n) || !Number.isFinite(value.at)) return false;
  switch (value.kind) {
    case 'input':
      return typeof value.input === 'string';
    case 'message':
      return [value.text, value.remote, value.protocol, value.label, value.direction].every(
        (each) => typeof each === 'string',
      );
    case 'step':
      return (
        Number.isSafeInteger(value.machine) &&
        typeof value.id === 'string' &&
        typeof value.chart === 'string' &&
        (typeof value.to === 'string' || isObject(value.to)) &&
        Array.isArray(value.effects) &&
        value.effects.every(isObject) &&
        Array.isArray(value.arrows) &&
        Array.isArray(value.clauses)
      );
    default:
      return false;
  }
};

/** What was kept of a feed: it does not grow. */
class ExportedEntries implements Source {
  readonly live = false;
  readonly size: number;
  readonly first: number;
  readonly next: number;

  constructor(private readonly entries: readonly Entry[]) {
    this.size = entries.length;
    this.first = entries[0]?.n ?? 1;
    this.next = this.first + entries.length;
  }

  now(): number {
    return this.entries.at(-1)?.at ?? 0;
  }

  entry(n: number): Entry | undefined {
    return this.entries[n - this.first];
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

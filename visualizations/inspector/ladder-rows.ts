import type { Segment } from '../../src/cli/styled-text.js';
import { relativePath, statePath } from '../../src/draw/state-path.js';
import type { Entry, InputEntry, MessageEntry, StepEntry } from '../../src/inspect/entry.js';
import { duration } from './duration.js';
import { factsOf } from './message-facts.js';
import type { Gap } from './timeline.js';
import { isTimerEffect } from './world.js';

/** Our layers, in the order of a message's way. */
export const layers = ['transport', 'transaction', 'user agent', 'application'] as const;

export type Layer = (typeof layers)[number];

interface Common {
  readonly key: string;
  /** Of the entry that it shows. */
  readonly n: number;
  readonly at: number;
}

export interface MessageRow extends Common {
  readonly kind: 'message';
  readonly peer: string;
  readonly entry: MessageEntry;
  readonly segments: readonly Segment[];
}

/** A step of a machine: its change of state as a pill, or the event that changed nothing. */
export interface StepRow extends Common {
  readonly kind: 'step';
  readonly layer: Layer;
  readonly machine: number;
  readonly id: string;
  /** The method of a transaction, the id of another machine. */
  readonly name: string;
  /** `deciding → accepted`, or the event. */
  readonly text: string;
  readonly isChange: boolean;
  readonly isDone: boolean;
  readonly clauses: readonly string[];
  /** The timers that it starts: `timerJ 32 s`. */
  readonly timers: readonly string[];
}

/** What one layer hands to the next. */
interface PassRow extends Common {
  readonly kind: 'pass';
  readonly from: Layer;
  readonly to: Layer;
  readonly text: string;
  readonly isFailure: boolean;
}

/** A timer that ended. */
interface TimerRow extends Common {
  readonly kind: 'timer';
  readonly layer: Layer;
  readonly text: string;
}

/** What could not be sent, read or found. */
interface LossRow extends Common {
  readonly kind: 'loss';
  readonly text: string;
}

/** Entries that the page has missed. */
interface GapRow extends Common {
  readonly kind: 'gap';
  readonly text: string;
}

export type LadderRow = MessageRow | StepRow | PassRow | TimerRow | LossRow | GapRow;

/** What the ladder needs to know of a machine. */
type ChartOf = (machine: number) => string | undefined;

/** A call's entries as a ladder; it grows with them. */
export class Ladder {
  /** The addresses on the other side, in the order in which they were met. */
  readonly peers: string[] = [];
  readonly rows: LadderRow[] = [];
  #taken = 0;
  #gaps = 0;

  constructor(
    readonly entries: readonly Entry[],
    private readonly chartOf: ChartOf,
    /** Where entries are missing, before these numbers. */
    readonly gaps: readonly Gap[],
  ) {}

  /** Takes the entries that have come. */
  extend(): this {
    for (; this.#taken < this.entries.length; this.#taken++) this.#add(this.entries[this.#taken]!);
    return this;
  }

  #add(entry: Entry): void {
    for (; (this.gaps[this.#gaps]?.n ?? Number.POSITIVE_INFINITY) <= entry.n; this.#gaps++)
      if (this.rows.length > 0) this.rows.push(gapRow(this.gaps[this.#gaps]!));
    if (entry.kind === 'message' && !this.peers.includes(peerOf(entry))) this.peers.push(peerOf(entry));
    this.rows.push(...rowsOf(entry, this.chartOf));
  }
}

const peerOf = ({ protocol, remote }: MessageEntry): string => `${protocol} ${remote}`;

const gapRow = ({ n, at, missed }: Gap): GapRow => ({
  kind: 'gap',
  key: `gap ${n}`,
  n,
  at,
  text: gapText(missed),
});

export const gapText = (missed: number): string =>
  `${missed} ${missed === 1 ? 'entry was' : 'entries were'} missed here`;

function rowsOf(entry: Entry, chartOf: ChartOf): readonly LadderRow[] {
  switch (entry.kind) {
    case 'message':
      return [
        { ...common(entry), kind: 'message', peer: peerOf(entry), entry, segments: factsOf(entry).segments },
      ];
    case 'step':
      return [stepRow(entry), ...entry.effects.flatMap((effect, index) => passRow(entry, effect, index))];
    case 'input':
      return inputRows(entry, chartOf);
  }
}

type Effect = StepEntry['effects'][number];

const common = ({ n, at }: Entry, part = '') => ({ key: `${n}${part}`, n, at });

export const layerOf = (chart: string | undefined): Layer =>
  chart?.endsWith('-transaction') === true ? 'transaction' : 'user agent';

function stepRow(entry: StepEntry): StepRow {
  const { chart, id, machine, method, event, from, to, status, clauses, effects } = entry;
  const layer = layerOf(chart);
  const after = statePath(to);
  const before = from === undefined ? undefined : statePath(from);
  const isChange = before !== after;
  const change = before === undefined ? after : `${before} → ${relativePath(after, before)}`;
  return {
    ...common(entry),
    kind: 'step',
    layer,
    machine,
    id,
    name: layer === 'transaction' ? (method ?? id) : id,
    text: isChange ? change : (event?.type ?? after),
    isChange,
    isDone: status === 'done',
    clauses,
    timers: effects.flatMap((effect) =>
      isTimerEffect(effect) && effect.type === 'startTimer'
        ? [`${effect.timer} ${duration(effect.delay ?? 0)}`]
        : [],
    ),
  };
}

/** What hands something on: from where, to where, and in what words. */
function passRow(entry: StepEntry, effect: Effect, index: number): readonly PassRow[] {
  const row = (from: Layer, to: Layer, text: string, isFailure = false): readonly PassRow[] => [
    { ...common(entry, `.${index}`), kind: 'pass', from, to, text, isFailure },
  ];
  switch (effect.type) {
    case 'passToUser':
      return row('transaction', 'user agent', 'passToUser');
    case 'reportFailure':
      return row('transaction', 'user agent', `failure: ${textIn(effect, 'failure')}`, true);
    case 'respond':
      return row('user agent', 'transaction', `respond ${textIn(effect, 'response', 'status')}`);
    case 'requestInDialog':
      return row('user agent', 'transaction', `${textIn(effect, 'method')}`);
    case 'refuseRequest':
      return row('user agent', 'transaction', `refuse ${textIn(effect, 'response', 'status')}`);
    case 'tellApplication':
      return row('user agent', 'application', `${textIn(effect, 'event', 'type')}`);
    default:
      return [];
  }
}

/** The text or number at a path in a value. */
function textIn(value: unknown, ...path: readonly string[]): string {
  let found = value;
  for (const name of path)
    found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
  return typeof found === 'string' || typeof found === 'number' ? `${found}` : '';
}

function inputRows(entry: InputEntry, chartOf: ChartOf): readonly LadderRow[] {
  const { input, machine, what = '' } = entry;
  const layer = layerOf(machine === undefined ? undefined : chartOf(machine));
  switch (input) {
    case 'timerEnded':
      return [{ ...common(entry), kind: 'timer', layer, text: what }];
    case 'order':
      return [
        { ...common(entry), kind: 'pass', from: 'application', to: layer, text: what, isFailure: false },
      ];
    case 'sendFailed':
      return [{ ...common(entry), kind: 'loss', text: `not delivered: ${what}` }];
    case 'unframed':
      return [{ ...common(entry), kind: 'loss', text: `unreadable ${what}`.trim() }];
    case 'closed':
      return [{ ...common(entry), kind: 'loss', text: 'connection closed' }];
    case 'resolved':
    case 'close':
    case 'drained':
    case 'ended':
      return [];
  }
}

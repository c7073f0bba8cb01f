import { relativePath, statePath } from '../draw/state-path.js';
import type { InspectedActorRef, InspectedSnapshot } from '../engine/inspection.js';
import { field, type InspectionEvent, type Request, type WireMessage } from '../index.js';
import { hasOwnLine, machineRow, messageRow, peerText } from './ladder-columns.js';
import { summarise } from './message-summary.js';
import { fromWire, type Paint, printable, type Segment, type Style, widthOfAll } from './styled-text.js';

export interface LadderOptions {
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  readonly paint: Paint;
  /** Those of the terminal at the moment; `undefined` where none sets a width. */
  readonly columns: () => number | undefined;
  readonly now: () => Date;
}

/** The explanation that stands above a ladder: each sign, and what it means. */
const signs: readonly (readonly [before: string, sign: Segment, meaning: string])[] = [
  ['peer ', { text: '──►', style: 'green' }, ' received'],
  ['peer ', { text: '◄──', style: 'cyan' }, ' sent'],
  ['', { text: '#1', style: 'cyan' }, ' the call'],
  ['', { text: '●', style: 'yellow' }, ' a machine starts'],
  ['', { text: '→', style: 'yellow' }, ' its state changes'],
  ['', { text: '.', style: 'yellow' }, ' within the same'],
  ['', { text: '◉', style: 'yellow' }, ' it is done'],
  ['', { text: '…', style: 'dim' }, ' left out'],
];

const ownLineSign = ['', { text: '│', style: 'dim' }, ' this user agent'] as const;

/**
 * Messages and changes of state as lines, in the order in which they happen. A peer stands on the left:
 *
 *     14:03:22.512 #1  UDP 127.0.0.1:40123 ──────► REFER to sip:carol@example.com …
 *                  #1  nonInviteServerTransaction  ● trying
 *                  #1  referUAS                    ● deciding
 *                  #1  referUAS                    deciding → accepted ◉  accept
 *                  #1  nonInviteServerTransaction  trying → completed  response
 *     14:03:22.513 #1  UDP 127.0.0.1:40123 ◄────── 200 OK (REFER)
 *
 * A wide terminal has the user agent's own line too, to which the arrows lead, and the machines beyond it:
 *
 *     14:03:22.512 #1  UDP 127.0.0.1:40123 ─────── REFER to sip:carol@example.com ──►│ sip:bob@127.0.0.1
 *                  #1                                                                │ nonInviteServerTransaction  ● tr…
 *     14:03:22.513 #1  UDP 127.0.0.1:40123 ◄────── 200 OK (REFER) ───────────────────│
 */
export class Ladder {
  readonly #options: LadderOptions;
  readonly #calls = new CallLabels();
  readonly #machines = new WeakMap<InspectedActorRef, { readonly call: string | undefined; state: string }>();
  #lastCall: string | undefined;
  #lastPeer: string | undefined;
  #shownAt = 0;
  /** The clauses of the arrows taken since the last change of state. */
  #clauses: string[] = [];

  constructor(options: LadderOptions) {
    this.#options = options;
  }

  /** The lines that stand above all: as many signs in each as fit. */
  explain(): void {
    const { write, paint, columns: terminal } = this.#options;
    const drawn = terminal();
    const columns = drawn ?? unlimited;
    const isWide = drawn !== undefined && hasOwnLine(drawn - headWidth);
    let line: readonly Segment[] = [];
    for (const [before, sign, meaning] of isWide ? [...signs, ownLineSign] : signs) {
      const explained = [{ text: before }, sign, { text: meaning, style: 'dim' as const }];
      const longer = line.length === 0 ? explained : [...line, { text: '  ' }, ...explained];
      const fits = line.length === 0 || widthOfAll(longer) <= columns;
      if (!fits) write(paint(line, columns));
      line = fits ? longer : explained;
    }
    write(paint(line, columns));
  }

  /** One line. */
  message({ direction, text, protocol, remote }: WireMessage): void {
    const { callId, segments } = summarise(text);
    const call = callName(callId);
    const peer = peerText(protocol, remote);
    const style = peer === this.#lastPeer ? 'dim' : undefined;
    this.#lastCall = call;
    this.#lastPeer = peer;
    this.#line(0, call, (columns) => messageRow(direction, { text: peer, style }, segments, columns));
  }

  /** One line where a machine starts or changes its state. */
  inspect(event: InspectionEvent): void {
    if (event.type === '@xstate.actor') {
      this.#clauses = [];
    } else if (event.type === '@xstate.microstep') {
      for (const { description } of event._transitions)
        if (description !== undefined) this.#clauses.push(description);
    } else if (event.type === '@xstate.snapshot') {
      this.#step(event.actorRef, event.snapshot, event.event);
      this.#clauses = [];
    }
  }

  #step(actorRef: InspectedActorRef, snapshot: InspectedSnapshot, event: { readonly type: string }): void {
    const known = this.#machines.get(actorRef);
    const call = known?.call ?? callOf(snapshot) ?? this.#lastCall;
    const state = statePath(snapshot.value);
    this.#lastCall = call;
    if (known?.state === state) return;
    this.#machines.set(actorRef, { call, state });
    const from: Segment =
      known === undefined ? { text: '● ', style: 'yellow' } : { text: `${known.state} → ` };
    const to = known === undefined ? state : relativePath(state, known.state);
    const cause = known === undefined ? this.#clauses : [eventText(event), ...this.#clauses];
    const change: readonly Segment[] = [
      from,
      { text: to, style: 'yellow' },
      { text: snapshot.status === 'done' ? ' ◉' : '', style: 'yellow' },
      { text: `  ${cause.join('  ')}`, style: 'dim' },
    ];
    this.#line(quiet, call, (columns) => machineRow({ text: actorRef.id, style: 'dim' }, change, columns));
  }

  /**
   * What comes after the call's number is drawn for the columns that are left; `undefined` where no terminal sets them.
   * The time is shown unless a line has shown it less than `quiet` milliseconds before.
   */
  #line(
    quiet: number,
    call: string | undefined,
    drawn: (columns: number | undefined) => readonly Segment[],
  ): void {
    const { write, paint, columns: terminal, now } = this.#options;
    const time = now();
    const shows = Math.abs(time.getTime() - this.#shownAt) >= quiet;
    if (shows) this.#shownAt = time.getTime();
    const head: readonly Segment[] = [
      { text: (shows ? clock(time) : '').padEnd(13), style: 'dim' },
      this.#calls.label(call),
    ];
    const columns = terminal();
    const rest = columns === undefined ? undefined : columns - widthOfAll(head);
    write(paint([...head, ...drawn(rest)], columns ?? unlimited));
  }
}

/** What happened, and of a failure why: `requestFailed: nowhere.invalid has no address`. */
function eventText(event: {
  readonly type: string;
  readonly failure?: unknown;
  readonly cause?: unknown;
}): string {
  const why = [event.cause, event.failure].find((each) => typeof each === 'string');
  return why === undefined ? event.type : `${event.type}: ${printable(`${why}`.slice(0, longestCause))}`;
}

const longestCause = 200;

/** Milliseconds. */
const quiet = 50;

/** Columns where no terminal sets them. */
const unlimited = 200;

/** Those of the time and of a call's number, as long as that is short. */
const headWidth = 17;

/** `14:03:22.512`, local. */
const clock = (time: Date) =>
  `${time.toTimeString().slice(0, 8)}.${`${time.getMilliseconds()}`.padStart(3, '0')}`;

/** The Call-ID of what the machine was made for; a machine that knows none belongs to the call that moved last. */
function callOf({ context }: InspectedSnapshot): string | undefined {
  const { callId, request }: { readonly callId?: unknown; readonly request?: unknown } = context;
  if (typeof callId === 'string') return callName(callId);
  return isRequest(request) ? callName(field(request, 'Call-ID')) : undefined;
}

const isRequest = (value: unknown): value is Request =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'request';

/** A copy, which keeps no datagram alive. */
const callName = (callId: string | undefined) => (callId === undefined ? undefined : fromWire(callId));

const rememberedCalls = 10_000;

const callStyles: readonly Style[] = ['cyan', 'magenta', 'yellow', 'green', 'blue'];

/** `#1`, `#2`, … for the calls of late. */
class CallLabels {
  readonly #numbers = new Map<string, number>();
  #last = 0;

  label(call: string | undefined): Segment {
    const number = call === undefined ? undefined : this.#numberOf(call);
    return {
      text: (number === undefined ? '' : `#${number}`).padEnd(Math.max(3, `${this.#last}`.length + 1) + 1),
      style: callStyles[((number ?? 1) - 1) % callStyles.length],
    };
  }

  #numberOf(call: string): number {
    const known = this.#numbers.get(call);
    if (known !== undefined) return known;
    if (this.#numbers.size >= rememberedCalls) {
      const [oldest = ''] = this.#numbers.keys();
      this.#numbers.delete(oldest);
    }
    this.#numbers.set(call, ++this.#last);
    return this.#last;
  }
}

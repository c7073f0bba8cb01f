import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Effect } from '../../machines/effects.js';
import type { TimerName } from '../../machines/timers.js';
import type { EngineKind } from '../endpoint/engines.js';
import type { Journal } from '../endpoint/journal.js';
import {
  ClientTransaction,
  Delivery,
  type LiveMachine,
  ServerTransaction,
} from '../endpoint/live-machine.js';
import { check, oneOf, optionsOf, required, rule } from '../options/rules.js';
import type { Flow, TransportError } from '../transports/transport.js';
import { Digest } from './digest.js';
import { factsOf } from './machine-facts.js';
import { type MaskingOptions, maskValue } from './masking.js';
import { sentEffect } from './recorder.js';
import type {
  RecordedEffect,
  RecordedFlow,
  RecordedLine,
  RecordingEnd,
  RecordingHeader,
} from './recording.js';
import { toJSON } from './recording.js';
import { cutOff, RecordingReader, type ReplayError } from './recording-reader.js';
import { ReplayedEndpoint, type ReplayPorts } from './replayed-endpoint.js';

export type { ReplayError };

export interface ReplayOptions {
  /** What runs the machines: `compiled` by default. */
  readonly engine?: EngineKind;
  /** Is told of the replay as it would have been of what was recorded; or makes such a one, given the milliseconds since 1970 at which the present input came. */
  readonly journal?: Journal | ((now: () => number) => Journal);
}

/** What a replay came to. */
export interface ReplayResult {
  /** Whether every effect was the same. */
  readonly isSame: boolean;
  /** How many inputs were replayed, and how many effects they had. */
  readonly inputs: number;
  readonly effects: number;
  /** How the recording ends; undefined where it has no end, since its process still ran, or ended without closing its user agent. */
  readonly end: RecordingEnd | undefined;
  /** The number of the last line where it is cut off, and left out. */
  readonly cutOff: number | undefined;
  /** The first that was not the same; nothing is replayed after it. */
  readonly difference: ReplayDifference | undefined;
}

export interface ReplayDifference {
  /** The line of the input, from 1. */
  readonly line: number;
  /** The input, for people: `received REFER`, `timerEnded timerJ`. */
  readonly input: string;
  /** One sentence. */
  readonly message: string;
  /** The machine whose effect it is, or that the input went to. */
  readonly machine: { readonly number: number; readonly id: string } | undefined;
  readonly callId: string | undefined;
  /** The effects as they were recorded, masked; undefined where only their digest was. */
  readonly expected: readonly RecordedEffect[] | undefined;
  /** The effects of the replay, masked. */
  readonly came: readonly RecordedEffect[];
}

/**
 * Runs what was recorded through the machines once more, and says whether they do the same. No time passes, nothing is
 * sent and nobody is asked: what came and what the ports answered is in the recording. Nothing is thrown, whatever the text
 * is; what is neither text nor lines, or a wrong option, is a TypeError.
 */
export const replay = (
  recording: string | Iterable<string>,
  options: ReplayOptions = {},
): Either<ReplayError, ReplayResult> => {
  check('replay', recording, recordingRule);
  check('replay', options, replayRule);
  let reader: RecordingReader | undefined;
  try {
    reader = new RecordingReader(recording);
    const header = reader.header();
    return isLeft(header) ? header : new Replay(reader, header.right, options).run();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return left({ line: reader?.line ?? 0, message: `The replay failed at this line: ${cause}` });
  }
};

const recordingRule = required(
  rule(
    "the text of a recording or its lines, as readFileSync(path, 'utf8') gives",
    (value) => typeof value === 'string' || (isIterable(value) && !ArrayBuffer.isView(value)),
  ),
  "replay(readFileSync('calls.jsonl', 'utf8'))",
);

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;

const replayRule = optionsOf<ReplayOptions>({
  engine: oneOf('compiled', 'actor'),
  journal: rule(
    'a journal, or a function that makes one',
    (value) =>
      typeof value === 'function' || (typeof value === 'object' && value !== null && 'input' in value),
  ),
});

/** A machine that has ended may still be spoken to, in vain: so many of the last are kept. */
const keptMachines = 16_384;

/** Inputs that came during a call out of an endpoint, during such an input, and so on. */
const deepest = 200;

class Replay implements Journal, ReplayPorts {
  readonly #reader: RecordingReader;
  readonly #masking: MaskingOptions;
  readonly #digest: Digest;
  readonly #endpoint: ReplayedEndpoint;
  readonly #machines = new Map<number, LiveMachine>();
  #ended: number[] = [];
  /** The line that is replayed, its number, and how many of its answers were asked for. */
  #line: RecordedLine | undefined;
  #lineNumber = 1;
  #taken = 0;
  #made: [number, { readonly type: string }][] = [];
  #peeked: RecordedLine | undefined;
  #peekedNumber = 0;
  #calls = 0;
  #depth = 0;
  #started = 0;
  #now: number;
  #inputs = 0;
  #effects = 0;
  #end: RecordingEnd | undefined;
  #cutOff: number | undefined;
  #error: ReplayError | undefined;
  #difference: ReplayDifference | undefined;

  constructor(
    reader: RecordingReader,
    header: RecordingHeader,
    { engine = 'compiled', journal }: ReplayOptions,
  ) {
    this.#reader = reader;
    this.#now = header.now;
    this.#masking = { bodies: header.masking.bodies === true };
    this.#digest = new Digest(this.#masking);
    this.#endpoint = new ReplayedEndpoint(header, engine, this);
    this.#endpoint.attach(this);
    if (journal === undefined) return;
    const now = () => header.started + this.#now - header.now;
    this.#endpoint.attach(typeof journal === 'function' ? journal(now) : journal);
  }

  run(): Either<ReplayError, ReplayResult> {
    for (let line = this.#peek(); line !== undefined; line = this.#peek()) {
      this.#play(line);
      this.#depth = 0;
    }
    this.#settle();
    if (this.#difference === undefined && this.#error !== undefined) return left(this.#error);
    return right({
      isSame: this.#difference === undefined,
      inputs: this.#inputs,
      effects: this.#effects,
      end: this.#end,
      cutOff: this.#cutOff,
      difference: this.#difference,
    });
  }

  get time(): number {
    return this.#now;
  }

  /** The next answer of a port, if it is one that it can give. */
  take<Answer>(what: string, isOne: (answer: unknown) => answer is Answer, otherwise: Answer): Answer {
    const answers = this.#line?.answers ?? [];
    const answer = answers[this.#taken++];
    if (isOne(answer)) return answer;
    this.#differ(
      this.#taken > answers.length
        ? `The replay asks for ${what}, which was not asked for`
        : `The replay asks for ${what}, where ${toJSON(answer)} was the answer to something else`,
    );
    return otherwise;
  }

  /** A call out of the endpoint, and what came during it. */
  call(): void {
    const call = ++this.#calls;
    if (this.#peek()?.in !== call) return;
    if (++this.#depth > deepest) return this.#differ(`More than ${deepest} inputs came within each other`);
    for (let line = this.#peek(); line?.in === call; line = this.#peek()) this.#play(line, true);
    this.#depth--;
  }

  input(): void {}

  sent(text: string, flow: Flow): void {
    const transport = this.#endpoint.numberOf(flow.transport);
    this.#digest.sent(text, transport, flow);
    this.#made.push([0, sentEffect(text, transport, flow)]);
  }

  step(live: LiveMachine, event: unknown, _before: unknown, effects: readonly Effect[]): void {
    const { number } = live;
    if (event === undefined) {
      this.#machines.set(number, live);
      this.#started = number;
    }
    for (const effect of effects) {
      this.#digest.effect(number, effect);
      this.#made.push([number, effect]);
    }
    if (live.instance.snapshot.status === 'done') this.#forget(number);
  }

  #forget(number: number): void {
    this.#ended.push(number);
    if (this.#ended.length < 2 * keptMachines) return;
    for (const old of this.#ended.slice(0, keptMachines)) this.#machines.delete(old);
    this.#ended = this.#ended.slice(keptMachines);
  }

  /** The next line; none where the replay is over, in whatever way. */
  #peek(): RecordedLine | undefined {
    if (this.#difference !== undefined || this.#error !== undefined) return undefined;
    if (this.#peeked === undefined && !this.#reader.isAtEnd) {
      const read = this.#reader.next();
      this.#peekedNumber = this.#reader.line;
      if (isLeft(read)) this.#error = read.left;
      else if (read.right === cutOff) this.#cutOff = this.#reader.line;
      else if (!('end' in read.right)) this.#peeked = read.right;
      else if (this.#reader.isAtEnd) this.#end = read.right;
      else
        this.#error = {
          line: this.#reader.line + 1,
          message: `Line ${this.#reader.line + 1} comes after the end: two recordings are in one file, so replay them one by one`,
        };
    }
    return this.#peeked;
  }

  #play(line: RecordedLine, isInside = false): void {
    this.#settle();
    if (this.#difference !== undefined) return;
    this.#peeked = undefined;
    this.#line = line;
    this.#lineNumber = this.#peekedNumber;
    this.#taken = 0;
    this.#now = line.at;
    if (line.in !== undefined && !isInside)
      return this.#differ('It came during a call of the application that the replay does not make');
    this.#inputs++;
    this.#give(line);
  }

  #give(line: RecordedLine): void {
    const endpoint = this.#endpoint;
    switch (line.input) {
      case 'opened':
        if (!endpoint.openedAt(line.transport, { host: line.host, port: line.port }))
          this.#differ('There is no such transport');
        return;
      case 'received':
      case 'unframed':
      case 'closed':
        return this.#bring(line);
      case 'close':
        return void endpoint.close(Number(line.drain));
      case 'drained':
        if (!endpoint.drained(line.at)) this.#differ('Nothing is being drained in the replay');
        return;
      default:
        return this.#direct(line);
    }
  }

  #bring(line: Extract<RecordedLine, { readonly flow: RecordedFlow }>): void {
    const flow = this.#endpoint.flow(line.flow);
    if (flow === undefined) return this.#differ('There is no such transport');
    if (line.input === 'received') this.#endpoint.received(line.text, flow);
    else if (line.input === 'unframed') this.#endpoint.unframed(line.text, flow);
    else this.#endpoint.closed(flow);
  }

  /** An input to one machine. */
  #direct(
    line: Extract<RecordedLine, { readonly input: 'order' | 'timerEnded' | 'sendFailed' | 'resolved' }>,
  ): void {
    const live = this.#machines.get(line.machine);
    if (live === undefined) {
      if (line.machine > this.#started) this.#differ(`Machine ${line.machine} has not started in the replay`);
      return;
    }
    if (line.input === 'order') return this.#endpoint.order(live, line.event);
    if (line.input === 'resolved') {
      if (!(live instanceof Delivery) || !live.is('locating'))
        return this.#differ('The replay does not wait for the address of a next hop');
      return this.#endpoint.resolved(live, line.hosts, line.failure as TransportError['code']);
    }
    if (line.input === 'timerEnded') {
      if (![...live.timers()].some(({ name }) => name === line.timer))
        return this.#differ(`${line.timer} does not run in the replay`);
      return live.timerEnded(line.timer as TimerName, line.now);
    }
    if (live instanceof ServerTransaction || live instanceof ClientTransaction)
      return this.#endpoint.sendFailed(live, line.error as TransportError);
    this.#differ(`Machine ${line.machine} is no transaction in the replay, and sends nothing`);
  }

  /** Compares what the line before came to. */
  #settle(): void {
    const line = this.#line;
    if (line === undefined || this.#difference !== undefined) return;
    const digest = this.#digest.take();
    if (digest !== line.digest || this.#made.length !== line.effects) return this.#differByEffects(line);
    if (this.#taken < (line.answers?.length ?? 0))
      return this.#differ(`The replay asks for ${this.#taken} answers of ${line.answers?.length}`);
    this.#effects += this.#made.length;
    this.#made = [];
    this.#line = undefined;
  }

  #differByEffects(line: RecordedLine): void {
    const came = this.#masked();
    const { made } = line;
    if (made === undefined)
      return this.#differ(
        came.length === line.effects
          ? `Not all of its ${came.length} effects are the same`
          : `It had ${line.effects} effects and has ${came.length}`,
      );
    const expected = made.map((each) => toJSON(each));
    const first = came.findIndex((each, index) => toJSON(each) !== expected[index]);
    const index = first < 0 ? came.length : first;
    const [was, is] = [made[index], came[index]];
    this.#differ(
      `Effect ${index + 1} ${was === undefined ? 'is new' : is === undefined ? 'is missing' : 'is not the same'}`,
      (is ?? was)?.[0],
    );
  }

  #masked(): readonly RecordedEffect[] {
    return JSON.parse(toJSON(maskValue(this.#made, this.#masking))) as RecordedEffect[];
  }

  #differ(message: string, number?: number): void {
    if (this.#difference !== undefined) return;
    const line = this.#line;
    const addressed = line !== undefined && 'machine' in line ? line.machine : undefined;
    const live = this.#machines.get(number || addressed || (this.#made.find(([each]) => each > 0)?.[0] ?? 0));
    const facts = live === undefined ? undefined : factsOf(live);
    this.#difference = {
      line: this.#lineNumber,
      input: line === undefined ? '' : describe(line),
      message,
      machine: live === undefined || facts === undefined ? undefined : { number: live.number, id: facts.id },
      callId: facts?.callId,
      expected: line?.made,
      came: this.#masked(),
    };
  }
}

const describe = (line: RecordedLine): string => {
  switch (line.input) {
    case 'received':
    case 'unframed':
      return `${line.input} ${/^(?:\r\n)*([^\r\n]{0,60})/.exec(line.text)?.[1]}`;
    case 'order':
      return `order ${line.event.type}`;
    case 'timerEnded':
      return `timerEnded ${line.timer}`;
    case 'sendFailed':
      return `sendFailed ${line.error.code}`;
    default:
      return line.input;
  }
};

import type { Effect } from '../../machines/effects.js';
import type { Verdict } from '../../machines/refer-uas.js';
import type { Application, Configuration } from '../endpoint/configuration.js';
import { Endpoint } from '../endpoint/endpoint.js';
import type { Entropy } from '../endpoint/entropy.js';
import type { Input, Journal } from '../endpoint/journal.js';
import type { LiveMachine } from '../endpoint/live-machine.js';
import type { Recorder } from '../endpoint/recorder.js';
import type { Address } from '../message/index.js';
import { check, having, isFlag, isFunction, isLimit, optionsOf, required } from '../options/rules.js';
import type { Flow, Transport } from '../transports/transport.js';
import { Digest } from './digest.js';
import { LineBytes } from './line-bytes.js';
import { type MaskingOptions, maskValue } from './masking.js';
import { maskingRule } from './masking-rule.js';
import { headerOf, type RecordingEnd, toJSON } from './recording.js';

/** Where a recording goes: a writable stream, `fileRecording(path)`, `memoryRecording()`. */
export interface RecordingSink {
  /** Takes whole lines in UTF-8, each with its end. */
  write(lines: Uint8Array): unknown;
  /** Whether it has copied the bytes when `write` returns, so that their memory can be used again. */
  readonly copies?: boolean;
  /** How many bytes of what it took it still holds. */
  readonly writableLength?: number;
}

export interface RecorderOptions {
  /** Whether the effects themselves are written, and not only a digest of them. */
  readonly effects?: boolean;
  readonly mask?: MaskingOptions;
  /** How much the sink may hold, as its `writableLength` says; beyond that the recording stops. 16 MiB by default. */
  readonly waiting?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Writes what comes to one user agent from its start on, as lines that `replay` takes. Its secrets are masked before. */
export const recorder = (sink: RecordingSink, options: RecorderOptions = {}): Recorder => {
  check('recorder', sink, sinkRule);
  check('recorder', options, recorderRule);
  return new LineRecorder(sink, options);
};

const sinkRule = required(
  having('something that lines are written to, as fileRecording(path) or memoryRecording() gives', 'write'),
  "recorder(fileRecording('calls.jsonl'))",
);
const recorderRule = optionsOf<RecorderOptions>({
  effects: isFlag,
  mask: maskingRule,
  waiting: isLimit,
  now: isFunction,
});

/** Lines go to the sink together: those of one turn of the event loop, and no more characters than this. */
const batchSize = 65_536;

class LineRecorder implements Recorder, Journal {
  readonly #sink: RecordingSink;
  readonly #options: RecorderOptions;
  readonly #masking: MaskingOptions;
  readonly #digest: Digest;
  #configuration: Configuration | undefined;
  #attachment: { detach(): void } | undefined;
  #transports = new Map<Transport, number>();
  readonly #lines = new LineBytes();
  /** Whether the last line is that of an input whose consequences still come, and whether it has answers. */
  #isOpen = false;
  #hasAnswers = false;
  #effects = 0;
  #made: unknown[] | undefined;
  /** How many calls out of the endpoint there were, and in which of them it is. */
  #calls = 0;
  #inside = 0;
  #isAwaited = false;
  /** When the present input came, and those that come during it. */
  #at = 0;
  #flow: Flow | undefined;
  #flowBytes = new Uint8Array(0);
  readonly #orders = new Map<string, Uint8Array>();

  constructor(sink: RecordingSink, options: RecorderOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#masking = { bodies: options.mask?.bodies === true };
    this.#digest = new Digest(this.#masking);
  }

  begin(configuration: Configuration): Endpoint {
    if (this.#configuration !== undefined)
      throw new TypeError('This recorder records another user agent; make one for each');
    this.#configuration = configuration;
    configuration.transports.forEach((transport, index) => {
      this.#transports.set(transport, index);
    });
    const { effects = false, now = Date.now } = this.#options;
    if (effects) this.#made = [];
    this.#lines.json(`${toJSON(headerOf(configuration, effects, this.#masking, now()))}\n`);
    const { bindings, publications } = configuration;
    const endpoint = new RecordedEndpoint(
      {
        ...configuration,
        entropy: this.#recordedEntropy(configuration.entropy),
        application: this.#recordedApplication(configuration.application),
        isOurs: this.#recordedDecision(configuration.isOurs),
        isTrusted: this.#recordedDecision(configuration.isTrusted),
        bindings: { ...bindings, store: { revise: this.#recordedRevision(bindings.store) } },
        publications: { ...publications, store: { revise: this.#recordedRevision(publications.store) } },
      },
      this,
    );
    this.#attachment = endpoint.attach(this);
    this.#await();
    return endpoint;
  }

  end(): void {
    if (this.#attachment === undefined) return;
    this.#finish();
    this.#end({ at: this.#now(), end: 'closed' });
    this.#flush();
  }

  input(input: Input): void {
    if (!this.#begin()) return;
    const lines = this.#lines;
    switch (input.type) {
      case 'received':
        lines.add(this.#flowOf(input.flow));
        return this.#text(input.text);
      case 'unframed':
        lines.ascii('"input":"unframed","flow":');
        lines.json(this.#flowText(input.flow));
        lines.ascii(',"text":');
        return this.#text(input.text);
      case 'closed':
        lines.ascii('"input":"closed","flow":');
        return lines.json(this.#flowText(input.flow));
      case 'sendFailed': {
        const { code, message } = input.error;
        lines.ascii('"input":"sendFailed","machine":');
        lines.number(input.live.number);
        lines.ascii(',"error":');
        return lines.json(JSON.stringify({ code, message }));
      }
      case 'timerEnded':
        lines.add(words.timerEnded);
        lines.number(input.live.number);
        lines.ascii(',"timer":"');
        lines.ascii(input.timer);
        lines.ascii('","now":');
        return lines.number(input.now);
      case 'resolved':
        lines.ascii('"input":"resolved","machine":');
        lines.number(input.live.number);
        lines.json(`,"hosts":${JSON.stringify(input.hosts)}`);
        if (input.failure !== undefined) lines.json(`,"failure":${JSON.stringify(input.failure)}`);
        return;
      case 'order':
        lines.add(words.order);
        lines.number(input.live.number);
        return lines.add(this.#orderOf(input.event));
      case 'close':
        return lines.ascii(`"input":"close","drain":${toJSON(input.drain)}`);
      default:
        return lines.ascii('"input":"drained"');
    }
  }

  sent(text: string, flow: Flow): void {
    const transport = this.#transports.get(flow.transport) ?? 0;
    this.#digest.sent(text, transport, flow);
    this.#effects++;
    this.#made?.push([0, sentEffect(text, transport, flow)]);
  }

  step(live: LiveMachine, _event: unknown, _before: unknown, effects: readonly Effect[]): void {
    const { number } = live;
    for (let index = 0; index < effects.length; index++) {
      const effect = effects[index] as Effect;
      this.#digest.effect(number, effect);
      this.#made?.push([number, effect]);
    }
    this.#effects += effects.length;
  }

  opened(transport: Transport, { host, port }: Address): void {
    if (!this.#begin()) return;
    const input = { input: 'opened', transport: this.#transports.get(transport), host, port };
    this.#lines.json(JSON.stringify(input).slice(1, -1));
  }

  /** The clock's answer. */
  time(now: number): void {
    if (!this.#startAnswer()) return;
    this.#lines.number(now);
  }

  trusts(source: string): boolean {
    return this.#configuration?.isTrusted(source) ?? false;
  }

  /** A transport's answer. */
  connection(isThere: boolean): void {
    this.#answer(isThere ? words.true : words.false);
  }

  #answer(answer: Uint8Array): void {
    if (this.#startAnswer()) this.#lines.add(answer);
  }

  #token(token: string): string {
    if (this.#startAnswer()) this.#lines.string(token);
    return token;
  }

  #startAnswer(): boolean {
    if (this.#isOpen) this.#lines.add(this.#hasAnswers ? words.nextAnswer : words.firstAnswer);
    this.#hasAnswers = true;
    return this.#isOpen;
  }

  /** Goes out of the endpoint: what comes during this call is replayed during it. Gives back where it was, to be set when the call returns. */
  #enter(): number {
    const outer = this.#inside;
    this.#inside = ++this.#calls;
    return outer;
  }

  /** The start of a line; false where nothing is recorded any more. */
  #begin(): boolean {
    if (this.#isOpen) this.#finish();
    else this.#await();
    if (this.#attachment === undefined) return false;
    const lines = this.#lines;
    lines.add(words.at);
    if (this.#inside === 0) this.#at = this.#now();
    lines.number(this.#at);
    if (this.#inside > 0) {
      lines.ascii(',"in":');
      lines.number(this.#inside);
    }
    lines.ascii(',');
    this.#isOpen = true;
    this.#hasAnswers = false;
    return true;
  }

  #text(text: string): void {
    this.#lines.string(this.#digest.masked(text));
  }

  /** Most orders are their name alone. */
  #orderOf(event: { readonly type: string }): Uint8Array {
    for (const name in event)
      if (name !== 'type') return encoder.encode(`,"event":${toJSON(maskValue(event, this.#masking))}`);
    let order = this.#orders.get(event.type);
    if (order === undefined) {
      order = encoder.encode(`,"event":${JSON.stringify(event)}`);
      this.#orders.set(event.type, order);
    }
    return order;
  }

  /** The flows of a burst of datagrams are one. */
  #flowOf(flow: Flow): Uint8Array {
    if (flow !== this.#flow) {
      this.#flow = flow;
      this.#flowBytes = encoder.encode(`"input":"received","flow":${this.#flowText(flow)},"text":`);
    }
    return this.#flowBytes;
  }

  #flowText({ transport, remote }: Flow): string {
    return JSON.stringify([this.#transports.get(transport) ?? 0, remote.host, remote.port]);
  }

  #now(): number {
    return Math.floor(this.#configuration?.scheduler.now() ?? 0);
  }

  /** Ends the line, when what follows is no consequence of its input any more. */
  #finish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const lines = this.#lines;
    if (this.#hasAnswers) lines.ascii(']');
    lines.add(words.effects);
    lines.number(this.#effects);
    lines.add(words.digest);
    lines.number(this.#digest.take());
    if (this.#made !== undefined) {
      lines.json(`,"made":${toJSON(maskValue(this.#made, this.#masking))}`);
      this.#made = [];
    }
    lines.add(words.end);
    this.#effects = 0;
    if (lines.length > batchSize) this.#flush();
  }

  /** Whatever comes of an input has come when its turn is over. */
  #await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    queueMicrotask(() => {
      this.#isAwaited = false;
      this.#finish();
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    try {
      this.#sink.write(this.#lines.take());
      if (this.#sink.copies === true) this.#lines.reuse();
    } catch (error) {
      if (this.#attachment === undefined) return;
      this.#end();
      this.#warn(`The recording has stopped: ${error instanceof Error ? error.message : error}`);
      return;
    }
    const { waiting = 16 * 1024 * 1024 } = this.#options;
    if (this.#attachment !== undefined && (this.#sink.writableLength ?? 0) > waiting) this.#stop(waiting);
  }

  #stop(waiting: number): void {
    const reason = `its sink could not keep up: more than ${waiting} bytes were waiting`;
    this.#end({ at: this.#now(), end: 'stopped', reason });
    this.#flush();
    this.#warn(`The recording has stopped, for ${reason}`);
  }

  #end(line?: RecordingEnd): void {
    this.#attachment?.detach();
    this.#attachment = undefined;
    this.#isOpen = false;
    this.#made = undefined;
    this.#flow = undefined;
    if (line !== undefined) this.#lines.json(`${toJSON(line)}\n`);
  }

  #warn(message: string): void {
    this.#configuration?.application.failed(new Error(message));
  }

  #recordedDecision<Question>(decide: (question: Question) => boolean): (question: Question) => boolean {
    return (question) => {
      const outer = this.#enter();
      const decision = decide(question);
      this.#inside = outer;
      this.#answer(decision ? words.true : words.false);
      return decision;
    };
  }

  #recordedEntropy(entropy: Entropy): Entropy {
    return {
      token: () => this.#token(entropy.token()),
      number: (limit) => {
        const number = entropy.number(limit);
        if (this.#startAnswer()) this.#lines.number(number);
        return number;
      },
      tokenOf: (text) => this.#token(entropy.tokenOf(text)),
    };
  }

  #recordedApplication(application: Application): Application {
    const answered = <Given extends Verdict>(verdict: Given, outer: number): Given => {
      this.#inside = outer;
      if (verdict.type === 'refuse')
        this.#answer(encoder.encode(JSON.stringify(maskValue(verdict, this.#masking))));
      else this.#answer(words[verdict.type]);
      return verdict;
    };
    return {
      judge: (request, source, inDialog) => {
        const outer = this.#enter();
        return answered(application.judge(request, source, inDialog), outer);
      },
      admit: (request, source, replaces) => {
        const outer = this.#enter();
        return answered(application.admit(request, source, replaces), outer);
      },
      handles: (handler) => application.handles(handler),
      told: (live, event) => {
        const outer = this.#enter();
        application.told(live, event);
        this.#inside = outer;
      },
      sessionStarted: (session, uas) => application.sessionStarted(session, uas),
      watched: (direction, text, flow) => {
        const outer = this.#enter();
        application.watched?.(direction, text, flow);
        this.#inside = outer;
      },
      limited: (report) => application.limited(report),
      failed: (error) => application.failed(error),
    };
  }

  #recordedRevision<Revision extends readonly unknown[], Outcome>({
    revise,
  }: {
    revise(...revision: Revision): () => Outcome;
  }): (...revision: Revision) => () => Outcome {
    return (...revision) =>
      () => {
        const outer = this.#enter();
        try {
          return revise(...revision)();
        } finally {
          this.#inside = outer;
        }
      };
  }
}

const encoder = new TextEncoder();

/** What stands in many lines. */
const words = {
  at: encoder.encode('{"at":'),
  order: encoder.encode('"input":"order","machine":'),
  timerEnded: encoder.encode('"input":"timerEnded","machine":'),
  firstAnswer: encoder.encode(',"answers":['),
  nextAnswer: encoder.encode(','),
  effects: encoder.encode(',"effects":'),
  digest: encoder.encode(',"digest":'),
  end: encoder.encode('}\n'),
  true: encoder.encode('true'),
  false: encoder.encode('false'),
  grant: encoder.encode('"grant"'),
  pending: encoder.encode('"pending"'),
};

/** What is recorded of a message that leaves. */
export const sentEffect = (text: string, transport: number, { remote }: Flow) => ({
  type: 'sent',
  transport,
  host: remote.host,
  port: remote.port,
  message: { text, toJSON: () => text },
});

/** An endpoint that tells what it reads of its clock and its transports. */
class RecordedEndpoint extends Endpoint {
  constructor(
    configuration: Configuration,
    private readonly recorder: LineRecorder,
  ) {
    super(configuration);
  }

  override now(): number {
    const now = super.now();
    this.recorder.time(now);
    return now;
  }

  /** A transport's question comes with no input, and nothing that is replayed hangs on it. */
  override trusts(source: string): boolean {
    return this.recorder.trusts(source);
  }

  override hasFlowTo(transport: Transport, remote: Address): boolean {
    const isThere = super.hasFlowTo(transport, remote);
    this.recorder.connection(isThere);
    return isThere;
  }

  protected override opened(transport: Transport, address: Address): void {
    this.recorder.opened(transport, address);
    super.opened(transport, address);
  }
}

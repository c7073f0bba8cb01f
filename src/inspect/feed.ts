import { randomUUID } from 'node:crypto';
import type { AnyStateMachine, EventObject, StateValue } from 'xstate';
import type { Effect } from '../../machines/effects.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { Input, Journal } from '../endpoint/journal.js';
import { Dialog, type LiveMachine, type MachineEvent, UAS } from '../endpoint/live-machine.js';
import type { Snapshot } from '../engine/engine.js';
import type { Address, Message } from '../message/index.js';
import type { Flow } from '../transports/transport.js';
import { addressText } from '../transports/transport-error.js';
import type { Entry, InputEntry, MessageEntry, Standing, StepEntry } from './entry.js';
import { callIdIn, factsOf, type MachineFacts, machineOf, type Parties, partiesOf } from './machine-facts.js';
import { type MaskingOptions, maskText, maskValue } from './masking.js';
import { MessageIndex, readMessage } from './message-index.js';
import { kinds, Ring } from './ring.js';
import type { Source } from './source.js';
import { courseOf } from './steps.js';

export interface FeedOptions {
  /** How many entries are kept; 20,000 by default. */
  readonly size?: number;
  /** How many are kept while no page is open and more than 5,000 come in a second; 250 by default. */
  readonly unwatched?: number;
  /** How many characters the messages of these may have together; 32 MiB by default. */
  readonly characters?: number;
  readonly mask?: MaskingOptions;
  /** Milliseconds since 1970, or since the start of what is replayed. */
  readonly now?: () => number;
}

/** The speed is looked at once in so many entries; where they took fewer milliseconds, it is high. */
const span = 1_000;
const shortest = 200;

/** How many machines are told of as they stand: the youngest. */
const mostStandings = 10_000;

/**
 * Keeps the last of what happened in an endpoint as references to what the machines made anyway. Nothing is written out,
 * and no arrow looked for, before somebody reads.
 */
export class Feed implements Journal, Source {
  readonly start = randomUUID();
  readonly size: number;
  readonly over: Promise<void>;
  readonly now: () => number;
  readonly #ring: Ring;
  readonly #mask: MaskingOptions;
  readonly #messages: MessageIndex;
  readonly #facts = new WeakMap<LiveMachine, MachineFacts>();
  readonly #endpoint: Endpoint | undefined;
  readonly #attachment: { detach(): void } | undefined;
  #isLive: boolean;
  #end: () => void = () => {};
  /** Of the last input. */
  #at: number;
  #cause = 1;
  readonly #unwatched: number;
  #isWatched = false;
  #isBusy = false;
  /** When the speed was last looked at, and the entry at which it is looked at again. */
  #lookedAt: number;
  #nextLook = span;

  /** Listens to an endpoint from here on, or to whom it is given as a journal. */
  constructor(options: FeedOptions = {}, endpoint?: Endpoint) {
    const { size = 20_000, unwatched = 250, characters = 32 * 1024 * 1024 } = options;
    const { mask = {}, now = Date.now } = options;
    this.size = size;
    this.#ring = new Ring(size, characters);
    this.#mask = mask;
    this.#messages = new MessageIndex(this.#ring);
    this.now = now;
    this.#at = now();
    this.#lookedAt = this.#at;
    this.#unwatched = Math.min(unwatched, size);
    this.#endpoint = endpoint;
    this.#isLive = endpoint !== undefined;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#attachment = endpoint?.attach(this);
  }

  get live(): boolean {
    return this.#isLive;
  }

  detach(): void {
    this.#attachment?.detach();
  }

  input(input: FedInput): void {
    this.#at = this.now();
    if (this.#ring.next >= this.#nextLook || (this.#isBusy && this.#at - this.#lookedAt >= shortest))
      this.#look();
    const ring = this.#ring;
    this.#cause = ring.next;
    ring.add(
      kinds.input,
      this.#at,
      this.#cause,
      weightOf(input),
      input,
      undefined,
      undefined,
      undefined,
      undefined,
    );
  }

  sent(text: string, flow: Flow): void {
    this.#ring.add(
      kinds.sent,
      this.#at,
      this.#cause,
      text.length,
      text,
      flow,
      undefined,
      undefined,
      undefined,
    );
  }

  ended(): void {
    this.input({ type: 'ended' });
    this.#isLive = false;
    this.#end();
  }

  /** What a first step has in place of a snapshot before it is the machine's input. */
  step(
    live: LiveMachine,
    event: MachineEvent | undefined,
    before: Snapshot<AnyStateMachine> | undefined,
    effects: readonly Effect[],
    input: unknown,
  ): void {
    this.#ring.add(
      kinds.step,
      this.#at,
      this.#cause,
      0,
      live,
      event,
      event === undefined ? input : before,
      live.instance.snapshot,
      effects,
    );
  }

  get first(): number {
    return this.#ring.first;
  }

  get next(): number {
    return this.#ring.next;
  }

  /** How many characters the messages that are kept have. */
  get characters(): number {
    return this.#ring.weight;
  }

  entry(n: number): Entry | undefined {
    if (!this.#ring.has(n)) return undefined;
    switch (this.#ring.kind(n)) {
      case kinds.input:
        return this.#input(n);
      case kinds.sent: {
        const [text, flow] = this.#ring.content(n) as unknown as [string, Flow];
        return this.#message(n, 'sent', text, flow);
      }
      default:
        return this.#step(n);
    }
  }

  message(n: number): MessageEntry | undefined {
    const entry = this.#ring.has(n) && this.#ring.kind(n) !== kinds.step ? this.entry(n) : undefined;
    return entry?.kind === 'message' ? entry : undefined;
  }

  /** The entries from one on, at most so many. */
  read(from = this.first, limit = Number.POSITIVE_INFINITY): readonly Entry[] {
    const entries: Entry[] = [];
    for (let n = Math.max(from, this.first); n < this.next && entries.length < limit; n++)
      entries.push(this.entry(n) as Entry);
    return entries;
  }

  watch(isWatched: boolean): void {
    this.#isWatched = isWatched;
    if (!isWatched) this.#messages.clear();
    this.#settle();
  }

  #settle(): void {
    this.#ring.resize(this.#isBusy && !this.#isWatched ? this.#unwatched : this.size);
  }

  /**
   * What outlives a few collections of garbage costs many times what it costs to keep it here, the more so as V8 then
   * takes its like for long-lived from the start.
   */
  #look(): void {
    const isBusy = this.#at - this.#lookedAt < shortest;
    this.#lookedAt = this.#at;
    this.#nextLook = this.#ring.next + span;
    if (isBusy === this.#isBusy) return;
    this.#isBusy = isBusy;
    this.#settle();
  }

  localAddress(protocol: string, remote: Address): Address | undefined {
    const isIPv6 = remote.host.includes(':');
    for (const address of this.#endpoint?.ownAddresses.of(protocol) ?? [])
      if (address.host.includes(':') === isIPv6) return address;
    return undefined;
  }

  standings(): readonly Standing[] {
    const histories = this.#histories();
    const present = new Map<number, LiveMachine>();
    for (const live of this.#endpoint?.tables.all() ?? []) present.set(live.number, live);
    const numbers = new Set([...present.keys(), ...histories.keys()]);
    const youngest = [...numbers].sort((one, other) => one - other).slice(-mostStandings);
    const machines = youngest.map((number) => present.get(number) ?? histories.get(number)!.live);
    const calls = this.#partiesOf(machines);
    return machines.map((machine) => {
      const { callId = '' } = this.#factsOf(machine);
      const isGone = this.#endpoint !== undefined && !present.has(machine.number);
      return this.#standing(machine, histories.get(machine.number), isGone, calls.get(callId));
    });
  }

  /** By Call-ID, as the oldest machine that knows them does. */
  #partiesOf(machines: readonly LiveMachine[]): ReadonlyMap<string, Parties> {
    const calls = new Map<string, Parties>();
    for (const machine of machines) {
      const { callId } = this.#factsOf(machine);
      if (callId === undefined || calls.has(callId)) continue;
      const parties = partiesOf(machine);
      if (parties !== undefined) calls.set(callId, parties);
    }
    return calls;
  }

  #standing(
    machine: LiveMachine,
    history: History | undefined,
    isGone: boolean,
    parties: Parties | undefined,
  ): Standing {
    const oldest = this.#ring.has(this.first) ? this.#ring.at(this.first) : this.#at;
    const { id, chart, parent, method, callId } = this.#factsOf(machine);
    const { value, status } = (history?.snapshot ?? machine.instance.snapshot) as Snapshot<AnyStateMachine>;
    return {
      machine: machine.number,
      id,
      chart,
      ...(parent === undefined ? {} : { parent }),
      ...(method === undefined ? {} : { method }),
      ...(callId === undefined ? {} : { callId }),
      ...parties,
      value: value as StateValue,
      status: isGone ? 'done' : status,
      since: history?.since ?? oldest,
      at: history?.at ?? oldest,
      timers: isGone || status === 'done' ? [] : this.#timersOf(machine, history, oldest),
    };
  }

  /** Those of a live machine are its own; those of one that is replayed are what its steps have started. */
  #timersOf(live: LiveMachine, history: History | undefined, oldest: number): Standing['timers'] {
    const scheduler = this.#endpoint?.configuration.scheduler;
    if (scheduler === undefined)
      return [...(history?.timers ?? [])].map(([timer, span]) => ({ timer, ...span }));
    const offset = this.now() - scheduler.now();
    return [...live.timers()].map((timer) => {
      const { name } = timer;
      const span = history?.timers.get(name);
      if (span !== undefined) return { timer: name, ...span };
      const deadline = scheduler.deadlineOf?.(timer);
      const until = deadline === undefined ? oldest : deadline + offset;
      return { timer: name, from: Math.min(oldest, until), until };
    });
  }

  /** What the steps that are kept say of each machine. */
  #histories(): ReadonlyMap<number, History> {
    const histories = new Map<number, History>();
    for (let n = this.first; n < this.next; n++) {
      if (this.#ring.kind(n) !== kinds.step) continue;
      const [live, event, , snapshot, effects] = this.#stepAt(n);
      const at = this.#ring.at(n);
      this.#factsOf(live, n);
      const history = histories.get(live.number) ?? {
        live,
        since: event === undefined ? at : undefined,
        at,
        snapshot,
        timers: new Map(),
      };
      history.at = at;
      history.snapshot = snapshot;
      if (event !== undefined) history.timers.delete(event.type);
      for (const effect of effects) {
        if (effect.type === 'stopTimer') history.timers.delete(effect.timer);
        if (effect.type === 'startTimer')
          history.timers.set(effect.timer, { from: at, until: at + effect.delay });
      }
      histories.set(live.number, history);
    }
    return histories;
  }

  #stepAt(n: number): StepContent {
    return this.#ring.content(n) as unknown as StepContent;
  }

  #common(n: number, callId: string | undefined) {
    const common = { n, at: this.#ring.at(n), cause: this.#ring.cause(n) };
    return callId === undefined ? common : { ...common, callId };
  }

  #input(n: number): Entry {
    const [input] = this.#ring.content(n) as unknown as [FedInput];
    switch (input.type) {
      case 'received':
        return this.#message(n, 'received', input.text, input.flow);
      case 'unframed':
      case 'closed':
        return this.#inputEntry(n, input.type, undefined, routeText(input.flow));
      case 'timerEnded':
        return this.#inputEntry(n, input.type, input.live, input.timer);
      case 'order':
        return this.#inputEntry(n, input.type, input.live, input.event.type);
      case 'sendFailed':
        return this.#inputEntry(n, input.type, input.live, input.error.code);
      case 'resolved':
        return this.#inputEntry(n, input.type, input.live, input.failure ?? input.hosts.join(', '));
      case 'close':
        return this.#inputEntry(n, input.type, undefined, `${input.drain}`);
      default:
        return this.#inputEntry(n, input.type, undefined, undefined);
    }
  }

  #inputEntry(
    n: number,
    input: InputEntry['input'],
    live: LiveMachine | undefined,
    what: string | undefined,
  ): InputEntry {
    return {
      ...this.#common(n, live === undefined ? undefined : this.#factsOf(live).callId),
      kind: 'input',
      input,
      ...(live === undefined ? {} : { machine: live.number }),
      ...(what === undefined ? {} : { what }),
    };
  }

  #message(n: number, direction: MessageEntry['direction'], text: string, flow: Flow): MessageEntry {
    const masked = maskText(text, this.#mask);
    const { callId, label } = readMessage(masked);
    return {
      ...this.#common(n, callId),
      kind: 'message',
      direction,
      protocol: flow.transport.protocol,
      remote: addressText(flow.remote),
      text: masked,
      label,
      isRetransmission: this.#messages.isRetransmission(n),
    };
  }

  #step(n: number): StepEntry {
    const [live, event, before, { value, status }, effects] = this.#stepAt(n);
    const { id, chart, parent, method, callId } = this.#factsOf(live, n);
    const snapshot = event === undefined ? undefined : (before as Snapshot<AnyStateMachine>);
    return {
      ...this.#common(n, callId),
      kind: 'step',
      machine: live.number,
      id,
      chart,
      ...(parent === undefined ? {} : { parent }),
      ...(method === undefined ? {} : { method }),
      ...(event === undefined ? {} : { event: maskValue(event, this.#mask) as EventObject }),
      ...(snapshot === undefined ? {} : { from: snapshot.value as StateValue }),
      to: value as StateValue,
      status,
      ...courseOf(machineOf(live), event, snapshot, before),
      effects: maskValue(effects, this.#mask) as readonly EventObject[],
    };
  }

  /** `n` is a step of the machine, where one is at hand. */
  #factsOf(live: LiveMachine, n?: number): MachineFacts {
    let facts = this.#facts.get(live);
    if (facts === undefined) {
      facts = factsOf(live);
      this.#facts.set(live, facts);
    }
    if (n === undefined) return facts;
    if (facts.callId === undefined) {
      const [, event, before, after, effects] = this.#stepAt(n);
      const context = (snapshot: unknown) => (snapshot as { context?: unknown } | undefined)?.context;
      facts.callId = callIdIn([event, before, context(before), context(after), ...effects]);
    }
    if (facts.parent === undefined && live instanceof Dialog) {
      const maker = this.#makerOf(live, n);
      facts.parent = maker?.number;
      facts.method = maker?.arrival.request.method ?? facts.method;
    }
    return facts;
  }

  /** The user agent server whose step made a dialog: the last before the dialog's first that orders one. */
  #makerOf(dialog: Dialog, n: number): UAS | undefined {
    if (this.#stepAt(n)[1] !== undefined) return undefined;
    for (let earlier = n - 1; earlier >= this.first; earlier--) {
      if (this.#ring.cause(earlier) !== this.#ring.cause(n)) return undefined;
      if (this.#ring.kind(earlier) !== kinds.step) continue;
      const [live, , , , effects] = this.#stepAt(earlier);
      if (!(live instanceof UAS)) continue;
      if (effects.some(({ type }) => type === 'startSession' || type === 'startNotifier'))
        return dialog.key.startsWith(live.arrival.essentials.callId) ? live : undefined;
    }
    return undefined;
  }
}

/** What comes to an endpoint, and that nothing more does. */
type FedInput = Input | { readonly type: 'ended' };

type StepContent = readonly [
  live: LiveMachine,
  event: MachineEvent | undefined,
  before: unknown,
  after: Snapshot<AnyStateMachine>,
  effects: readonly Effect[],
];

interface History {
  readonly live: LiveMachine;
  readonly since: number | undefined;
  at: number;
  snapshot: Snapshot<AnyStateMachine>;
  readonly timers: Map<string, { readonly from: number; readonly until: number }>;
}

const routeText = ({ transport, remote }: Flow) => `${transport.protocol} ${addressText(remote)}`;

/** How many characters of messages an input keeps alive that no other entry need speak of. */
const weightOf = (input: FedInput): number => {
  switch (input.type) {
    case 'received':
    case 'unframed':
      return input.text.length;
    case 'timerEnded':
    case 'order': {
      const { request, response } = input.live.instance.snapshot.context as {
        readonly request?: Message;
        readonly response?: Message;
      };
      return (request?.text?.length ?? 0) + (response?.text?.length ?? 0);
    }
    default:
      return 0;
  }
};

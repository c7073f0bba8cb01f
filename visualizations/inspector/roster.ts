import type { Entry, MessageEntry, Standing, StepEntry } from '../../src/inspect/entry.js';
import { branchOf, factsOf, type Party, partyOf } from './message-facts.js';
import { firstAfter } from './player.js';

/** A machine, whatever its state. */
export interface MachineRecord {
  readonly number: number;
  readonly id: string;
  /** The name of its picture. */
  readonly chart: string;
  readonly parent: number | undefined;
  readonly method: string | undefined;
  readonly call: CallRecord;
  /** A transaction's, and that of its user agent server. */
  branch: string | undefined;
  steps: StepEntry[];
}

/** All that has one Call-ID. */
export interface CallRecord {
  /** Empty for what has none. */
  readonly callId: string;
  entries: Entry[];
  /** In the order in which they started. */
  machines: MachineRecord[];
  /** Of the first message, or what the server still knows of the one that began it. */
  from: Party | undefined;
  to: Party | undefined;
  method: string | undefined;
  /** The branches of its messages, separated by spaces. */
  branches: string;
  messages: number;
}

/** Who there is in a timeline: it only grows, so that a list of it stands still while the time moves. */
export class Roster {
  readonly calls = new Map<string, CallRecord>();
  readonly machines = new Map<number, MachineRecord>();
  /** The names of all their pictures. */
  readonly charts = new Set<string>();
  /** What the entries of late come of. */
  #cause: Entry | undefined;

  add(entry: Entry): void {
    if (entry.n === entry.cause) this.#cause = entry;
    const call = this.#call(entry.callId ?? '');
    call.entries.push(entry);
    if (entry.kind === 'message') addMessage(call, entry);
    else if (entry.kind === 'step') this.#step(call, entry);
  }

  #step(call: CallRecord, entry: StepEntry): void {
    const known = this.machines.get(entry.machine);
    const record = known ?? this.#start(call, entry);
    if (entry.event === undefined)
      record.branch = this.#branch(entry) ?? this.machines.get(entry.parent ?? 0)?.branch;
    record.steps.push(entry);
  }

  /** A machine whose first steps are not known. */
  meet(standing: Standing): void {
    const call = this.#call(standing.callId ?? '');
    if (!this.machines.has(standing.machine)) this.#start(call, standing);
    call.from ??= partyOf(standing.from);
    call.to ??= partyOf(standing.to);
    call.method ??= standing.method;
  }

  /** Leaves out the entries up to a number, and the machines and calls that then have neither an entry nor a life. */
  forget(n: number, living: ReadonlyMap<number, unknown>): void {
    for (const call of this.calls.values()) {
      if ((call.entries[0]?.n ?? n) > n) continue;
      call.entries = call.entries.slice(firstAfter(call.entries, n));
      for (const record of call.machines) record.steps = record.steps.slice(firstAfter(record.steps, n));
      const gone = call.machines.filter(({ number, steps }) => steps.length === 0 && !living.has(number));
      for (const { number } of gone) this.machines.delete(number);
      if (gone.length > 0) call.machines = call.machines.filter(({ number }) => this.machines.has(number));
      if (call.machines.length === 0 && call.entries.length === 0) this.calls.delete(call.callId);
    }
  }

  #call(callId: string): CallRecord {
    const before = this.calls.get(callId);
    if (before !== undefined) return before;
    const call: CallRecord = {
      callId,
      entries: [],
      machines: [],
      from: undefined,
      to: undefined,
      method: undefined,
      branches: '',
      messages: 0,
    };
    this.calls.set(callId, call);
    return call;
  }

  #start(call: CallRecord, of: StepEntry | Standing): MachineRecord {
    const { machine: number, id, chart, parent, method } = of;
    const record: MachineRecord = { number, id, chart, parent, method, call, branch: undefined, steps: [] };
    this.machines.set(number, record);
    this.charts.add(chart);
    call.machines.push(record);
    return record;
  }

  /** Of the request that a client transaction sends, or that a server transaction was made for. */
  #branch({ chart, effects, cause }: StepEntry): string | undefined {
    if (!chart.endsWith('-transaction')) return undefined;
    for (const effect of effects)
      if (effect.type === 'sendRequest' && 'request' in effect && typeof effect.request === 'string')
        return branchOf(effect.request);
    const entry = this.#cause?.n === cause ? this.#cause : undefined;
    return entry?.kind === 'message' ? factsOf(entry).branch : undefined;
  }
}

function addMessage(call: CallRecord, entry: MessageEntry): void {
  const facts = factsOf(entry);
  call.messages++;
  call.from ??= facts.from;
  call.to ??= facts.to;
  call.method ??= facts.method;
  if (facts.branch !== undefined && !call.branches.includes(facts.branch))
    call.branches += ` ${facts.branch}`;
}

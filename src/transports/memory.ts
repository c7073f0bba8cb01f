import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Address } from '../message/message.js';
import {
  check,
  having,
  isNumber,
  isShare,
  listOf,
  optionsOf,
  required,
  wholeNumber,
} from '../options/rules.js';
import type { Flow, Receiver, Sender, Transport, TransportError } from './transport.js';
import { addressText, systemError } from './transport-error.js';

/** What the network asks of a scheduler. */
interface DeliveryScheduler {
  now(): number;
  start(owner: { timerEnded(name: string, now: number): void }, name: string, delay: number): unknown;
}

export interface MemoryNetworkOptions {
  readonly scheduler: DeliveryScheduler;
  /** Chance comes from this number alone: one seed and one course of sends give one course of deliveries. */
  readonly seed: number;
  /** The share of datagrams that are lost, from 0 to 1. */
  readonly loss?: number;
  /** Milliseconds under way, or the least and the most of them; 0 by default. */
  readonly delay?: number | readonly [least: number, most: number];
  /** The share of datagrams that arrive twice, from 0 to 1. */
  readonly duplication?: number;
  /** The share of datagrams that are held back for up to 20 ms more, while later ones overtake them, from 0 to 1. */
  readonly reordering?: number;
}

/** A message on its way. */
export interface MemoryMessage {
  /** Counts what was sent on the network, from 1. */
  readonly number: number;
  readonly protocol: 'UDP' | 'TCP';
  /** The addresses at which the two transports are open. */
  readonly from: Address;
  readonly to: Address;
  readonly text: string;
}

/**
 * What becomes of a message: `fail` tells its sender that it could not be sent, `delay` is in milliseconds and lets a
 * datagram be overtaken. On TCP, which neither loses nor repeats, `lose` and `fail` break the connection, and
 * `duplicate` delivers.
 */
export type Fate = 'deliver' | 'lose' | 'duplicate' | 'fail' | { readonly delay: number };

/** Transports joined without sockets. Every delivery, failure and end of a connection comes through the scheduler. */
export interface MemoryNetwork {
  /** A transport of this network; port 0 takes a free one when it opens. */
  transport(options: { readonly protocol: 'UDP' | 'TCP'; readonly address: Address }): Transport;
  /** Shows each message when it is sent and lets `decide` settle its fate; `undefined` leaves it to chance. The latest `decide` counts. */
  on(decide: (message: MemoryMessage) => Fate | undefined): void;
  /** Breaks the TCP connections of the transport at an address, or those between two; what is under way on them is lost. */
  cut(one: Address, other?: Address): void;
}

export function createMemoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  check('createMemoryNetwork', options, networkRule);
  return new Network(options);
}

const example = 'createMemoryNetwork({ scheduler: createVirtualScheduler(), seed: 1 })';
const isDelay = wholeNumber(0, 2 ** 31 - 1, 'milliseconds');
const networkRule = required(
  optionsOf<MemoryNetworkOptions>({
    scheduler: required(having('a scheduler, as createVirtualScheduler() makes', 'now', 'start'), example),
    seed: required(isNumber, example),
    loss: isShare,
    delay: (value, name) => (Array.isArray(value) ? listOf(isDelay) : isDelay)(value, name),
    duplication: isShare,
    reordering: isShare,
  }),
  example,
);

const longestHoldBack = 20;
const firstFreePort = 49_152;
/** 65,535 less the headers of IPv4 and UDP. */
const largestDatagram = 65_507;

/** What is to happen to one message. */
interface Course {
  readonly copies: 0 | 1 | 2;
  readonly delay: number;
  /** Milliseconds by which a copy that may be overtaken comes later. */
  readonly holdBack: number;
  readonly overtaken: boolean;
  readonly failed: boolean;
}

class Network implements MemoryNetwork {
  readonly scheduler: DeliveryScheduler;
  readonly open = new Map<string, MemoryTransport>();
  readonly #options: Required<Omit<MemoryNetworkOptions, 'scheduler' | 'seed'>>;
  readonly #random: () => number;
  #decide: (message: MemoryMessage) => Fate | undefined = () => undefined;
  #sent = 0;
  #freePort = firstFreePort;

  constructor({
    scheduler,
    seed,
    loss = 0,
    delay = 0,
    duplication = 0,
    reordering = 0,
  }: MemoryNetworkOptions) {
    this.scheduler = scheduler;
    this.#options = { loss, delay, duplication, reordering };
    this.#random = randomNumbers(seed);
  }

  transport({ protocol, address }: { protocol: 'UDP' | 'TCP'; address: Address }): Transport {
    return protocol === 'UDP' ? new UdpMemory(this, address) : new TcpMemory(this, address);
  }

  on(decide: (message: MemoryMessage) => Fate | undefined): void {
    this.#decide = decide;
  }

  cut(one: Address, other?: Address): void {
    const transport = this.open.get(keyOf('TCP', one));
    if (!(transport instanceof TcpMemory)) return;
    for (const end of [...transport.ends.values()])
      if (other === undefined || equals(end.peer!.transport.local, other)) end.breakBoth();
  }

  freeAddress(host: string): Address {
    return { host, port: this.#freePort++ };
  }

  /** Draws the same count of numbers for each message, so that a settled fate leaves those of the others alone. */
  course(protocol: 'UDP' | 'TCP', from: Address, to: Address, text: string): Course {
    const { loss, delay, duplication, reordering } = this.#options;
    const [least, most] = typeof delay === 'number' ? [delay, delay] : delay;
    const lost = this.#random() < loss;
    const copies = this.#random() < duplication ? 2 : 1;
    const overtaken = this.#random() < reordering;
    const drawn = Math.round(least + this.#random() * (most - least));
    const holdBack = 1 + Math.floor(this.#random() * longestHoldBack);
    const ordinary = { copies: 1, delay: drawn, holdBack, overtaken: false, failed: false } as const;

    const fate = this.#decide({ number: ++this.#sent, protocol, from, to, text });
    if (fate === 'deliver' || (fate === undefined && protocol === 'TCP')) return ordinary;
    if (fate === undefined) return { ...ordinary, copies: lost ? 0 : copies, overtaken };
    if (fate === 'lose') return { ...ordinary, copies: 0 };
    if (fate === 'duplicate') return { ...ordinary, copies: 2 };
    if (fate === 'fail') return { ...ordinary, copies: 0, failed: true };
    return { ...ordinary, delay: fate.delay, holdBack: 0, overtaken: true };
  }

  fail(sender: Sender, protocol: 'UDP' | 'TCP', address: Address, code: string): void {
    this.later(() => sender.sendFailed(systemError(protocol, address, code)));
  }

  later(run: () => void): void {
    this.scheduler.start({ timerEnded: run }, 'network', 0);
  }
}

abstract class MemoryTransport implements Transport {
  abstract readonly protocol: 'UDP' | 'TCP';
  abstract readonly reliable: boolean;
  readonly network: Network;
  local: Address;
  receiver: Receiver | undefined;
  #closed = false;

  constructor(network: Network, local: Address) {
    this.network = network;
    this.local = local;
  }

  abstract hasFlowTo(remote: Address): boolean;
  abstract flowTo(remote: Address): Flow;
  abstract send(text: string, flow: Flow, sender: Sender): void;
  protected abstract end(): void;

  open(receiver: Receiver): TaskEither<TransportError, Address> {
    return async () => {
      if (this.local.port === 0) this.local = this.network.freeAddress(this.local.host);
      const key = keyOf(this.protocol, this.local);
      if (this.#closed) return left(systemError(this.protocol, this.local, 'ERR_SOCKET_CLOSED'));
      if (this.network.open.has(key)) return left(systemError(this.protocol, this.local, 'EADDRINUSE'));
      this.network.open.set(key, this);
      this.receiver = receiver;
      return right(this.local);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.receiver === undefined) return;
    this.end();
    this.network.open.delete(keyOf(this.protocol, this.local));
    this.receiver = undefined;
  }
}

class UdpMemory extends MemoryTransport {
  readonly protocol = 'UDP';
  readonly reliable = false;
  /** By remote address, when the latest datagram that may not be overtaken arrives. */
  readonly #arrivals = new Map<string, number>();

  hasFlowTo(): boolean {
    return false;
  }

  flowTo(remote: Address): Flow {
    return { transport: this, remote };
  }

  send(text: string, { remote }: Flow, sender: Sender): void {
    if (this.receiver === undefined) this.network.fail(sender, 'UDP', this.local, 'ERR_SOCKET_CLOSED');
    else if (text.length > largestDatagram) this.network.fail(sender, 'UDP', remote, 'EMSGSIZE');
    else this.#send(text, remote, sender);
  }

  protected end(): void {}

  #send(text: string, remote: Address, sender: Sender): void {
    const course = this.network.course('UDP', this.local, remote, text);
    if (course.failed) this.network.fail(sender, 'UDP', remote, 'EHOSTUNREACH');
    if (course.copies === 0) return;
    const delay = course.overtaken ? course.delay + course.holdBack : this.#inOrder(remote, course.delay);
    this.#start(text, remote, delay);
    if (course.copies === 2) this.#start(text, remote, delay + course.holdBack);
  }

  #inOrder(remote: Address, delay: number): number {
    const now = this.network.scheduler.now();
    const key = keyOf('UDP', remote);
    const arrival = Math.max(now + delay, this.#arrivals.get(key) ?? 0);
    this.#arrivals.set(key, arrival);
    return arrival - now;
  }

  #start(text: string, to: Address, delay: number): void {
    this.network.scheduler.start(new Datagram(this, to, text), 'datagram', delay);
  }
}

class Datagram {
  readonly #from: UdpMemory;
  readonly #to: Address;
  readonly #text: string;

  constructor(from: UdpMemory, to: Address, text: string) {
    this.#from = from;
    this.#to = to;
    this.#text = text;
  }

  timerEnded(): void {
    const target = this.#from.network.open.get(keyOf('UDP', this.#to));
    target?.receiver?.received(this.#text, { transport: target, remote: this.#from.local });
  }
}

class TcpMemory extends MemoryTransport {
  readonly protocol = 'TCP';
  readonly reliable = true;
  /** The open connections by remote address. */
  readonly ends = new Map<string, End>();

  hasFlowTo(remote: Address): boolean {
    return this.ends.has(keyOf('TCP', remote));
  }

  flowTo(remote: Address): Flow {
    return this.ends.get(keyOf('TCP', remote)) ?? new End(this, remote);
  }

  send(text: string, flow: Flow, sender: Sender): void {
    if (!(flow instanceof End) || flow.closed || this.receiver === undefined)
      this.network.fail(sender, 'TCP', flow.remote, 'ERR_SOCKET_CLOSED');
    else this.#send(text, flow, flow.peer ?? this.#connect(flow), sender);
  }

  protected end(): void {
    for (const end of [...this.ends.values()]) {
      end.peer?.arrive(undefined, 0);
      end.break();
    }
  }

  #send(text: string, flow: End, peer: End | undefined, sender: Sender): void {
    if (peer === undefined) {
      this.network.fail(sender, 'TCP', flow.remote, 'ECONNREFUSED');
      flow.break();
      return;
    }
    const course = this.network.course('TCP', this.local, peer.transport.local, text);
    if (course.failed) this.network.fail(sender, 'TCP', flow.remote, 'ECONNRESET');
    if (course.copies === 0) flow.breakBoth();
    else peer.arrive(text, course.delay);
  }

  #connect(flow: End): End | undefined {
    const target = this.network.open.get(keyOf('TCP', flow.remote));
    if (!(target instanceof TcpMemory)) return undefined;
    const peer = new End(target, this.network.freeAddress(this.local.host));
    flow.join(peer);
    peer.join(flow);
    return peer;
  }
}

/** One end of a connection. */
class End implements Flow {
  readonly transport: TcpMemory;
  readonly remote: Address;
  peer: End | undefined;
  closed = false;
  /** What comes in, oldest first; `undefined` is the end of the connection. */
  readonly #arriving: (string | undefined)[] = [];
  #arrival = 0;

  constructor(transport: TcpMemory, remote: Address) {
    this.transport = transport;
    this.remote = remote;
  }

  join(peer: End): void {
    this.peer = peer;
    this.transport.ends.set(keyOf('TCP', this.remote), this);
  }

  arrive(text: string | undefined, delay: number): void {
    const { scheduler } = this.transport.network;
    this.#arrival = Math.max(scheduler.now() + delay, this.#arrival);
    this.#arriving.push(text);
    scheduler.start(this, 'stream', this.#arrival - scheduler.now());
  }

  timerEnded(): void {
    const text = this.#arriving.shift();
    if (this.closed) return;
    if (text === undefined) this.break();
    else this.transport.receiver?.received(text, this);
  }

  break(): void {
    if (this.closed) return;
    this.closed = true;
    const key = keyOf('TCP', this.remote);
    if (this.transport.ends.get(key) === this) this.transport.ends.delete(key);
    const { network, receiver } = this.transport;
    network.later(() => receiver?.closed(this));
  }

  breakBoth(): void {
    this.break();
    this.peer?.break();
  }
}

function keyOf(protocol: string, address: Address): string {
  return `${protocol} ${addressText(address)}`;
}

function equals(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port;
}

/** Numbers from 0 up to 1: a 32-bit xorshift, whose state is never 0. */
function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x6a09e667 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

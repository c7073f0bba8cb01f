import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Address } from '../message/message.js';
import { check, optionsOf, required } from '../options/rules.js';
import { addressRules, mappedHost, unmappedHost } from './numeric-address.js';
import type { Flow, Receiver, Sender, Transport, TransportError } from './transport.js';
import { systemError } from './transport-error.js';

export interface UdpOptions {
  /** Numeric, without brackets; `::` takes IPv4 too. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/**
 * SIP over UDP (RFC 3261 §18), one socket. Keep-alives and STUN (RFC 5626 §3.5, §8) are dropped. What the system refuses to
 * send fails at once; that an ICMP error came back is not heard.
 */
// Deviates from RFC 3261 §18.4: Linux keeps ICMP errors from an unconnected socket. One that has it tell them (IP_RECVERR, which Node
// doesn't offer) hears no address, and fails its next datagram, whoever that is for. A connected socket hears them, but on the same
// port it needs SO_REUSEADDR, by which any process takes the port over; and on another, a peer that hears this port alone refuses it.
export function udp(options: UdpOptions): Transport {
  check('udp', options, udpRule);
  return new UdpTransport(options);
}

const example = "udp({ host: '127.0.0.1', port: 5060 })";
const udpRule = required(optionsOf<UdpOptions>(addressRules(example)), example);

/** What arrives in a burst waits here; the system may grant less. */
const socketBufferSize = 4 * 1024 * 1024;
const flushLimit = 2_000;
const slabSize = 64 * 1024;
const rememberedFlows = 256;

interface Incoming {
  readonly text: string;
  readonly flow: Flow;
}

interface Outgoing extends Incoming {
  readonly sender: Sender;
}

class UdpTransport implements Transport {
  readonly protocol = 'UDP';
  readonly reliable = false;
  readonly #local: Address;
  readonly #ipv6: boolean;
  /** The latest flow by the last bits of its port, so that the datagrams of a peer share one. */
  readonly #flows: (UdpFlow | undefined)[] = new Array(rememberedFlows).fill(undefined);
  #socket: Socket | undefined;
  #incoming: Incoming[] = [];
  /** While what has arrived is handled. */
  #outgoing: Outgoing[] | undefined;
  #slab = Buffer.alloc(0);
  #slabUsed = 0;
  #sending = 0;
  #flushed: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor({ host, port }: UdpOptions) {
    this.#local = { host, port };
    this.#ipv6 = isIP(host) === 6;
  }

  open(receiver: Receiver): TaskEither<TransportError, Address> {
    return async () => {
      const refusal = this.#refusal();
      return refusal === undefined ? this.#bind(receiver) : left(systemError('UDP', this.#local, refusal));
    };
  }

  hasFlowTo(): boolean {
    return false;
  }

  flowTo({ host, port }: Address): Flow {
    return this.#flow(host, port);
  }

  send(text: string, flow: Flow, sender: Sender): void {
    const socket = this.#socket;
    if (socket === undefined || this.#closing !== undefined) {
      process.nextTick(() => sender.sendFailed(systemError('UDP', this.#local, 'ERR_SOCKET_CLOSED')));
      return;
    }
    if (this.#outgoing === undefined) this.#sendNow(socket, text, flow, sender);
    else this.#outgoing.push({ text, flow, sender });
  }

  close(): Promise<void> {
    this.#closing ??= this.#flushAndClose();
    return this.#closing;
  }

  #refusal(): string | undefined {
    if (isIP(this.#local.host) === 0) return 'ENOTFOUND';
    if (this.#closing !== undefined) return 'ERR_SOCKET_CLOSED';
    return this.#socket === undefined ? undefined : 'ERR_SOCKET_ALREADY_BOUND';
  }

  #bind(receiver: Receiver): Promise<Either<TransportError, Address>> {
    const socket = createSocket({ type: this.#ipv6 ? 'udp6' : 'udp4', lookup: numericLookup });
    this.#socket = socket;
    socket.on('message', (bytes, { address, port }) => this.#received(bytes, address, port, receiver));
    return new Promise((resolve) => {
      socket.once('error', (error) => {
        this.#socket = undefined;
        socket.close();
        resolve(left(systemError('UDP', this.#local, error)));
      });
      socket.bind(this.#local.port, this.#local.host, () => {
        socket.removeAllListeners('error');
        // An error here names no datagram, and an unconnected socket goes on after it.
        socket.on('error', () => {});
        enlargeBuffers(socket);
        const { address, port } = socket.address();
        resolve(right({ host: unmappedHost(address), port }));
      });
    });
  }

  #received(bytes: Buffer, host: string, port: number, receiver: Receiver): void {
    if (isKeepAlive(bytes)) return;
    if (this.#incoming.length === 0) setImmediate(() => this.#handle(receiver));
    this.#incoming.push({ text: bytes.toString('latin1'), flow: this.#flow(unmappedHost(host), port) });
  }

  /**
   * What arrived in one turn of the event loop is handled together, and what that sends leaves together: going to and
   * fro between the kernel and the program for each datagram costs half as much again, in cold caches and wake-ups.
   */
  #handle(receiver: Receiver): void {
    const incoming = this.#incoming;
    const outgoing: Outgoing[] = [];
    this.#incoming = [];
    this.#outgoing = outgoing;
    for (let index = 0; index < incoming.length; index++) {
      const { text, flow } = incoming[index]!;
      receiver.received(text, flow);
    }
    this.#outgoing = undefined;
    const socket = this.#socket;
    for (let index = 0; index < outgoing.length; index++) {
      const { text, flow, sender } = outgoing[index]!;
      if (socket === undefined) sender.sendFailed(systemError('UDP', this.#local, 'ERR_SOCKET_CLOSED'));
      else this.#sendNow(socket, text, flow, sender);
    }
  }

  /** The text in a slab that many datagrams share, larger than the pool of `Buffer.from`: fewer and cheaper allocations. */
  #bytes(text: string): Buffer {
    const { length } = text;
    if (length > slabSize / 16) return Buffer.from(text, 'latin1');
    if (this.#slab.length - this.#slabUsed < length) {
      this.#slab = Buffer.allocUnsafeSlow(slabSize);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slabUsed += this.#slab.write(text, start, 'latin1');
    return this.#slab.subarray(start, this.#slabUsed);
  }

  #sendNow(socket: Socket, text: string, flow: Flow, sender: Sender): void {
    const { host, port } = flow.remote;
    const sent = (error: unknown) => {
      this.#sending--;
      if (error !== null) sender.sendFailed(systemError('UDP', flow.remote, error));
      if (this.#sending === 0) this.#flushed?.();
    };
    this.#sending++;
    try {
      // dgram forgets an error that it has no callback for.
      socket.send(this.#bytes(text), port, this.#ipv6 ? mappedHost(host) : host, sent);
    } catch (error) {
      process.nextTick(sent, error);
    }
  }

  #flow(host: string, port: number): UdpFlow {
    const index = port % rememberedFlows;
    const remembered = this.#flows[index];
    if (remembered !== undefined && remembered.remote.port === port && remembered.remote.host === host)
      return remembered;
    const flow = new UdpFlow(this, { host, port });
    this.#flows[index] = flow;
    return flow;
  }

  async #flushAndClose(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    // What is being handled at this moment leaves first.
    if (this.#outgoing !== undefined) await new Promise((resolve) => setImmediate(resolve));
    if (this.#sending > 0) await this.#flush();
    this.#socket = undefined;
    await new Promise<void>((resolve) => socket.close(resolve));
  }

  #flush(): Promise<void> {
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, flushLimit);
      this.#flushed = () => {
        clearTimeout(limit);
        resolve();
      };
    });
  }
}

class UdpFlow implements Flow {
  readonly transport: Transport;
  readonly remote: Address;

  constructor(transport: Transport, remote: Address) {
    this.transport = transport;
    this.remote = remote;
  }
}

/** At most CRLF CRLF, or what begins as STUN does (RFC 5626 §8). */
function isKeepAlive(bytes: Buffer): boolean {
  return bytes.length <= 4 || bytes[0]! <= 1;
}

/** Hosts are numeric: this saves a task and a `dns.lookup` a send. */
function numericLookup(
  host: string,
  family: unknown,
  found: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  found(null, host, family === 6 ? 6 : 4);
}

function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(socketBufferSize);
    socket.setSendBufferSize(socketBufferSize);
  } catch {
    // The system keeps to its own size.
  }
}

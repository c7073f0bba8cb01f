import { createServer, isIP, type Server, type Socket } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Limits } from '../message/limits.js';
import type { Address } from '../message/message.js';
import { messageLimits } from '../options/message-limits.js';
import { check, given, isLimit, optionsOf, required, wholeNumber } from '../options/rules.js';
import { ConnectionTable } from './connection-table.js';
import { addressRules, unmappedHost } from './numeric-address.js';
import { type ConnectionOwner, socketOptions, TcpConnection, type TcpLimits } from './tcp-connection.js';
import type { Flow, Receiver, Sender, Transport, TransportError } from './transport.js';
import { addressText, systemError } from './transport-error.js';

export type { TcpLimits } from './tcp-connection.js';

export interface TcpOptions {
  /** Numeric, without brackets; `::` takes IPv4 too. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly limits?: Partial<TcpLimits>;
  /** What a message may not exceed. */
  readonly messageLimits?: Partial<Limits>;
}

const example = "tcp({ host: '127.0.0.1', port: 5060 })";
const isTime = wholeNumber(1, 2 ** 31 - 1, 'milliseconds');
const tcpRule = required(
  optionsOf<TcpOptions>({
    ...addressRules(example),
    limits: optionsOf<TcpLimits>({
      connections: isLimit,
      connectionsPerSource: isLimit,
      buffered: isLimit,
      bufferedPerSource: isLimit,
      connecting: isTime,
      silent: isTime,
      idle: isTime,
      unfinished: isTime,
      queued: isLimit,
      flushing: isTime,
    }),
    messageLimits,
  }),
  example,
);

const defaultLimits = {
  connections: 10_000,
  connecting: 10_000,
  silent: 10_000,
  idle: 600_000,
  unfinished: 30_000,
  queued: 1_048_576,
  buffered: 33_554_432,
  flushing: 2_000,
};

/** SIP over TCP (RFC 3261 §18): a server, and a connection for each peer that is sent to. A double CRLF is answered (RFC 5626 §3.5.1). */
export function tcp(options: TcpOptions): Transport {
  check('tcp', options, tcpRule);
  return new TcpTransport(options);
}

class TcpTransport implements ConnectionOwner {
  readonly protocol = 'TCP';
  readonly reliable = true;
  readonly limits: TcpLimits;
  readonly messageLimits: Partial<Limits>;
  receiver: Receiver = silence;
  readonly #local: Address;
  readonly #connections: ConnectionTable<TcpConnection>;
  readonly #byRemote = new Map<string, TcpConnection>();
  #server: Server | undefined;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;

  constructor({ host, port, limits, messageLimits }: TcpOptions) {
    this.limits = limitsOf(given(limits));
    this.messageLimits = given(messageLimits);
    this.#local = { host, port };
    this.#connections = new ConnectionTable(this.limits, {
      trusts: (source) => this.receiver.trusts?.(source) ?? false,
      limited: (limit, most, source) => this.receiver.limited?.(limit, most, source),
    });
  }

  open(receiver: Receiver): TaskEither<TransportError, Address> {
    return async () => {
      const refusal = this.#refusal();
      return refusal === undefined ? this.#listen(receiver) : left(systemError('TCP', this.#local, refusal));
    };
  }

  hasFlowTo(remote: Address): boolean {
    return this.#byRemote.has(addressText(remote));
  }

  flowTo(remote: Address): Flow {
    return this.#byRemote.get(addressText(remote)) ?? new TcpConnection(this, remote);
  }

  send(text: string, flow: Flow, sender: Sender): void {
    if (flow instanceof TcpConnection && this.#server !== undefined && this.#closing === undefined)
      flow.send(text, sender);
    else process.nextTick(() => sender.sendFailed(systemError('TCP', this.#local, 'ERR_SOCKET_CLOSED')));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  admit(connection: TcpConnection): boolean {
    if (this.#closing !== undefined || !this.#connections.admit(connection)) return false;
    this.#byRemote.set(addressText(connection.remote), connection);
    return true;
  }

  retire(connection: TcpConnection): void {
    const key = addressText(connection.remote);
    if (this.#byRemote.get(key) === connection) this.#byRemote.delete(key);
  }

  forget(connection: TcpConnection): void {
    this.retire(connection);
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#drained?.();
  }

  weigh(connection: TcpConnection, waiting: number): boolean {
    return this.#connections.weigh(connection, waiting);
  }

  #refusal(): string | undefined {
    if (isIP(this.#local.host) === 0) return 'ENOTFOUND';
    if (this.#closing !== undefined) return 'ERR_SOCKET_CLOSED';
    return this.#server === undefined ? undefined : 'ERR_SOCKET_ALREADY_BOUND';
  }

  #listen(receiver: Receiver): Promise<Either<TransportError, Address>> {
    const server = createServer(socketOptions, (socket) => this.#accept(socket));
    this.#server = server;
    this.receiver = receiver;
    return new Promise((resolve) => {
      server.once('error', (error) => {
        this.#server = undefined;
        resolve(left(systemError('TCP', this.#local, error)));
      });
      server.listen(this.#local.port, this.#local.host, () => {
        server.removeAllListeners('error');
        // A connection that can't be accepted leaves the server as it is.
        server.on('error', () => {});
        resolve(right(boundAddress(server, this.#local)));
      });
    });
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) socket.destroy();
    else new TcpConnection(this, { host: unmappedHost(remoteAddress), port: remotePort }).accept(socket);
  }

  async #end(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if (this.#connections.size === 0) return closed;
    for (const connection of this.#connections) connection.end();
    await Promise.all([closed, drained]);
  }
}

/** One source may have a quarter, and 100 connections at least. */
function limitsOf(own: Partial<TcpLimits> = {}): TcpLimits {
  const limits = { ...defaultLimits, ...own };
  const { connections, buffered } = limits;
  return {
    connectionsPerSource: Math.min(connections, Math.max(100, Math.floor(connections / 4))),
    bufferedPerSource: Math.floor(buffered / 4),
    ...limits,
  };
}

function boundAddress(server: Server, local: Address): Address {
  const bound = server.address();
  return bound === null || typeof bound === 'string'
    ? local
    : { host: unmappedHost(bound.address), port: bound.port };
}

const silence: Receiver = { received() {}, unframed() {}, closed() {} };

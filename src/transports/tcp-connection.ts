import { connect, isIP, type Socket } from 'node:net';
import { createFramer, type Frame, type Framer } from '../message/framing.js';
import type { Limits } from '../message/limits.js';
import type { Address } from '../message/message.js';
import type { ConnectionLimits } from './connection-table.js';
import { sourceKey } from './source-key.js';
import type { Flow, Receiver, Sender, Transport, TransportError } from './transport.js';
import { addressText, systemError } from './transport-error.js';

export interface TcpLimits extends ConnectionLimits {
  /** Milliseconds to make a connection. */
  readonly connecting: number;
  /** Milliseconds from the beginning of a connection that was accepted to its first whole message: 10,000 by default. */
  readonly silent: number;
  /** Milliseconds without traffic after which a connection is ended. */
  readonly idle: number;
  /** Milliseconds from the first byte of a message to its last. */
  readonly unfinished: number;
  /** Bytes that wait for a peer that reads slowly. */
  readonly queued: number;
  /** Milliseconds to send what is queued when a connection is ended. */
  readonly flushing: number;
}

/** Whose connection it is. */
export interface ConnectionOwner extends Transport {
  readonly limits: TcpLimits;
  readonly messageLimits: Partial<Limits>;
  readonly receiver: Receiver;
  /** Takes a connection that begins; false where there are as many as the limit allows. */
  admit(connection: TcpConnection): boolean;
  /** A connection can't be sent on any more. */
  retire(connection: TcpConnection): void;
  /** A connection has ended. */
  forget(connection: TcpConnection): void;
  /** Something came or went on a connection, and so many bytes wait in it now; false where that is too much. */
  weigh(connection: TcpConnection, waiting: number): boolean;
}

const pong = '\r\n';
/** So few bytes may belong to no message. */
const longestPartOfPing = 3;
const keepAliveDelay = 60_000;
export const socketOptions = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: keepAliveDelay,
} as const;

/** One connection, accepted or made on the first send. */
export class TcpConnection implements Flow {
  readonly transport: ConnectionOwner;
  readonly remote: Address;
  readonly source: string;
  readonly #framer: Framer;
  /** Who sent what has not been written yet, oldest first. */
  readonly #senders: Sender[] = [];
  readonly #written = () => this.#shiftSender();
  #socket: Socket | undefined;
  #failure: TransportError | undefined;
  #ending = false;
  /** Until its first message, where it was accepted. */
  #silent: NodeJS.Timeout | undefined;
  #unfinished: NodeJS.Timeout | undefined;
  #flushing: NodeJS.Timeout | undefined;

  constructor(transport: ConnectionOwner, remote: Address) {
    this.transport = transport;
    this.remote = remote;
    this.source = sourceKey(remote.host);
    this.#framer = createFramer(transport.messageLimits);
  }

  accept(socket: Socket): void {
    if (!this.transport.admit(this)) {
      socket.destroy();
      return;
    }
    this.#use(socket);
    const { silent } = this.transport.limits;
    this.#silent = setTimeout(() => this.#abort(timeout(this.remote, 'says nothing')), silent);
  }

  get isIdle(): boolean {
    return this.#waiting() <= longestPartOfPing && this.#socket?.connecting === false;
  }

  giveUp(): void {
    this.#abort(overflow(this.remote, 'was given up for another; raise the limit'));
  }

  send(text: string, sender: Sender): void {
    const refusal = this.#ending ? this.#closed() : this.#socket === undefined ? this.#connect() : undefined;
    if (refusal !== undefined) {
      process.nextTick(() => sender.sendFailed(refusal));
      return;
    }
    this.#senders.push(sender);
    this.#write(text);
  }

  /** Sends what is queued, then ends the connection. */
  end(): void {
    if (this.#ending) return;
    this.#stopSending();
    this.#socket?.destroySoon();
  }

  #connect(): TransportError | undefined {
    if (isIP(this.remote.host) === 0) return systemError('TCP', this.remote, 'ENOTFOUND');
    if (!this.transport.admit(this))
      return overflow(this.remote, 'finds no free connection; raise the limit');
    const { host, port } = this.remote;
    try {
      this.#use(connect({ host, port, ...socketOptions }));
    } catch (error) {
      this.transport.forget(this);
      return systemError('TCP', this.remote, error);
    }
    return undefined;
  }

  #use(socket: Socket): void {
    const { limits } = this.transport;
    this.#socket = socket;
    socket.setTimeout(socket.connecting ? limits.connecting : limits.idle);
    socket.on('connect', () => socket.setTimeout(limits.idle));
    socket.on('timeout', () => this.#timeout(socket));
    socket.on('data', (chunk) => this.#received(chunk));
    socket.on('end', () => this.#stopSending());
    socket.on('error', (error) => {
      this.#failure ??= systemError('TCP', this.remote, error);
    });
    socket.on('close', () => this.#ended());
  }

  #write(text: string): void {
    const socket = this.#socket!;
    if (socket.writableLength + text.length > this.transport.limits.queued)
      this.#abort(overflow(this.remote, 'reads too slowly; what waited for it is dropped'));
    else {
      socket.write(text, 'latin1', this.#written);
      this.#weigh();
    }
  }

  #waiting(): number {
    return this.#framer.pending + (this.#socket?.writableLength ?? 0);
  }

  /** Tells the transport what waits now. */
  #weigh(): void {
    if (!this.transport.weigh(this, this.#waiting()))
      this.#abort(overflow(this.remote, 'has too much waiting; it is dropped'));
  }

  /** A write that ends with the socket destroyed may not have reached the system. */
  #shiftSender(): void {
    if (this.#socket!.destroyed) return;
    this.#senders.shift();
    this.#weigh();
  }

  #received(chunk: Buffer): void {
    if (this.#ending) return;
    const frames = this.#framer.push(chunk.toString('latin1'));
    for (const frame of frames) if (!this.#ending) this.#take(frame);
    if (this.#ending) return;
    this.#watchUnfinished(frames.length > 0);
    this.#weigh();
  }

  #take(frame: Frame): void {
    if (frame.type === 'message') {
      clearTimeout(this.#silent);
      this.transport.receiver.received(frame.text, this);
    } else if (frame.type === 'ping') this.#pong();
    else this.#unframed(frame.text);
  }

  #pong(): void {
    this.#senders.push(nobody);
    this.#write(pong);
  }

  #unframed(text: string): void {
    this.transport.receiver.unframed(text, this);
    if (this.#ending) return;
    this.#stopSending();
    // Reading goes on, because unread bytes would turn the end into a reset that overtakes the answer.
    this.#socket!.end();
  }

  #watchUnfinished(begun: boolean): void {
    const isUnfinished = this.#framer.pending > longestPartOfPing;
    if (begun || !isUnfinished) {
      clearTimeout(this.#unfinished);
      this.#unfinished = undefined;
    }
    if (isUnfinished && !this.#ending)
      this.#unfinished ??= setTimeout(
        () => this.#abort(timeout(this.remote, 'takes too long over a message')),
        this.transport.limits.unfinished,
      );
  }

  #timeout(socket: Socket): void {
    if (socket.connecting) this.#abort(timeout(this.remote, 'does not answer'));
    else this.end();
  }

  #stopSending(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.transport.retire(this);
    this.#flushing = setTimeout(
      () => this.#abort(timeout(this.remote, 'reads too slowly to be told the rest')),
      this.transport.limits.flushing,
    );
  }

  #abort(failure: TransportError): void {
    this.#failure ??= failure;
    this.#stopSending();
    this.#socket?.destroy();
  }

  #ended(): void {
    this.#ending = true;
    clearTimeout(this.#silent);
    clearTimeout(this.#unfinished);
    clearTimeout(this.#flushing);
    this.transport.retire(this);
    this.transport.forget(this);
    const failure = this.#closed();
    for (const sender of this.#senders.splice(0)) sender.sendFailed(failure);
    this.transport.receiver.closed(this);
  }

  #closed(): TransportError {
    return this.#failure ?? systemError('TCP', this.remote, 'ECONNRESET');
  }
}

const nobody: Sender = { sendFailed() {} };

function overflow(remote: Address, sentence: string): TransportError {
  return { code: 'overflow', message: `TCP ${addressText(remote)} ${sentence}` };
}

function timeout(remote: Address, sentence: string): TransportError {
  return { code: 'timeout', message: `TCP ${addressText(remote)} ${sentence}` };
}

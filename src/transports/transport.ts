import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Address } from '../message/message.js';

/** The transport's name as a Via header field writes it (RFC 3261 §20.42). */
export type Protocol = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';

/** A way to one peer: a UDP remote address, or one connection. What arrives names its flow, and what is sent takes one. */
export interface Flow {
  readonly transport: Transport;
  /** The peer's numeric address. */
  readonly remote: Address;
}

export interface TransportError {
  readonly code:
    | 'addressInUse'
    | 'addressNotAvailable'
    | 'permissionDenied'
    | 'refused'
    | 'closed'
    | 'timeout'
    | 'tooLarge'
    | 'overflow'
    | 'unresolved'
    | 'failed';
  /** One sentence that names the cause and, where there is one, the remedy. */
  readonly message: string;
}

/** Who sent something and is told when it can't be delivered. */
export interface Sender {
  sendFailed(error: TransportError): void;
}

/** What a transport tells the endpoint. Nothing here may throw. */
export interface Receiver {
  /** A whole datagram, or one message framed out of a stream, as latin1 text. */
  received(text: string, flow: Flow): void;
  /** A stream whose framing is lost: the text that can't be framed; the transport closes the connection when the call returns. */
  unframed(text: string, flow: Flow): void;
  /** A connection has ended, in whatever way. */
  closed(flow: Flow): void;
  /** Whether a source may have all of a limit, and not its share alone; none may where this is left out. */
  trusts?(source: string): boolean;
  /** A limit was reached, and a connection closed: the limit in all, or the share of that source. */
  limited?(limit: ConnectionLimit, most: number, source: string | undefined): void;
}

/** What is limited of connections: their number, and the bytes that wait in them. */
export type ConnectionLimit = 'connections' | 'buffered';

/** Sockets and framing, nothing else. */
export interface Transport {
  readonly protocol: Protocol;
  /** Whether the transport itself delivers in order or fails (RFC 3261 §17, "reliable transport"). */
  readonly reliable: boolean;
  /** Binds, starts to deliver to the receiver, and gives the bound address with its real port. */
  open(receiver: Receiver): TaskEither<TransportError, Address>;
  /** Whether a connection to that address and port is open; never so where there are no connections. */
  hasFlowTo(remote: Address): boolean;
  /** The flow to a numeric address: an open connection to that address and port, else a new one that connects on the first send (RFC 3261 §18.1.1). */
  flowTo(remote: Address): Flow;
  /** Sends latin1 text. Where the flow's connection is gone, fails. `sender.sendFailed` is called at most once, never before `send` has returned. */
  send(text: string, flow: Flow, sender: Sender): void;
  /** Closes every socket of the transport; what is queued is flushed first, for two seconds at most. */
  close(): Promise<void>;
}

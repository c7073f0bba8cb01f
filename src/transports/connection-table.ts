import type { Receiver } from './transport.js';

export interface ConnectionLimits {
  /** Open connections, those that are being made included: 10,000 by default. */
  readonly connections: number;
  /** Those with one source, unless it is trusted: by default a quarter, or 100 where that is more. */
  readonly connectionsPerSource: number;
  /** Bytes that wait in all connections: of messages that are not whole yet, and of what a peer has not read; 32 MiB by default. */
  readonly buffered: number;
  /** The same in those with one source, unless it is trusted: a quarter by default. */
  readonly bufferedPerSource: number;
}

/** A connection as the table sees it. */
interface Connection {
  /** By whose share it goes. */
  readonly source: string;
  /** Whether nothing waits in it, in either direction. */
  readonly isIdle: boolean;
  /** Ends it for the sake of another. */
  giveUp(): void;
}

/** What one source has. */
interface Holder<Member> {
  readonly name: string;
  /** The bytes that wait in each; the one that was quiet longest comes first. */
  readonly connections: Map<Member, number>;
  buffered: number;
}

/**
 * The connections of a transport, by their sources. Where there is no room for one more, the idle one that was quiet longest is given
 * up for it: of its own source where that has its share, of the source that has most where all are taken.
 */
export class ConnectionTable<Member extends Connection> {
  size = 0;
  readonly #limits: ConnectionLimits;
  readonly #operator: Required<Pick<Receiver, 'trusts' | 'limited'>>;
  readonly #holders = new Map<string, Holder<Member>>();
  #buffered = 0;

  constructor(limits: ConnectionLimits, operator: Required<Pick<Receiver, 'trusts' | 'limited'>>) {
    this.#limits = limits;
    this.#operator = operator;
  }

  *[Symbol.iterator](): IterableIterator<Member> {
    for (const { connections } of this.#holders.values()) yield* connections.keys();
  }

  /** Takes a connection that begins; false where there is no room, and none can be made. */
  admit(connection: Member): boolean {
    const { connections: most, connectionsPerSource: share } = this.#limits;
    const holder = this.#holders.get(connection.source) ?? newHolder<Member>(connection.source);
    if (holder.connections.size >= share && !this.#operator.trusts(holder.name)) {
      this.#operator.limited('connections', share, holder.name);
      if (!this.#makeRoom(holder)) return false;
    } else if (this.size >= most) {
      this.#operator.limited('connections', most, undefined);
      if (!this.#makeRoom(this.#largest())) return false;
    }
    this.#holders.set(holder.name, holder);
    holder.connections.set(connection, 0);
    this.size++;
    return true;
  }

  delete(connection: Member): void {
    const holder = this.#holders.get(connection.source);
    const waited = holder?.connections.get(connection);
    if (holder === undefined || waited === undefined) return;
    this.#count(holder, -waited);
    holder.connections.delete(connection);
    this.size--;
    if (holder.connections.size === 0) this.#holders.delete(holder.name);
  }

  /** Something came or went on a connection, and so many bytes wait in it now; false where that is too much. */
  weigh(connection: Member, waiting: number): boolean {
    const holder = this.#holders.get(connection.source);
    const waited = holder?.connections.get(connection);
    if (holder === undefined || waited === undefined) return true;
    holder.connections.delete(connection);
    holder.connections.set(connection, waiting);
    this.#count(holder, waiting - waited);
    return waiting <= waited || this.#fits(holder);
  }

  #count(holder: Holder<Member>, bytes: number): void {
    holder.buffered += bytes;
    this.#buffered += bytes;
  }

  #fits(holder: Holder<Member>): boolean {
    const { buffered: most, bufferedPerSource: share } = this.#limits;
    if (this.#buffered > most) {
      this.#operator.limited('buffered', most, undefined);
      return false;
    }
    if (holder.buffered <= share || this.#operator.trusts(holder.name)) return true;
    this.#operator.limited('buffered', share, holder.name);
    return false;
  }

  #makeRoom(holder: Holder<Member> | undefined): boolean {
    for (const connection of holder?.connections.keys() ?? []) {
      if (!connection.isIdle) continue;
      connection.giveUp();
      this.delete(connection);
      return true;
    }
    return false;
  }

  #largest(): Holder<Member> | undefined {
    let largest: Holder<Member> | undefined;
    for (const holder of this.#holders.values())
      if (largest === undefined || holder.connections.size > largest.connections.size) largest = holder;
    return largest;
  }
}

const newHolder = <Member>(name: string): Holder<Member> => ({ name, connections: new Map(), buffered: 0 });

import { LinkedList } from './linked-list.js';
import type {
  ClientTransaction,
  Dialog,
  LiveMachine,
  Notifier,
  ServerTransaction,
  Session,
  UAS,
} from './live-machine.js';
import { type Holdings, Sources } from './sources.js';
import { SteadyMap } from './steady-map.js';

/** How many machines of each kind are live, and what was passed over. */
export interface Counts {
  readonly serverTransactions: number;
  readonly clientTransactions: number;
  readonly userAgentServers: number;
  readonly dialogs: number;
  readonly sessions: number;
  readonly subscriptions: number;
  /** Bytes that they are taken to hold: themselves, and the texts that they keep. */
  readonly bytes: number;
  /** The sources whose requests they are there for. */
  readonly sources: number;
  /** Requests, since the start, whose responses went to their source because the maddr of their Via was a third party's. */
  readonly ignoredMaddrs: number;
}

/** The live machines, each where the endpoint looks for it. */
export class Tables {
  readonly sources = new Sources();
  readonly totals: Holdings = new Totals(this);
  /** By the key of RFC 3261 §17.2.3. */
  readonly serverTransactions = new SteadyMap<string, ServerTransaction>();
  /** By the key of RFC 3261 §8.2.2.2. */
  readonly merged = new SteadyMap<string, ServerTransaction>();
  /** By the key of RFC 3261 §17.1.3. */
  readonly clientTransactions = new SteadyMap<string, ClientTransaction>();
  readonly userAgentServers = new LinkedList<UAS>();
  /** Those of INVITEs, by what the ACK of a 2xx has in common with them. */
  readonly invitations = new SteadyMap<string, UAS>();
  /** The INVITEs' that were refused, until they are over. */
  readonly refused = new Set<ServerTransaction>();
  /** How many of the user agent servers have no dialog, and may still make one. */
  outsideDialogs = 0;
  /** By Call-ID and tags. */
  readonly dialogs = new SteadyMap<string, Dialog>();
  readonly sessions = new LinkedList<Session>();
  /** By their numbers. */
  readonly notifiers = new SteadyMap<number, Notifier>();
  ignoredMaddrs = 0;

  get counts(): Counts {
    return {
      serverTransactions: this.serverTransactions.size,
      clientTransactions: this.clientTransactions.size,
      userAgentServers: this.userAgentServers.size,
      dialogs: this.dialogs.size,
      sessions: this.sessions.size,
      subscriptions: this.notifiers.size,
      bytes: this.sources.bytes,
      sources: this.sources.size,
      ignoredMaddrs: this.ignoredMaddrs,
    };
  }

  /** Whether every request has its final response, every refusal of an INVITE its ACK, and no usage of a dialog is left; what stays only absorbs retransmissions. */
  get areSettled(): boolean {
    if (this.userAgentServers.size + this.sessions.size + this.notifiers.size > 0) return false;
    for (const { instance } of this.refused) if (instance.snapshot.value === 'completed') return false;
    for (const { instance } of this.clientTransactions.values())
      if (instance.snapshot.value !== 'completed') return false;
    return true;
  }

  *all(): IterableIterator<LiveMachine> {
    yield* this.serverTransactions.values();
    yield* this.clientTransactions.values();
    yield* this.userAgentServers;
    yield* this.dialogs.values();
    for (const usage of this.#usages()) {
      yield usage;
      if (usage.delivery !== undefined) yield usage.delivery;
    }
  }

  *#usages(): IterableIterator<Session | Notifier> {
    yield* this.sessions;
    yield* this.notifiers.values();
  }
}

/** What the tables hold of each limit. */
class Totals implements Holdings {
  constructor(private readonly tables: Tables) {}

  get transactions(): number {
    return this.tables.serverTransactions.size + this.tables.clientTransactions.size;
  }

  get dialogs(): number {
    return this.tables.dialogs.size + this.tables.outsideDialogs;
  }

  get subscriptions(): number {
    return this.tables.notifiers.size + this.tables.userAgentServers.size;
  }

  get bytes(): number {
    return this.tables.sources.bytes;
  }
}

import type {
  ClientTransaction,
  Dialog,
  LiveMachine,
  Notifier,
  ServerTransaction,
  UAS,
} from './live-machine.js';

/** How many machines of each kind are live. */
export interface Counts {
  readonly serverTransactions: number;
  readonly clientTransactions: number;
  readonly userAgentServers: number;
  readonly dialogs: number;
  readonly subscriptions: number;
}

/** The live machines, each where the endpoint looks for it. */
export class Tables {
  /** By the key of RFC 3261 §17.2.3. */
  readonly serverTransactions = new Map<string, ServerTransaction>();
  /** By the key of RFC 3261 §8.2.2.2. */
  readonly merged = new Map<string, ServerTransaction>();
  /** By the key of RFC 3261 §17.1.3. */
  readonly clientTransactions = new Map<string, ClientTransaction>();
  readonly userAgentServers = new Set<UAS>();
  /** By Call-ID and tags. */
  readonly dialogs = new Map<string, Dialog>();
  readonly notifiers = new Map<number, Notifier>();

  get counts(): Counts {
    return {
      serverTransactions: this.serverTransactions.size,
      clientTransactions: this.clientTransactions.size,
      userAgentServers: this.userAgentServers.size,
      dialogs: this.dialogs.size,
      subscriptions: this.notifiers.size,
    };
  }

  /** Whether every request has its final response and no subscription is left; what stays only absorbs retransmissions. */
  get areSettled(): boolean {
    if (this.userAgentServers.size > 0 || this.notifiers.size > 0) return false;
    for (const { instance } of this.clientTransactions.values())
      if (instance.snapshot.value !== 'completed') return false;
    return true;
  }

  *all(): IterableIterator<LiveMachine> {
    yield* this.serverTransactions.values();
    yield* this.clientTransactions.values();
    yield* this.userAgentServers;
    yield* this.dialogs.values();
    yield* this.notifiers.values();
  }
}

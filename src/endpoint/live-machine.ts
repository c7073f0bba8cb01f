import type { AnyStateMachine } from 'xstate';
import type {
  cancel,
  dialog,
  nonInviteClientTransaction,
  nonInviteServerTransaction,
  notifier,
  options,
  referUAS,
  subscribeUAS,
} from '../../machines/index.js';
import type { Instance } from '../engine/engine.js';
import type { Address, Request } from '../message/index.js';
import type { Flow, Sender, Transport } from '../transports/transport.js';
import type { Essentials } from './matching.js';
import type { Tables } from './tables.js';
import { TimedMachine } from './timed-machine.js';

/** An event of any machine; each machine's own type says what it carries. */
export type MachineEvent = { readonly type: string; readonly [name: string]: unknown };

/** What a live machine asks of its interpreter. */
export interface Dispatcher {
  dispatch(live: LiveMachine, event: MachineEvent): void;
  /** Sends on the next route, where there is one. */
  failOver(transaction: ServerTransaction): void;
  /** Lets a machine go before its end, timers and all. */
  abandon(live: LiveMachine): void;
}

/** A running machine and what joins it to the others; what it remembers of the protocol is in its snapshot alone. */
export abstract class LiveMachine<
  Machine extends AnyStateMachine = AnyStateMachine,
> extends TimedMachine<Machine> {
  constructor(
    protected readonly dispatcher: Dispatcher,
    instance: Instance<Machine>,
  ) {
    super(instance);
  }

  abstract enter(tables: Tables): void;

  abstract leave(tables: Tables): void;

  protected dispatch(event: MachineEvent): void {
    this.dispatcher.dispatch(this, event);
  }
}

/** A request as it came. */
export interface Arrival {
  readonly request: Request;
  readonly essentials: Essentials;
  readonly flow: Flow;
}

export class ServerTransaction extends LiveMachine<typeof nonInviteServerTransaction> implements Sender {
  /** Answers the request, until it has. */
  user: UAS | undefined;

  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof nonInviteServerTransaction>,
    readonly key: string,
    /** What another request of the same origin on another path would have (RFC 3261 §8.2.2.2). */
    readonly mergeKey: string | undefined,
    /** The way of the responses (RFC 3261 §18.2.2). */
    public flow: Flow,
    /** The one to try where that fails. */
    public fallback: Address | undefined,
    /** Until its user has it. */
    public arrival: Arrival | undefined,
  ) {
    super(dispatcher, instance);
  }

  enter(tables: Tables): void {
    tables.serverTransactions.set(this.key, this);
    if (this.mergeKey !== undefined) tables.merged.set(this.mergeKey, this);
  }

  leave(tables: Tables): void {
    tables.serverTransactions.delete(this.key);
    if (this.mergeKey !== undefined) tables.merged.delete(this.mergeKey);
  }

  sendFailed(): void {
    this.dispatcher.failOver(this);
  }
}

export class ClientTransaction extends LiveMachine<typeof nonInviteClientTransaction> implements Sender {
  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof nonInviteClientTransaction>,
    readonly key: string,
    readonly flow: Flow,
    readonly user: Notifier,
    /** Sends the request by another transport instead, where this one reaches nobody (RFC 3261 §18.1.1). */
    private otherwise: (() => void) | undefined,
  ) {
    super(dispatcher, instance);
  }

  enter(tables: Tables): void {
    tables.clientTransactions.set(this.key, this);
  }

  leave(tables: Tables): void {
    tables.clientTransactions.delete(this.key);
  }

  sendFailed(): void {
    const { otherwise } = this;
    this.otherwise = undefined;
    if (otherwise === undefined) return this.dispatch({ type: 'transportError' });
    this.dispatcher.abandon(this);
    otherwise();
  }
}

export type UASMachine = typeof referUAS | typeof subscribeUAS | typeof options | typeof cancel;

/** What a user agent server is joined to besides its transaction. */
export interface UASJoins {
  /** The dialog that its request came in. */
  readonly dialog?: Dialog | undefined;
  /** The subscription that its SUBSCRIBE names. */
  readonly notifier?: Notifier | undefined;
  /** The transaction that its CANCEL names. */
  readonly cancels?: ServerTransaction | undefined;
}

export class UAS extends LiveMachine<UASMachine> {
  dialog: Dialog | undefined;
  notifier: Notifier | undefined;
  readonly cancels: ServerTransaction | undefined;
  /** What the application holds of it. */
  handle: unknown;

  constructor(
    dispatcher: Dispatcher,
    instance: Instance<UASMachine>,
    readonly arrival: Arrival,
    readonly transaction: ServerTransaction,
    /** The tag of its responses' To. */
    readonly tag: string,
    joins: UASJoins,
  ) {
    super(dispatcher, instance);
    this.dialog = joins.dialog;
    this.notifier = joins.notifier;
    this.cancels = joins.cancels;
  }

  enter(tables: Tables): void {
    tables.userAgentServers.add(this);
    this.transaction.user = this;
  }

  leave(tables: Tables): void {
    tables.userAgentServers.delete(this);
    this.transaction.user = undefined;
  }
}

export class Dialog extends LiveMachine<typeof dialog> {
  readonly notifiers = new Set<Notifier>();

  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof dialog>,
    readonly key: string,
    /** The transport that the request which made it came by. */
    readonly transport: Transport,
    /** The Contact that the peer knows. */
    readonly contact: string,
  ) {
    super(dispatcher, instance);
  }

  enter(tables: Tables): void {
    tables.dialogs.set(this.key, this);
  }

  leave(tables: Tables): void {
    tables.dialogs.delete(this.key);
  }

  /** The subscription that an Event's id names, unless its end is decided; without an id, the first (RFC 3515 §2.4.6). */
  notifierOf(id: string | undefined): Notifier | undefined {
    for (const notifier of this.notifiers)
      if (notifier.is('pending', 'active') && (id === undefined || id === `${notifier.id}`)) return notifier;
    return undefined;
  }
}

export class Notifier extends LiveMachine<typeof notifier> {
  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof notifier>,
    readonly number: number,
    /** The Event's id (RFC 3515 §2.4.6). */
    readonly id: number,
    readonly dialog: Dialog,
    readonly uas: UAS,
  ) {
    super(dispatcher, instance);
  }

  is(...states: readonly ('pending' | 'active' | 'ending')[]): boolean {
    const { value } = this.instance.snapshot;
    return typeof value === 'object' && states.some((state) => state in value);
  }

  enter(tables: Tables): void {
    tables.notifiers.set(this.number, this);
    this.dialog.notifiers.add(this);
  }

  leave(tables: Tables): void {
    tables.notifiers.delete(this.number);
    this.dialog.notifiers.delete(this);
  }
}

import type { AnyStateMachine } from 'xstate';
import type { RequestInDialog } from '../../machines/effects.js';
import type {
  delivery,
  dialog,
  inviteServerTransaction,
  nonInviteClientTransaction,
  nonInviteServerTransaction,
  notifier,
  session,
} from '../../machines/index.js';
import type { TimerName } from '../../machines/timers.js';
import type { Instance, Snapshot } from '../engine/engine.js';
import type { Address, Request } from '../message/index.js';
import type { Flow, Sender, TransportError } from '../transports/transport.js';
import { machineSize, recordSize, requestSize } from './held-bytes.js';
import type { Linked } from './linked-list.js';
import { acceptanceKey, type Essentials, type EventName, eventKey } from './matching.js';
import type { Neighbour } from './request-routing.js';
import type { Source } from './sources.js';
import type { Tables } from './tables.js';
import { TimedMachine } from './timed-machine.js';

/** An event of any machine; each machine's own type says what it carries. */
export type MachineEvent = { readonly type: string; readonly [name: string]: unknown };

/** What a live machine asks of its interpreter. */
export interface Dispatcher {
  dispatch(live: LiveMachine, event: MachineEvent): void;
  timerEnded(live: LiveMachine, timer: TimerName, now: number): void;
  /** What a transaction sent could not be delivered. */
  sendFailed(transaction: ServerTransaction | ClientTransaction, error: TransportError): void;
  /** Lets a machine go before its end, timers and all. */
  abandon(live: LiveMachine): void;
}

/** The name of a state that no other state is around. */
type TopState<Machine extends AnyStateMachine> = Snapshot<Machine>['value'] extends infer Value
  ? Value extends string
    ? Value
    : keyof Value & string
  : never;

/** A running machine and what joins it to the others; what it remembers of the protocol is in its snapshot alone. */
export abstract class LiveMachine<
  Machine extends AnyStateMachine = AnyStateMachine,
> extends TimedMachine<Machine> {
  /** From 1, in the order in which the machines of an endpoint start. */
  number = 0;
  /** Bytes that its source is charged for it. */
  private charged = 0;

  constructor(
    protected readonly dispatcher: Dispatcher,
    instance: Instance<Machine>,
  ) {
    super(instance);
  }

  /** Whether it is in one of these states, or in a state inside one of them. */
  is(...states: readonly TopState<Machine>[]): boolean {
    const { value } = this.instance.snapshot;
    return states.some((state) => (typeof value === 'object' ? state in value : state === value));
  }

  /** Whose request it owes its life to. */
  abstract get source(): Source;

  /** Takes its place in the tables, and its part of what its source may hold. */
  abstract enter(tables: Tables): void;

  /** Gives both back; a second time it does nothing. */
  abstract leave(tables: Tables): void;

  /** Charges its source for so many bytes in place of those before. */
  protected charge(bytes: number): void {
    this.source.take(bytes - this.charged);
    this.charged = bytes;
  }

  protected override ended(timer: TimerName, now: number): void {
    this.dispatcher.timerEnded(this, timer, now);
  }
}

/** A request as it came. */
export interface Arrival {
  readonly request: Request;
  readonly essentials: Essentials;
  readonly flow: Flow;
  /** The one that its tags name. */
  readonly dialog: Dialog | undefined;
}

export type ServerTransactionMachine = typeof inviteServerTransaction | typeof nonInviteServerTransaction;

export class ServerTransaction extends LiveMachine<ServerTransactionMachine> implements Sender {
  /** Answers the request, until it has; an INVITE's stays until its refusal has its ACK, to be told if it has none. */
  user: UAS | undefined;

  constructor(
    dispatcher: Dispatcher,
    instance: Instance<ServerTransactionMachine>,
    readonly key: string,
    /** What another request of the same origin on another path would have (RFC 3261 §8.2.2.2). */
    readonly mergeKey: string,
    /** Whether its request came outside dialogs, where alone another can merge with it. */
    private readonly canMerge: boolean,
    /** The way of the responses (RFC 3261 §18.2.2). */
    public flow: Flow,
    /** The one to try where that fails. */
    public fallback: Address | undefined,
    /** Until its user has it. */
    public arrival: Arrival | undefined,
    readonly source: Source,
  ) {
    super(dispatcher, instance);
  }

  enter(tables: Tables): void {
    tables.serverTransactions.set(this.key, this);
    if (this.canMerge) tables.merged.set(this.mergeKey, this);
    this.source.transactions++;
    this.keep('');
  }

  leave(tables: Tables): void {
    if (!tables.serverTransactions.delete(this.key)) return;
    tables.refused.delete(this);
    this.user?.release();
    if (this.canMerge) tables.merged.delete(this.mergeKey);
    this.source.transactions--;
    this.charge(0);
  }

  /** It keeps this response, to send it again. */
  keep(text: string): void {
    this.charge(machineSize + this.key.length + this.mergeKey.length + text.length);
  }

  sendFailed(error: TransportError): void {
    this.dispatcher.sendFailed(this, error);
  }
}

export class ClientTransaction extends LiveMachine<typeof nonInviteClientTransaction> implements Sender {
  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof nonInviteClientTransaction>,
    readonly key: string,
    readonly flow: Flow,
    readonly user: Delivery,
  ) {
    super(dispatcher, instance);
  }

  get source(): Source {
    return this.user.source;
  }

  enter(tables: Tables): void {
    tables.clientTransactions.set(this.key, this);
    this.source.transactions++;
    this.charge(machineSize + (this.instance.input?.request.text.length ?? 0));
  }

  leave(tables: Tables): void {
    if (!tables.clientTransactions.delete(this.key)) return;
    this.source.transactions--;
    this.charge(0);
  }

  sendFailed(error: TransportError): void {
    this.dispatcher.sendFailed(this, error);
  }
}

export class Delivery extends LiveMachine<typeof delivery> {
  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof delivery>,
    readonly request: RequestInDialog,
    readonly user: Usage,
  ) {
    super(dispatcher, instance);
  }

  get source(): Source {
    return this.user.source;
  }

  enter(): void {
    this.user.delivery = this;
    this.charge(machineSize + this.request.body.length);
  }

  leave(): void {
    if (this.user.delivery === this) this.user.delivery = undefined;
    this.charge(0);
  }
}

/** What a user agent server is joined to besides its transaction and its dialog. */
export interface UASJoins {
  /** The subscription that its SUBSCRIBE names. */
  readonly notifier?: Notifier | undefined;
  /** The transaction that its CANCEL names. */
  readonly cancels?: ServerTransaction | undefined;
  /** The session that its Replaces names. */
  readonly replaces?: Session | undefined;
  /** The user agent server whose response its PRACK names. */
  readonly acknowledges?: UAS | undefined;
}

const noJoins: UASJoins = Object.freeze({});

/** Whether the answer to such a request in a dialog may make a usage of it (RFC 3515 §2.4.4, RFC 6665 §4.2.1). */
export const mayStartUsage = (method: string): boolean => method === 'REFER' || method === 'SUBSCRIBE';

export class UAS extends LiveMachine implements Linked<UAS> {
  previous: UAS | undefined;
  next: UAS | undefined;
  /** The dialog that its request came in, or made. */
  dialog: Dialog | undefined;
  /** The subscription that its request names, or made. */
  notifier: Notifier | undefined;
  /** What the application holds of it. */
  handle: unknown;
  private readonly acceptanceKey: string | undefined;

  constructor(
    dispatcher: Dispatcher,
    instance: Instance<AnyStateMachine>,
    readonly arrival: Arrival,
    readonly transaction: ServerTransaction,
    /** The tag of its responses' To. */
    readonly tag: string,
    readonly joins: UASJoins = noJoins,
  ) {
    super(dispatcher, instance);
    const { method, callId, from, cseq } = arrival.essentials;
    this.dialog = method === 'CANCEL' ? undefined : arrival.dialog;
    this.notifier = joins.notifier;
    this.acceptanceKey =
      method === 'INVITE' ? acceptanceKey(callId, tag, from.tag, cseq.sequence) : undefined;
  }

  get source(): Source {
    return this.transaction.source;
  }

  /** Takes its place in the dialog that its response makes. */
  join(dialog: Dialog, tables: Tables): void {
    if (this.dialog === undefined) this.countOutside(tables, -1);
    this.dialog = dialog;
    dialog.addRequest(this);
  }

  /** Whether its transaction waits for the ACK of a refusal. */
  private get awaitsACK(): boolean {
    return this.acceptanceKey !== undefined && this.transaction.instance.snapshot.value === 'completed';
  }

  enter(tables: Tables): void {
    tables.userAgentServers.add(this);
    if (this.acceptanceKey !== undefined) tables.invitations.set(this.acceptanceKey, this);
    if (this.dialog === undefined) this.countOutside(tables, 1);
    this.source.subscriptions++;
    this.charge(machineSize + requestSize(this.arrival.request.text, this.arrival.essentials));
    this.transaction.user = this;
    this.dialog?.addRequest(this);
  }

  leave(tables: Tables): void {
    if (!tables.userAgentServers.delete(this)) return;
    if (this.dialog === undefined) this.countOutside(tables, -1);
    this.source.subscriptions--;
    if (this.acceptanceKey !== undefined) tables.invitations.delete(this.acceptanceKey);
    this.dialog?.deleteRequest(this);
    const { request, dialog } = this.arrival;
    if (dialog !== undefined && mayStartUsage(request.method))
      this.dispatcher.dispatch(dialog, { type: 'requestEnded' });
    if (this.awaitsACK) {
      tables.refused.add(this.transaction);
      return;
    }
    this.transaction.user = undefined;
    this.release();
  }

  /** Nobody keeps it, and its request with it, any more. */
  release(): void {
    this.charge(0);
  }

  /** One more, or one fewer, that may still make a dialog. */
  private countOutside(tables: Tables, by: 1 | -1): void {
    tables.outsideDialogs += by;
    this.source.dialogs += by;
  }
}

export class Dialog extends LiveMachine<typeof dialog> {
  session: Session | undefined;
  /** Made when it is first needed: most dialogs have none. */
  private notifiers: Set<Notifier> | undefined;
  /** The youngest of each Event. */
  private notifiersByEvent: Map<string, Notifier> | undefined;
  /** By method; gone when it is empty: an emptied Set keeps what it held, in the table that it leaves behind. */
  private pending: Map<string, Set<UAS>> | undefined;

  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof dialog>,
    readonly key: string,
    /** Who sent the request that gave the remote target. */
    public neighbour: Neighbour,
    /** The Contact that the peer knows. */
    readonly contact: string,
    readonly source: Source,
  ) {
    super(dispatcher, instance);
  }

  enter(tables: Tables): void {
    tables.dialogs.set(this.key, this);
    this.source.dialogs++;
    this.weigh();
  }

  leave(tables: Tables): void {
    if (!tables.dialogs.delete(this.key)) return;
    this.source.dialogs--;
    this.charge(0);
  }

  /** Charges its source for the texts that it keeps now: its target may have grown. */
  weigh(): void {
    const { callId, local, remote, target, routes } = this.instance.input ?? this.instance.snapshot.context;
    const texts =
      this.key.length + this.contact.length + callId.length + local.length + remote.length + target.length;
    this.charge(routes.reduce((sum, route) => sum + recordSize + route.length, machineSize + texts));
  }

  *usages(): IterableIterator<Usage> {
    if (this.session !== undefined) yield this.session;
    if (this.notifiers !== undefined) yield* this.notifiers;
  }

  /** The subscriptions in it, and the requests that may still make one. */
  get subscriptions(): number {
    const waiting = (this.pending?.get('REFER')?.size ?? 0) + (this.pending?.get('SUBSCRIBE')?.size ?? 0);
    return waiting + (this.notifiers?.size ?? 0);
  }

  /** The subscription that an Event names, unless its end is decided; a referral's without an id is the first (RFC 3515 §2.4.6). */
  notifierOf(event: EventName): Notifier | undefined {
    const named = this.notifiersByEvent?.get(eventKey(event));
    if (named?.is('pending', 'active') === true) return named;
    if (event.package !== 'refer' || event.id !== undefined) return undefined;
    for (const notifier of this.notifiers ?? [])
      if (notifier.event.package === 'refer' && notifier.is('pending', 'active')) return notifier;
    return undefined;
  }

  addNotifier(notifier: Notifier): void {
    this.notifiers ??= new Set();
    this.notifiersByEvent ??= new Map();
    this.notifiers.add(notifier);
    this.notifiersByEvent.set(eventKey(notifier.event), notifier);
  }

  deleteNotifier(notifier: Notifier): void {
    const key = eventKey(notifier.event);
    this.notifiers?.delete(notifier);
    if (this.notifiersByEvent?.get(key) === notifier) this.notifiersByEvent.delete(key);
  }

  /** The user agent servers of requests in this dialog, until they have answered and have their ACK. */
  *requests(): IterableIterator<UAS> {
    for (const ofMethod of this.pending?.values() ?? []) yield* ofMethod;
  }

  /** Those of a method's requests. */
  requestsOf(method: string): Iterable<UAS> {
    return this.pending?.get(method) ?? [];
  }

  addRequest(uas: UAS): void {
    const { method } = uas.arrival.request;
    this.pending ??= new Map();
    const ofMethod = this.pending.get(method);
    if (ofMethod === undefined) this.pending.set(method, new Set([uas]));
    else ofMethod.add(uas);
  }

  deleteRequest(uas: UAS): void {
    const { method } = uas.arrival.request;
    const ofMethod = this.pending?.get(method);
    if (ofMethod?.delete(uas) !== true || ofMethod.size > 0) return;
    this.pending?.delete(method);
    if (this.pending?.size === 0) this.pending = undefined;
  }
}

/** What a dialog is there for (RFC 5057 §3): its requests go out by the dialog, and what comes of them comes back. */
export abstract class Usage<
  Machine extends AnyStateMachine = typeof session | typeof notifier,
> extends LiveMachine<Machine> {
  /** The request that is on its way: a usage has one at a time. */
  delivery: Delivery | undefined;

  constructor(
    dispatcher: Dispatcher,
    instance: Instance<Machine>,
    readonly dialog: Dialog,
  ) {
    super(dispatcher, instance);
  }

  get source(): Source {
    return this.dialog.source;
  }
}

export class Session extends Usage<typeof session> implements Linked<Session> {
  previous: Session | undefined;
  next: Session | undefined;
  /** What the application holds of it. */
  handle: unknown;

  enter(tables: Tables): void {
    tables.sessions.add(this);
    this.dialog.session = this;
    this.charge(machineSize);
  }

  leave(tables: Tables): void {
    if (!tables.sessions.delete(this)) return;
    this.dialog.session = undefined;
    this.charge(0);
  }
}

export class Notifier extends Usage<typeof notifier> {
  constructor(
    dispatcher: Dispatcher,
    instance: Instance<typeof notifier>,
    /** RFC 6665 §8.2.1; a referral's id is the CSeq of its REFER (RFC 3515 §2.4.6). */
    readonly event: EventName,
    dialog: Dialog,
    /** The one that made it. */
    readonly uas: UAS,
  ) {
    super(dispatcher, instance, dialog);
  }

  enter(tables: Tables): void {
    tables.notifiers.set(this.number, this);
    this.dialog.addNotifier(this);
    this.source.subscriptions++;
    // It keeps its user agent server, and what the application holds of it the request.
    this.charge(2 * machineSize + requestSize(this.uas.arrival.request.text, this.uas.arrival.essentials));
  }

  leave(tables: Tables): void {
    if (!tables.notifiers.delete(this.number)) return;
    this.dialog.deleteNotifier(this);
    this.source.subscriptions--;
    this.charge(0);
  }
}

import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isProven } from '../../machines/dialog.js';
import type { HeaderField, ResponseDraft } from '../../machines/effects.js';
import type { TimerName } from '../../machines/timers.js';
import { createInspector, type Inspector } from '../engine/inspection.js';
import {
  type Address,
  field,
  header,
  parse,
  type Request,
  type Response,
  topVia,
  type Via,
} from '../message/index.js';
import type { Flow, Receiver, Sender, Transport, TransportError } from '../transports/transport.js';
import { addressText } from '../transports/transport-error.js';
import { type Entrance, inspectRoom } from './admission.js';
import type { Configuration } from './configuration.js';
import { deactivation } from './dialog-usages.js';
import { createHandlers } from './effect-handlers.js';
import { createEngines, type Engines } from './engines.js';
import { Interpreter } from './interpreter.js';
import { composeJournals, type Journal } from './journal.js';
import { type Limited, LimitReports } from './limit-report.js';
import {
  type ClientTransaction,
  type Delivery,
  type Dialog,
  type Dispatcher,
  type LiveMachine,
  type MachineEvent,
  ServerTransaction,
} from './live-machine.js';
import { located } from './locating.js';
import {
  acceptanceKey,
  acknowledgedKeys,
  clientTransactionKey,
  dialogKey,
  type Essentials,
  mergeKey,
  serverTransactionKey,
} from './matching.js';
import { OwnAddresses } from './own-addresses.js';
import {
  answerToMalformed,
  callCapabilities,
  type InspectionRules,
  inspectExtensions,
  inspectMethod,
  inspectRequestURI,
  inspectSize,
  lengthRequired,
  readEssentials,
} from './request-inspection.js';
import { RequestSender } from './request-sender.js';
import { buildResponse } from './response-building.js';
import { fallbackAddress, ignoresMaddr, responseFlow } from './routing.js';
import type { Timer } from './scheduler.js';
import { Tables } from './tables.js';

const retransmission = Object.freeze({ type: 'retransmission' });

/** A transport that is open, and the address that it gave. */
export interface OpenTransport {
  readonly transport: Transport;
  readonly address: Address;
}

/** Joins messages to machines, and machines to each other (RFC 3261 §8.2, §12.2.2, §17.1.3, §17.2.3, §18). */
export class Endpoint implements Receiver, Dispatcher {
  readonly configuration: Configuration;
  readonly rules: InspectionRules;
  readonly callCapabilities: readonly HeaderField[];
  readonly tables = new Tables();
  readonly inspector: Inspector;
  readonly engines: Engines;
  readonly requests: RequestSender;
  readonly ownAddresses: OwnAddresses;
  readonly limited: Limited;
  readonly refused: LimitReports['refused'];
  readonly #interpreter: Interpreter;
  #journals: readonly Journal[] = [];
  #journal: Journal | undefined;
  readonly #stateless: Sender = { sendFailed: () => {} };
  #numbers = 0;
  #closing: Promise<void> | undefined;
  readonly #drains: Timer[] = [];
  #settled: (() => void) | undefined;

  constructor(configuration: Configuration) {
    const { application, methods, supported, accept, languages, limits, isOurs } = configuration;
    this.configuration = configuration;
    this.rules = { methods, supported, accept, languages, bodySize: limits.body, isOurs };
    this.callCapabilities = callCapabilities(this.rules, configuration.infoPackages);
    this.inspector = createInspector((error) => application.failed(error as Error));
    this.engines = createEngines(configuration.engine, this.inspector);
    this.requests = new RequestSender(this);
    this.ownAddresses = new OwnAddresses(configuration);
    const reports = new LimitReports(
      (report) => application.limited(report),
      () => configuration.scheduler.now(),
    );
    this.limited = reports.add;
    this.refused = reports.refused;
    this.#interpreter = new Interpreter(createHandlers(this), (live) => this.abandon(live));
  }

  /** Opens every transport; where one fails, the others are closed again. */
  open(): TaskEither<TransportError, readonly OpenTransport[]> {
    return async () => {
      const open: OpenTransport[] = [];
      for (const transport of this.configuration.transports) {
        const address = await transport.open(this)();
        if (isLeft(address)) {
          await Promise.all(open.map((opened) => opened.transport.close()));
          return address;
        }
        open.push({ transport, address: address.right });
        this.opened(transport, address.right);
      }
      return right(open);
    };
  }

  /** From here on, requests may leave by this transport. */
  protected opened(transport: Transport, address: Address): void {
    this.ownAddresses.add(transport, address);
  }

  /**
   * Refuses new requests and the INVITEs that ring, hangs up every session, ends every subscription (`deactivated`), waits
   * until nothing is unanswered or `drain` milliseconds have passed, then closes the transports and stops every timer.
   */
  close(drain: number): Promise<void> {
    const { scheduler } = this.configuration;
    this.#journal?.input({ type: 'close', drain });
    const isFirst = this.#closing === undefined;
    this.#closing ??= new Promise<void>((resolve) => {
      this.#settled = resolve;
    }).then(() => this.#end());
    if (isFirst) {
      for (const uas of [...this.tables.userAgentServers])
        if (uas.is('proceeding')) this.dispatch(uas, { type: 'reject', answer: { status: 480 } });
      for (const session of [...this.tables.sessions]) this.dispatch(session, { type: 'hangUp' });
      for (const notifier of [...this.tables.notifiers.values()])
        this.dispatch(notifier, deactivation(this.now()));
    }
    if (drain <= 0 || this.tables.areSettled) this.#settled?.();
    else this.#drains.push(scheduler.start({ timerEnded: () => this.#drained() }, 'drain', drain));
    return this.#closing;
  }

  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  #drained(): void {
    this.#journal?.input({ type: 'drained' });
    this.#settled?.();
  }

  async #end(): Promise<void> {
    const { scheduler, transports } = this.configuration;
    for (const timer of this.#drains) scheduler.stop(timer);
    await Promise.all(transports.map((transport) => transport.close()));
    for (const live of [...this.tables.all()]) this.abandon(live);
    this.#journal?.ended?.();
  }

  /** Tells a journal of all that happens from here on. */
  attach(journal: Journal): { detach(): void } {
    const use = (journals: readonly Journal[]) => {
      this.#journals = journals;
      this.#journal = composeJournals(journals);
      this.#interpreter.stepped = this.#journal?.step.bind(this.#journal);
    };
    use([...this.#journals, journal]);
    return { detach: () => use(this.#journals.filter((other) => other !== journal)) };
  }

  /** Every live machine, for a late observer. */
  *instances() {
    for (const live of this.tables.all()) yield live.instance;
  }

  start(live: LiveMachine): void {
    live.number = ++this.#numbers;
    live.enter(this.tables);
    try {
      this.#interpreter.start(live);
    } catch (error) {
      this.abandon(live);
      throw error;
    }
  }

  dispatch(live: LiveMachine, event: MachineEvent): void {
    try {
      this.#interpreter.dispatch(live, event);
    } catch (error) {
      this.configuration.application.failed(error as Error);
    }
  }

  /** An event of the application's. */
  order(live: LiveMachine, event: MachineEvent): void {
    this.#journal?.input({ type: 'order', live, event });
    this.dispatch(live, event);
  }

  timerEnded(live: LiveMachine, timer: TimerName, now: number): void {
    this.#journal?.input({ type: 'timerEnded', live, timer, now });
    this.dispatch(live, { type: timer, now: Math.floor(now) });
  }

  /** Whole milliseconds of the epoch, whatever the scheduler counts in. */
  time(): number {
    return Math.floor(this.configuration.scheduler.now());
  }

  /** The same, where a step asks for it: part of what a recording answers. */
  now(): number {
    return this.time();
  }

  /** Whether a transport has a connection there. */
  hasFlowTo(transport: Transport, remote: Address): boolean {
    return transport.hasFlowTo(remote);
  }

  /** Asks for the addresses of a host that a request is to go to. */
  async resolve(host: string, delivery: Delivery): Promise<void> {
    try {
      const addresses = await this.configuration.resolver.resolve(host)();
      if (isLeft(addresses)) this.resolved(delivery, [], addresses.left.code);
      else this.resolved(delivery, addresses.right);
    } catch (error) {
      this.configuration.application.failed(error as Error);
      this.resolved(delivery, [], 'failed');
    }
  }

  /** It has these, or there is a reason why it has none. */
  resolved(delivery: Delivery, hosts: readonly string[], failure?: TransportError['code']): void {
    if (!delivery.is('locating')) return;
    this.#journal?.input({ type: 'resolved', live: delivery, hosts, failure });
    this.dispatch(delivery, located(this, delivery, hosts, failure));
  }

  received(text: string, flow: Flow): void {
    this.#journal?.input({ type: 'received', text, flow });
    try {
      this.configuration.application.watched?.('received', text, flow);
      this.#receive(text, flow);
    } catch (error) {
      this.configuration.application.failed(error as Error);
    }
  }

  /** RFC 3261 §18.3: without a Content-Length a stream has no next message. What came is answered 400, if it can be. */
  unframed(text: string, flow: Flow): void {
    this.#journal?.input({ type: 'unframed', text, flow });
    try {
      this.configuration.application.watched?.('received', text, flow);
      const message = parse(text, { limits: this.configuration.limits.message, source: flow.remote });
      if (message._tag === 'Right') {
        if (message.right.type === 'request') this.#refuse(message.right, flow, lengthRequired);
      } else if (message.left.request !== undefined) {
        this.#refuse(message.left.request, flow, answerToMalformed(message.left, message.left.request));
      }
    } catch (error) {
      this.configuration.application.failed(error as Error);
    }
  }

  /** Nothing ends with a connection: what is sent on it fails, and says so. */
  closed(flow: Flow): void {
    this.#journal?.input({ type: 'closed', flow });
  }

  trusts(source: string): boolean {
    return this.configuration.isTrusted(source);
  }

  send(text: string, flow: Flow, sender: Sender): void {
    this.#journal?.sent(text, flow);
    this.configuration.application.watched?.('sent', text, flow);
    flow.transport.send(text, flow, sender);
  }

  sendFailed(transaction: ServerTransaction | ClientTransaction, error: TransportError): void {
    this.#journal?.input({ type: 'sendFailed', live: transaction, error });
    if (transaction instanceof ServerTransaction) this.#failOver(transaction, error);
    else this.dispatch(transaction, { type: 'transportError', cause: error.message });
  }

  /** RFC 3261 §18.2.2: a response whose connection is gone goes to the address that its Via names; then the user is told (RFC 6026 §8.8). */
  #failOver(transaction: ServerTransaction, { message: cause }: TransportError): void {
    const { fallback, flow, instance } = transaction;
    if (fallback === undefined) return this.dispatch(transaction, { type: 'transportError', cause });
    const { response } = instance.snapshot.context;
    transaction.fallback = undefined;
    transaction.flow = flow.transport.flowTo(fallback);
    // A 2xx to an INVITE is not the transaction's to send again: its user agent server does.
    if (response !== undefined) this.send(response.text, transaction.flow, transaction);
  }

  #receive(text: string, flow: Flow): void {
    const message = parse(text, { limits: this.configuration.limits.message, source: flow.remote });
    if (message._tag === 'Right') {
      if (message.right.type === 'request') this.#receiveRequest(message.right, flow);
      else this.#receiveResponse(message.right);
    } else if (message.left.request !== undefined) {
      this.#refuse(message.left.request, flow, answerToMalformed(message.left, message.left.request));
    }
  }

  /** RFC 3261 §17.1.3; what matches no client transaction, or has passed another element, is dropped (§8.1.3.3, §18.1.2). */
  #receiveResponse(response: Response): void {
    if (response.version !== 'SIP/2.0') return;
    const vias = header(response, 'Via');
    const cseq = header(response, 'CSeq');
    if (isLeft(vias) || isLeft(cseq) || vias.right.length !== 1) return;
    const key = clientTransactionKey(vias.right[0].branch ?? '', cseq.right.method);
    const transaction = this.tables.clientTransactions.get(key);
    if (transaction !== undefined) this.dispatch(transaction, { type: 'response', response });
  }

  #receiveRequest(request: Request, flow: Flow): void {
    const read = readEssentials(request);
    if (isLeft(read)) return this.#refuse(request, flow, read.left);
    const essentials = read.right;
    if (request.method === 'ACK') return this.#receiveACK(request, essentials, flow.remote.host);
    const key = serverTransactionKey(essentials);
    const transaction = this.tables.serverTransactions.get(key);
    if (transaction !== undefined) return this.dispatch(transaction, retransmission);
    const merge = mergeKey(essentials);
    const dialog = this.#dialogOf(essentials);
    const source = this.tables.sources.of(flow.remote);
    const refusal = this.#inspect({ request, essentials, dialog, source }, merge);
    if (refusal !== undefined) return this.#refuse(request, flow, refusal);
    const { reliable } = flow.transport;
    const { inviteServerTransaction, nonInviteServerTransaction } = this.engines;
    const input = { request, reliable, timers: this.configuration.timers };
    this.start(
      new ServerTransaction(
        this,
        request.method === 'INVITE'
          ? inviteServerTransaction.create(input)
          : nonInviteServerTransaction.create(input),
        key,
        merge,
        essentials.to.tag === undefined,
        this.#wayBack(essentials.via, flow),
        reliable ? fallbackAddress(essentials.via, flow.remote) : undefined,
        { request, essentials, flow, dialog },
        source,
      ),
    );
  }

  /** The ACK of a refusal goes to its transaction, that of a 2xx to the INVITE's user agent server (RFC 3261 §13.3.1.4, §17.2.3, RFC 6026 §7.1). */
  #receiveACK(request: Request, essentials: Essentials, host: string): void {
    for (const key of acknowledgedKeys(essentials)) {
      const transaction = this.tables.serverTransactions.get(key);
      if (transaction !== undefined) return this.dispatch(transaction, { type: 'ack', request });
    }
    const { callId, to, from, cseq } = essentials;
    const uas = this.tables.invitations.get(acceptanceKey(callId, to.tag ?? '', from.tag, cseq.sequence));
    if (uas === undefined) return;
    if (uas.dialog !== undefined && !isProven(uas.dialog.instance.snapshot, host))
      this.dispatch(uas.dialog, { type: 'acknowledged', host });
    this.dispatch(uas, { type: 'ack', request });
  }

  /** RFC 3261 §8.2.1, §8.2.2, §12.2.2; the answer to a request that goes no further. */
  #inspect(entrance: Entrance, merge: string): ResponseDraft | undefined {
    const { request, essentials, dialog } = entrance;
    if (request.method === 'CANCEL') return inspectRoom(this, entrance);
    const inDialog = essentials.to.tag !== undefined;
    if (inDialog && dialog === undefined) return { status: 481 };
    return (
      inspectMethod(request, this.rules) ??
      (inDialog ? undefined : inspectRequestURI(essentials.uri, this.rules)) ??
      (!inDialog && this.tables.merged.has(merge) ? { status: 482 } : undefined) ??
      inspectExtensions(request, this.rules) ??
      inspectSize(request, this.rules) ??
      inspectRoom(this, entrance)
    );
  }

  #dialogOf({ callId, to, from }: Essentials): Dialog | undefined {
    return to.tag === undefined ? undefined : this.tables.dialogs.get(dialogKey(callId, to.tag, from.tag));
  }

  /**
   * Answers without a transaction, always with the same To tag (RFC 3261 §8.2.7); an ACK is never answered. Where the
   * top Via can't be read, the answer goes where the request came from.
   */
  #refuse(request: Request, source: Flow, draft: ResponseDraft): void {
    if (request.method === 'ACK') return;
    const via = topVia(request);
    const identity = `${field(request, 'Via')}\n${field(request, 'Call-ID')}\n${field(request, 'CSeq')}`;
    const toTag = this.configuration.entropy.tokenOf(identity);
    const response = buildResponse(request, draft, { toTag, server: this.configuration.server });
    this.send(response.text, isLeft(via) ? source : this.#wayBack(via.right, source), this.#stateless);
  }

  /** The way of the responses. The first maddr that is ignored is told of, and all are counted: what a peer sends makes no flood of reports. */
  #wayBack(via: Via, source: Flow): Flow {
    if (ignoresMaddr(via, source) && this.tables.ignoredMaddrs++ === 0)
      this.configuration.application.failed(ignoredMaddr(source));
    return responseFlow(via, source);
  }

  abandon(live: LiveMachine): void {
    live.stopTimers(this.configuration.scheduler);
    live.leave(this.tables);
    if (this.#closing !== undefined && this.tables.areSettled) this.#settled?.();
  }
}

const ignoredMaddr = ({ remote }: Flow) =>
  new Error(
    `A request from ${addressText(remote)} names a third party in the maddr of its Via: the responses go to where it came from. More of the kind are only counted, as ignoredMaddrs`,
  );

import type { StateValueFrom } from 'xstate';
import type { TransactionEffect } from '../../machines/effects.js';
import { nonInviteServerTransaction } from '../../machines/non-invite-server-transaction.js';
import { defaultTimerValues, type TimerName } from '../../machines/timers.js';
import { Interpreter } from '../endpoint/interpreter.js';
import type { Scheduler } from '../endpoint/scheduler.js';
import { TimedMachine } from '../endpoint/timed-machine.js';
import { compiled } from '../engine/compiled.js';
import type { Engine, Instance } from '../engine/engine.js';
import { WireResponse } from '../message/wire-message.js';
import type { Transport } from './core-transport.js';
import { sharedScheduler } from './default-ports.js';
import { TransportError } from './exceptions.js';
import { type IncomingRequestMessage, requestOf } from './incoming-request-message.js';
import type { Logger, LoggerFactory } from './logger.js';
import { fromWire, toWire } from './wire-text.js';

export enum TransactionState {
  Accepted = 'Accepted',
  Calling = 'Calling',
  Completed = 'Completed',
  Confirmed = 'Confirmed',
  Proceeding = 'Proceeding',
  Terminated = 'Terminated',
  Trying = 'Trying',
}

/** Who is told what becomes of a transaction. What it throws is logged and goes no further. */
export interface ServerTransactionUser {
  readonly loggerFactory: LoggerFactory;
  /** Not called for the initial state. */
  readonly onStateChange?: ((newState: TransactionState) => void) | undefined;
  readonly onTransportError?: ((error: TransportError) => void) | undefined;
  /** No final response came in 64·T1, and none is sent any more (RFC 4320 §4.2). */
  readonly onRequestTimeout?: (() => void) | undefined;
}

export interface ServerTransactionConfiguration {
  /** The clock; by default a timer wheel that all share. */
  readonly scheduler?: Scheduler | undefined;
  /** What runs the machine; compiled by default. One with an inspector lets it be watched. */
  readonly engine?: Engine<Machine> | undefined;
}

/** One request and the responses to it (RFC 3261 §17.2). */
export abstract class ServerTransaction {
  readonly request: IncomingRequestMessage;
  readonly transport: Transport;
  readonly #listeners = new Map<() => void, boolean>();

  constructor(request: IncomingRequestMessage, transport: Transport) {
    this.request = request;
    this.transport = transport;
  }

  /** The branch of the request's top Via. */
  get id(): string | undefined {
    return this.request.viaBranch;
  }

  abstract get state(): TransactionState;

  /** Stops the timers; the state stays. */
  abstract dispose(): void;

  /** Takes a retransmission of the request. */
  abstract receiveRequest(request: IncomingRequestMessage): void;

  /** Takes a response from the transaction's user. */
  abstract receiveResponse(statusCode: number, response: string): void;

  /** Calls the listener after each change of state, when the user has heard of it. */
  addStateChangeListener(listener: () => void, { once = false }: { readonly once?: boolean } = {}): void {
    this.#listeners.set(listener, once);
  }

  removeStateChangeListener(listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** Calls every listener, in the order in which they were added. */
  notifyStateChangeListeners(): void {
    for (const [listener, once] of [...this.#listeners]) {
      if (once) this.#listeners.delete(listener);
      listener();
    }
  }
}

/**
 * The machine `non-invite-server-transaction`, run over a transport that takes text (RFC 3261 §17.2.2, RFC 4320).
 * A response is sent, and its timers run, before the change of state is told: to the user, then to the listeners.
 *
 * Deviates from SIP.js:
 * - Timer J is 64·T1 over UDP (RFC 3261 §17.2.2).
 * - Over UDP a 100 waits until 3.5 s after the request; without one the transaction sends its own then (RFC 4320 §4.1).
 * - A request without a final response ends 64·T1 after it came, and the user is told (RFC 4320 §4.2).
 * - A second 100 is passed on (RFC 3261 §17.2.2); a 408 is refused (RFC 4320 §4.2).
 * - After a transport error the transaction stays in its state (RFC 6026 §8.8); one after the end is not told.
 * - A transport that throws is one that rejects; a user or listener that throws is logged.
 */
export class NonInviteServerTransaction extends ServerTransaction {
  readonly #run: Run;

  constructor(
    request: IncomingRequestMessage,
    transport: Transport,
    user: ServerTransactionUser,
    { engine = compiledMachine, scheduler = sharedScheduler() }: ServerTransactionConfiguration = {},
  ) {
    super(request, transport);
    const instance = engine.create({
      request: requestOf(request),
      reliable: !/^udp$/i.test(transport.protocol),
      timers: defaultTimerValues,
    });
    this.#run = new Run(this, instance, user, scheduler);
    interpreter.start(this.#run);
  }

  get kind(): string {
    return 'nist';
  }

  get state(): TransactionState {
    return states[this.#run.instance.snapshot.value];
  }

  dispose(): void {
    stopTimers(this.#run);
  }

  receiveRequest(_request: IncomingRequestMessage): void {
    interpreter.dispatch(this.#run, { type: 'retransmission' });
  }

  /** Throws an Error on what a non-INVITE transaction never sends, and on any response once it is terminated. */
  receiveResponse(statusCode: number, response: string): void {
    if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 699)
      throw new Error(`Invalid status code ${statusCode}`);
    if (statusCode > 100 && statusCode < 200)
      throw new Error('Provisional response other than 100 not allowed.');
    if (statusCode === 408) throw new Error('Final response 408 not allowed.');
    if (this.state === TransactionState.Terminated)
      throw new Error(
        `Non-INVITE server transaction received unexpected ${statusCode} response from TU while in state ${this.state}.`,
      );
    interpreter.dispatch(this.#run, {
      type: 'response',
      response: new WireResponse(statusCode, toWire(response)),
    });
  }
}

type Machine = typeof nonInviteServerTransaction;

const compiledMachine = compiled(nonInviteServerTransaction);

const states: Readonly<Record<StateValueFrom<Machine>, TransactionState>> = {
  trying: TransactionState.Trying,
  proceeding: TransactionState.Proceeding,
  completed: TransactionState.Completed,
  terminated: TransactionState.Terminated,
};

/** A running machine and what its effects are carried out on. */
class Run extends TimedMachine<Machine> {
  transportError = new TransportError();
  readonly logger: Logger;

  constructor(
    readonly transaction: ServerTransaction,
    instance: Instance<Machine>,
    readonly user: ServerTransactionUser,
    readonly scheduler: Scheduler,
  ) {
    super(instance);
    this.logger = user.loggerFactory.getLogger('sip.transaction.nist', transaction.id);
  }

  protected ended(type: TimerName, now: number): void {
    interpreter.dispatch(this, { type, now });
  }

  sendFailed(error: unknown): void {
    this.transportError = error instanceof TransportError ? error : new TransportError(messageOf(error));
    interpreter.dispatch(this, { type: 'transportError' });
  }

  tell(callout: () => void): void {
    try {
      callout();
    } catch (error) {
      this.logger.error(messageOf(error));
    }
  }
}

/** A server transaction sends no request. */
type Order = Exclude<TransactionEffect, { readonly type: 'sendRequest' }>;

type Handlers = {
  readonly [Type in Order['type']]: (run: Run, effect: Extract<Order, { readonly type: Type }>) => void;
};

const handlers: Handlers = {
  sendResponse: (run, { response }) => {
    const { transport } = run.transaction;
    new Promise<void>((resolve) => resolve(transport.send(fromWire(response.text)))).catch((error) =>
      run.sendFailed(error),
    );
  },

  /** The user has the request: it made the transaction of it. */
  passToUser: () => {},

  reportFailure: (run, { failure }) => {
    if (failure === 'timeout') run.tell(() => run.user.onRequestTimeout?.());
    else run.tell(() => run.user.onTransportError?.(run.transportError));
  },

  startTimer: (run, { timer, delay }) => run.startTimer(run.scheduler, timer, delay),

  stopTimer: (run, { timer }) => run.stopTimer(run.scheduler, timer),
};

const stopTimers = (run: Run) => run.stopTimers(run.scheduler);

const announce = (run: Run) => {
  const { state } = run.transaction;
  run.logger.debug(`State change to "${state}" on transaction ${run.transaction.id}.`);
  run.tell(() => run.user.onStateChange?.(state));
  run.tell(() => run.transaction.notifyStateChangeListeners());
};

const interpreter = new Interpreter<Run, Order>(handlers, stopTimers, announce);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

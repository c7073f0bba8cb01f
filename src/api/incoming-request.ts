import type { ApplicationEvent, Failure } from '../../machines/effects.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { LiveMachine, MachineEvent, UAS } from '../endpoint/live-machine.js';
import type { Address, Request } from '../message/index.js';
import type { Protocol } from '../transports/transport.js';
import { type AnswerOptions, checkedAnswer } from './answer.js';

/** What can happen to a request besides what the application does. */
export interface RequestListener {
  /** A CANCEL came before the answer, which RFC 3261 §9.2 leaves as it is. */
  cancelled?(): void;
  /** The application took too long: a granted REFER was accepted with a pending subscription, any other request answered 500. */
  undecided?(): void;
  /** A response could not be sent, or came too late. */
  failed?(failure: Failure): void;
}

/**
 * A request that waits for the application. Each order gives back whether it had an effect: one that comes too late has
 * none. A wrong status or header throws a RangeError.
 */
export abstract class IncomingRequest<Listener extends RequestListener = RequestListener> {
  readonly request: Request;
  readonly source: Address;
  readonly protocol: Protocol;
  protected listener: Partial<Listener> = {};

  constructor(
    protected readonly endpoint: Endpoint,
    protected readonly uas: UAS,
  ) {
    const { request, flow } = uas.arrival;
    this.request = request;
    this.source = flow.remote;
    this.protocol = flow.transport.protocol;
  }

  /** Answers as RFC 3261 §8.2.6 says, with a status from 300 to 699. */
  abstract reject(status?: number, options?: AnswerOptions): boolean;

  /** Hears what becomes of the request; one listener at a time. */
  listen(listener: Partial<Listener>): void {
    this.listener = listener;
  }

  /** Answers 100, as soon as RFC 4320 §4.1 lets it leave. */
  trying(): boolean {
    return this.isUndecided && this.order(this.uas, { type: 'trying' });
  }

  /** Hands on what the endpoint reports. */
  tell(event: ApplicationEvent): void {
    if (event.type === 'cancel') this.listener.cancelled?.();
    else if (event.type === 'failure') this.listener.failed?.(event.failure);
    else if (event.type === 'undecided') this.listener.undecided?.();
  }

  protected get isUndecided(): boolean {
    return this.uas.instance.snapshot.value === 'deciding';
  }

  protected order(live: LiveMachine, event: MachineEvent): true {
    this.endpoint.dispatch(live, event);
    return true;
  }
}

/** A request that one response settles: OPTIONS. */
export class SingleResponseRequest extends IncomingRequest {
  /** Answers 200, or another 2xx. */
  accept(options: AnswerOptions & { readonly status?: number } = {}): boolean {
    const { status = 200, ...others } = options;
    return this.#answer(status, 200, 299, others);
  }

  reject(status = 480, options: AnswerOptions = {}): boolean {
    return this.#answer(status, 300, 699, options);
  }

  #answer(status: number, least: number, most: number, options: AnswerOptions): boolean {
    const answer = checkedAnswer(status, least, most, options);
    return this.isUndecided && this.order(this.uas, { type: 'answer', answer });
  }
}

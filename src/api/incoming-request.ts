import { fromNullable, type Option } from 'fp-ts/lib/Option.js';
import type { ApplicationEvent, Failure } from '../../machines/effects.js';
import { tryingWaits } from '../../machines/non-invite-server-transaction.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { LiveMachine, MachineEvent, UAS } from '../endpoint/live-machine.js';
import type { Address, Request } from '../message/index.js';
import type { Protocol } from '../transports/transport.js';
import type { Sending } from './sending.js';
import type { Session } from './session.js';

/** What can happen to a request besides what the application does. */
export interface RequestListener {
  /** It needs no answer any more: a CANCEL came, which ends an INVITE and leaves any other request as it is (RFC 3261 §9.2), or the session of its dialog is over. */
  cancelled?(): void;
  /** The application took too long, and the user agent has answered for it. */
  undecided?(): void;
  /** A response could not be sent, or came too late. */
  failed?(failure: Failure): void;
}

/** A request that waits for the application, whose handler gives back its one final response. */
export class IncomingRequest<Listener extends RequestListener = RequestListener> {
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

  /** The session in whose dialog the request came. */
  get inSession(): Option<Session> {
    return fromNullable(this.uas.dialog?.session?.handle as Session | undefined);
  }

  /** Hears what becomes of the request; one listener at a time. */
  listen(listener: Partial<Listener>): void {
    this.listener = listener;
  }

  /** Answers 100, as soon as RFC 4320 §4.1 lets it leave. */
  trying(): Sending {
    return this.answer({ type: 'trying' }, tryingWaits(this.uas.transaction.instance.snapshot));
  }

  /** Hands on what the endpoint reports. */
  tell(event: ApplicationEvent): void {
    if (event.type === 'cancel') this.listener.cancelled?.();
    else if (event.type === 'failure') this.listener.failed?.(event.failure);
    else if (event.type === 'undecided') this.listener.undecided?.();
  }

  protected get isUndecided(): boolean {
    return this.uas.is('deciding', 'unanswered');
  }

  /** Gives an answer, unless it is given already. */
  protected answer(event: MachineEvent, waits = false): Sending {
    return this.isUndecided && this.order(this.uas, event, waits);
  }

  protected order(live: LiveMachine, event: MachineEvent, waits: boolean): Sending {
    this.endpoint.order(live, event);
    return waits ? 'waits' : 'sent';
  }
}

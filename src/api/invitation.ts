import type { ApplicationEvent, HeaderField } from '../../machines/effects.js';
import { provisionalWaits, successWaits } from '../../machines/invitation.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { MachineEvent, UAS } from '../endpoint/live-machine.js';
import { formatNameAddress, parseURI, type Request } from '../message/index.js';
import { type AnswerOptions, checkedInviteAnswer } from './answer.js';
import { IncomingRequest, type RequestListener } from './incoming-request.js';
import type { Sending } from './sending.js';
import { Session } from './session.js';

export interface InvitationListener extends RequestListener {
  /** The 2xx has its ACK, whose body answers the offer of the 2xx, if it made one. */
  acknowledged?(ack: Request): void;
}

export interface ProgressOptions extends AnswerOptions {
  /** Whether it is repeated until its PRACK (RFC 3262); by default where it has a body. Always where the peer requires it, never where it does not support it. */
  readonly reliable?: boolean;
}

/**
 * An INVITE inside a session (RFC 3261 §14.2). Each order gives back what becomes of it. A wrong status or header throws a
 * RangeError.
 */
export class ReInvitation extends IncomingRequest<InvitationListener> {
  /** Whether the peer takes reliable provisional responses (RFC 3262 §3). The first of them makes the offer where its INVITE has none (§5). */
  get supports100rel(): boolean {
    return this.uas.instance.snapshot.context.input.reliability !== 'none';
  }

  /** Answers 180, or another status from 101 to 199; a reliable one, once the one before has its PRACK (RFC 3262 §3). */
  progress(status = 180, { reliable, ...options }: ProgressOptions = {}): Sending {
    const answer = checkedInviteAnswer(status, 101, 199, options);
    const progress = { type: 'progress', answer, reliable } as const;
    return this.answer(progress, provisionalWaits(this.uas.instance.snapshot, progress));
  }

  /** Answers 200, or another 2xx, until its ACK comes; where a reliable provisional response is without its PRACK, once that has come (RFC 3262 §3). */
  accept({ status = 200, ...options }: AnswerOptions & { readonly status?: number } = {}): Sending {
    const answer = checkedInviteAnswer(status, 200, 299, options);
    return this.answer({ type: 'accept', answer }, successWaits(this.uas.instance.snapshot));
  }

  /** Answers 300 to 699; by default 488, which ends neither the session nor its dialog (RFC 3261 §14.2, RFC 5057 §5.1). */
  reject(status = 488, options: AnswerOptions = {}): Sending {
    const answer = checkedInviteAnswer(status, 300, 699, options);
    return this.refuse({ type: 'reject', answer });
  }

  override trying(): Sending {
    const { value } = this.uas.instance.snapshot;
    return value.proceeding === 'deciding' && this.order(this.uas, { type: 'trying' }, false);
  }

  override tell(event: ApplicationEvent): void {
    if (event.type === 'acknowledged') this.listener.acknowledged?.(event.request);
    else super.tell(event);
  }

  protected override get isUndecided(): boolean {
    const { value } = this.uas.instance.snapshot;
    return this.isProceeding && value.proceeding.unacknowledged !== 'accepting';
  }

  /** A final response but a 2xx waits for nothing. */
  protected refuse(event: MachineEvent): Sending {
    return this.isProceeding && this.order(this.uas, event, false);
  }

  private get isProceeding(): boolean {
    return this.uas.is('proceeding');
  }
}

/** An INVITE that asks for a session (RFC 3261 §13.3). */
export class Invitation extends ReInvitation {
  /** What `accept` makes, early from the first `progress` on. */
  readonly session: Session;

  constructor(endpoint: Endpoint, uas: UAS) {
    super(endpoint, uas);
    this.session = new Session(endpoint);
  }

  /** Answers 300 to 699. */
  override reject(status = 480, options: AnswerOptions = {}): Sending {
    return super.reject(status, options);
  }

  /** Answers 302, or another 3xx, with these Contact URIs. */
  redirect(contacts: readonly string[], options: AnswerOptions & { readonly status?: number } = {}): Sending {
    const { status = 302, headers = [], ...others } = options;
    const answer = checkedInviteAnswer(status, 300, 399, {
      ...others,
      headers: [...headers, ...contacts.map(contactField)],
    });
    return this.refuse({ type: 'redirect', answer });
  }
}

/** A URI as a Contact; throws a RangeError where it is none. */
export const contactField = (contact: string): HeaderField => {
  const uri = parseURI(contact);
  if (uri._tag === 'Left') throw new RangeError(`${JSON.stringify(contact)} is no URI: ${uri.left.message}`);
  return ['Contact', formatNameAddress({ uri: uri.right })];
};

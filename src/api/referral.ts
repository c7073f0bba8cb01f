import { fromEither, type Option } from 'fp-ts/lib/Option.js';
import type {
  ApplicationEvent,
  HeaderField,
  SubscriptionEnd,
  TerminationReason,
} from '../../machines/effects.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { MachineEvent, UAS } from '../endpoint/live-machine.js';
import {
  formatNameAddress,
  header,
  isSIPURI,
  type NameAddress,
  parseURI,
  reasonPhrase,
} from '../message/index.js';
import { type AnswerOptions, checkedAnswer, checkedLine, checkStatus } from './answer.js';
import { IncomingRequest, type RequestListener } from './incoming-request.js';

/** What can happen to a referral besides what the application does. */
export interface ReferralListener extends RequestListener {
  /** The subscription is over: its last NOTIFY was answered, or one was refused or lost. The referral itself goes on. */
  ended?(reason: SubscriptionEnd): void;
}

/** What a referred request may take over from the headers of the Refer-To URI; all others are left out (RFC 3261 §19.1.5). */
const allowedHeaders: ReadonlySet<string> = new Set(['replaces']);

/** A REFER that the policy lets pass, and the referral that it asks for (RFC 3515). */
export class Referral extends IncomingRequest<ReferralListener> {
  /** Where the referral goes. */
  readonly referTo: NameAddress;

  constructor(endpoint: Endpoint, uas: UAS) {
    super(endpoint, uas);
    const referTo = header(this.request, 'Refer-To');
    if (referTo._tag === 'Left') throw new TypeError(referTo.left.message);
    this.referTo = referTo.right;
  }

  /** Who refers, as the REFER says (RFC 3892 §3). */
  get referredBy(): Option<NameAddress> {
    return fromEither(header(this.request, 'Referred-By'));
  }

  /** The headers of the Refer-To URI that may go into a referred request, as written: Replaces. */
  get embeddedHeaders(): readonly HeaderField[] {
    const { uri } = this.referTo;
    return isSIPURI(uri) ? uri.headers.filter(([name]) => allowedHeaders.has(name.toLowerCase())) : [];
  }

  /** Answers 200 (or the configured 202) and starts the subscription, or approves one that is pending. */
  accept(options: AnswerOptions & { readonly status?: number } = {}): boolean {
    const { status, ...others } = options;
    const answer =
      status === undefined && Object.keys(others).length === 0
        ? undefined
        : checkedAnswer(status ?? this.endpoint.configuration.referSuccess, 200, 299, others);
    if (this.isUndecided)
      return this.order(this.uas, { type: 'accept', ...(answer === undefined ? {} : { answer }) });
    return this.uas.notifier?.is('pending') === true && this.#orderNotifier({ type: 'grant' });
  }

  /** Answers 300 to 699; where the 2xx has gone already, ends the subscription with a NOTIFY of 603 (RFC 3515 §2.4.5). */
  reject(status = 603, options: AnswerOptions = {}): boolean {
    const answer = checkedAnswer(status, 300, 699, options);
    if (this.isUndecided) return this.order(this.uas, { type: 'reject', answer });
    return this.#end('rejected', 603);
  }

  /** Answers 302, or another 3xx, with these Contact URIs. */
  redirect(contacts: readonly string[], options: AnswerOptions & { readonly status?: number } = {}): boolean {
    const { status = 302, headers = [], ...others } = options;
    const addresses = contacts.map((contact): HeaderField => ['Contact', contactText(contact)]);
    const answer = checkedAnswer(status, 300, 399, { ...others, headers: [...headers, ...addresses] });
    return this.isUndecided && this.order(this.uas, { type: 'redirect', answer });
  }

  /** Reports a provisional response (100 to 199) to the referred request; no effect before `accept` or without a subscription. */
  progress(status: number, reason = reasonPhrase(status)): boolean {
    checkStatus(status, 100, 199);
    const report = { status, reason: checkedLine('reason', reason) };
    return this.uas.notifier?.is('active') === true && this.#orderNotifier({ type: 'report', report });
  }

  /** Reports the final response (200 to 699) to the referred request, which ends the subscription. */
  finish(status: number, reason = reasonPhrase(status)): boolean {
    if (status !== 408) checkStatus(status, 200, 699);
    return this.#end('noresource', status, checkedLine('reason', reason));
  }

  override tell(event: ApplicationEvent): void {
    if (event.type === 'subscriptionEnded') this.listener.ended?.(event.reason);
    else super.tell(event);
  }

  #end(reason: TerminationReason, status: number, phrase = reasonPhrase(status)): boolean {
    const isLive = this.uas.notifier?.is('pending', 'active') === true;
    return isLive && this.#orderNotifier({ type: 'end', reason, report: { status, reason: phrase } });
  }

  #orderNotifier(event: MachineEvent): boolean {
    const { notifier } = this.uas;
    return (
      notifier !== undefined &&
      this.order(notifier, { ...event, now: this.endpoint.configuration.scheduler.now() })
    );
  }
}

const contactText = (contact: string) => {
  const uri = parseURI(contact);
  if (uri._tag === 'Left') throw new RangeError(`${JSON.stringify(contact)} is no URI: ${uri.left.message}`);
  return formatNameAddress({ uri: uri.right });
};

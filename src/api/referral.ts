import { fromEither, type Option } from 'fp-ts/lib/Option.js';
import type { HeaderField } from '../../machines/effects.js';
import { header, isSIPURI, type NameAddress, reasonPhrase } from '../message/index.js';
import { sipfragReport } from '../message/referral.js';
import { type AnswerOptions, checkedAnswer, checkedLine, checkStatus } from './answer.js';
import { contactField } from './invitation.js';
import type { Sending } from './sending.js';
import { SubscribingRequest, type SubscriptionListener } from './subscription.js';

/** What can happen to a referral besides what the application does. The referral itself goes on when its subscription has `ended`. */
export type ReferralListener = SubscriptionListener;

/** What a referred request may take over from the headers of the Refer-To URI; all others are left out (RFC 3261 §19.1.5). */
const allowedHeaders: ReadonlySet<string> = new Set(['replaces']);

/**
 * A REFER that the policy lets pass, and the referral that it asks for (RFC 3515). Each order gives back what becomes of it.
 * A wrong status or header throws a RangeError.
 */
export class Referral extends SubscribingRequest<ReferralListener> {
  /** Where the referral goes. */
  get referTo(): NameAddress {
    const referTo = header(this.request, 'Refer-To');
    if (referTo._tag === 'Left') throw new TypeError(referTo.left.message);
    return referTo.right;
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

  /** Answers 200 (or the configured 202) and starts the subscription, whose first NOTIFY says 100; or approves one that is pending. */
  accept(options: AnswerOptions & { readonly status?: number } = {}): Sending {
    const { status, ...others } = options;
    const answer =
      status === undefined && Object.keys(others).length === 0
        ? undefined
        : checkedAnswer(status ?? this.endpoint.configuration.referSuccess, 200, 299, others);
    return this.answer({ type: 'accept', ...(answer === undefined ? {} : { answer }) }) || this.grant();
  }

  /** Answers 300 to 699; where the 2xx has gone already, ends the subscription with a NOTIFY of 603 (RFC 3515 §2.4.5). */
  reject(status = 603, options: AnswerOptions = {}): Sending {
    const answer = checkedAnswer(status, 300, 699, options);
    return this.answer({ type: 'reject', answer }) || this.end('rejected', statusLine(603));
  }

  /** Answers 302, or another 3xx, with these Contact URIs. */
  redirect(contacts: readonly string[], options: AnswerOptions & { readonly status?: number } = {}): Sending {
    const { status = 302, headers = [], ...others } = options;
    const answer = checkedAnswer(status, 300, 399, {
      ...others,
      headers: [...headers, ...contacts.map(contactField)],
    });
    return this.answer({ type: 'redirect', answer });
  }

  /** Reports a provisional response (100 to 199) to the referred request, as soon as its turn comes; no effect before `accept` or without a subscription. One that still waits is replaced. */
  progress(status: number, reason = reasonPhrase(status)): Sending {
    checkStatus(status, 100, 199);
    return this.report(statusLine(status, reason));
  }

  /** Reports the final response (200 to 699) to the referred request, as soon as its turn comes, which ends the subscription. One that still waits is replaced. */
  finish(status: number, reason = reasonPhrase(status)): Sending {
    if (status !== 408) checkStatus(status, 200, 699);
    return this.end('noresource', statusLine(status, reason));
  }
}

const statusLine = (status: number, reason = reasonPhrase(status)) =>
  sipfragReport(status, checkedLine('reason', reason));

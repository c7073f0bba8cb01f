import type { ApplicationEvent, Report, SubscriptionEnd, TerminationReason } from '../../machines/effects.js';
import { notifiesAtOnce } from '../../machines/notifier.js';
import type { MachineEvent } from '../endpoint/live-machine.js';
import { type AnswerOptions, checkedAnswer, checkedBody, checkedLine } from './answer.js';
import { IncomingRequest, type RequestListener } from './incoming-request.js';
import type { Sending } from './sending.js';

/** What can happen to a subscription besides what the application does. */
export interface SubscriptionListener extends RequestListener {
  /** A report that waited leaves in a NOTIFY. */
  sent?(report: Report): void;
  /** A report that waited is never sent, since a newer one took its place. */
  replaced?(report: Report): void;
  /** It is over: its last NOTIFY was answered, or one was refused or lost. */
  ended?(reason: SubscriptionEnd): void;
}

/** How a subscription ends (RFC 6665 §4.1.3). */
export interface SubscriptionEnding {
  /** `noresource` by default. */
  readonly reason?: TerminationReason;
  /** The last state; by default the one before. */
  readonly report?: Report;
  /** Seconds after which a new one may be tried. */
  readonly retryAfter?: number;
}

/**
 * What has an answer and a notifier after it: a REFER, a SUBSCRIBE. One NOTIFY is in flight at a time (RFC 6665 §4.2.2), and
 * the next leaves no sooner than the spacing of its event package after the answer (RFC 3515 §3.10): until then one report
 * waits, and a newer one takes its place. The listener hears which of the two came of it, unless the subscription has `ended` before.
 */
export abstract class SubscribingRequest<
  Listener extends SubscriptionListener,
> extends IncomingRequest<Listener> {
  override tell(event: ApplicationEvent): void {
    if (event.type === 'reportSent') this.listener.sent?.(event.report);
    else if (event.type === 'reportReplaced') this.listener.replaced?.(event.report);
    else if (event.type === 'subscriptionEnded') this.listener.ended?.(event.reason);
    else super.tell(event);
  }

  /** Allows a subscription that is pending (RFC 6665 §4.1.3). */
  protected grant(report?: Report): Sending {
    return this.#notify(['pending'], { type: 'grant', report });
  }

  protected report(report: Report): Sending {
    return this.#notify(['active'], { type: 'report', report });
  }

  protected end(reason: TerminationReason, report?: Report, retryAfter?: number): Sending {
    return this.#notify(['pending', 'active'], { type: 'end', reason, report, retryAfter });
  }

  #notify(states: readonly ('pending' | 'active')[], event: MachineEvent): Sending {
    const { notifier } = this.uas;
    if (notifier?.is(...states) !== true) return false;
    const waits = !notifiesAtOnce(notifier.instance.snapshot);
    return this.order(notifier, { ...event, now: this.endpoint.time() }, waits);
  }
}

/**
 * A SUBSCRIBE to an event package of this user agent, and the subscription that its acceptance makes (RFC 6665 §4.2). What
 * refreshes or ends it is answered without the application. Each order gives back what becomes of it.
 */
export class Subscription extends SubscribingRequest<SubscriptionListener> {
  /** The media type that its reports are to have: of its package's `contentTypes` the one that the Accept takes best (RFC 6665 §4.2.2). Undefined where the package declares none. */
  get contentType(): string | undefined {
    return this.uas.instance.snapshot.context.contentType;
  }

  /** Answers 200 and sends this state at once; or allows a subscription that is pending, as soon as its turn comes. */
  accept(report: Report, options: AnswerOptions = {}): Sending {
    if (!this.isUndecided) return this.grant(checkedReport(report));
    const answer = checkedAnswer(200, 200, 200, options);
    return this.answer({ type: 'accept', answer, report: checkedReport(report) });
  }

  /** Answers 200 and leaves the subscription pending, with the package's neutral state (RFC 6665 §4.2.1.2). */
  suspend(options: AnswerOptions = {}): Sending {
    const answer = checkedAnswer(200, 200, 200, options);
    const { neutral } = this.uas.instance.snapshot.context;
    return this.answer({ type: 'suspend', answer, report: neutral });
  }

  /** Answers 300 to 699; where the 200 has gone already, ends the subscription as rejected. */
  reject(status = 403, options: AnswerOptions = {}): Sending {
    const answer = checkedAnswer(status, 300, 699, options);
    return this.answer({ type: 'reject', answer }) || this.end('rejected');
  }

  /** Sends a new state, as soon as its turn comes; one that still waits is replaced. */
  notify(report: Report): Sending {
    return this.report(checkedReport(report));
  }

  /** Ends the subscription with a last NOTIFY, as soon as its turn comes; a state that still waits is replaced by a last one. */
  finish({ reason = 'noresource', report, retryAfter }: SubscriptionEnding = {}): Sending {
    return this.end(reason, report === undefined ? undefined : checkedReport(report), retryAfter);
  }
}

const checkedReport = ({ contentType, body }: Report): Report => ({
  contentType: checkedLine('contentType', contentType),
  body: checkedBody(body),
});

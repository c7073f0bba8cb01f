import type { ApplicationEvent, Report, SubscriptionEnd, TerminationReason } from '../../machines/effects.js';
import type { Notifier } from '../endpoint/live-machine.js';
import { type AnswerOptions, checkedAnswer, checkedBody, checkedLine } from './answer.js';
import { IncomingRequest, type RequestListener } from './incoming-request.js';

/** What can happen to a subscription besides what the application does. */
export interface SubscriptionListener extends RequestListener {
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

/** What has an answer and a notifier after it: a REFER, a SUBSCRIBE. */
export abstract class SubscribingRequest<
  Listener extends SubscriptionListener,
> extends IncomingRequest<Listener> {
  override tell(event: ApplicationEvent): void {
    if (event.type === 'subscriptionEnded') this.listener.ended?.(event.reason);
    else super.tell(event);
  }

  /** Allows a subscription that is pending (RFC 6665 §4.1.3). */
  protected grant(report?: Report): boolean {
    return this.#order(['pending'], (notifier, now) => this.order(notifier, { type: 'grant', report, now }));
  }

  protected report(report: Report): boolean {
    return this.#order(['active'], (notifier, now) => this.order(notifier, { type: 'report', report, now }));
  }

  protected end(reason: TerminationReason, report?: Report, retryAfter?: number): boolean {
    return this.#order(['pending', 'active'], (notifier, now) =>
      this.order(notifier, { type: 'end', reason, report, retryAfter, now }),
    );
  }

  #order(
    states: readonly ('pending' | 'active')[],
    order: (notifier: Notifier, now: number) => boolean,
  ): boolean {
    const { notifier } = this.uas;
    return notifier?.is(...states) === true && order(notifier, this.endpoint.time());
  }
}

/**
 * A SUBSCRIBE to an event package of this user agent, and the subscription that its acceptance makes (RFC 6665 §4.2). What
 * refreshes or ends it is answered without the application. Each order gives back whether it had an effect.
 */
export class Subscription extends SubscribingRequest<SubscriptionListener> {
  /** Answers 200 and sends this state at once; or allows a subscription that is pending. */
  accept(report: Report, options: AnswerOptions = {}): boolean {
    if (!this.isUndecided) return this.grant(checkedReport(report));
    const answer = checkedAnswer(200, 200, 200, options);
    return this.order(this.uas, { type: 'accept', answer, report: checkedReport(report) });
  }

  /** Answers 200 and leaves the subscription pending, with the package's neutral state (RFC 6665 §4.2.1.2). */
  suspend(options: AnswerOptions = {}): boolean {
    if (!this.isUndecided) return false;
    const answer = checkedAnswer(200, 200, 200, options);
    const { neutral } = this.uas.instance.snapshot.context;
    return this.order(this.uas, { type: 'suspend', answer, report: neutral });
  }

  /** Answers 300 to 699; where the 200 has gone already, ends the subscription as rejected. */
  reject(status = 403, options: AnswerOptions = {}): boolean {
    const answer = checkedAnswer(status, 300, 699, options);
    if (this.isUndecided) return this.order(this.uas, { type: 'reject', answer });
    return this.end('rejected');
  }

  /** Sends a new state as soon as the package's spacing lets it; one that still waits is replaced. */
  notify(report: Report): boolean {
    return this.report(checkedReport(report));
  }

  /** Ends the subscription with a last NOTIFY. */
  finish({ reason = 'noresource', report, retryAfter }: SubscriptionEnding = {}): boolean {
    return this.end(reason, report === undefined ? undefined : checkedReport(report), retryAfter);
  }
}

const checkedReport = ({ contentType, body }: Report): Report => ({
  contentType: checkedLine('contentType', contentType),
  body: checkedBody(body),
});

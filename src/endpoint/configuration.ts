import type { ApplicationEvent } from '../../machines/effects.js';
import type { Verdict } from '../../machines/refer-uas.js';
import type { TimerValues } from '../../machines/timers.js';
import type { Limits, Request, URI } from '../message/index.js';
import type { Resolver } from '../transports/resolver.js';
import type { Flow, Transport, TransportError } from '../transports/transport.js';
import type { Entropy } from './entropy.js';
import type { Notifier, UAS } from './live-machine.js';
import type { Scheduler } from './scheduler.js';

/** Everything an endpoint is made of; `src/api` gives each its default. */
export interface Configuration {
  readonly transports: readonly Transport[];
  readonly scheduler: Scheduler;
  readonly entropy: Entropy;
  readonly resolver: Resolver;
  readonly engine: 'compiled' | 'actor';
  readonly timers: TimerValues;
  readonly limits: EndpointLimits;
  /** The host that Via and Contact name where a transport is bound to every address. */
  readonly advertisedHost: string;
  /** The Server header field of responses and the User-Agent of requests (RFC 3261 §20.35, §20.41). */
  readonly server: string | undefined;
  /** The display name of Contact. */
  readonly displayName: string | undefined;
  readonly supported: readonly string[];
  readonly accept: readonly string[];
  readonly languages: readonly string[];
  readonly isOurs: (uri: URI) => boolean;
  /** The status that accepts a REFER (RFC 7647). */
  readonly referSuccess: 200 | 202;
  /** Seconds of a referral's subscription, and the most that a SUBSCRIBE can extend it by. */
  readonly referExpires: number;
  readonly application: Application;
}

export interface EndpointLimits {
  /** Live transactions, of both kinds together. */
  readonly transactions: number;
  readonly dialogs: number;
  readonly subscriptions: number;
  /** Bytes of a request's body. */
  readonly body: number;
  /** Of a message's size and parts; the parser's own by default. */
  readonly message: Partial<Limits> | undefined;
}

/** What the endpoint asks of the application and tells it. None of it may throw. */
export interface Application {
  /** The policy: a pure function of the request, its source and whether it came in a dialog. */
  judge(request: Request, source: Flow, inDialog: boolean): Verdict;
  /** Whether it answers a method itself. */
  handles(method: string): boolean;
  told(live: UAS | Notifier, event: ApplicationEvent): void;
  /** A message has come or gone. */
  watched?(direction: 'received' | 'sent', text: string, flow: Flow): void;
  /** An error that no machine could be told of. */
  failed(error: TransportError | Error): void;
}

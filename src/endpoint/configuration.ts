import type { ApplicationEvent, Report } from '../../machines/effects.js';
import type { InviteVerdict } from '../../machines/invite-uas.js';
import type { Verdict } from '../../machines/refer-uas.js';
import type { TimerValues } from '../../machines/timers.js';
import type { Limits, Request, URI } from '../message/index.js';
import type { Resolver } from '../transports/resolver.js';
import type { Flow, Transport, TransportError } from '../transports/transport.js';
import type { BindingStore } from './binding-store.js';
import type { Entropy } from './entropy.js';
import type { LimitReached } from './limit-report.js';
import type { Session, UAS, Usage } from './live-machine.js';
import type { PublicationStore } from './publication-store.js';
import type { Scheduler } from './scheduler.js';
import type { Intervals } from './soft-state.js';
import type { Holdings } from './sources.js';

/** Everything an endpoint is made of; `src/api` gives each its default. */
export interface Configuration {
  readonly transports: readonly Transport[];
  readonly scheduler: Scheduler;
  readonly entropy: Entropy;
  readonly resolver: Resolver;
  readonly engine: 'compiled' | 'actor';
  readonly timers: TimerValues;
  readonly limits: EndpointLimits;
  /** The host that Via and Contact name, where it is another than what a transport is bound to. */
  readonly advertisedHost: string | undefined;
  /** What they name else where a transport is bound to every address. */
  readonly localHost: string;
  /** The Server header field of responses and the User-Agent of requests (RFC 3261 §20.35, §20.41). */
  readonly server: string | undefined;
  /** The display name of Contact. */
  readonly displayName: string | undefined;
  /** The methods that are answered, as Allow lists them. */
  readonly methods: readonly string[];
  readonly supported: readonly string[];
  readonly accept: readonly string[];
  readonly languages: readonly string[];
  readonly isOurs: (uri: URI) => boolean;
  /** Whether a source may have all of every limit: a proxy in front. */
  readonly isTrusted: (source: string) => boolean;
  /** The status that accepts a REFER (RFC 7647). */
  readonly referSuccess: 200 | 202;
  /** Seconds that an INVITE waits for the application. */
  readonly patience: number;
  /** The event packages of subscriptions, `refer` among them. */
  readonly eventPackages: ReadonlyMap<string, EventPackage>;
  /** The INFO packages that are understood, in lower case (RFC 6086). */
  readonly infoPackages: readonly string[];
  readonly bindings: Keeping & { readonly store: BindingStore };
  readonly publications: Keeping & { readonly store: PublicationStore };
  readonly application: Application;
}

/** How long something is kept for a peer, in seconds. */
export interface Keeping extends Intervals {
  /** A shorter time is refused with 423. */
  readonly minimum: number;
}

/** How subscriptions to an event package go (RFC 6665 §5.4). */
export interface EventPackage extends Keeping {
  /** From the answer to a NOTIFY to the next, in milliseconds. */
  readonly spacing: number;
  /**
   * Media types of its NOTIFYs, the preferred first, which is also that of a SUBSCRIBE without an Accept; one whose Accept
   * takes none is answered 406 (RFC 6665 §3.1.3, §5.4.5). Where there are none, no Accept is looked at.
   */
  readonly contentTypes: readonly string[];
  /** What the NOTIFY of a pending subscription says, where its type is the one that was chosen. */
  readonly neutral: Report;
}

/** What may be held at once, by all sources together and by each. Over a limit a request is answered 503 with Retry-After. */
export interface EndpointLimits extends Holdings {
  /** What one source may hold unless it is trusted. */
  readonly perSource: Holdings;
  /** Subscriptions in one dialog, and the requests in it that may still make one: 100 by default. */
  readonly subscriptionsPerDialog: number;
  /** Bytes of a request's body: 65,535 by default. */
  readonly body: number;
  /** Of a message's size and parts; the parser's own by default. */
  readonly message: Partial<Limits> | undefined;
}

/** A handler a method; a re-INVITE has one of its own. */
export type HandlerName =
  | 'info'
  | 'invite'
  | 'message'
  | 'notify'
  | 'options'
  | 'prack'
  | 'publish'
  | 'refer'
  | 'register'
  | 'reInvite'
  | 'subscribe'
  | 'update';

/** What the endpoint asks of the application and tells it. None of it may throw. */
export interface Application {
  /** The policy: a pure function of the request, its source and whether it came in a dialog. */
  judge(request: Request, source: Flow, inDialog: boolean): Verdict;
  /** The same for an INVITE that starts a session, and whether it replaces another (RFC 3891 §3). */
  admit(request: Request, source: Flow, replaces: boolean): InviteVerdict;
  /** Whether it has that handler. */
  handles(handler: HandlerName): boolean;
  told(live: UAS | Usage, event: ApplicationEvent): void;
  /** A response to its INVITE has started a session. */
  sessionStarted(session: Session, uas: UAS): void;
  /** A message has come or gone. */
  watched?(direction: 'received' | 'sent', text: string, flow: Flow): void;
  /** A limit was reached; each is told of once a minute at most. */
  limited(report: LimitReached): void;
  /** An error that no machine could be told of. */
  failed(error: TransportError | Error): void;
}

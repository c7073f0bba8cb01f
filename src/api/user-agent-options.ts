import type { TimerValues } from '../../machines/timers.js';
import type { BindingStore } from '../endpoint/binding-store.js';
import type { EndpointLimits, EventPackage, Keeping } from '../endpoint/configuration.js';
import type { EngineKind } from '../endpoint/engines.js';
import type { Entropy } from '../endpoint/entropy.js';
import type { LimitReached } from '../endpoint/limit-report.js';
import type { PublicationStore } from '../endpoint/publication-store.js';
import type { Recorder } from '../endpoint/recorder.js';
import type { Scheduler } from '../endpoint/scheduler.js';
import type { Holdings } from '../endpoint/sources.js';
import type { URI } from '../message/index.js';
import type { Resolver } from '../transports/resolver.js';
import type { Transport, TransportError } from '../transports/transport.js';
import type { Answer } from './answer.js';
import type { IncomingRequest } from './incoming-request.js';
import type { Invitation, ReInvitation } from './invitation.js';
import type { InvitePolicy, ReferPolicy } from './policy.js';
import type { Referral } from './referral.js';
import type { Subscription } from './subscription.js';

export interface UserAgentOptions {
  /** Where requests come in: `udp({ host, port })`, `tcp({ host, port })`, … */
  readonly transports: readonly Transport[];
  readonly policy?: Policies;
  readonly on?: UserAgentHandlers;
  /** `compiled` by default; `actor` runs live XState actors, many times as slow. */
  readonly engine?: EngineKind;
  /** T1, T2 and T4 in milliseconds (RFC 3261 Table 4). */
  readonly timers?: Partial<TimerValues>;
  /**
   * By default 1,000,000 transactions, 100,000 dialogs, 100,000 subscriptions and half of the bytes that V8's heap may grow to; of
   * each, one source may have a quarter, or 100 where that is more.
   */
  readonly limits?: Partial<Omit<EndpointLimits, 'perSource'>> & { readonly perSource?: Partial<Holdings> };
  /**
   * The host that others reach, a name or an address, as Via and Contact tell it: needed behind a NAT and in a container. By default what
   * a transport is bound to, and an address of this machine for 0.0.0.0 or ::.
   */
  readonly advertisedHost?: string;
  /** The Server header field of responses and User-Agent of requests; none by default. */
  readonly server?: string;
  /** The display name of Contact. */
  readonly displayName?: string;
  /** Option tags besides `norefersub`, and `100rel` and `replaces` where INVITE is handled, that the application understands (RFC 3261 §8.2.2.3). */
  readonly supported?: readonly string[];
  /** Media types of request bodies; by default SDP, sipfrag, multipart/mixed, those of the event packages, and plain text where MESSAGE is handled. */
  readonly accept?: readonly string[];
  /** Languages of request bodies; any by default. */
  readonly languages?: readonly string[];
  /** Whether a Request-URI is one of ours (RFC 3261 §8.2.2.1); any user is by default. */
  readonly isOurs?: (uri: URI) => boolean;
  /**
   * Whether a source (an IPv4 address, or an IPv6 network as `2001:db8:0:0::/64`) may have all of every limit instead of its
   * share: answer true for a proxy in front, whose requests are everybody's. None may by default.
   */
  readonly isTrusted?: (source: string) => boolean;
  /** The status that accepts a REFER: 200 (RFC 7647), or 202 for old peers. */
  readonly referSuccess?: 200 | 202;
  /** Seconds that a referral's subscription lasts unless refreshed; 300 by default. */
  readonly referExpires?: number;
  /** Seconds that an INVITE may wait for its final response; 180 by default. */
  readonly patience?: number;
  /** The event packages that may be subscribed to and published, by their names (RFC 6665 §5.4); by default a package's media type is that of its neutral state. */
  readonly eventPackages?: Readonly<Record<string, Partial<EventPackage>>>;
  /** The INFO packages that are understood (RFC 6086). */
  readonly infoPackages?: readonly string[];
  /** Where the bindings of REGISTER are kept, and for how long: in memory by default, for an hour and at least a minute. */
  readonly bindings?: Partial<Keeping> & { readonly store?: BindingStore };
  /** The same for what is published. */
  readonly publications?: Partial<Keeping> & { readonly store?: PublicationStore };
  readonly scheduler?: Scheduler;
  readonly entropy?: Entropy;
  readonly resolver?: Resolver;
  /** What writes down everything that happens, from the start on: `recorder(sink)` of `sipchart/inspect`. Nothing does by default. */
  readonly record?: Recorder;
}

/** Who may ask. */
export interface Policies {
  /** What may be followed; without a policy every REFER is refused with 603. */
  readonly refer?: ReferPolicy;
  /** Who may call; without a policy anybody may, but nobody may replace a session (603). */
  readonly invite?: InvitePolicy;
}

/** Gives back the one final response to a request, at once or later; after 48·T1 it is too late and 500 has been sent. */
export type AnswerHandler = (request: IncomingRequest) => Answer | PromiseLike<Answer>;

/**
 * What the application does: one handler a method. A handler that throws has its request answered 500, and `error` is told.
 * INVITE, MESSAGE, PUBLISH and REGISTER are allowed only where they have a handler.
 */
export interface UserAgentHandlers {
  /** An INVITE that starts a session, whose Accept takes SDP or the type of its own offer (406 otherwise). */
  readonly invite?: (invitation: Invitation) => void;
  /** An INVITE inside a session; without this handler it is answered 488, and the session stays as it was. */
  readonly reInvite?: (invitation: ReInvitation) => void;
  /** A REFER that the policy granted or holds pending; without this handler every REFER is refused with 603. */
  readonly refer?: (referral: Referral) => void;
  /** A SUBSCRIBE to one of `eventPackages` whose Accept takes a media type of it (406 otherwise); without this handler it is answered 489. */
  readonly subscribe?: (subscription: Subscription) => void;
  /** An UPDATE with an offer; without this handler it is answered 488. One without an offer is answered 200. */
  readonly update?: AnswerHandler;
  /** A PRACK with an offer or an answer; without this handler an answer is taken and an offer is answered 488. */
  readonly prack?: AnswerHandler;
  /** An INFO in a session, its body of a type that `accept` lists; without this handler 200 answers an empty one, 415 any other. */
  readonly info?: AnswerHandler;
  /** A NOTIFY; without this handler it is answered 481, of an unknown package 489. */
  readonly notify?: AnswerHandler;
  readonly message?: AnswerHandler;
  /** A PUBLISH; what is accepted is stored, and answered with its entity-tag (RFC 3903 §6). */
  readonly publish?: AnswerHandler;
  /** A REGISTER; what is accepted is stored, and answered with all of its bindings (RFC 3261 §10.3). */
  readonly register?: AnswerHandler;
  /** An OPTIONS; without this handler it is answered as an INVITE would be, with what RFC 3261 §11.2 asks for. */
  readonly options?: AnswerHandler;
  /** A limit was reached, and requests are answered 503 or connections closed; told once a minute and limit. By default its message is written to the console. */
  readonly limit?: (reached: LimitReached) => void;
  /** What belongs to no request: an error in a handler, or a response that could not be sent. By default errors are written to the console. */
  readonly error?: (error: TransportError | Error) => void;
}

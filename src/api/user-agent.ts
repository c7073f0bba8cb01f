import { map, type TaskEither } from 'fp-ts/lib/TaskEither.js';
import { defaultTimerValues, type TimerValues } from '../../machines/timers.js';
import type { EndpointLimits } from '../endpoint/configuration.js';
import { cryptoEntropy } from '../endpoint/crypto-entropy.js';
import { Endpoint } from '../endpoint/endpoint.js';
import type { EngineKind } from '../endpoint/engines.js';
import type { Entropy } from '../endpoint/entropy.js';
import type { Scheduler } from '../endpoint/scheduler.js';
import type { Counts } from '../endpoint/tables.js';
import { createTimerWheel } from '../endpoint/timer-wheel.js';
import type { Observer } from '../engine/inspection.js';
import type { Address, URI } from '../message/index.js';
import { nodeResolver, type Resolver } from '../transports/resolver.js';
import type { Protocol, Transport, TransportError } from '../transports/transport.js';
import { checkedLine } from './answer.js';
import { HandledApplication } from './handled-application.js';
import type { SingleResponseRequest } from './incoming-request.js';
import { localHost } from './local-host.js';
import type { ReferPolicy } from './policy.js';
import type { Referral } from './referral.js';

export interface UserAgentOptions {
  /** Where requests come in: `udp({ host, port })`, `tcp({ host, port })`, … */
  readonly transports: readonly Transport[];
  /** What may be followed; without a policy every REFER is refused with 603. */
  readonly policy?: { readonly refer?: ReferPolicy };
  readonly on?: UserAgentHandlers;
  /** `compiled` by default; `actor` runs live XState actors, many times as slow. */
  readonly engine?: EngineKind;
  /** T1, T2 and T4 in milliseconds (RFC 3261 Table 4). */
  readonly timers?: Partial<TimerValues>;
  readonly limits?: Partial<EndpointLimits>;
  /** The host that others reach where a transport is bound to 0.0.0.0 or ::; by default an address of this machine. */
  readonly advertisedHost?: string;
  /** The Server header field of responses and User-Agent of requests; none by default. */
  readonly server?: string;
  /** The display name of Contact. */
  readonly displayName?: string;
  /** Option tags besides `norefersub` that the application understands (RFC 3261 §8.2.2.3). */
  readonly supported?: readonly string[];
  /** Media types of request bodies; by default SDP, sipfrag and multipart/mixed. */
  readonly accept?: readonly string[];
  /** Languages of request bodies; any by default. */
  readonly languages?: readonly string[];
  /** Whether a Request-URI is one of ours (RFC 3261 §8.2.2.1); any user is by default. */
  readonly isOurs?: (uri: URI) => boolean;
  /** The status that accepts a REFER: 200 (RFC 7647), or 202 for old peers. */
  readonly referSuccess?: 200 | 202;
  /** Seconds that a referral's subscription lasts unless refreshed; 300 by default. */
  readonly referExpires?: number;
  readonly scheduler?: Scheduler;
  readonly entropy?: Entropy;
  readonly resolver?: Resolver;
}

/** What the application does. A handler that throws has its request answered 500, and `error` is told. */
export interface UserAgentHandlers {
  /** A REFER that the policy granted or holds pending; without this handler every REFER is refused with 603. */
  readonly refer?: (referral: Referral) => void;
  /** An OPTIONS; without this handler it is answered 200 with what RFC 3261 §11.2 asks for. */
  readonly options?: (request: SingleResponseRequest) => void;
  /** What belongs to no request: an error in a handler, or a response that could not be sent. By default errors are written to the console. */
  readonly error?: (error: TransportError | Error) => void;
}

/** A message on the wire: latin1 text, one character a byte. */
export interface WireMessage {
  readonly direction: 'received' | 'sent';
  readonly text: string;
  readonly protocol: Protocol;
  readonly remote: Address;
}

export interface UserAgent {
  /** Opens every transport; gives the addresses with their real ports, or the first failure. */
  listen(): TaskEither<TransportError, readonly ListeningAddress[]>;
  /**
   * Refuses new requests with 503, ends every subscription (`deactivated`), waits until these have ended and every request is
   * answered, at most `drain` milliseconds (none by default), then closes the transports. Transactions that only absorb
   * retransmissions are not waited for.
   */
  close(options?: { readonly drain?: number }): Promise<void>;
  /** How many machines of each kind are live. */
  counts(): Counts;
  /** Every step of every machine, in the shape of XState's inspection events; a late observer first gets each live machine. */
  inspect(observer: Observer): { unsubscribe(): void };
  /** Every message that comes or goes. */
  watch(watcher: (message: WireMessage) => void): { unsubscribe(): void };
}

export interface ListeningAddress extends Address {
  readonly protocol: Protocol;
}

const defaultLimits: EndpointLimits = {
  transactions: 1_000_000,
  dialogs: 100_000,
  subscriptions: 100_000,
  body: 65_535,
  message: undefined,
};

const line = (name: string, text: string | undefined) =>
  text === undefined ? undefined : checkedLine(name, text);

/** A user agent that answers OPTIONS, REFER and what belongs to a referral (RFC 3261, RFC 3515). Nothing is opened before `listen`. */
export const createUserAgent = (options: UserAgentOptions): UserAgent => {
  const application = new HandledApplication(options);
  const scheduler = options.scheduler ?? createTimerWheel();
  const endpoint = new Endpoint({
    transports: options.transports,
    scheduler,
    entropy: options.entropy ?? cryptoEntropy(),
    resolver: options.resolver ?? nodeResolver(),
    engine: options.engine ?? 'compiled',
    timers: { ...defaultTimerValues, ...options.timers },
    limits: { ...defaultLimits, ...options.limits },
    advertisedHost: options.advertisedHost ?? localHost(),
    server: line('server', options.server),
    displayName: line('displayName', options.displayName),
    supported: ['norefersub', ...(options.supported ?? [])].map((tag) => tag.toLowerCase()),
    accept: options.accept ?? ['application/sdp', 'message/sipfrag', 'multipart/mixed'],
    languages: options.languages ?? [],
    isOurs: (uri) => application.owns(uri),
    referSuccess: options.referSuccess ?? 200,
    referExpires: options.referExpires ?? 300,
    application,
  });
  application.endpoint = endpoint;
  return {
    listen: () =>
      map((open: readonly { transport: Transport; address: Address }[]) =>
        open.map(({ transport, address }) => ({ protocol: transport.protocol, ...address })),
      )(endpoint.open()),
    close: async ({ drain = 0 } = {}) => {
      await endpoint.close(drain);
      if (options.scheduler === undefined) scheduler.close();
    },
    counts: () => endpoint.tables.counts,
    inspect: (observer) => endpoint.inspector.observe(observer, endpoint.instances()),
    watch: (watcher) => application.watch(watcher),
  };
};

import { map, type TaskEither } from 'fp-ts/lib/TaskEither.js';
import { Endpoint } from '../endpoint/endpoint.js';
import type { LimitName } from '../endpoint/limit-report.js';
import type { Counts } from '../endpoint/tables.js';
import { createTimerWheel } from '../endpoint/timer-wheel.js';
import type { Observer } from '../engine/inspection.js';
import type { Address } from '../message/index.js';
import type { Protocol, Transport, TransportError } from '../transports/transport.js';
import { configurationOf } from './defaults.js';
import { HandledApplication } from './handled-application.js';
import type { UserAgentOptions } from './user-agent-options.js';

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
   * Refuses new requests with 503 and INVITEs that wait with 480, hangs up every session, ends every subscription
   * (`deactivated`), waits until these have ended and every request is answered, at most `drain` milliseconds (none by default), then closes the transports. Transactions that only absorb
   * retransmissions are not waited for.
   */
  close(options?: { readonly drain?: number }): Promise<void>;
  /** How many machines of each kind are live, and what limits have refused since the start. */
  counts(): UserAgentCounts;
  /** Every step of every machine, in the shape of XState's inspection events; a late observer first gets each live machine. */
  inspect(observer: Observer): { unsubscribe(): void };
  /** Every message that comes or goes. */
  watch(watcher: (message: WireMessage) => void): { unsubscribe(): void };
}

export interface UserAgentCounts extends Counts {
  /** Requests that were answered 503 and connections that were closed, by the limit that was reached. */
  readonly refused: Readonly<Record<LimitName, number>>;
}

export interface ListeningAddress extends Address {
  readonly protocol: Protocol;
}

/** A user agent that answers requests (RFC 3261 §8.2). Nothing is opened before `listen`. */
export const createUserAgent = (options: UserAgentOptions): UserAgent => {
  const application = new HandledApplication(options);
  const scheduler = options.scheduler ?? createTimerWheel();
  const configuration = configurationOf(options, application, scheduler);
  const endpoint = options.record?.begin(configuration) ?? new Endpoint(configuration);
  application.endpoint = endpoint;
  const userAgent: UserAgent = {
    listen: () =>
      map((open: readonly { transport: Transport; address: Address }[]) =>
        open.map(({ transport, address }) => ({ protocol: transport.protocol, ...address })),
      )(endpoint.open()),
    close: async ({ drain = 0 } = {}) => {
      await endpoint.close(drain);
      options.record?.end();
      if (options.scheduler === undefined) scheduler.close();
    },
    counts: () => ({ ...endpoint.tables.counts, refused: { ...endpoint.refused } }),
    inspect: (observer) => endpoint.inspector.observe(observer, endpoint.instances()),
    watch: (watcher) => application.watch(watcher),
  };
  endpoints.set(userAgent, endpoint);
  return userAgent;
};

const endpoints = new WeakMap<UserAgent, Endpoint>();

/** What a user agent is made on. Throws a TypeError where it is none of `createUserAgent`'s. */
export const endpointOf = (userAgent: UserAgent): Endpoint => {
  const endpoint = endpoints.get(userAgent);
  if (endpoint === undefined) throw new TypeError('This is no user agent that createUserAgent has made');
  return endpoint;
};

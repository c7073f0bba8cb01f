import { isLeft } from 'fp-ts/lib/Either.js';
import { Endpoint } from '../endpoint/endpoint.js';
import type { LimitName } from '../endpoint/limit-report.js';
import type { Counts } from '../endpoint/tables.js';
import { createTimerWheel } from '../endpoint/timer-wheel.js';
import type { Observer } from '../engine/inspection.js';
import type { Address } from '../message/index.js';
import { check } from '../options/rules.js';
import type { Protocol, TransportError } from '../transports/transport.js';
import { configurationOf } from './defaults.js';
import { HandledApplication } from './handled-application.js';
import type { UserAgentOptions } from './user-agent-options.js';
import { drainRule, observerRule, userAgentRule, watcherRule } from './user-agent-rules.js';

/** A message on the wire: latin1 text, one character a byte. */
export interface WireMessage {
  readonly direction: 'received' | 'sent';
  readonly text: string;
  readonly protocol: Protocol;
  readonly remote: Address;
}

export interface UserAgent {
  /** Opens every transport and gives the addresses with their real ports; where one fails, none stays open, and it rejects with a `ListenError`. */
  listen(): Promise<readonly ListeningAddress[]>;
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

/** Why a user agent can't listen: one sentence that names the cause and, where there is one, the remedy. */
export class ListenError extends Error implements TransportError {
  override readonly name = 'ListenError';
  readonly code: TransportError['code'];

  constructor({ code, message }: TransportError) {
    super(message);
    this.code = code;
  }
}

/**
 * A user agent that answers requests (RFC 3261 §8.2). Nothing is opened before `listen`. Throws a TypeError or a RangeError
 * that names an option that is none or is wrong.
 */
export const createUserAgent = (options: UserAgentOptions): UserAgent => {
  check('createUserAgent', options, userAgentRule);
  const application = new HandledApplication(options);
  const scheduler = options.scheduler ?? createTimerWheel();
  const configuration = configurationOf(options, application, scheduler);
  const endpoint = options.record?.begin(configuration) ?? new Endpoint(configuration);
  application.endpoint = endpoint;
  const userAgent: UserAgent = {
    listen: async () => {
      const open = await endpoint.open()();
      if (isLeft(open)) throw new ListenError(open.left);
      return open.right.map(({ transport, address }) => ({ protocol: transport.protocol, ...address }));
    },
    close: async (closing = {}) => {
      check('close', closing, drainRule);
      const { drain = 0 } = closing;
      await endpoint.close(drain);
      options.record?.end();
      if (options.scheduler === undefined) scheduler.close();
    },
    counts: () => ({ ...endpoint.tables.counts, refused: { ...endpoint.refused } }),
    inspect: (observer) => {
      check('inspect', observer, observerRule);
      return endpoint.inspector.observe(observer, endpoint.instances());
    },
    watch: (watcher) => {
      check('watch', watcher, watcherRule);
      return application.watch(watcher);
    },
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

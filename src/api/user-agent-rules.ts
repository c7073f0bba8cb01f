import type { Report } from '../../machines/effects.js';
import type { TimerValues } from '../../machines/timers.js';
import type { EndpointLimits, EventPackage, Keeping } from '../endpoint/configuration.js';
import { isHost } from '../endpoint/routing.js';
import type { Holdings } from '../endpoint/sources.js';
import { messageLimits } from '../options/message-limits.js';
import {
  having,
  isFunction,
  isLimit,
  isLine,
  isText,
  listOf,
  namedBy,
  oneOf,
  optionsOf,
  positive,
  type Rule,
  type Rules,
  required,
  someOf,
  textLike,
  wholeNumber,
} from '../options/rules.js';
import type { Policies, UserAgentHandlers, UserAgentOptions } from './user-agent-options.js';

const longestTimer = 2 ** 31;
const isTime = positive('milliseconds', longestTimer);
/** `delta-seconds` (RFC 3261 §25.1). */
const mostSeconds = 2 ** 32 - 1;
const isToken = textLike('a token of RFC 3261 §25.1', /^[\w\-.!%*+`'~]+$/);
const isMediaType = textLike('a media type without parameters, as "text/plain"', /^[^\s/;,*]+\/[^\s/;,*]+$/);

const keeping: Rules<Keeping> = {
  minimum: wholeNumber(0, mostSeconds, 'seconds'),
  default: wholeNumber(0, mostSeconds, 'seconds'),
  maximum: isLimit,
};

const holdings: Rules<Holdings> = {
  transactions: isLimit,
  dialogs: isLimit,
  subscriptions: isLimit,
  bytes: isLimit,
};

const example = "createUserAgent({ transports: [udp({ host: '127.0.0.1', port: 5060 })] })";

/** What `createUserAgent` takes. */
export const userAgentRule: Rule = required(
  optionsOf<UserAgentOptions>({
    transports: someOf(
      having('a transport, as udp({ host, port }) makes', 'open', 'flowTo', 'send', 'close'),
      example,
    ),
    policy: optionsOf<Policies>({ refer: isFunction, invite: isFunction }),
    on: optionsOf<UserAgentHandlers>({
      invite: isFunction,
      reInvite: isFunction,
      refer: isFunction,
      subscribe: isFunction,
      update: isFunction,
      prack: isFunction,
      info: isFunction,
      notify: isFunction,
      message: isFunction,
      publish: isFunction,
      register: isFunction,
      options: isFunction,
      limit: isFunction,
      error: isFunction,
    }),
    engine: oneOf('compiled', 'actor'),
    timers: optionsOf<TimerValues>({ T1: isTime, T2: isTime, T4: isTime }),
    limits: optionsOf<EndpointLimits>({
      ...holdings,
      perSource: optionsOf<Holdings>(holdings),
      subscriptionsPerDialog: isLimit,
      body: isLimit,
      message: messageLimits,
    }),
    advertisedHost: (value, name) =>
      value === undefined || (typeof value === 'string' && isHost(value))
        ? undefined
        : new TypeError(
            `${name} is a host that others reach, without a port, as "sip.example.com" or "192.0.2.1", not ${JSON.stringify(value)}`,
          ),
    server: isLine,
    displayName: isLine,
    supported: listOf(isToken),
    accept: listOf(isMediaType),
    languages: listOf(isToken),
    isOurs: isFunction,
    isTrusted: isFunction,
    referSuccess: oneOf(200, 202),
    referExpires: wholeNumber(1, mostSeconds, 'seconds'),
    patience: positive('seconds', longestTimer / 1_000, ', 24 days at most'),
    eventPackages: namedBy(
      isToken,
      optionsOf<EventPackage>({
        ...keeping,
        spacing: wholeNumber(0, longestTimer - 1, 'milliseconds'),
        neutral: optionsOf<Report>({ contentType: isLine, body: isText }),
        contentTypes: listOf(isMediaType),
      }),
    ),
    infoPackages: listOf(isToken),
    bindings: optionsOf({ ...keeping, store: having('a store, as memoryBindingStore() makes', 'revise') }),
    publications: optionsOf({
      ...keeping,
      store: having('a store, as memoryPublicationStore() makes', 'revise'),
    }),
    scheduler: having('a scheduler, as createTimerWheel() makes', 'now', 'start', 'stop', 'close'),
    entropy: having('a source of chance', 'token', 'number', 'tokenOf'),
    resolver: having('a resolver, as nodeResolver() makes', 'resolve'),
    record: having('a recorder, as recorder(sink) of sipchart/inspect makes', 'begin', 'end'),
  }),
  example,
);

export const drainRule: Rule = optionsOf<{ drain?: number }>({
  drain: wholeNumber(0, longestTimer - 1, 'milliseconds'),
});

export const observerRule: Rule = required(isFunction, 'inspect((event) => console.log(event.type))');
export const watcherRule: Rule = required(
  isFunction,
  'watch(({ direction, text }) => console.log(direction, text))',
);

import type { Report } from '../../machines/effects.js';
import { defaultTimerValues } from '../../machines/timers.js';
import { memoryBindingStore } from '../endpoint/binding-store.js';
import type { Configuration, EndpointLimits, EventPackage, Keeping } from '../endpoint/configuration.js';
import { cryptoEntropy } from '../endpoint/crypto-entropy.js';
import { memoryPublicationStore } from '../endpoint/publication-store.js';
import type { Scheduler } from '../endpoint/scheduler.js';
import { mediaType } from '../message/acceptance.js';
import { reasonPhrase } from '../message/index.js';
import { sipfragReport } from '../message/referral.js';
import { given } from '../options/rules.js';
import { nodeResolver } from '../transports/resolver.js';
import { checkedLine } from './answer.js';
import type { HandledApplication } from './handled-application.js';
import { heapLimit } from './heap-limit.js';
import { localHost } from './local-host.js';
import type { UserAgentHandlers, UserAgentOptions } from './user-agent-options.js';

/** What an endpoint is made of where a user agent's options don't say. */
export const configurationOf = (
  options: UserAgentOptions,
  application: HandledApplication,
  scheduler: Scheduler,
): Configuration => {
  const { on = {}, infoPackages = [] } = options;
  const eventPackages = packagesOf(options);
  return {
    transports: options.transports,
    scheduler,
    entropy: options.entropy ?? cryptoEntropy(),
    resolver: options.resolver ?? nodeResolver(),
    engine: options.engine ?? 'compiled',
    timers: { ...defaultTimerValues, ...given(options.timers) },
    limits: limitsOf(options.limits),
    advertisedHost: options.advertisedHost,
    localHost: localHost(),
    server: line('server', options.server),
    displayName: line('displayName', options.displayName),
    methods: methodsOf(on),
    supported: lowered([
      'norefersub',
      ...(on.invite === undefined ? [] : ['100rel', 'replaces']),
      ...(options.supported ?? []),
    ]),
    accept: lowered(
      options.accept ?? [
        ...['application/sdp', 'message/sipfrag', 'multipart/mixed'],
        ...[...eventPackages.values()].flatMap(({ neutral, contentTypes }) => [
          ...typesOf(neutral),
          ...contentTypes,
        ]),
        ...(on.message === undefined ? [] : ['text/plain']),
      ],
    ),
    languages: lowered(options.languages ?? []),
    isOurs: (uri) => application.owns(uri),
    isTrusted: (source) => application.trusts(source),
    referSuccess: options.referSuccess ?? 200,
    patience: options.patience ?? 180,
    eventPackages,
    infoPackages: infoPackages.map((name) => name.toLowerCase()),
    bindings: {
      ...keeping('bindings', options.bindings),
      store: options.bindings?.store ?? memoryBindingStore(),
    },
    publications: {
      ...keeping('publications', options.publications),
      store: options.publications?.store ?? memoryPublicationStore(),
    },
    application,
  };
};

const defaultLimits: Omit<EndpointLimits, 'perSource'> = {
  transactions: 1_000_000,
  dialogs: 100_000,
  subscriptions: 100_000,
  subscriptionsPerDialog: 100,
  bytes: heapLimit() / 2,
  body: 65_535,
  message: undefined,
};

const limitsOf = ({ perSource, ...others }: UserAgentOptions['limits'] = {}): EndpointLimits => {
  const limits = {
    ...defaultLimits,
    ...given(others),
    message: others.message && given(others.message),
  };
  const { transactions, dialogs, subscriptions, bytes } = limits;
  return {
    ...limits,
    perSource: {
      transactions: share(transactions),
      dialogs: share(dialogs),
      subscriptions: share(subscriptions),
      bytes: share(bytes),
      ...given(perSource),
    },
  };
};

/** A quarter, so that the others have the most; no fewer than 100, since several users may stand behind one address. */
const share = (limit: number) => Math.min(limit, Math.max(100, Math.floor(limit / 4)));

const anHour: Keeping = { minimum: 60, default: 3_600, maximum: 3_600 };

/** An hour where the options don't say, and a minute at least, if that is no longer than the rest. Throws a RangeError where every interval would be too brief. */
const keeping = (name: string, own: Partial<Keeping> = {}): Keeping => {
  const { default: usual = anHour.default, maximum = anHour.maximum } = own;
  const longest = Math.min(usual, maximum);
  const { minimum = Math.min(anHour.minimum, longest) } = own;
  if (minimum > longest)
    throw new RangeError(
      `${name}.minimum is ${minimum} seconds, over its default of ${usual} or maximum of ${maximum}: lower it, or raise these`,
    );
  return { minimum, default: usual, maximum };
};

const lowered = (texts: readonly string[]): readonly string[] => [
  ...new Set(texts.map((text) => text.toLowerCase())),
];

const anyPackage: Pick<EventPackage, 'spacing' | 'neutral'> = {
  spacing: 1_000,
  neutral: { contentType: '', body: '' },
};

/** The subscriptions of referrals, and those that the options name. */
const packagesOf = ({ eventPackages = {}, referExpires = 300 }: UserAgentOptions) => {
  if (Object.hasOwn(eventPackages, 'refer'))
    throw new RangeError('eventPackages needs no refer, which is always there: referExpires says how long');
  return new Map<string, EventPackage>([
    [
      'refer',
      {
        minimum: 0,
        default: referExpires,
        maximum: referExpires,
        spacing: 1_000,
        contentTypes: ['message/sipfrag'],
        neutral: sipfragReport(100, reasonPhrase(100)),
      },
    ],
    ...Object.entries(eventPackages).map(([name, own]) => [name, packageOf(name, given(own))] as const),
  ]);
};

const packageOf = (name: string, own: Partial<EventPackage>): EventPackage => {
  const { neutral = anyPackage.neutral, contentTypes = typesOf(neutral) } = own;
  return {
    ...anyPackage,
    ...own,
    ...keeping(`eventPackages.${name}`, own),
    contentTypes: lowered(contentTypes),
  };
};

const typesOf = ({ contentType }: Report): readonly string[] => {
  const type = mediaType(contentType);
  return type === '' ? [] : [type];
};

/** The methods that Allow lists. */
const methodsOf = (on: UserAgentHandlers): readonly string[] => [
  ...(on.invite === undefined ? [] : ['INVITE', 'ACK', 'BYE', 'PRACK', 'UPDATE', 'INFO']),
  ...['CANCEL', 'OPTIONS'],
  ...(on.message === undefined ? [] : ['MESSAGE']),
  ...['REFER', 'SUBSCRIBE', 'NOTIFY'],
  ...(on.publish === undefined ? [] : ['PUBLISH']),
  ...(on.register === undefined ? [] : ['REGISTER']),
];

const line = (name: string, text: string | undefined) =>
  text === undefined ? undefined : checkedLine(name, text);

import { isRight } from 'fp-ts/lib/Either.js';
import type { Report, ResponseDraft } from '../../machines/effects.js';
import { acceptedType, mediaType } from '../message/acceptance.js';
import { hasOneContact, hasReadableRoutes } from '../message/dialog.js';
import { header, type Request } from '../message/index.js';
import { refusesSubscription } from '../message/referral.js';
import type { Configuration } from './configuration.js';
import type { Endpoint } from './endpoint.js';
import { type Arrival, type Notifier, type ServerTransaction, UAS } from './live-machine.js';
import { serverTransactionKey } from './matching.js';
import { type Prepare, secondsOf } from './prepared-server.js';
import { acceptance, allow, inspectContent } from './request-inspection.js';
import { bye, info, invite, prack, update } from './session-servers.js';

/** Starts the user agent server of a request's method (RFC 3261 §8.2.5). */
export const startUAS = (endpoint: Endpoint, transaction: ServerTransaction, arrival: Arrival): void => {
  const { dialog } = arrival;
  const { instance, joins, tag } = (servers[arrival.request.method] ?? options)(endpoint, arrival, dialog);
  const localTag = tag ?? arrival.essentials.to.tag ?? endpoint.configuration.entropy.token();
  endpoint.start(new UAS(endpoint, instance, arrival, transaction, localTag, joins));
};

const message: Prepare = ({ engines, configuration, rules }, { request }) => ({
  instance: engines.message.create({
    handled: configuration.application.handles('message'),
    answer: { status: 480 },
    contentRefusal: inspectContent(request, rules),
    timers: configuration.timers,
  }),
});

/** Without a handler no NOTIFY is expected (RFC 6665 §4.1.3). */
const notify: Prepare = ({ engines, configuration, rules }, { request }) => {
  const { application, eventPackages, timers } = configuration;
  const named = eventOf(request)?.package;
  const instance = engines.notify.create({
    packageIsKnown: named !== undefined && eventPackages.has(named),
    packages: [...eventPackages.keys()],
    handled: application.handles('notify'),
    answer: { status: 481 },
    contentRefusal: inspectContent(request, rules),
    timers,
  });
  return { instance };
};

const publish: Prepare = ({ engines, configuration, rules }, { request }) => ({
  instance: engines.publish.create({
    request,
    packages: [...configuration.eventPackages.keys()].filter((name) => name !== 'refer'),
    minimum: configuration.publications.minimum,
    contentRefusal: inspectContent(request, rules),
    timers: configuration.timers,
  }),
});

const register: Prepare = ({ engines, configuration, rules }, { request }) => ({
  instance: engines.register.create({
    request,
    minimum: configuration.bindings.minimum,
    contentRefusal: inspectContent(request, rules),
    timers: configuration.timers,
  }),
});

const refer: Prepare = ({ engines, configuration, rules }, { request, flow }, dialog) => ({
  instance: engines.referUAS.create({
    request,
    verdict: configuration.application.judge(request, flow, dialog !== undefined),
    success: configuration.referSuccess,
    routesAreReadable: dialog !== undefined || refusesSubscription(request) || hasReadableRoutes(request),
    contentRefusal: inspectContent(request, rules),
    timers: configuration.timers,
  }),
});

const subscribe: Prepare = ({ engines, configuration, rules }, { request }, dialog) => {
  const { eventPackages, timers } = configuration;
  const event = eventOf(request);
  const packages = subscribable(configuration);
  const isServed = event !== undefined && packages.includes(event.package);
  const served = isServed ? eventPackages.get(event.package) : undefined;
  const notifier = event === undefined ? undefined : dialog?.notifierOf(event);
  const isReferral = event?.package === 'refer';
  const { minimum, maximum, default: usual, neutral, contentTypes } = served ?? unserved;
  const types = notifier === undefined ? contentTypes : notifiedTypes(notifier, contentTypes);
  const contentType = acceptedType(request, types);
  const instance = engines.subscribeUAS.create({
    hasOneContact: hasOneContact(request),
    packageIsKnown: served !== undefined,
    packages,
    matches: notifier !== undefined,
    isReferral,
    expires: Math.min(secondsOf(request) ?? usual, maximum),
    minimum,
    contentTypes: types,
    contentType,
    neutral: contentType === undefined || mediaType(neutral.contentType) === contentType ? neutral : noReport,
    routesAreReadable: dialog !== undefined || hasReadableRoutes(request),
    contentRefusal: inspectContent(request, rules),
    timers,
  });
  return { instance, joins: { notifier } };
};

const noReport: Report = { contentType: '', body: '' };

const unserved = { minimum: 0, maximum: 0, default: 0, contentTypes: [], neutral: noReport };

/** Of a package's media types the one that a subscription was given, and no refresh changes. */
const notifiedTypes = ({ uas }: Notifier, contentTypes: readonly string[]): readonly string[] => {
  const { contentType } = uas.instance.snapshot.context;
  return contentType === undefined ? contentTypes : [contentType];
};

/** An OPTIONS is answered as an INVITE would be, but that nobody is asked, and in a dialog with 200 (RFC 3261 §11, §11.2). */
const options: Prepare = (endpoint, { request, flow }, dialog) => {
  const { engines, configuration } = endpoint;
  const { application, timers } = configuration;
  const verdict = dialog === undefined ? application.admit(request, flow, false) : grant;
  const instance = engines.options.create({
    handled: application.handles('options'),
    answer: {
      status: verdict.type === 'grant' ? 200 : verdict.status,
      headers: capabilities(endpoint),
    },
    contentRefusal: inspectContent(request, endpoint.rules),
    timers,
  });
  return { instance };
};

const cancel: Prepare = (endpoint, arrival) => {
  const cancels = cancelled(endpoint, arrival);
  const instance = endpoint.engines.cancel.create({ matches: cancels !== undefined });
  return { instance, joins: { cancels }, tag: tagOf(cancels) };
};

const servers: Readonly<Record<string, Prepare>> = {
  INVITE: invite,
  BYE: bye,
  CANCEL: cancel,
  INFO: info,
  MESSAGE: message,
  NOTIFY: notify,
  OPTIONS: options,
  PRACK: prack,
  PUBLISH: publish,
  REFER: refer,
  REGISTER: register,
  SUBSCRIBE: subscribe,
  UPDATE: update,
};

const grant = { type: 'grant' } as const;

const capabilities = ({ configuration, rules }: Endpoint): ResponseDraft['headers'] => [
  allow(rules),
  ...acceptance(rules),
  ['Supported', rules.supported.join(', ')],
  ['Allow-Events', subscribable(configuration).join(', ')],
];

/** A referral's subscription needs no handler; any other is the application's to accept. */
const subscribable = ({ application, eventPackages }: Configuration): readonly string[] =>
  application.handles('subscribe') ? [...eventPackages.keys()] : ['refer'];

const eventOf = (request: Request) => {
  const event = header(request, 'Event');
  return isRight(event) ? event.right : undefined;
};

/** The server transaction that a CANCEL names: its own key with any other method (RFC 3261 §9.2). */
const cancelled = ({ tables, rules }: Endpoint, { essentials }: Arrival): ServerTransaction | undefined => {
  for (const method of rules.methods) {
    if (method === 'CANCEL') continue;
    const named = tables.serverTransactions.get(serverTransactionKey(essentials, method));
    if (named !== undefined) return named;
  }
  return undefined;
};

/** The To tag of a request's responses, which those to its CANCEL share (RFC 3261 §9.2). */
const tagOf = (transaction: ServerTransaction | undefined): string | undefined => {
  if (transaction?.user !== undefined) return transaction.user.tag;
  const response = transaction?.instance.snapshot.context.response;
  const to = response === undefined ? undefined : header(response, 'To');
  return to !== undefined && isRight(to) ? to.right.tag : undefined;
};

import { isRight } from 'fp-ts/lib/Either.js';
import type { AnyStateMachine } from 'xstate';
import type { ResponseDraft } from '../../machines/effects.js';
import type { Input as InvitationInput } from '../../machines/invitation.js';
import type { Input as InviteInput } from '../../machines/invite-uas.js';
import type { GlareInput } from '../../machines/session-glare.js';
import type { Instance } from '../engine/engine.js';
import { header, type Request } from '../message/index.js';
import { hasOneContact } from '../message/referral.js';
import type { Endpoint } from './endpoint.js';
import {
  type Arrival,
  type Dialog,
  type ServerTransaction,
  type Session,
  UAS,
  type UASJoins,
} from './live-machine.js';
import { dialogKey, serverTransactionKey } from './matching.js';
import { acceptance, allow } from './request-inspection.js';
import { glareOf } from './session-glare.js';

/** Starts the user agent server of a request's method (RFC 3261 §8.2.5). */
export const startUAS = (endpoint: Endpoint, transaction: ServerTransaction, arrival: Arrival): void => {
  const dialog = endpoint.dialogOf(arrival.essentials);
  const { instance, joins, tag } = (servers[arrival.request.method] ?? options)(endpoint, arrival, dialog);
  const localTag = tag ?? arrival.essentials.to.tag ?? endpoint.configuration.entropy.token();
  endpoint.start(new UAS(endpoint, instance, arrival, transaction, localTag, { dialog, ...joins }));
};

/** A user agent server about to start. */
interface Prepared {
  readonly instance: Instance<AnyStateMachine>;
  readonly joins?: UASJoins;
  /** Where it is not the request's own. */
  readonly tag?: string | undefined;
}

type Prepare = (endpoint: Endpoint, arrival: Arrival, dialog: Dialog | undefined) => Prepared;

const invite: Prepare = (endpoint, { request, flow }, dialog) => {
  const { engines, configuration, callCapabilities: capabilities } = endpoint;
  const { application, entropy, patience, timers } = configuration;
  const reliability = reliabilityOf(request);
  const hasOne = hasOneContact(request);
  const handled = application.handles(dialog === undefined ? 'invite' : 'reInvite');
  const firstSequence = reliability === 'none' ? 1 : 1 + entropy.number(2 ** 31 - 1);
  const expires = secondsOf(request);
  // Written out, for a spread costs more than all the rest of it.
  if (dialog !== undefined) {
    const { glare, retryAfter } = glareInput(endpoint, request, dialog);
    return {
      instance: engines.reInviteUAS.create({
        hasOneContact: hasOne,
        handled,
        reliability,
        firstSequence,
        expires,
        patience,
        capabilities,
        timers,
        glare,
        retryAfter,
      }),
    };
  }
  const { session, replaces, earlyOnly } = replacementOf(endpoint, request);
  return {
    instance: engines.inviteUAS.create({
      hasOneContact: hasOne,
      handled,
      reliability,
      firstSequence,
      expires,
      patience,
      capabilities,
      timers,
      verdict: application.admit(request, flow, session !== undefined),
      replaces,
      earlyOnly,
    }),
    joins: { replaces: session },
  };
};

const update: Prepare = (endpoint, { request }, dialog) => {
  const { engines, configuration } = endpoint;
  const instance = engines.update.create({
    ...glareInput(endpoint, request, dialog),
    hasOneContact: hasOneContact(request),
    hasOffer: request.body !== '',
    handled: configuration.application.handles('update'),
    answer: { status: 488 },
    timers: configuration.timers,
  });
  return { instance };
};

const glareInput = (
  { configuration }: Endpoint,
  request: Request,
  dialog: Dialog | undefined,
): GlareInput => ({
  glare: glareOf(request, dialog),
  retryAfter: configuration.entropy.number(11),
});

const prack: Prepare = ({ engines, configuration }, { request }, dialog) => {
  const rack = header(request, 'RAck');
  let acknowledges: UAS | undefined;
  if (isRight(rack) && rack.right.method === 'INVITE' && dialog !== undefined) {
    for (const uas of dialog.requestsOf('INVITE')) {
      const { value, context } = uas.instance.snapshot;
      const isNamed =
        uas.arrival.essentials.cseq.sequence === rack.right.cseq && context.sequence === rack.right.sequence;
      const waits = value.proceeding?.unacknowledged !== undefined || value === 'accepted';
      if (isNamed && waits) acknowledges = uas;
    }
  }
  const isOffer = request.body !== '' && acknowledges?.arrival.request.body !== '';
  const instance = engines.prack.create({
    matches: acknowledges !== undefined,
    handled: request.body !== '' && configuration.application.handles('prack'),
    answer: { status: isOffer ? 488 : 200 },
    timers: configuration.timers,
  });
  return { instance, joins: { acknowledges } };
};

const bye: Prepare = ({ engines }, _arrival, dialog) => ({
  instance: engines.bye.create({ matches: dialog?.session !== undefined }),
});

const info: Prepare = ({ engines, configuration }, { request }, dialog) => {
  const { infoPackages: packages, application, timers } = configuration;
  const named = header(request, 'Info-Package');
  const instance = engines.info.create({
    inSession: dialog?.session !== undefined,
    packageIsKnown: isRight(named) ? packages.includes(named.right) : named.left.code === 'missing',
    packages,
    handled: application.handles('info'),
    answer: request.body === '' ? { status: 200 } : { status: 415, headers: [['Accept', '']] },
    timers,
  });
  return { instance };
};

const message: Prepare = ({ engines, configuration }) => ({
  instance: engines.message.create({
    handled: configuration.application.handles('message'),
    answer: { status: 480 },
    timers: configuration.timers,
  }),
});

/** Without a handler no NOTIFY is expected (RFC 6665 §4.1.3). */
const notify: Prepare = ({ engines, configuration }, { request }) => {
  const { application, eventPackages, timers } = configuration;
  const named = eventOf(request)?.package;
  const instance = engines.notify.create({
    packageIsKnown: named !== undefined && eventPackages.has(named),
    packages: [...eventPackages.keys()],
    handled: application.handles('notify'),
    answer: { status: 481 },
    timers,
  });
  return { instance };
};

const publish: Prepare = ({ engines, configuration }, { request }) => ({
  instance: engines.publish.create({
    request,
    packages: [...configuration.eventPackages.keys()].filter((name) => name !== 'refer'),
    minimum: configuration.publications.minimum,
    timers: configuration.timers,
  }),
});

const register: Prepare = ({ engines, configuration }, { request }) => ({
  instance: engines.register.create({
    request,
    minimum: configuration.bindings.minimum,
    timers: configuration.timers,
  }),
});

const refer: Prepare = ({ engines, configuration }, { request, flow }, dialog) => ({
  instance: engines.referUAS.create({
    request,
    verdict: configuration.application.judge(request, flow, dialog !== undefined),
    success: configuration.referSuccess,
    timers: configuration.timers,
  }),
});

const subscribe: Prepare = ({ engines, configuration }, { request }, dialog) => {
  const { application, eventPackages, timers } = configuration;
  const event = eventOf(request);
  const served = event === undefined ? undefined : eventPackages.get(event.package);
  const notifier = event === undefined ? undefined : dialog?.notifierOf(event);
  const isReferral = event?.package === 'refer';
  const { minimum, maximum, default: usual, neutral } = served ?? unserved;
  const instance = engines.subscribeUAS.create({
    hasOneContact: hasOneContact(request),
    packageIsKnown: served !== undefined && (isReferral || application.handles('subscribe')),
    packages: [...eventPackages.keys()],
    matches: notifier !== undefined,
    isReferral,
    expires: Math.min(secondsOf(request) ?? usual, maximum),
    minimum,
    neutral,
    timers,
  });
  return { instance, joins: { notifier } };
};

const unserved = { minimum: 0, maximum: 0, default: 0, neutral: { contentType: '', body: '' } };

/** An OPTIONS is answered as an INVITE would be (RFC 3261 §11.2), but that nobody is asked. */
const options: Prepare = (endpoint, { request, flow }) => {
  const { engines, configuration } = endpoint;
  const { application, timers } = configuration;
  const verdict = application.admit(request, flow, false);
  const instance = engines.options.create({
    handled: application.handles('options'),
    answer: {
      status: verdict.type === 'grant' ? 200 : verdict.status,
      headers: capabilities(endpoint),
    },
    timers,
  });
  return { instance };
};

const cancel: Prepare = (endpoint, arrival) => {
  const cancels = cancelled(endpoint, arrival);
  const instance = endpoint.engines.cancel.create({ matches: cancels !== undefined });
  return { instance, joins: { dialog: undefined, cancels }, tag: tagOf(cancels) };
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

const capabilities = ({ configuration, rules }: Endpoint): ResponseDraft['headers'] => [
  allow(rules),
  ...acceptance(rules),
  ['Supported', rules.supported.join(', ')],
  ['Allow-Events', [...configuration.eventPackages.keys()].join(', ')],
];

const secondsOf = (request: Request): number | undefined => {
  const expires = header(request, 'Expires');
  return isRight(expires) ? expires.right : undefined;
};

const eventOf = (request: Request) => {
  const event = header(request, 'Event');
  return isRight(event) ? event.right : undefined;
};

const reliabilityOf = (request: Request): InvitationInput['reliability'] => {
  const names100rel = (name: 'Require' | 'Supported') => {
    const tags = header(request, name);
    return isRight(tags) && tags.right.some((tag) => tag.toLowerCase() === '100rel');
  };
  return names100rel('Require') ? 'required' : names100rel('Supported') ? 'supported' : 'none';
};

type Replacement = Pick<InviteInput, 'replaces' | 'earlyOnly'> & { readonly session?: Session };

/** The session that an INVITE's Replaces names, its tags as in a request to us (RFC 3891 §3). */
const replacementOf = ({ tables }: Endpoint, request: Request): Replacement => {
  const replaces = header(request, 'Replaces');
  if (!isRight(replaces))
    return { replaces: replaces.left.code === 'missing' ? 'nothing' : 'malformed', earlyOnly: false };
  const { callId, toTag, fromTag, earlyOnly } = replaces.right;
  const session = tables.dialogs.get(dialogKey(callId, toTag, fromTag))?.session;
  if (session === undefined) return { replaces: 'unmatched', earlyOnly };
  if (session.is('early')) return { replaces: 'early', earlyOnly };
  return { replaces: session.is('accepted', 'confirmed') ? 'confirmed' : 'ending', earlyOnly, session };
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

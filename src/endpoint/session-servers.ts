import { isRight } from 'fp-ts/lib/Either.js';
import type { Input as InvitationInput } from '../../machines/invitation.js';
import type { Input as InviteInput } from '../../machines/invite-uas.js';
import type { GlareInput } from '../../machines/session-glare.js';
import { acceptedType } from '../message/acceptance.js';
import { hasOneContact, hasReadableRoutes } from '../message/dialog.js';
import { header, type Request } from '../message/index.js';
import type { Endpoint } from './endpoint.js';
import type { Dialog, Session, UAS } from './live-machine.js';
import { dialogKey } from './matching.js';
import { type Prepare, secondsOf } from './prepared-server.js';
import { inspectContent } from './request-inspection.js';
import { glareOf } from './session-glare.js';

/** INVITE, in a dialog or not (RFC 3261 §13.3, §14.2). */
export const invite: Prepare = (endpoint, { request, flow }, dialog) => {
  const { engines, configuration, callCapabilities: capabilities, rules } = endpoint;
  const { application, entropy, patience, timers } = configuration;
  const reliability = reliabilityOf(request);
  const hasOne = hasOneContact(request);
  const handled = application.handles(dialog === undefined ? 'invite' : 'reInvite');
  const firstSequence = reliability === 'none' ? 1 : 1 + entropy.number(2 ** 31 - 1);
  const expires = secondsOf(request);
  const contentRefusal = inspectContent(request, rules);
  const descriptionIsAcceptable = acceptsDescription(request);
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
        contentRefusal,
        descriptionIsAcceptable,
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
      routesAreReadable: hasReadableRoutes(request),
      contentRefusal,
      descriptionIsAcceptable,
      timers,
      verdict: application.admit(request, flow, session !== undefined),
      replaces,
      earlyOnly,
    }),
    joins: { replaces: session },
  };
};

export const update: Prepare = (endpoint, { request }, dialog) => {
  const { engines, configuration, rules } = endpoint;
  const instance = engines.update.create({
    ...glareInput(endpoint, request, dialog),
    hasOneContact: hasOneContact(request),
    hasOffer: request.body !== '',
    handled: configuration.application.handles('update'),
    answer: { status: 488 },
    descriptionIsAcceptable: request.body === '' || acceptsDescription(request),
    contentRefusal: inspectContent(request, rules),
    timers: configuration.timers,
  });
  return { instance };
};

export const prack: Prepare = ({ engines, configuration, rules }, { request }, dialog) => {
  const rack = header(request, 'RAck');
  let acknowledges: UAS | undefined;
  if (isRight(rack) && rack.right.method === 'INVITE' && dialog !== undefined) {
    for (const uas of dialog.requestsOf('INVITE')) {
      const { value, context } = uas.instance.snapshot;
      const isNamed =
        uas.arrival.essentials.cseq.sequence === rack.right.cseq && context.sequence === rack.right.sequence;
      if (isNamed && value.proceeding?.unacknowledged !== undefined) acknowledges = uas;
    }
  }
  // Deviates from RFC 3262 §3 (a PRACK that matches has a 2xx): nobody is there to answer its offer, which a 2xx must (§5).
  const isOffer = request.body !== '' && acknowledges?.arrival.request.body !== '';
  const instance = engines.prack.create({
    matches: acknowledges !== undefined,
    handled: request.body !== '' && configuration.application.handles('prack'),
    answer: { status: isOffer ? 488 : 200 },
    contentRefusal: inspectContent(request, rules),
    timers: configuration.timers,
  });
  return { instance, joins: { acknowledges } };
};

export const bye: Prepare = ({ engines, rules }, { request }, dialog) => ({
  instance: engines.bye.create({
    matches: dialog?.session !== undefined,
    contentRefusal: inspectContent(request, rules),
  }),
});

export const info: Prepare = ({ engines, configuration, rules }, { request }, dialog) => {
  const { infoPackages: packages, application, timers } = configuration;
  const named = header(request, 'Info-Package');
  const instance = engines.info.create({
    inSession: dialog?.session !== undefined,
    packageIsKnown: isRight(named) ? packages.includes(named.right) : named.left.code === 'missing',
    packages,
    handled: application.handles('info'),
    answer: request.body === '' ? { status: 200 } : { status: 415, headers: [['Accept', '']] },
    contentRefusal: inspectContent(request, rules),
    timers,
  });
  return { instance };
};

const descriptions = ['application/sdp'];

/** Whether Accept takes SDP, or else the type of the offer, which is also that of its answer. */
const acceptsDescription = (request: Request): boolean => {
  if (acceptedType(request, descriptions) !== undefined) return true;
  const offered = header(request, 'Content-Type');
  return isRight(offered) && acceptedType(request, [offered.right.type]) !== undefined;
};

const glareInput = (
  { configuration }: Endpoint,
  request: Request,
  dialog: Dialog | undefined,
): GlareInput => ({
  glare: glareOf(request, dialog),
  retryAfter: configuration.entropy.number(11),
});

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
  const named = tables.dialogs.get(dialogKey(callId, toTag, fromTag));
  // RFC 3891 §6.1: a tag of zero stands for none too.
  const untagged = fromTag === '0' ? tables.dialogs.get(dialogKey(callId, toTag, undefined)) : undefined;
  const session = (named ?? untagged)?.session;
  if (session === undefined) return { replaces: 'unmatched', earlyOnly };
  if (session.is('early')) return { replaces: 'early', earlyOnly };
  return { replaces: session.is('accepted', 'confirmed') ? 'confirmed' : 'ending', earlyOnly, session };
};

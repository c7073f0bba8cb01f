import {
  type AnswerHandler,
  type AnswerOptions,
  accept,
  decodeUser,
  grant,
  type IncomingRequest,
  type Invitation,
  type InvitePolicy,
  isSIPURI,
  parseURI,
  type Request,
  refuse,
  reject,
  type UserAgentHandlers,
} from '../index.js';
import { silentDescription } from './session-description.js';
import { isLoopback } from './simulated-referral.js';

/** Anybody may call; who replaces a session calls from this machine's loopback. */
export const callPolicy: InvitePolicy = ({ replaces, source }) =>
  !replaces || isLoopback(source.host) ? grant : refuse(603);

/** What its requests may carry: descriptions, reports, texts, presence and the digits of an INFO. */
export const acceptedTypes: readonly string[] = [
  ...['application/sdp', 'message/sipfrag', 'multipart/mixed', 'text/plain', 'application/pidf+xml'],
  ...['application/dtmf-relay', 'application/dtmf'],
];

/** A phone that acts by the user part of the Request-URI: `busy`, `ring` and `hangup`; anyone else answers. */
export const scriptedPhone: UserAgentHandlers = {
  invite: answerCall,
  reInvite: (invitation) => void invitation.accept(describing(invitation)),
  update: (request) => accept(describing(request)),
  info: () => accept(),
  message: fromLoopback(() => accept()),
  register: fromLoopback(() => accept()),
};

/** Has a handler answer what comes from this machine's loopback; anything else is refused with 403. */
export function fromLoopback(handler: AnswerHandler): AnswerHandler {
  return (request) => (isLoopback(request.source.host) ? handler(request) : reject(403));
}

function answerCall(invitation: Invitation): void {
  const user = calledUser(invitation.request);
  if (user === 'busy') return void invitation.reject(486);
  // Without an offer in the INVITE, the first reliable response makes it (RFC 3262 §5), and the 2xx no other.
  const offers = invitation.request.body === '' && invitation.supports100rel;
  invitation.progress(180, { reliable: true, ...(offers ? describing(invitation) : {}) });
  if (user === 'ring') return;
  if (user === 'hangup') invitation.listen({ acknowledged: () => later(() => invitation.session.hangUp()) });
  later(() => invitation.accept(offers ? {} : describing(invitation)));
}

function calledUser({ uri: text }: Request): string | undefined {
  const uri = parseURI(text);
  return uri._tag === 'Right' && isSIPURI(uri.right) ? decodeUser(uri.right) : undefined;
}

const describing = ({ request }: IncomingRequest): AnswerOptions => ({
  headers: [['Content-Type', 'application/sdp']],
  body: silentDescription(request.body),
});

const later = (act: () => void) => void setTimeout(act, second).unref();

const second = 1_000;

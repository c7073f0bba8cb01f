import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { toUndefined } from 'fp-ts/lib/Option.js';
import {
  type Address,
  type Answer,
  type AnswerHandler,
  type AnswerOptions,
  accept,
  decodeUser,
  field,
  grant,
  header,
  type IncomingRequest,
  type Invitation,
  type InvitePolicy,
  isSIPURI,
  parseURI,
  type Request,
  refuse,
  reject,
  type Session,
  type UserAgentHandlers,
} from '../index.js';
import { type Description, describeSession, type Origin } from './session-description.js';
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
export const scriptedPhone = (mediaFor: (peer: Address) => Address): UserAgentHandlers => {
  const descriptions = new Descriptions(mediaFor);
  return {
    invite: (invitation) => answerCall(invitation, descriptions),
    reInvite: (invitation) => {
      const description = descriptions.describe(invitation, toUndefined(invitation.inSession));
      if (isLeft(description)) invitation.reject(description.left.status, description.left);
      else invitation.accept(description.right);
    },
    update: (request) => {
      const description = descriptions.describe(request, toUndefined(request.inSession));
      return isLeft(description) ? description.left : accept(description.right);
    },
    info: () => accept(),
    message: fromLoopback(() => accept()),
    register: fromLoopback(() => accept()),
  };
};

/** Has a handler answer what comes from this machine's loopback; anything else is refused with 403. */
export function fromLoopback(handler: AnswerHandler): AnswerHandler {
  return (request) => (isLoopback(request.source.host) ? handler(request) : reject(403));
}

function answerCall(invitation: Invitation, descriptions: Descriptions): void {
  const { request, session } = invitation;
  const user = calledUser(request);
  // A call that goes on with another peer neither rings nor finds anybody busy (RFC 3891 §3).
  const replaces = field(request, 'Replaces') !== undefined;
  if (user === 'busy' && !replaces) return void invitation.reject(486);
  const description = descriptions.describe(invitation, session);
  if (isLeft(description)) return void invitation.reject(description.left.status, description.left);
  if (user === 'hangup') invitation.listen({ acknowledged: () => later(() => session.hangUp()) });
  if (replaces) return void invitation.accept(description.right);
  // Without an offer in the INVITE, the first reliable response makes it (RFC 3262 §5), and the 2xx no other.
  const offers = offerOf(request) === undefined && invitation.supports100rel;
  invitation.progress(180, { reliable: true, ...(offers ? description.right : {}) });
  if (user === 'ring') return;
  later(() => invitation.accept(offers ? {} : description.right));
}

function calledUser({ uri: text }: Request): string | undefined {
  const uri = parseURI(text);
  return uri._tag === 'Right' && isSIPURI(uri.right) ? decodeUser(uri.right) : undefined;
}

/** What each session was described as last, which an answer and a new offer go by (RFC 3264 §8). */
class Descriptions {
  readonly #last = new WeakMap<Session, { readonly origin: Origin; readonly description: Description }>();
  readonly #mediaFor: (peer: Address) => Address;
  #sessions = Date.now();

  constructor(mediaFor: (peer: Address) => Address) {
    this.#mediaFor = mediaFor;
  }

  /** What a 2xx to a request says, or its refusal. */
  describe(
    { request, source }: IncomingRequest,
    session: Session | undefined,
  ): Either<Answer, AnswerOptions> {
    const last = session && this.#last.get(session);
    const origin = last?.origin ?? { session: ++this.#sessions, media: this.#mediaFor(source) };
    const description = describeSession(offerOf(request), origin, last?.description);
    if (isLeft(description)) return left(refusals[description.left]);
    if (session !== undefined) this.#last.set(session, { origin, description: description.right });
    return right({ headers: [['Content-Type', 'application/sdp']], body: description.right.text });
  }
}

/** RFC 3261 §13.3.1.3: a refused offer has a Warning. */
const refusals: Readonly<Record<400 | 488, Answer>> = {
  400: reject(400, { reason: 'Malformed Session Description' }),
  488: reject(488, { headers: [['Warning', '305 sipchart "Incompatible media format"']] }),
};

/** The session description of a body, or of a part of it: lines that each begin with a letter and `=`. */
function offerOf(request: Request): string | undefined {
  const type = header(request, 'Content-Type');
  if (request.body === '' || isLeft(type)) return undefined;
  if (type.right.type === 'application/sdp') return request.body;
  return /^v=0\r?\n(?:[a-z]=.*\r?\n?)*/m.exec(request.body)?.[0];
}

const later = (act: () => void) => void setTimeout(act, second).unref();

const second = 1_000;

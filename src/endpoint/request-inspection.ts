import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { HeaderField, ResponseDraft } from '../../machines/effects.js';
import { badRequest } from '../../machines/refusals.js';
import {
  field,
  type HeaderError,
  header,
  isSIPURI,
  type ParseError,
  parseURI,
  type Request,
  topVia,
  type URI,
} from '../message/index.js';
import type { Essentials } from './matching.js';

/** What a user agent server takes, and so what its inspection of a request goes by (RFC 3261 §8.2). */
export interface InspectionRules {
  /** The methods that are answered, as Allow lists them. */
  readonly methods: readonly string[];
  /** The option tags of Supported. */
  readonly supported: readonly string[];
  /** Media types of bodies, in lower case. */
  readonly accept: readonly string[];
  /** Languages of bodies; empty for any. */
  readonly languages: readonly string[];
  /** Bytes of a body. */
  readonly bodySize: number;
  /** Whether a Request-URI is one of ours (§8.2.2.1). */
  readonly isOurs: (uri: URI) => boolean;
}

/** The first step, before the transaction is looked up: the version and the mandatory header fields. */
export const readEssentials = (request: Request): Either<ResponseDraft, Essentials> => {
  if (request.version !== 'SIP/2.0') return versionNotSupported;
  const via = topVia(request);
  if (via._tag === 'Left') return left(badHeader(via.left));
  const from = header(request, 'From');
  if (from._tag === 'Left') return left(badHeader(from.left));
  const to = header(request, 'To');
  if (to._tag === 'Left') return left(badHeader(to.left));
  if (!isTag(from.right.tag) || !isTag(to.right.tag)) return malformedTag;
  const callId = header(request, 'Call-ID');
  if (callId._tag === 'Left') return left(badHeader(callId.left));
  const cseq = header(request, 'CSeq');
  if (cseq._tag === 'Left') return left(badHeader(cseq.left));
  if (cseq.right.method !== request.method) return methodMismatch;
  const uri = parseURI(request.uri);
  if (uri._tag === 'Left') return left(badRequest('Malformed Request-URI', uri.left.message));
  return right({
    method: request.method,
    uri: uri.right,
    via: via.right,
    from: from.right,
    to: to.right,
    callId: callId.right,
    cseq: cseq.right,
  });
};

/** The answer to a request that could not be parsed as a whole. */
export const answerToMalformed = (error: ParseError, request: Request): ResponseDraft => {
  if (request.version !== 'SIP/2.0') return versionNotSupported.left;
  return error.code === 'tooLarge' ? { status: 513 } : badRequest(faults[error.code], error.message);
};

/** RFC 3261 §8.2.1: a method that is not answered. */
export const inspectMethod = (request: Request, rules: InspectionRules): ResponseDraft | undefined => {
  if (rules.methods.includes(request.method)) return undefined;
  const headers: readonly HeaderField[] = [allow(rules)];
  return knownMethods.has(request.method) ? { status: 405, headers } : { status: 501, headers };
};

/**
 * RFC 3261 §8.2.2.1: the Request-URI, outside dialogs. Deviates from §12.2.2 (the same inside): there the dialog says whose the
 * request is, and a 404 or 416 would end it (RFC 5057 §5.1).
 */
export const inspectRequestURI = (uri: URI, rules: InspectionRules): ResponseDraft | undefined => {
  if (!isSIPURI(uri)) return { status: 416 };
  return rules.isOurs(uri) ? undefined : { status: 404 };
};

/** RFC 3261 §8.2.2.3: required extensions, and no Replaces but an INVITE's (RFC 3891 §3). Neither is looked at in a CANCEL. */
export const inspectExtensions = (request: Request, rules: InspectionRules): ResponseDraft | undefined => {
  const required = header(request, 'Require');
  if (required._tag === 'Left') return badHeader(required.left);
  const unsupported = required.right.filter((tag) => !rules.supported.includes(tag.toLowerCase()));
  if (unsupported.length > 0) return { status: 420, headers: [['Unsupported', unsupported.join(', ')]] };
  if (request.method !== 'INVITE' && rules.supported.includes('replaces') && replaces(request))
    return onlyInviteReplaces;
  return undefined;
};

const anyLanguage: Either<HeaderError, readonly string[]> = right([]);

const replaces = (request: Request) => field(request, 'Replaces') !== undefined;

/** RFC 3261 §21.4.11: a body that nothing is to be kept of. */
export const inspectSize = (request: Request, rules: InspectionRules): ResponseDraft | undefined =>
  request.body.length > rules.bodySize ? { status: 413 } : undefined;

/** RFC 3261 §8.2.3: the answer to content that is not understood and not optional. What describes it is looked at as far as it matters. */
export const inspectContent = (request: Request, rules: InspectionRules): ResponseDraft | undefined => {
  if (request.body === '') return undefined;
  const disposition = header(request, 'Content-Disposition');
  if (disposition._tag === 'Right' && disposition.right.handling === 'optional') return undefined;
  const type = header(request, 'Content-Type');
  if (type._tag === 'Left') return badHeader(type.left);
  const encodings = header(request, 'Content-Encoding');
  if (encodings._tag === 'Left') return badHeader(encodings.left);
  const languages = rules.languages.length === 0 ? anyLanguage : header(request, 'Content-Language');
  if (languages._tag === 'Left') return badHeader(languages.left);
  const isAccepted =
    rules.accept.includes(type.right.type) &&
    encodings.right.every((encoding) => encoding.toLowerCase() === 'identity') &&
    languages.right.every((language) => rules.languages.includes(language));
  return isAccepted ? undefined : { status: 415, headers: acceptance(rules) };
};

/** What OPTIONS tells and a 415 names (RFC 3261 §11.2, §8.2.3). */
export const acceptance = (rules: InspectionRules): readonly HeaderField[] => [
  ['Accept', rules.accept.join(', ')],
  ['Accept-Encoding', 'identity'],
  ['Accept-Language', rules.languages.length === 0 ? '*' : rules.languages.join(', ')],
];

/** What a 2xx to an INVITE tells (RFC 3261 §13.3.1.4, RFC 6086 §4.2.1). */
export const callCapabilities = (
  rules: InspectionRules,
  infoPackages: readonly string[],
): readonly HeaderField[] => [
  allow(rules),
  ['Supported', rules.supported.join(', ')],
  ...(infoPackages.length === 0 ? [] : [['Recv-Info', infoPackages.join(', ')] as const]),
];

export const allow = (rules: InspectionRules): HeaderField => ['Allow', rules.methods.join(', ')];

const badHeader = ({ code, message }: HeaderError) => badRequest(headerFaults[code], message);

const headerFaults = {
  missing: 'Missing Header Field',
  malformed: 'Malformed Header Field',
  repeated: 'Repeated Header Field',
} as const;

const faults: Readonly<Record<ParseError['code'], string>> = {
  empty: 'Empty Message',
  startLine: 'Malformed Request Line',
  headerLine: 'Malformed Header Line',
  truncated: 'Incomplete Message',
  contentLength: 'Malformed Length',
  tooManyHeaders: 'Too Many Header Lines',
  lineTooLong: 'Line Too Long',
  tooLarge: 'Message Too Large',
};

/** The answer to a message on a stream whose end can't be told (RFC 3261 §18.3). */
export const lengthRequired = badRequest('Length Required', 'A message on a stream has no Content-Length.');

const onlyInviteReplaces = badRequest(
  'Only INVITE May Replace',
  'A request other than INVITE has a Replaces.',
);

const versionNotSupported = { _tag: 'Left', left: { status: 505 } } as const;

/** `tag-param = "tag" EQUAL token`, which some write in quotes; RFC 2543 peers have none. */
const isTag = (tag: string | undefined) => tag === undefined || /^("?)[\w\-.!%*+`'~]+\1$/.test(tag);

const malformedTag = left(badRequest('Malformed Tag', 'The tag of the From or of the To is no token.'));

const methodMismatch = left(
  badRequest('Methods Differ', 'The CSeq names another method than the request line.'),
);

/** Registered methods: answered 405 where they are not allowed, while any other is answered 501. */
const knownMethods: ReadonlySet<string> = new Set([
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
]);

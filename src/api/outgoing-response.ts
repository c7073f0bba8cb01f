import type { HeaderField } from '../../machines/effects.js';
import { reasonPhrase } from '../message/index.js';
import { checkLine } from './answer.js';
import { sharedEntropy } from './default-ports.js';
import { type IncomingRequestMessage, repeatedFields, toTagOf } from './incoming-request-message.js';

/** A response as it was handed to the transaction. */
export interface OutgoingResponse {
  /** The whole text. */
  readonly message: string;
}

export interface ResponseOptions {
  readonly statusCode: number;
  /** The status's own phrase where it is not given. */
  readonly reasonPhrase?: string | undefined;
  /** The tag of a To that has none; a 100 repeats To as it came. */
  readonly toTag?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly supported?: readonly string[] | undefined;
  /** Whole lines, `Name: value`. */
  readonly extraHeaders?: readonly string[] | undefined;
  readonly body?: Body | undefined;
}

export interface Body {
  /** Written where the content type does not imply it: `session` for application/sdp, `render` for any other (RFC 3261 §20.11). */
  readonly contentDisposition: string;
  readonly contentType: string;
  readonly content: string;
}

/**
 * The text of a response, in this order: Via, From, To, CSeq, Call-ID as the request has them, Supported, User-Agent,
 * the extra headers, Content-Type, Content-Length.
 *
 * Throws a TypeError on a status that is no whole number from 100 to 699, and a RangeError that names the field where
 * a text would not stay on its line or an extra header is none.
 *
 * Deviates from SIP.js: a 100 repeats Timestamp, after Call-ID (RFC 3261 §8.2.6.1); a tag of its own making has 64 bits
 * of a cryptographic source (§19.3); 424, 436 and 607 have the RFCs' phrases.
 */
export const constructOutgoingResponse = (
  message: IncomingRequestMessage,
  options: ResponseOptions,
): OutgoingResponse => {
  const { statusCode, supported, userAgent, body } = options;
  checkStatusCode(statusCode, 100, 699);
  const phrase = options.reasonPhrase || phraseOf(statusCode);
  checkLine('reasonPhrase', phrase);
  const lines = [`SIP/2.0 ${statusCode} ${phrase}`, ...repeatedLines(message, options)];
  if (supported !== undefined) lines.push(headerLine('Supported', supported.join(', ')));
  if (userAgent) lines.push(headerLine('User-Agent', userAgent));
  for (const extraHeader of options.extraHeaders ?? []) lines.push(checkedHeader(extraHeader));
  if (body !== undefined) lines.push(...bodyLines(body));
  const content = body?.content ?? '';
  lines.push(`Content-Length: ${Buffer.byteLength(content)}`);
  return { message: `${lines.join('\r\n')}\r\n\r\n${content}` };
};

export const checkStatusCode = (statusCode: number, least: number, most: number): void => {
  if (!Number.isInteger(statusCode) || statusCode < least || statusCode > most)
    throw new TypeError(`Invalid statusCode: ${statusCode}`);
};

const repeatedLines = (
  message: IncomingRequestMessage,
  { statusCode, toTag }: ResponseOptions,
): readonly string[] => {
  const isTrying = statusCode === 100;
  const tag = isTrying || toTagOf(message) !== undefined ? undefined : toTag || sharedEntropy().token();
  if (tag !== undefined && !/^[\w\-.!%*+`'~]+$/.test(tag))
    throw new RangeError(`toTag is no token: ${JSON.stringify(tag)}`);
  return repeatedFields(message)
    .filter(([name]) => isTrying || name !== 'Timestamp')
    .map((repeated) => lineOf(repeated, tag));
};

const lineOf = ([name, value]: HeaderField, tag: string | undefined) =>
  name === 'To' && tag !== undefined ? `To: ${value};tag=${tag}` : `${name}: ${value}`;

const bodyLines = ({ contentType, contentDisposition }: Body): readonly string[] => {
  const implied = /^application\/sdp\s*(;|$)/i.test(contentType) ? 'session' : 'render';
  const lines = [headerLine('Content-Type', contentType)];
  if (contentDisposition && contentDisposition !== implied)
    lines.push(headerLine('Content-Disposition', contentDisposition));
  return lines;
};

const headerLine = (name: string, value: string): string => {
  checkLine(name, value);
  return `${name}: ${value}`;
};

const checkedHeader = (extraHeader: string): string => {
  const line = extraHeader.trim();
  checkLine('extraHeaders', line);
  if (!/^[\w\-.!%*+`'~]+[ \t]*:/.test(line))
    throw new RangeError(`extraHeaders holds what is no header line: ${JSON.stringify(line)}`);
  if (/^(content-length|l)[ \t]*:/i.test(line))
    throw new RangeError('extraHeaders holds a Content-Length, which is counted');
  return line;
};

/** SIP.js's phrase: empty for a status that no RFC names. */
const phraseOf = (status: number): string => {
  const hundreds = status - (status % 100);
  const isUnknown = status !== hundreds && reasonPhrase(status) === reasonPhrase(hundreds);
  return otherPhrases.get(status) ?? (isUnknown ? '' : reasonPhrase(status));
};

/** Where SIP.js's phrases are not the RFC's. */
const otherPhrases: ReadonlyMap<number, string> = new Map([
  [437, 'Unsupported Certificate'],
  [478, 'Unresolvable Destination'],
  [500, 'Internal Server Error'],
]);

import { type Either, isRight, left, right } from 'fp-ts/lib/Either.js';
import { CR, classes, DIGIT, LF, SPACE, TOKEN } from './characters.js';
import { copied, flat } from './flat.js';
import { type Fault, type Head, readHead } from './head.js';
import { VIA } from './header-names.js';
import { defaultLimits, type Limits, noLimits } from './limits.js';
import type { Address, Message, Request } from './message.js';
import { methodAt } from './methods.js';
import { equalAt } from './names.js';
import { Scanner, Spans } from './scanner.js';
import { readTopVia, stampVia } from './via.js';
import { WireRequest, WireResponse } from './wire-message.js';

export interface ParseError {
  readonly code: Fault['code'] | 'empty' | 'tooLarge';
  /** One sentence that names the cause. */
  readonly message: string;
  /** The request, where it has all that a response must copy. */
  readonly request?: Request | undefined;
}

export interface ParseOptions {
  readonly limits?: Partial<Limits> | undefined;
  /** Where a request came from, which its top Via then says (RFC 3261 §18.2.1, RFC 3581 §4). */
  readonly source?: Address | undefined;
}

/**
 * Reads one datagram, or one message framed out of a stream. CRLFs before it and bytes after its Content-Length are
 * left out (RFC 3261 §7.5, §18.3). Its header fields are found, not read: `header` reads them.
 */
export function parse(text: string, options: ParseOptions = {}): Either<ParseError, Message> {
  const limits = options.limits === undefined ? defaultLimits : { ...defaultLimits, ...options.limits };
  const whole = withoutLeadingLines(text);
  if (whole === '') return left({ code: 'empty', message: 'There is nothing but line ends.' });

  const head = readHead(whole, limits);
  const line = readStartLine(whole, head.startLineEnd);
  if (line === undefined) return left({ code: 'startLine', message: 'No SIP message starts like this.' });

  const fault = line.fault ?? head.fault ?? faultOfLength(whole, head, limits);
  const cut = fault === undefined ? withoutExcess(whole, head) : whole;
  if (line.status !== undefined) {
    return fault === undefined ? right(new WireResponse(line.status, cut, head)) : left(fault);
  }
  if (fault !== undefined && !head.isAnswerable) return left(fault);
  const stamped = options.source === undefined ? cut : stamp(cut, head, options.source);
  const request =
    stamped === whole
      ? new WireRequest(line.method, line.uri, line.version, stamped, head)
      : new WireRequest(copied(line.method), copied(line.uri), line.version, stamped, head);
  return fault === undefined ? right(request) : left({ ...fault, request });
}

/** The message that `toJSON` wrote, whatever its size. Throws a RangeError where the text is none. */
export function revive(text: string): Message {
  const message = parse(text, { limits: noLimits });
  if (isRight(message)) return message.right;
  throw new RangeError(`The text is no SIP message: ${message.left.message}`);
}

interface RequestLine {
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  readonly status?: undefined;
  readonly fault?: Fault | undefined;
}

interface StatusLine {
  readonly status: number;
  readonly fault?: undefined;
}

/** What the first line says; undefined where it is neither a Request-Line nor a Status-Line. */
function readStartLine(text: string, end: number): RequestLine | StatusLine | undefined {
  if (end < 0) return undefined;
  return equalAt(text, 0, Math.min(4, end), 'SIP/') ? readStatusLine(text, end) : readRequestLine(text, end);
}

/** `SIP-Version SP Status-Code SP Reason-Phrase`; the last SP may be missing where no reason follows it. */
function readStatusLine(text: string, end: number): StatusLine | undefined {
  const space = text.indexOf(' ');
  const codeEnd = space + 4;
  if (space < 0 || codeEnd > end || !isVersion(text, 0, space)) return undefined;
  if (codeEnd < end && text.charCodeAt(codeEnd) !== SPACE) return undefined;
  const scanner = new Scanner(text, space + 1, codeEnd);
  const status = scanner.number(699);
  return status === undefined || status < 100 || scanner.position < codeEnd ? undefined : { status };
}

/** `Method SP Request-URI SP SIP-Version`. Where it is not that, but a method begins it and a version ends it, it can be answered. */
function readRequestLine(text: string, end: number): RequestLine | undefined {
  let methodEnd = 0;
  while (methodEnd < end && (classes[text.charCodeAt(methodEnd)]! & TOKEN) !== 0) methodEnd++;
  if (methodEnd === 0 || text.charCodeAt(methodEnd) !== SPACE) return undefined;
  const method = methodAt(text, 0, methodEnd);

  const uriStart = methodEnd + 1;
  const uriEnd = text.indexOf(' ', uriStart);
  if (uriEnd > uriStart && isVersion(text, uriEnd + 1, end)) {
    return { method, uri: text.slice(uriStart, uriEnd), version: versionAt(text, uriEnd + 1, end) };
  }
  const rest = text.slice(uriStart, end).trim();
  const versionStart = rest.lastIndexOf(' ') + 1;
  if (!isVersion(rest, versionStart, rest.length)) return undefined;
  return {
    method,
    uri: rest.slice(0, versionStart).trim(),
    version: versionAt(rest, versionStart, rest.length),
    fault: {
      code: 'startLine',
      message: 'The Request-Line is not a method, a URI and a version with one space between.',
    },
  };
}

/** `SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT`, in any case. */
function isVersion(text: string, start: number, end: number): boolean {
  if (end - start === 7 && text.startsWith('SIP/2.0', start)) return true;
  if (end - start < 7 || !equalAt(text, start, start + 4, 'SIP/')) return false;
  const scanner = new Scanner(text, start + 4, end);
  const major = scanner.skip(DIGIT);
  if (scanner.position === major || scanner.peek() !== DOT) return false;
  scanner.position++;
  const minor = scanner.skip(DIGIT);
  return scanner.position > minor && scanner.position === end;
}

const versionAt = (text: string, start: number, end: number): string =>
  text.startsWith('SIP/2.0', start) && end - start === 7 ? 'SIP/2.0' : text.slice(start, end).toUpperCase();

function withoutLeadingLines(text: string): string {
  let start = 0;
  while (text.charCodeAt(start) === CR && text.charCodeAt(start + 1) === LF) start += 2;
  return start === 0 ? text : copied(text.slice(start));
}

function faultOfLength(text: string, head: Head, limits: Limits): Omit<ParseError, 'request'> | undefined {
  if (text.length > limits.message) {
    return { code: 'tooLarge', message: `The message is over ${limits.message} bytes.` };
  }
  const missing = (head.contentLength ?? 0) - (text.length - head.end - 2);
  return missing > 0
    ? { code: 'truncated', message: `The body is ${missing} bytes shorter than its Content-Length.` }
    : undefined;
}

/** Cut to the Content-Length, where there is one. */
function withoutExcess(text: string, head: Head): string {
  if (head.contentLength === undefined) return text;
  const end = head.end + 2 + head.contentLength;
  return end < text.length ? copied(text.slice(0, end)) : text;
}

/** The request's text with the source in its top Via, where that can be read. */
function stamp(text: string, head: Head, source: Address): string {
  const line = head.find(VIA);
  if (line < 0) return text;
  const start = head.lines[line + 2]!;
  const end = head.lines[line + 3]!;
  // A copy, since what is read of it outlives the text as it came.
  const value = copied(text.slice(start, end));
  const scanner = new Scanner(value, 0, value.length);
  const spans = new Spans();
  const via = readTopVia(scanner, spans);
  if (via === undefined) return text;
  const stamped = stampVia(value, via, scanner.position, spans, source);
  head.topVia = right(stamped?.via ?? via);
  if (stamped === undefined) return text;
  head.shift(line, stamped.text.length - value.length);
  return flat(text.slice(0, start) + stamped.text + text.slice(end));
}

const DOT = 46;

import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { SPACE, TAB } from './characters.js';
import { type Head, STRIDE, UNKNOWN } from './head.js';
import { headerNumber, numberOf, VIA } from './header-names.js';
import {
  type HeaderValues,
  readCallId,
  readContentDisposition,
  readContentType,
  readCSeq,
  readEvent,
  readLowerToken,
  readLowerTokenWithParameters,
  readMaxForwards,
  readMediaRange,
  readNumber,
  readRAck,
  readReferSub,
  readReplaces,
  readRetryAfter,
  readRSeq,
  readSubscriptionState,
  readText,
  readToken,
} from './header-values.js';
import type { Message } from './message.js';
import { readContact, readNameAddress, readRoute } from './name-address.js';
import { equalAt } from './names.js';
import { Scanner, unfold } from './scanner.js';
import { readTopVia, readVia, type Via } from './via.js';
import { headOf } from './wire-message.js';

export type HeaderName = keyof HeaderValues;

export interface HeaderError {
  /** Repeated: a header that has one value came with a second one. */
  readonly code: 'missing' | 'malformed' | 'repeated';
  readonly header: HeaderName;
  /** One sentence that names the cause. */
  readonly message: string;
}

/** The value of the first line of a header, unfolded and trimmed. The name may have any case and be compact. */
export function field(message: Message, name: string): string | undefined {
  const head = headOf(message);
  const line = nextLine(message.text, head, name, headerNumber(name, 0, name.length), 0);
  return line < 0 ? undefined : valueAt(message.text, head, line);
}

/** The value of each line of a header, in order, unfolded and trimmed. The name may have any case and be compact. */
export function fields(message: Message, name: string): readonly string[] {
  const head = headOf(message);
  const number = headerNumber(name, 0, name.length);
  const values: string[] = [];
  for (
    let line = nextLine(message.text, head, name, number, 0);
    line >= 0;
    line = nextLine(message.text, head, name, number, line + STRIDE)
  ) {
    values.push(valueAt(message.text, head, line));
  }
  return values;
}

/** The value of a header, read once. A list that is missing is empty, but for Via, which no message may lack. */
export function header<N extends HeaderName>(
  message: Message,
  name: N,
): Either<HeaderError, HeaderValues[N]> {
  const head = headOf(message);
  const { number, read } = readings.get(name)!;
  head.values[number] ??= read(message.text, head, name, number);
  return head.values[number] as Either<HeaderError, HeaderValues[N]>;
}

/** The first Via value alone, read once: what follows it is not looked at. */
export function topVia(message: Message): Either<HeaderError, Via> {
  const head = headOf(message);
  head.topVia ??= topViaOf(message.text, head);
  return head.topVia as Either<HeaderError, Via>;
}

type Reading<Value> = (
  text: string,
  head: Head,
  name: HeaderName,
  number: number,
) => Either<HeaderError, Value>;
type ReadValue<Value> = (scanner: Scanner) => Value | undefined;

/** A header with one value on one line. */
function single<Value>(readValue: ReadValue<Value>): Reading<Value> {
  return (text, head, name, number) => {
    const line = head.find(number);
    if (line < 0) return missing(name);
    if (head.find(number, line + STRIDE) >= 0) return repeated(name);
    const scanner = scannerOf(text, head, line);
    const value = readValue(scanner);
    if (value === undefined) return malformed(name, scanner);
    scanner.skipSpace();
    if (scanner.peek() === COMMA) return repeated(name);
    return scanner.position < scanner.end ? malformed(name, scanner) : right(value);
  };
}

/** A header whose values stand on any number of lines, separated by commas. A line may be empty if the header's grammar lets it. */
function list<Value>(readValue: ReadValue<Value>, mayBeEmpty: boolean): Reading<readonly Value[]> {
  return (text, head, name, number) => {
    const values: Value[] = [];
    for (let line = head.find(number); line >= 0; line = head.find(number, line + STRIDE)) {
      const scanner = scannerOf(text, head, line);
      if (mayBeEmpty && scanner.peek() < 0) continue;
      do {
        const value = readValue(scanner);
        if (value === undefined) return malformed(name, scanner);
        values.push(value);
      } while (scanner.separator(COMMA));
      if (scanner.position < scanner.end) return malformed(name, scanner);
    }
    return right(values);
  };
}

const readVias: Reading<HeaderValues['Via']> = (text, head, name, number) => {
  const vias = viaList(text, head, name, number);
  if (vias._tag === 'Left') return vias;
  const [first, ...others] = vias.right;
  return first === undefined ? missing(name) : right([first, ...others]);
};

const readContacts: Reading<HeaderValues['Contact']> = (text, head, name, number) => {
  const line = head.find(number);
  if (line < 0 || !isStar(text, head, line)) return contactList(text, head, name, number);
  return head.find(number, line + STRIDE) < 0 ? right('*') : repeated(name);
};

/** `Contact: *` (RFC 3261 §10.2.2). */
const isStar = (text: string, head: Head, line: number): boolean => {
  const start = head.lines[line + 2]!;
  return text.charCodeAt(start) === STAR && head.lines[line + 3] === start + 1;
};

function topViaOf(text: string, head: Head): Either<HeaderError, Via> {
  const line = head.find(VIA);
  if (line < 0) return missing('Via');
  const scanner = scannerOf(text, head, line);
  const via = readTopVia(scanner);
  return via === undefined ? malformed('Via', scanner) : right(via);
}

/** The next line of a header from a line on. A name without a number is compared itself. */
function nextLine(text: string, head: Head, name: string, number: number, from: number): number {
  let line = head.find(number, from);
  while (number === UNKNOWN && line >= 0 && !isNamed(text, head, line, name)) {
    line = head.find(number, line + STRIDE);
  }
  return line;
}

function isNamed(text: string, head: Head, line: number, name: string): boolean {
  const start = head.lines[line + 1]!;
  const end = start + name.length;
  const next = text.charCodeAt(end);
  return (next === COLON || next === SPACE || next === TAB) && equalAt(text, start, end, name);
}

const valueAt = (text: string, head: Head, line: number): string =>
  unfold(text.slice(head.lines[line + 2], head.lines[line + 3]));

const scannerOf = (text: string, head: Head, line: number): Scanner =>
  scanner.over(text, head.lines[line + 2]!, head.lines[line + 3]!);

/** One for all: no reading of a header begins before the last has ended. */
const scanner = new Scanner('', 0, 0);

const missing = (name: HeaderName) =>
  left({ code: 'missing', header: name, message: `${name} is missing.` } as const);

const repeated = (name: HeaderName) =>
  left({ code: 'repeated', header: name, message: `${name} has more than one value.` } as const);

const malformed = (name: HeaderName, scanner: Scanner) => {
  const cause = scanner.problem === '' ? 'something follows its value' : scanner.problem;
  return left({ code: 'malformed', header: name, message: `${name} is malformed: ${cause}.` } as const);
};

const COMMA = 44;
const COLON = 58;
const STAR = 42;

const viaList = list(readVia, false);
const contactList = list(readContact, false);

const readers: { readonly [N in HeaderName]: Reading<HeaderValues[N]> } = {
  Via: readVias,
  From: single(readNameAddress),
  To: single(readNameAddress),
  'Call-ID': single(readCallId),
  CSeq: single(readCSeq),
  Contact: readContacts,
  'Max-Forwards': single(readMaxForwards),
  Route: list(readRoute, false),
  'Record-Route': list(readRoute, false),
  Require: list(readToken, false),
  'Proxy-Require': list(readToken, false),
  Supported: list(readToken, true),
  Unsupported: list(readToken, false),
  Allow: list(readToken, true),
  'Allow-Events': list(readToken, false),
  Accept: list(readMediaRange, true),
  'Accept-Encoding': list(readLowerTokenWithParameters, true),
  'Accept-Language': list(readLowerTokenWithParameters, true),
  'Refer-To': single(readNameAddress),
  'Referred-By': single(readNameAddress),
  'Refer-Sub': single(readReferSub),
  Replaces: single(readReplaces),
  Event: single(readEvent),
  'Subscription-State': single(readSubscriptionState),
  Expires: single(readNumber),
  'Min-Expires': single(readNumber),
  'Retry-After': single(readRetryAfter),
  'Content-Length': single(readNumber),
  'Content-Type': single(readContentType),
  'Content-Disposition': single(readContentDisposition),
  'Content-Encoding': list(readLowerToken, false),
  'Content-Language': list(readLowerToken, false),
  Timestamp: single(readText),
  RAck: single(readRAck),
  RSeq: single(readRSeq),
  'SIP-ETag': single(readToken),
  'SIP-If-Match': single(readToken),
  'Info-Package': single(readLowerTokenWithParameters),
  'Recv-Info': list(readLowerTokenWithParameters, true),
};

const readings: ReadonlyMap<HeaderName, { number: number; read: Reading<unknown> }> = new Map(
  (Object.keys(readers) as HeaderName[]).map((name) => [
    name,
    { number: numberOf(name), read: readers[name] },
  ]),
);

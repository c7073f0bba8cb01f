import { CR, classes, isSpace, LF, SPACE, TAB, TOKEN } from './characters.js';
import { CONTENT_LENGTH, CSEQ, headerNumber } from './header-names.js';
import type { Limits } from './limits.js';
import { Scanner } from './scanner.js';

export interface Fault {
  readonly code:
    | 'startLine'
    | 'headerLine'
    | 'truncated'
    | 'contentLength'
    | 'tooManyHeaders'
    | 'lineTooLong';
  readonly message: string;
}

/** Where the start line and the header lines of a message stand; their values are read when asked for, and kept. */
export class Head {
  /** A line every `STRIDE` numbers: the header's number, where the line begins, where its value begins and ends. */
  readonly lines: number[] = [];
  /** Where the CRLF of the start line stands. */
  startLineEnd = -1;
  /** Where the blank line stands, or the first line that was not read. */
  end = 0;
  /** Whether the blank line was reached. */
  isComplete = false;
  /** NaN where it is no number of bytes, or two differ. */
  contentLength: number | undefined = undefined;
  /** The first thing wrong. The lines that are right are indexed all the same. */
  fault: Fault | undefined = undefined;
  /** What reading each typed header gave, by the header's number. */
  readonly values: unknown[] = [];
  topVia: unknown = undefined;
  #seen = 0;

  /** Whether a response has all that it must copy: Via, From, To, Call-ID, CSeq (RFC 3261 §8.2.6.2). */
  get isAnswerable(): boolean {
    return (this.#seen & MANDATORY) === MANDATORY;
  }

  /** Where in `lines` the first line of a header is, from there on, or -1. */
  find(number: number, from = 0): number {
    const { lines } = this;
    for (let line = from; line < lines.length; line += STRIDE) {
      if (lines[line] === number) return line;
    }
    return -1;
  }

  add(number: number, start: number, valueStart: number, valueEnd: number): void {
    this.lines.push(number, start, valueStart, valueEnd);
    if (number >= 0 && number <= CSEQ) this.#seen |= 1 << number;
  }

  /** Follows a text whose line at `changed` has grown by so many characters inside its value. */
  shift(changed: number, growth: number): void {
    const { lines } = this;
    lines[changed + 3]! += growth;
    for (let line = changed + STRIDE; line < lines.length; line += STRIDE) {
      lines[line + 1]! += growth;
      lines[line + 2]! += growth;
      lines[line + 3]! += growth;
    }
    this.end += growth;
  }

  blame(code: Fault['code'], message: string): this {
    this.fault ??= { code, message };
    return this;
  }
}

export const STRIDE = 4;
/** The number of a header that has none. */
export const UNKNOWN = -1;

/** One forward scan over the start line and the header lines (RFC 3261 §7). It stops where a line's end is in doubt. */
export function readHead(text: string, limits: Limits): Head {
  const head = new Head();
  const startLineEnd = lineEnd(text, 0);
  if (startLineEnd < 0) return head.blame('startLine', faultOfEnd(startLineEnd));
  if (startLineEnd > limits.startLine)
    head.blame('lineTooLong', `The start line is over ${limits.startLine} bytes.`);
  head.startLineEnd = startLineEnd;

  let position = startLineEnd + 2;
  for (let count = 0; ; count++) {
    head.end = position;
    if (text.charCodeAt(position) === CR && text.charCodeAt(position + 1) === LF) {
      head.isComplete = true;
      return head;
    }
    if (count >= limits.headers)
      return head.blame('tooManyHeaders', `There are over ${limits.headers} header lines.`);
    let end = lineEnd(text, position);
    while (end >= 0 && isBlank(text.charCodeAt(end + 2))) end = lineEnd(text, end + 2);
    if (end < 0) return head.blame(end === BARE ? 'headerLine' : 'truncated', faultOfEnd(end));
    if (end - position > limits.line)
      return head.blame('lineTooLong', `A header line is over ${limits.line} bytes.`);
    readLine(text, position, end, head);
    position = end + 2;
  }
}

/** Where the line's CRLF stands; ENDLESS or BARE where it has none of its own. */
function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\r', from);
  if (end < 0) return text.indexOf('\n', from) < 0 ? ENDLESS : BARE;
  if (text.charCodeAt(end + 1) === LF) return text.indexOf('\n', from) === end + 1 ? end : BARE;
  return end + 1 === text.length ? ENDLESS : BARE;
}

/** `message-header = token HCOLON value` */
function readLine(text: string, start: number, end: number, head: Head): void {
  let nameEnd = start;
  while ((classes[text.charCodeAt(nameEnd)]! & TOKEN) !== 0) nameEnd++;
  let colon = nameEnd;
  while (isBlank(text.charCodeAt(colon))) colon++;
  if (nameEnd === start || text.charCodeAt(colon) !== COLON) {
    head.add(UNREADABLE, start, end, end);
    head.blame('headerLine', 'A header line has no name and colon.');
    return;
  }
  let valueStart = colon + 1;
  while (valueStart < end && isSpace(text.charCodeAt(valueStart))) valueStart++;
  let valueEnd = end;
  while (valueEnd > valueStart && isSpace(text.charCodeAt(valueEnd - 1))) valueEnd--;

  const number = headerNumber(text, start, nameEnd);
  head.add(number, start, valueStart, valueEnd);
  if (number === CONTENT_LENGTH) readContentLength(text, valueStart, valueEnd, head);
}

function readContentLength(text: string, start: number, end: number, head: Head): void {
  const scanner = new Scanner(text, start, end);
  const length = scanner.number(0xffff_ffff);
  if (length === undefined || scanner.position < end) {
    head.contentLength = Number.NaN;
    head.blame('contentLength', 'Content-Length is no number of bytes.');
  } else if (head.contentLength !== undefined && head.contentLength !== length) {
    head.contentLength = Number.NaN;
    head.blame('contentLength', 'Two Content-Length header fields differ.');
  } else {
    head.contentLength = length;
  }
}

const faultOfEnd = (end: number): string =>
  end === BARE
    ? 'A line has a CR or LF that is not part of a CRLF.'
    : 'The message ends inside its header section.';

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

const ENDLESS = -1;
const BARE = -2;
const UNREADABLE = -2;
const MANDATORY = (1 << (CSEQ + 1)) - 1;
const COLON = 58;

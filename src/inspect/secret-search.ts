import { CR, LF, SPACE, TAB } from '../message/characters.js';
import { mayHoldSecretLine, noteSecretOfLine } from './secret-lines.js';
import { isAlphanumeric, noteHeaders, notePasswords } from './secret-uris.js';
import { line, Secrets } from './secrets.js';

/** A text, whatever it is, with signs in the place of its secrets. Most have none, and cost little. */
export const maskSecrets = (text: string): string => (mayHoldSecret(text) ? secretsOf(text).masked() : text);

/** Whether a text is worth a search. */
const mayHoldSecret = (text: string): boolean =>
  text.includes('?') ||
  text.includes('%') ||
  text.includes(' inline:') ||
  mayHoldSecretLine(text) ||
  mayHoldPassword(text);

/** Whether there is an at sign with two colons before it, or another at sign and a colon. */
const mayHoldPassword = (text: string): boolean => {
  let before = -1;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let colons = 0;
    let index = at - 1;
    while (index > before && !isEdge(text, index)) if (text.charCodeAt(index--) === COLON) colons++;
    if (colons > 1 || (colons > 0 && index === before && before >= 0)) return true;
    before = at;
  }
  return false;
};

/** Whether no stretch goes on over a character. */
const isEdge = (text: string, index: number): boolean => {
  const code = text.charCodeAt(index);
  return code === OPENING_ANGLE || code === CLOSING_ANGLE || (isLineEnd(code) && !isFold(text, index));
};

const isLineEnd = (code: number): boolean => code === CR || code === LF;

/**
 * Finds the secrets of a text: lines, and in them stretches that no URI reaches out of. One pass tells those apart, and
 * only one that may have a secret is read again: the work grows with the text's length and with nothing else.
 */
export const secretsOf = (text: string): Secrets => {
  const secrets = new Secrets(text);
  const search = new StretchSearch(secrets);
  while (search.next());
  return secrets;
};

class StretchSearch {
  private start: number;
  private isInAngles = false;
  /** A Request-URI, or what would be one. */
  private isRequestURI = false;
  private isFirstLine = true;

  constructor(private readonly secrets: Secrets) {
    this.start = noteSecretOfLine(secrets, 0);
  }

  /** Looks at one stretch; whether there is another. */
  next(): boolean {
    const { secrets } = this;
    const { text } = secrets;
    let marks = 0;
    let index = this.start;
    for (; index < text.length; index++) {
      const act = acts[text.charCodeAt(index)] ?? ORDINARY;
      if (act === ORDINARY) continue;
      if (act === COLON_MARK) {
        marks |= ((marks & ONE_COLON) << 1) | ONE_COLON;
        if (text.startsWith(' inline', index - 7)) index = noteKey(secrets, index + 1) - 1;
      } else if (act < BLANK) marks |= act;
      else if (!this.goesOn(act, index)) break;
    }
    if (marks > ONE_COLON) this.note(marks, index);
    this.end(index);
    return index < text.length;
  }

  /** Whether the stretch goes on over a blank, a quote or a fold. */
  private goesOn(act: number, index: number): boolean {
    const { text } = this.secrets;
    if (act === BLANK) return (this.isInAngles || this.isRequestURI) && !text.startsWith(' SIP/', index);
    return act === LINE_END && this.isInAngles && isFold(text, index);
  }

  private note(marks: number, end: number): void {
    const { secrets, start } = this;
    const stretch = { start, end, isURI: this.isInAngles || this.isRequestURI };
    if ((marks & (QUERY | ESCAPE)) !== 0) noteHeaders(secrets, stretch);
    if ((marks & ESCAPE) !== 0 || (marks & (TWO_COLONS | SIGN)) === (TWO_COLONS | SIGN))
      notePasswords(secrets, stretch);
  }

  private end(index: number): void {
    const code = this.secrets.text.charCodeAt(index);
    const endsLine = isLineEnd(code);
    this.isRequestURI = code === SPACE && this.isFirstLine;
    this.isInAngles = code === OPENING_ANGLE;
    this.start = endsLine ? noteSecretOfLine(this.secrets, index + 1) : index + 1;
    if (endsLine) this.isFirstLine = false;
  }
}

/** Whether a line end is part of a fold: CRLF before a blank. */
const isFold = (text: string, index: number): boolean => {
  const last = text.charCodeAt(index) === CR ? index + 1 : index;
  const after = text.charCodeAt(last + 1);
  return (
    text.charCodeAt(last) === LF && text.charCodeAt(last - 1) === CR && (after === SPACE || after === TAB)
  );
};

/** Notes a key of SDP, which is told by what stands before it wherever it is (RFC 4568 §9.2); gives its end. */
const noteKey = (secrets: Secrets, start: number): number => {
  const { text } = secrets;
  let end = start;
  while (end < text.length && isOfKey(text.charCodeAt(end))) end++;
  if (text.charCodeAt(end) !== COLON) secrets.note(line, start, end);
  return end;
};

/** base64 */
const isOfKey = (code: number): boolean => isAlphanumeric(code) || '+/='.includes(String.fromCharCode(code));

const QUOTE = 34;
const PERCENT = 37;
const COLON = 58;
const OPENING_ANGLE = 60;
const CLOSING_ANGLE = 62;
const QUESTION_MARK = 63;
const AT = 64;

const ORDINARY = 0;
/** What a stretch has. */
const ONE_COLON = 1;
const TWO_COLONS = 2;
const SIGN = 4;
const QUERY = 8;
const ESCAPE = 16;
const COLON_MARK = 32;
/** What ends a stretch; a blank or a quote does not in angle brackets. */
const BLANK = 64;
const ANGLE = 65;
const LINE_END = 66;

const acts = new Uint8Array(256);
acts.fill(BLANK, 0, SPACE + 1);
acts[QUOTE] = BLANK;
acts[CR] = LINE_END;
acts[LF] = LINE_END;
acts[OPENING_ANGLE] = ANGLE;
acts[CLOSING_ANGLE] = ANGLE;
acts[COLON] = COLON_MARK;
acts[AT] = SIGN;
acts[QUESTION_MARK] = QUERY;
acts[PERCENT] = ESCAPE;

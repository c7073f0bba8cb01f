import { classes, DIGIT, isHex, lowerCase, SPACE } from '../message/characters.js';
import { header, password, type SecretKind, type Secrets, sipPassword } from './secrets.js';

/** A stretch of text that no URI reaches out of. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Whether it begins with a URI of whatever scheme, and only its end ends that: a blank makes it malformed. */
  readonly isURI: boolean;
}

/**
 * Notes the passwords of the URIs in a stretch (RFC 3261 §19.1.1, RFC 3986 §3.2.1), those of URIs that stand escaped in
 * another's header fields among them. Where the URI is malformed, what may be a password is one.
 */
export const notePasswords = (secrets: Secrets, stretch: Stretch): void => {
  const search = new PasswordSearch(secrets, stretch);
  let next = 0;
  for (let index = stretch.start; index < stretch.end; index = next) {
    next = signEnd(secrets.text, index, stretch.end);
    search.take(signAt(secrets.text, index, next), index, next);
  }
  search.endURI();
};

/** Notes the values that the URIs in a stretch have for Authorization, Proxy-Authorization and the body. */
export const noteHeaders = (secrets: Secrets, { start, end, isURI }: Stretch): void => {
  const { text } = secrets;
  let isQuery = false;
  let next = 0;
  for (let index = start; index < end; index = next) {
    next = signEnd(text, index, end);
    const sign = signAt(text, index, next);
    isQuery ||= sign === QUESTION_MARK;
    if (!isQuery || (sign !== QUESTION_MARK && sign !== AMPERSAND)) continue;
    const value = secretValue(text, next, end);
    if (value < 0) continue;
    next = valueEnd(text, value, end, isURI);
    secrets.note(header, value, next);
  }
};

class PasswordSearch {
  readonly #secrets: Secrets;
  readonly #stretch: Stretch;
  readonly #isLoose: boolean;
  #phase: 'none' | 'user' | 'password' = 'none';
  #kind: SecretKind = sipPassword;
  /** Of the user, then of the password. */
  #start = 0;
  /** The last at sign after the password's start, and the first comma; -1 where there is none. */
  #at = -1;
  #comma = -1;
  /** Whether its signs may be escaped. */
  #isEscaped = false;
  /** Whether a slash ends what has the password. */
  #isHierarchical = false;
  /** Whether a question mark has come, and a colon. */
  #isQuery = false;
  #hasColon = false;
  #escapeEnd = -1;

  constructor(secrets: Secrets, stretch: Stretch) {
    this.#secrets = secrets;
    this.#stretch = stretch;
    this.#isLoose = stretch.isURI && matched(secrets.text, stretch.start, 'sip', stretch.end) >= 0;
  }

  /** The next sign; it is escaped where it has more than one character. */
  take(sign: number, index: number, next: number): void {
    const isEscape = next > index + 1;
    if (sign === COLON) this.#colon(index, next, isEscape);
    else if (this.#isEscaped || !isEscape) this.#sign(sign, index, isEscape);
    if (isEscape) this.#escapeEnd = next;
  }

  endURI(): void {
    if (this.#phase === 'password' && this.#at >= 0) this.#secrets.note(this.#kind, this.#start, this.#at);
    this.#phase = 'none';
    this.#isEscaped = false;
  }

  #sign(sign: number, index: number, isEscape: boolean): void {
    switch (sign) {
      case AT:
        if (this.#phase === 'password') this.#at = index;
        break;
      case COMMA:
        if (this.#comma < 0) this.#comma = index;
        return this.#divided();
      case SEMICOLON:
        return this.#divided();
      case QUESTION_MARK:
        this.#isQuery = true;
        this.#divided();
        return this.#pathBegins(index);
      case SLASH:
      case HASH:
        return this.#pathBegins(index);
      case AMPERSAND:
        if (this.#isEscaped) this.endURI();
        break;
      case OPENING_BRACKET:
        if (index === this.#start) this.#phase = 'none';
        break;
      default:
        if ((isEscape || !this.#isLoose) && isOutside(sign)) this.endURI();
    }
  }

  #colon(index: number, next: number, isEscape: boolean): void {
    const word = this.#wordBefore(index);
    const start = slashesEnd(this.#secrets.text, next, this.#stretch.end);
    const isSIP = schemes.some((scheme) => matched(this.#secrets.text, word, scheme, index) === index);
    const isFirst = !this.#hasColon && this.#stretch.isURI;
    this.#hasColon = true;
    const isScheme = word < index && !this.#secrets.has(word);
    if (isScheme && (isSIP || start > next || isFirst)) {
      this.endURI();
      this.#phase = 'user';
      this.#start = start;
      this.#isEscaped = isEscape || this.#isQuery || word === this.#escapeEnd;
      this.#isHierarchical = start > next;
      this.#kind = this.#isEscaped ? header : isSIP && !this.#isHierarchical ? sipPassword : password;
    } else if (this.#isEscaped || !isEscape) this.#colonInURI(next);
  }

  #colonInURI(next: number): void {
    if (this.#phase === 'user') {
      this.#phase = 'password';
      this.#start = next;
      this.#at = -1;
      this.#comma = -1;
    } else if (this.#at < 0 && this.#comma >= 0 && this.#isPort(this.#comma)) {
      // `sip:a:5060,mailto:b@c` are two URIs.
      this.#phase = 'none';
    }
  }

  /** What may stand in a password, and may stand behind a URI. */
  #divided(): void {
    if (this.#at >= 0 && !this.#isLoose) this.endURI();
  }

  #pathBegins(index: number): void {
    if (!this.#isHierarchical || index < this.#start) return;
    if (this.#at >= 0) this.endURI();
    else if (this.#phase === 'user' || this.#isPort(index)) this.#phase = 'none';
  }

  /** Where the letters and digits before an index begin, unless there are more than a scheme has. */
  #wordBefore(index: number): number {
    const first = Math.max(this.#stretch.start, this.#escapeEnd, index - longestScheme);
    let start = index;
    while (start > first && isAlphanumeric(this.#secrets.text.charCodeAt(start - 1))) start--;
    return start;
  }

  /** Whether there are but digits from the start up to an index. */
  #isPort(end: number): boolean {
    if (end - this.#start > 5) return false;
    for (let index = this.#start; index < end; index++)
      if (!isDigit(this.#secrets.text.charCodeAt(index))) return false;
    return true;
  }
}

const schemes = ['sip', 'sips'];
const longestScheme = 16;

const names = ['authorization', 'proxy-authorization', 'body'];

/** Where the value of a URI's header field begins whose name stands here, where it is secret; else -1. */
const secretValue = (text: string, start: number, end: number): number => {
  for (const name of names) {
    const equals = matched(text, start, name, end);
    if (equals < 0 || equals >= end) continue;
    const value = signEnd(text, equals, end);
    if (signAt(text, equals, value) === EQUALS) return value;
  }
  return -1;
};

/** Where a URI is all that there is, a value goes on to the next, though it be malformed. */
const valueEnd = (text: string, start: number, end: number, isURI: boolean): number => {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === AMPERSAND || (!isURI && (code === SEMICOLON || code === COMMA || code === HASH)))
      return index;
  }
  return end;
};

/** The index after a word in whatever case, escaped or not (RFC 3261 §19.1.4); -1 where it does not stand there. */
const matched = (text: string, start: number, word: string, end: number): number => {
  let index = start;
  for (let letter = 0; letter < word.length; letter++) {
    if (index >= end) return -1;
    const next = signEnd(text, index, end);
    if (lowerCase[signAt(text, index, next)] !== word.charCodeAt(letter)) return -1;
    index = next;
  }
  return index;
};

/** The index after `//`, or the start where it does not stand there. */
const slashesEnd = (text: string, start: number, end: number): number => {
  const slashes = matched(text, start, '//', end);
  return slashes < 0 ? start : slashes;
};

/** The index after a character, or after its escape: `%3A`, and `%253A` for one that is escaped twice. */
const signEnd = (text: string, index: number, end: number): number => {
  if (text.charCodeAt(index) !== PERCENT || !isHexPair(text, index + 1, end)) return index + 1;
  let next = index + 3;
  while (decoded(text, next) === PERCENT && isHexPair(text, next, end)) next += 2;
  return next;
};

/** The character that stands from an index to the end of its escape. */
const signAt = (text: string, index: number, end: number): number =>
  end === index + 1 ? text.charCodeAt(index) : decoded(text, end);

const decoded = (text: string, end: number): number =>
  16 * digitOf(text.charCodeAt(end - 2)) + digitOf(text.charCodeAt(end - 1));

const digitOf = (code: number): number => (isDigit(code) ? code - 48 : (code | 32) - 87);

const isHexPair = (text: string, index: number, end: number): boolean =>
  index + 2 <= end && isHex(text.charCodeAt(index)) && isHex(text.charCodeAt(index + 1));

const isDigit = (code: number): boolean => ((classes[code] ?? 0) & DIGIT) !== 0;

export const isAlphanumeric = (code: number): boolean =>
  isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 122);

/** Whether no URI has it. */
const isOutside = (code: number): boolean =>
  code <= SPACE || code === QUOTE || code === OPENING_ANGLE || code === CLOSING_ANGLE;

const QUOTE = 34;
const HASH = 35;
const PERCENT = 37;
const AMPERSAND = 38;
const COMMA = 44;
const SLASH = 47;
const COLON = 58;
const SEMICOLON = 59;
const OPENING_ANGLE = 60;
const EQUALS = 61;
const CLOSING_ANGLE = 62;
const QUESTION_MARK = 63;
const AT = 64;
const OPENING_BRACKET = 91;

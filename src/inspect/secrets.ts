import {
  CR,
  classes,
  isHex,
  LF,
  SPACE,
  TAB,
  URI_CHARACTER,
  URI_HEADER,
  USER,
} from '../message/characters.js';

/** What a secret is a part of, and so what stands in its place: the code of a sign for each character, 0 for its own. */
export type SecretKind = Uint8Array;

const STAR = 42;
const CARET = 94;
const TILDE = 126;
/** Turned over. */
const QUESTION_MARK = 191;

/**
 * In a URI what ends or divides its parts stays, and `^`, beyond ASCII `¿`, is for what may not be there: what is
 * malformed is so still, and a parser makes of the message what it made of it before.
 */
const partOfURI = (valid: number, dividers: string): SecretKind =>
  Uint8Array.from({ length: 256 }, (_, code) => {
    if (code <= SPACE || dividers.includes(String.fromCharCode(code))) return 0;
    if (code > TILDE) return QUESTION_MARK;
    return (classes[code]! & valid) === 0 ? CARET : STAR;
  });

/** The rest of a line, folds and all. */
export const line: SecretKind = new Uint8Array(256).fill(STAR);
/** The value of a URI's header field, and what looks like a URI in it. */
export const header = partOfURI(URI_HEADER, '<>"[]#&=;?,:@');
/** The password of a SIP URI. */
export const sipPassword = partOfURI(USER, '<>";?,:@');
/** That of another URI. */
export const password = partOfURI(URI_CHARACTER, '<>";?,:@');

/** What is of two kinds is of the later. */
const kinds: readonly (SecretKind | undefined)[] = [undefined, header, sipPassword, password, line];

/** The secrets of one text. */
export class Secrets {
  /** A kind for each character, 0 where it is no secret. Most texts have none. */
  private kinds: Uint8Array | undefined;

  constructor(readonly text: string) {}

  /** From one character up to another. */
  note(kind: SecretKind, start: number, end: number): void {
    if (start >= end) return;
    this.kinds ??= new Uint8Array(this.text.length);
    const number = kinds.indexOf(kind);
    for (let index = start; index < end; index++) if (this.kinds[index]! < number) this.kinds[index] = number;
  }

  has(index: number): boolean {
    return this.kinds !== undefined && this.kinds[index] !== 0;
  }

  /** The text with signs in the place of its secrets, as long as it was. */
  masked(): string {
    const { text, kinds: secrets } = this;
    if (secrets === undefined) return text;
    let masked = '';
    let start = 0;
    let sign = 0;
    let isFold = false;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      isFold = code === CR || code === LF || (isFold && (code === SPACE || code === TAB));
      const next = isFold ? 0 : signOf(text, index, code, kinds[secrets[index]!]);
      if (next === sign) continue;
      masked += stretch(text, start, index, sign);
      start = index;
      sign = next;
    }
    return masked + stretch(text, start, text.length, sign);
  }
}

const signOf = (text: string, index: number, code: number, kind: SecretKind | undefined): number => {
  if (kind === undefined) return 0;
  const sign = kind[Math.min(code, 255)]!;
  return sign === CARET && isEscape(text, index, code) ? STAR : sign;
};

const isEscape = (text: string, index: number, code: number): boolean =>
  code === PERCENT && isHex(text.charCodeAt(index + 1)) && isHex(text.charCodeAt(index + 2));

const PERCENT = 37;

const stretch = (text: string, start: number, end: number, sign: number): string =>
  sign === 0 ? text.slice(start, end) : String.fromCharCode(sign).repeat(end - start);

import { CR, classes, LF, lowerCase, SPACE, TAB, TOKEN } from '../message/characters.js';
import { line, type Secrets } from './secrets.js';

/**
 * Notes what is secret in the line that begins at an index: the value of Authorization and Proxy-Authorization, a key of
 * SDP (RFC 4566 §5.12, RFC 4567, RFC 4568, RFC 8839 §5.4). The blanks that people put between the parts of a line are
 * passed over. Gives the end of the secret, or the index where there is none.
 */
export const noteSecretOfLine = (secrets: Secrets, index: number): number => {
  const { text } = secrets;
  const start = skipBlanks(text, index);
  const value = valueOfField(text, start);
  const key = value < 0 ? keyOfDescription(text, start) : -1;
  if (value < 0 && key < 0) return index;
  const end = value < 0 ? lineEnd(text, key) : fieldEnd(text, value);
  secrets.note(line, value < 0 ? key : value, end);
  return end;
};

/** Whether a line may have one. */
export const mayHoldSecretLine = (text: string): boolean => secretLine.test(text) || secretStart.test(text);

/** Told by its first letters, so that it costs next to nothing where there are none. */
const secretLine =
  /[\r\n][ \t]*(?:(?:proxy-)?authorization[ \t]*[:=]|a[ \t]*=[ \t]*(?:crypto|ice-pwd|key-mgmt)|k[ \t]*=)/i;

const secretStart = new RegExp(secretLine.source.replace('[\\r\\n]', '^'), 'i');

/** Where the value of a header field begins that is secret, if it is one. */
const valueOfField = (text: string, start: number): number => {
  const name = matched(text, matched(text, start, 'proxy-', start), 'authorization');
  if (name < 0) return -1;
  const colon = skipBlanks(text, name);
  const code = text.charCodeAt(colon);
  return code === COLON || code === EQUALS ? skipBlanks(text, colon + 1) : -1;
};

/** Where the key begins in a line of SDP that has one. */
const keyOfDescription = (text: string, start: number): number => {
  const type = text.charCodeAt(start) | 0x20;
  if (type !== LETTER_A && type !== LETTER_K) return -1;
  const equals = skipBlanks(text, start + 1);
  if (text.charCodeAt(equals) !== EQUALS) return -1;
  const value = skipBlanks(text, equals + 1);
  for (const name of type === LETTER_A ? attributes : methods) {
    const end = matched(text, value, name);
    if (end < 0 || isToken(text, end)) continue;
    const colon = skipBlanks(text, end);
    return text.charCodeAt(colon) === COLON ? colon + 1 : colon;
  }
  return type === LETTER_K ? value : -1;
};

const attributes = ['crypto', 'ice-pwd', 'key-mgmt'];
const methods = ['clear', 'base64', 'uri', 'prompt'];

/** The index after a word in whatever case, `otherwise` where it does not stand there. */
const matched = (text: string, start: number, word: string, otherwise = -1): number => {
  if (start < 0) return otherwise;
  for (let index = 0; index < word.length; index++)
    if (lowerCase[text.charCodeAt(start + index)] !== word.charCodeAt(index)) return otherwise;
  return start + word.length;
};

const isToken = (text: string, index: number): boolean =>
  ((classes[text.charCodeAt(index)] ?? 0) & TOKEN) !== 0;

const skipBlanks = (text: string, start: number): number => {
  let index = start;
  while (isBlank(text.charCodeAt(index))) index++;
  return index;
};

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

/** SDP lines end with CRLF or either. */
const lineEnd = (text: string, start: number): number => {
  let index = start;
  while (index < text.length && !isLineEnd(text.charCodeAt(index))) index++;
  return index;
};

const isLineEnd = (code: number): boolean => code === CR || code === LF;

/** Where the CRLF stands that no fold follows: a CR or LF of its own ends nothing, and what is behind it may be part of the secret. */
const fieldEnd = (text: string, start: number): number => {
  let end = text.indexOf('\r\n', start);
  while (end >= 0 && isBlank(text.charCodeAt(end + 2))) end = text.indexOf('\r\n', end + 2);
  return end < 0 ? text.length : end;
};

const COLON = 58;
const EQUALS = 61;
const LETTER_A = 97;
const LETTER_K = 107;

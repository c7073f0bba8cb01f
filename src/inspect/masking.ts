import type { Message } from '../message/index.js';

export interface MaskingOptions {
  /** Whether whole bodies are masked. */
  readonly bodies?: boolean;
}

/**
 * A message, or a part of one, with a `*` for each character of its secrets: the values of Authorization and
 * Proxy-Authorization, those that a URI has for headers as well, with its `body`, and the keys in SDP. Its lines, and
 * what a parser makes of them, stay as they are.
 */
export const maskText = (text: string, { bodies = false }: MaskingOptions = {}): string => {
  const masked = maskPart(text);
  if (!bodies) return masked;
  const start = bodyStart(masked);
  return masked.slice(0, start) + masks(masked.length - start);
};

/** The same of a body alone. */
export const maskBody = (body: string, { bodies = false }: MaskingOptions = {}): string =>
  bodies ? masks(body.length) : maskPart(body);

/** The same of what may be a URI, or have URIs in it. */
export const maskURIs = (text: string): string => {
  if (!text.includes('?')) return text;
  return text
    .replace(bracketed, (uri) => uri.replace(looseURISecret, maskURISecret))
    .replace(strictURISecret, maskURISecret);
};

/** Whether there may be a secret elsewhere than at the beginning of a line that another comes before. */
export const mayHoldInline = (text: string): boolean => text.includes('?') || beginning.test(text);

/** A plain JSON value of an event, an effect or a context, masked; a message becomes its masked text. */
export const maskValue = (value: unknown, options: MaskingOptions = {}): unknown => {
  if (typeof value === 'string') return maskURIs(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isMessage(value)) return maskText(value.text, options);
  if (isSecretField(value)) return [value[0], maskFieldValue(value[1])];
  if (Array.isArray(value)) return value.map((each) => maskValue(each, options) ?? null);
  const masked: [string, unknown][] = [];
  for (const [name, own] of Object.entries(value)) {
    if (own === undefined || typeof own === 'function') continue;
    const isBody = name === 'body' && typeof own === 'string';
    masked.push([name, isBody ? maskBody(own, options) : maskValue(own, options)]);
  }
  return Object.fromEntries(masked);
};

export const isMessage = (value: object): value is Message =>
  'text' in value && typeof value.text === 'string' && 'toJSON' in value;

/** Whether it is the name and value of a header field whose value is masked. */
export const isSecretField = (value: unknown): value is readonly [string, string] =>
  Array.isArray(value) &&
  value.length === 2 &&
  typeof value[1] === 'string' &&
  typeof value[0] === 'string' &&
  (value[0].length === 13 || value[0].length === 19) &&
  secretName.test(value[0]);

/** All but the blanks before it. */
export const maskFieldValue = (value: string): string => {
  const rest = value.replace(leadingBlanks, '');
  return value.slice(0, value.length - rest.length) + masks(rest.length);
};

const maskPart = (text: string): string =>
  maskURIs(laterLine.test(text) || beginning.test(text) ? maskLines(text) : text);

/** Told by its first letters, so that it costs next to nothing where there are none. */
const laterLine = /[\r\n](?:(?:proxy-)?authorization[ \t]*:|a=(?:crypto|ice-pwd|key-mgmt):|k=[a-z0-9]+:)/i;

const beginning = /^(?:(?:proxy-)?authorization[ \t]*:|a=(?:crypto|ice-pwd|key-mgmt):|k=[a-z0-9]+:)/i;

/** A word that may have escapes in it (RFC 3261 §19.1.4). */
const escapable = (word: string) =>
  [...word].map((letter) => `(?:${letter}|${escaped(letter)}|${escaped(letter.toUpperCase())})`).join('');

const escaped = (letter: string) => `%${letter.charCodeAt(0).toString(16)}`;

const secretURIHeader = `[?&](?:(?:${escapable('proxy-')})?${escapable('authorization')}|${escapable('body')})=`;

/** A URI ends where a character comes that it can't have; in angle brackets not before those do, though it be malformed. */
const strictURISecret = new RegExp(`(${secretURIHeader})([^\\s&<>"#;,]+)`, 'gi');

const looseURISecret = new RegExp(`(${secretURIHeader})([^&>\\r\\n]*(?:\\r\\n[ \\t][^&>\\r\\n]*)*)`, 'gi');

const bracketed = /<[^<>\r\n]*(?:\r\n[ \t][^<>\r\n]*)*/g;

const maskURISecret = (_: string, name: string, value: string): string => name + maskKeepingLines(value);

const secretName = /^(?:proxy-)?authorization$/i;

const leadingBlanks = /^[ \t]+/;

const masks = (length: number): string => '*'.repeat(length);

const secretLine =
  /(^|[\r\n])(?:((?:proxy-)?authorization[ \t]*:[ \t]*)|(?:a=(?:crypto|ice-pwd|key-mgmt):|k=[a-z0-9]+:))/gi;

const maskLines = (text: string): string => {
  let masked = '';
  let position = 0;
  for (const found of text.matchAll(secretLine)) {
    const start = found.index + found[0].length;
    if (start < position) continue;
    const end = found[2] === undefined ? lineEnd(text, start) : fieldEnd(text, start);
    masked += text.slice(position, start) + maskKeepingLines(text.slice(start, end));
    position = end;
  }
  return masked + text.slice(position);
};

/** SDP lines end with CRLF or either. */
const lineEnd = (text: string, start: number): number => {
  anyLineEnd.lastIndex = start;
  return anyLineEnd.exec(text)?.index ?? text.length;
};

const anyLineEnd = /[\r\n]/g;

/** Where the CRLF stands that no fold follows: a CR or LF of its own ends nothing, and what is behind it may be part of the secret. */
const fieldEnd = (text: string, start: number): number => {
  let end = text.indexOf('\r\n', start);
  while (end >= 0 && (text[end + 2] === ' ' || text[end + 2] === '\t')) end = text.indexOf('\r\n', end + 2);
  return end < 0 ? text.length : end;
};

/** Folds stay folds, so that the lines stay where they are. */
const maskKeepingLines = (text: string): string =>
  text.replace(/(\r\n[ \t]+)|[^\r\n]+/g, (part, fold?: string) => fold ?? masks(part.length));

/** Where the body begins, or what follows the first blank line of whatever kind. */
const bodyStart = (text: string): number => {
  let start = 0;
  while (text.startsWith('\r\n', start)) start += 2;
  blankLine.lastIndex = start;
  const found = blankLine.exec(text);
  return found === null ? text.length : found.index + found[0].length;
};

const blankLine = /\r\n\r\n|\n\n|\r\r/g;

import type { Message } from '../message/index.js';
import { maskSecrets } from './secret-search.js';

export interface MaskingOptions {
  /** Whether whole bodies are masked. */
  readonly bodies?: boolean;
}

/**
 * A message, or a part of one, with a `*` for each character of its secrets: the values of Authorization and
 * Proxy-Authorization, also those that a URI has in its header fields, with its `body`; the passwords of URIs; and the
 * keys in SDP. Its lines, and what a parser makes of them, stay as they are; `^` is for what could not be there.
 */
export const maskText = (text: string, { bodies = false }: MaskingOptions = {}): string => {
  const masked = maskSecrets(text);
  if (!bodies) return masked;
  const start = bodyStart(masked);
  return masked.slice(0, start) + masks(masked.length - start);
};

/** The same of a body alone. */
export const maskBody = (body: string, { bodies = false }: MaskingOptions = {}): string =>
  bodies ? masks(body.length) : maskSecrets(body);

/** A plain JSON value of an event, an effect or a context, masked; a message becomes its masked text. */
export const maskValue = (value: unknown, options: MaskingOptions = {}): unknown => {
  if (typeof value === 'string') return maskSecrets(value);
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

const secretName = /^(?:proxy-)?authorization$/i;

const leadingBlanks = /^[ \t]+/;

const masks = (length: number): string => '*'.repeat(length);

/** Where the body begins, or what follows the first blank line of whatever kind. */
const bodyStart = (text: string): number => {
  let start = 0;
  while (text.startsWith('\r\n', start)) start += 2;
  blankLine.lastIndex = start;
  const found = blankLine.exec(text);
  return found === null ? text.length : found.index + found[0].length;
};

const blankLine = /\r\n\r\n|\n\n|\r\r/g;

import { isAll, TOKEN } from './characters.js';

export type Fields = readonly (readonly [name: string, value: string])[];

/** Header lines, Content-Length and the body. Throws a RangeError where a part can't stand in a message. */
export function fieldsAndBody(headers: Fields, body: string): string {
  let text = '';
  for (const [name, value] of headers) text += `${checkedName(name)}: ${checked(value, name)}\r\n`;
  if (beyondLatin1.test(body)) throw new RangeError('The body holds a character that is no byte.');
  return `${text}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** The text, if it stays on its line and each of its characters is a byte. */
export function checked(text: string, what: string): string {
  if (beyondLine.test(text))
    throw new RangeError(`${what} holds NUL, CR, LF or a character that is no byte.`);
  return text;
}

/** `quoted-string`; throws a RangeError where a line can't hold it. */
export function quoted(text: string): string {
  if (/[\0\r\n]/.test(text)) throw new RangeError('A quoted string holds NUL, CR or LF.');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

export function checkedToken(text: string, what: string): string {
  if (!isAll(text, TOKEN)) throw new RangeError(`${what} is no token: ${JSON.stringify(text)}.`);
  return text;
}

function checkedName(name: string): string {
  if (/^(content-length|l)$/i.test(name)) throw new RangeError('Content-Length is counted, not given.');
  return checkedToken(name, 'A header name');
}

const beyondLine = /[\0\r\n\u0100-\uffff]/;
const beyondLatin1 = /[\u0100-\uffff]/;

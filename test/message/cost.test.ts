import { describe, expect, test } from 'vitest';
import type { HeaderName, Request } from '../../src/message/index.js';
import { countable, growth } from '../support/work.js';

const { createFramer, createResponse, header, parse, topVia } = await countable(
  () => import('../../src/message/index.js'),
);

const limits = { message: 1e6, headers: 1e6, line: 1e6, startLine: 1e6 };
const source = { host: '192.0.2.1', port: 5060 };
const sizes = { small: 2_048, times: 4 };
/** So that a step for each byte has its share: a framer joins what waits 64 bytes at a time. */
const streamSizes = { small: 16_384, times: 4 };
/** Longer numbers make a little more of it than four; sorting would make 4.7, and each with each 16. */
const linear = 4.5;

/** Text of about so many characters, made of one piece again and again. */
const repeat = (piece: string, size: number) => piece.repeat(size / piece.length);

const kinds: readonly (readonly [kind: string, name: HeaderName, value: (size: number) => string])[] = [
  ['a list of Contacts', 'Contact', (size) => `${repeat('<sip:a@b>,', size)}<sip:a@b>`],
  ['a list of bare Contacts', 'Contact', (size) => `${repeat('sip:b,', size)}sip:b`],
  ['a list of named Contacts', 'Contact', (size) => `${repeat('"a" <sip:a@b>;x,', size)}<sip:a@b>`],
  ['Contact lines', 'Contact', (size) => `${repeat('sip:b\r\nm:', size)}sip:b`],
  ['a list of Vias', 'Via', (size) => `${repeat('SIP/2.0/UDP a;branch=b,', size)}SIP/2.0/UDP a`],
  ['a list of Vias that ends badly', 'Via', (size) => `${repeat('SIP/2.0/UDP a;rport,', size)}?`],
  ['Via lines', 'Via', (size) => `${repeat('SIP/2.0/UDP a\r\nv:', size)}SIP/2.0/UDP a`],
  ['a long quoted string', 'From', (size) => `"${repeat('a', size)}" <sip:a@b>`],
  ['escapes in a quoted string', 'From', (size) => `"${repeat('\\"', size)}" <sip:a@b>`],
  ['folds in a quoted string', 'From', (size) => `"${repeat('a\r\n ', size)}" <sip:a@b>`],
  ['quotes', 'From', (size) => repeat('"', size)],
  ['quotes that are not closed', 'Contact', (size) => repeat('"a', size)],
  ['tokens of a display name', 'From', (size) => repeat('a ', size)],
  ['folds', 'From', (size) => `${repeat('\r\n ', size)}<sip:a@b>`],
  ['spaces', 'From', (size) => `<sip:a@b>${repeat(' ', size)};x`],
  ['parentheses', 'Retry-After', (size) => `1 ${repeat('(', size)}`],
  ['parentheses in a name', 'From', (size) => repeat('(', size)],
  [
    'parameters',
    'From',
    (size) => `<sip:a@b>${Array.from({ length: size / 8 }, (_, index) => `;p${index}=x`).join('')}`,
  ],
  ['semicolons', 'From', (size) => `<sip:a@b>${repeat(';', size)}`],
  [
    'URI parameters',
    'From',
    (size) => `<sip:a@b${Array.from({ length: size / 8 }, (_, index) => `;p${index}=x`).join('')}>`,
  ],
  ['URI headers', 'From', (size) => `<sip:a@b?${repeat('a=b&', size)}a=b>`],
  ['opening brackets', 'From', (size) => repeat('<', size)],
  ['opening brackets in a list', 'Contact', (size) => repeat('<sip:a,', size)],
  ['escapes', 'From', (size) => `<sip:${repeat('%41', size)}@b>`],
  ['at signs', 'From', (size) => `<sip:${repeat('@', size)}>`],
  ['users without a host', 'Contact', (size) => `${repeat('sip:a:b,', size)}`],
  ['digits', 'CSeq', (size) => `${repeat('9', size)} INVITE`],
  ['commas', 'Require', (size) => repeat(',', size)],
  ['a list of tokens', 'Require', (size) => `${repeat('a,', size)}a`],
  ['a list of media ranges', 'Accept', (size) => `${repeat('a/b;c=d,', size)}a/b`],
];

describe('what hostile bytes cost grows no faster than their number', () => {
  test.each(kinds)('%s', (_, name, value) => {
    const read = (text: string) => {
      const message = parse(text, { limits, source });
      if (message._tag === 'Left') throw new Error(message.left.message);
      header(message.right, name);
      topVia(message.right);
      createResponse(message.right as Request, 400, { toTag: 't' });
    };

    expect(growth((size) => request(`${name}: ${value(size)}`), read, sizes)).toBeLessThan(linear);
  });

  test.each([
    ['lines without a colon', (size: number) => request(repeat('x\r\n', size))],
    ['lines of one name', (size: number) => request(`${repeat('x: 1\r\n', size)}y: 1`)],
    ['carriage returns', (size: number) => repeat('\r', size)],
    ['line ends', (size: number) => repeat('\r\n', size)],
    ['a start line', (size: number) => `${repeat('A ', size)} SIP/2.0\r\n\r\n`],
    ['Content-Lengths', (size: number) => request(`${repeat('l: 0\r\n', size)}l: 0`)],
  ])('%s', (_, make) => {
    expect(growth(make, (text) => parse(text, { limits, source }), sizes)).toBeLessThan(linear);
  });

  test.each([
    ['a head', (size: number) => request(`X: ${repeat('x', size)}`)],
    ['a body', (size: number) => `${request(`l: ${size}`)}${repeat('\r\n', size)}`],
    ['short lines', (size: number) => request(repeat('x: 1\r\n', size))],
    ['pings', (size: number) => repeat('\r\n', size)],
  ])('%s that comes over a stream a byte at a time', (_, make) => {
    const push = (text: string) => {
      const framer = createFramer(limits);
      for (const byte of text) framer.push(byte);
    };

    expect(growth(make, push, streamSizes)).toBeLessThan(linear);
  });
});

function request(lines: string): string {
  return `REFER sip:a SIP/2.0\r\nTo: <sip:c@d>\r\nCall-ID: c\r\n${lines}\r\n\r\n`;
}

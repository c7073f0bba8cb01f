import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatNameAddress, header, revive } from '../../src/message/index.js';

describe('formatNameAddress (RFC 3261 §25.1)', () => {
  test.each([
    [{ uri: 'sip:a@b;transport=ws' }, '<sip:a@b;transport=ws>'],
    [{ displayName: 'A "B" \\', uri: 'sip:a@b' }, '"A \\"B\\" \\\\" <sip:a@b>'],
    [{ displayName: '', uri: 'tel:1' }, '"" <tel:1>'],
    [
      {
        uri: 'sip:a@b',
        parameters: new Map([
          ['tag', 'x'],
          ['lr', ''],
          ['y', 'a b'],
        ]),
      },
      '<sip:a@b>;tag=x;lr;y="a b"',
    ],
  ])('%j', (parts, text) => expect(formatNameAddress(parts)).toBe(text));

  test.each([
    [{ displayName: 'a\r\nb', uri: 'sip:a' }],
    [{ uri: 'sip:a>;x' }],
    [{ uri: 'sip:a\r\n' }],
    [{ uri: 'sip:a', parameters: new Map([['a b', '']]) }],
    [{ uri: 'sip:a', parameters: new Map([['a', '\n']]) }],
  ])('refuses %j', (parts) => expect(() => formatNameAddress(parts)).toThrow(RangeError));

  test('is read as it was meant', () => {
    const text = fc.string({
      unit: fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(text, text, (displayName, x) => {
        fc.pre(!/[\r\n]/.test(displayName + x));
        const parameters = new Map([['x', x]]);
        const written = formatNameAddress({ displayName, uri: 'sip:a@b;lr?c=d', parameters });
        const read = header(revive(`OPTIONS sip:a SIP/2.0\r\nTo: ${written}\r\n\r\n`), 'To');

        expect(read).toMatchObject({ right: { displayName, uri: { text: 'sip:a@b;lr?c=d' }, parameters } });
      }),
    );
  });
});

describe('an address (RFC 3261 §20.10)', () => {
  test.each([
    ['<sip:a@b>', undefined],
    ['A<sip:a@b>', 'A'],
    ['  A  b\t<sip:a@b>', 'A  b'],
    ["token1~` token2'+_ token3*%!.- <sip:a@b>", "token1~` token2'+_ token3*%!.-"],
    ['A\r\n  B\r\n <sip:a@b>', 'A B'],
    ['\xd0\x96 <sip:a@b>', '\xd0\x96'],
    ['""<sip:a@b>', ''],
    ['sip:a@b', undefined],
    ['sip:a@b ;x', undefined],
  ])('%j has the display name %j', (text, displayName) =>
    expect(read(text)).toMatchObject({ right: { displayName, uri: { user: 'a' } } }),
  );

  test.each([
    '"A" sip:a@b',
    '"A"',
    'A <sip:a@b',
    'A, B <sip:a@b>',
    'A (b) <sip:a@b>',
    '<>',
    '< sip:a@b>',
    '<sip:a@b >',
    '<<sip:a@b>>',
    'A sip:a@b',
    '"A <sip:a@b>',
    '"A\\\r\n " <sip:a@b>',
    'a@b',
    '<sip:a@b>x',
  ])('is not %j', (text) => expect(read(text)).toMatchObject({ left: { code: 'malformed' } }));

  const read = (text: string) => header(revive(`OPTIONS sip:a SIP/2.0\r\nTo: ${text}\r\n\r\n`), 'To');
});

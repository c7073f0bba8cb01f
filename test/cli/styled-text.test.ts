import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coloured, fromWire, plain, printable, wantsColours } from '../../src/cli/styled-text.js';

describe('colours', () => {
  test.each([
    ['a terminal', {}, true, true],
    ['a pipe', {}, false, false],
    ['a dumb terminal', { TERM: 'dumb' }, true, false],
    ['a terminal under NO_COLOR', { NO_COLOR: '1' }, true, false],
    ['a terminal under an empty NO_COLOR', { NO_COLOR: '' }, true, true],
    ['a pipe under FORCE_COLOR', { FORCE_COLOR: '1' }, false, true],
    ['a pipe under both', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    ['a terminal under FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ])('%s', (_, environment, isTerminal, expected) => {
    expect(wantsColours(environment, isTerminal)).toBe(expected);
  });
});

describe('text of the wire', () => {
  test.each([
    ['an escape sequence', '\x1b[2J\x1b]0;title\x07', '␛[2J␛]0;title␇'],
    ['line ends and tabs', 'one\r\ntwo\tthree', 'one␍␊two␉three'],
    ['DEL and NUL', '\x7f\0', '␡␀'],
    ['the C1 form of an escape', '\xc2\x9b2J', '\ufffd2J'],
    ['a byte that is no UTF-8', 'a\x9bb', 'a\ufffdb'],
    ['UTF-8', 'caf\xc3\xa9', 'café'],
    ['an order of right to left', '\xe2\x80\xaeevil', '\ufffdevil'],
  ])('%s', (_, text, expected) => {
    expect(fromWire(text)).toBe(expected);
  });

  test('never holds what a terminal obeys, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = fromWire(Buffer.from(bytes).toString('latin1'));
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(printable(text)).toBe(text);
      }),
    );
  });
});

describe('a painted line', () => {
  const line = [
    { text: 'one ', style: 'bold' as const },
    { text: 'two ' },
    { text: 'three', style: 'dim' as const },
  ];

  test.each([
    [80, 'one two three'],
    [13, 'one two three'],
    [12, 'one two …'],
    [6, 'one …'],
    [3, 'on…'],
    [1, '…'],
  ])('is cut to %i columns', (columns, expected) => {
    expect(plain(line, columns)).toBe(expected);
  });

  test('is cut where its letters end, though colours are no letters', () => {
    expect(coloured(line, 9)).toBe('\x1b[1mone \x1b[0mtwo \x1b[2m…\x1b[0m');
  });

  test.each([
    [20, 'REFER to sip:carol@…'],
    [16, 'REFER to …'],
  ])('keeps the beginning of a URI that is cut, where it says something: %i', (columns, expected) => {
    expect(plain([{ text: 'REFER to sip:carol@sip.example.com' }], columns)).toBe(expected);
  });

  test('counts wide letters as two columns', () => {
    expect(plain([{ text: '漢字漢字' }], 6)).toBe('漢字…');
    expect(plain([{ text: '→ ● ◉ …' }], 7)).toBe('→ ● ◉ …');
  });

  test('ends without spaces where it has no colours', () => {
    expect(plain([{ text: 'one  ' }], 80)).toBe('one');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFramer, type Frame, type Limits } from '../../src/message/index.js';
import { heapHeldByEach } from '../support/heap.js';

const message = (body = '', name = 'Content-Length') =>
  `OPTIONS sip:a SIP/2.0\r\nX: 1\r\n${name}: ${body.length}\r\n\r\n${body}`;
const one = message('one\r\n\r\n\0');
const two = message('', 'l ');

describe('a stream (RFC 3261 §18.3)', () => {
  test('is cut into messages by their Content-Length', () => {
    expect(createFramer().push(one + two + one)).toEqual([whole(one), whole(two), whole(one)]);
  });

  test('waits for the end of a message', () => {
    const framer = createFramer();

    expect(framer.push(one.slice(0, 20))).toEqual([]);
    expect(framer.pending).toBe(20);
    expect(framer.push(one.slice(20, -1))).toEqual([]);
    expect(framer.pending).toBe(one.length - 1);
    expect(framer.push(one.slice(-1) + two.slice(0, 5))).toEqual([whole(one)]);
    expect(framer.pending).toBe(5);
    expect(framer.push('')).toEqual([]);
    expect(framer.push(two.slice(5))).toEqual([whole(two)]);
    expect(framer.pending).toBe(0);
  });

  test('is cut the same way wherever its chunks end', () => {
    const stream = fc.array(
      fc.constantFrom(one, two, '\r\n\r\n', message('\r\n'), message('x'.repeat(300))),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(stream, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (parts, sizes) => {
        const text = parts.join('');
        expect(cut(text, sizes)).toEqual(cut(text, [text.length + 1].values()));
        expect(cut(text, [text.length + 1].values())).toEqual(
          parts.map((part) => (part === '\r\n\r\n' ? ping : whole(part))),
        );
      }),
    );
  });

  test('may carry line ends before a message (§7.5)', () => {
    expect(createFramer().push(`\r\n${one}\r\n\r\n\r\n${two}`)).toEqual([whole(one), ping, whole(two)]);
  });

  test('frames a message whose header lines are bad, so that it can be answered', () => {
    const bad = 'OPTIONS sip:a SIP/2.0\r\nbad\r\nContent-Length: 0\r\n\r\n';

    expect(createFramer().push(bad + two)).toEqual([whole(bad), whole(two)]);
  });
});

test('what waits is held as text, however many chunks it came in', () => {
  const text = message('x'.repeat(60_000)).slice(0, -1);
  const fed = () => {
    const framer = createFramer();
    for (const byte of text) framer.push(byte);
    expect(framer.pending).toBe(text.length);
    return framer;
  };

  expect(heapHeldByEach(20, fed)).toBeLessThan(2 * text.length);
});

describe('a ping (RFC 5626 §3.5.1)', () => {
  test('is a double CRLF between messages', () => {
    expect(createFramer().push('\r\n\r\n')).toEqual([ping]);
    expect(createFramer().push(`\r\n\r\n${one}\r\n\r\n\r\n\r\n`)).toEqual([ping, whole(one), ping, ping]);
  });

  test('may come a byte at a time, and waits for its end', () => {
    const framer = createFramer();

    expect([...'\r\n\r'].flatMap((byte) => framer.push(byte))).toEqual([]);
    expect(framer.pending).toBe(3);
    expect(framer.push('\n')).toEqual([ping]);
    expect(framer.pending).toBe(0);
  });
});

describe('a stream whose framing is lost', () => {
  const lost: readonly (readonly [why: string, text: string, code: string, limits: Partial<Limits>])[] = [
    ['no Content-Length', 'OPTIONS sip:a SIP/2.0\r\n\r\n', 'contentLength', {}],
    ['a negative Content-Length', one.replace(/Length: \d+/, 'Length: -1'), 'contentLength', {}],
    ['a Content-Length that is no number', one.replace(/Length: \d+/, 'Length: x'), 'contentLength', {}],
    ['two Content-Lengths', one.replace('X: 1', 'l: 1'), 'contentLength', {}],
    ['two Content-Lengths and a bad line', one.replace('X: 1', 'bad\r\nl: 1'), 'contentLength', {}],
    ['a Content-Length over the limit', one.replace(/Length: \d+/, 'Length: 65535'), 'tooLarge', {}],
    ['a Content-Length over 2**32', one.replace(/Length: \d+/, 'Length: 4294967297'), 'contentLength', {}],
    ['a head over the limit', one.slice(0, 41).padEnd(101, 'x'), 'tooLarge', { message: 100 }],
    ['too many headers', one, 'tooManyHeaders', { headers: 1 }],
    ['a line that is too long', one, 'lineTooLong', { line: 10 }],
    ['a bare LF', one.replace('X: 1', 'X: 1\n'), 'headerLine', {}],
  ];

  test.each(lost)('by %s gives the text and the cause', (_, text, code, limits) => {
    const framer = createFramer(limits);
    const frames = framer.push(text);

    expect(frames).toEqual([
      { type: 'unframed', text, error: { code, message: expect.stringMatching(/\.$/) } },
    ]);
    expect(framer.pending).toBe(0);
  });

  test.each(lost)('by %s a byte at a time gives the same, and then nothing', (_, text, code, limits) => {
    const framer = createFramer(limits);
    const frames = [...text, ...one].flatMap((byte) => framer.push(byte));

    expect(frames).toMatchObject([{ type: 'unframed', error: { code } }]);
    expect(framer.pending).toBe(0);
  });

  test('gives what was whole before', () => {
    expect(createFramer().push(`${one}\r\n\r\nX\r\n\r\n`)).toMatchObject([
      whole(one),
      ping,
      { type: 'unframed', text: 'X\r\n\r\n' },
    ]);
  });
});

const ping = { type: 'ping' };
const whole = (text: string) => ({ type: 'message', text });

function cut(text: string, sizes: Iterator<number>): readonly Frame[] {
  const framer = createFramer();
  const frames: Frame[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + (sizes.next().value as number);
    frames.push(...framer.push(text.slice(start, end)));
    start = end;
  }
  return frames;
}

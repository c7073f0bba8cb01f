import { describe, expect, test } from 'vitest';
import { createFramer, header, type Message, parse } from '../../src/message/index.js';
import { heapHeldByEach } from '../support/heap.js';

const source = { host: '192.0.2.111', port: 5060 };
const body = 60_000;

const text = (index: number, size: number, via = 'SIP/2.0/UDP pc33.atlanta.example.com:5060') =>
  [
    `MESSAGE sip:a.user.with.a.long.name${index}@example.com SIP/2.0`,
    `Via: ${via};branch=z9hG4bK-a-long-branch-${index};rport`,
    'From: <sip:alice@example.com>;tag=alice',
    'To: <sip:bob@example.com>',
    `Call-ID: call-${index}@example.com`,
    'CSeq: 1 MESSAGE',
    `Content-Length: ${size}`,
    '',
    'x'.repeat(size),
  ].join('\r\n');

/** As a socket gives it: one string of its own, that nothing else holds. */
const fromWire = (message: string) => Buffer.from(message, 'latin1').toString('latin1');

const read = (message: string): Message => {
  const parsed = parse(message, { source });
  if (parsed._tag === 'Left') throw new Error(parsed.left.message);
  for (const name of ['Via', 'From', 'To', 'Call-ID'] as const) header(parsed.right, name);
  return parsed.right;
};

const held = (make: (index: number) => unknown) => heapHeldByEach(200, make);

describe('what a message keeps alive', () => {
  test('is its own text once, where its source was written into it', () => {
    expect(held((index) => read(fromWire(text(index, body))))).toBeLessThan(1.1 * body);
  });

  test('is not what stood before it or after it in its datagram', () => {
    expect(held((index) => read(fromWire(`${'\r\n'.repeat(body / 2)}${text(index, 0)}`)))).toBeLessThan(
      8_000,
    );
    expect(held((index) => read(fromWire(`${text(index, 0)}${'x'.repeat(body)}`)))).toBeLessThan(8_000);
  });

  test('is not what arrived with it on a stream', () => {
    const one = (index: number) => {
      const framer = createFramer();
      const chunk = `${text(index, 0, `SIP/2.0/TCP ${source.host}`)}${text(index, body)}`;
      const [frame] = framer.push(fromWire(chunk));
      return frame?.type === 'message' ? read(frame.text) : undefined;
    };
    expect(held(one)).toBeLessThan(8_000);
  });
});

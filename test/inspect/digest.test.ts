import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startTimer, tellApplication } from '../../machines/effects.js';
import { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';
import { Digest } from '../../src/inspect/digest.js';
import { createMemoryNetwork } from '../../src/transports/memory.js';

const transport = createMemoryNetwork({ scheduler: createVirtualScheduler(), seed: 1 }).transport({
  protocol: 'UDP',
  address: { host: '192.0.2.1', port: 5060 },
});
const flow = (host: string, port: number) => transport.flowTo({ host, port });

const digestOf = (tell: (digest: Digest) => void, bodies = false) => {
  const digest = new Digest({ bodies });
  tell(digest);
  return digest.take();
};

test('what leaves depends on its text, its transport and its destination', () => {
  const text = 'SIP/2.0 200 OK\r\n';
  const digests = [
    digestOf((digest) => digest.sent(text, 0, flow('192.0.2.2', 5060))),
    digestOf((digest) => digest.sent(text, 1, flow('192.0.2.2', 5060))),
    digestOf((digest) => digest.sent(text, 0, flow('192.0.2.3', 5060))),
    digestOf((digest) => digest.sent(text, 0, flow('192.0.2.2', 5061))),
    digestOf((digest) => digest.sent(`${text} `, 0, flow('192.0.2.2', 5060))),
    digestOf(() => {}),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

test('an effect depends on its machine, its kind, what it holds and its place', () => {
  const [one, other] = [startTimer('timerJ', 500), startTimer('timerK', 500)];
  const digests = [
    digestOf((digest) => digest.effect(1, one)),
    digestOf((digest) => digest.effect(2, one)),
    digestOf((digest) => digest.effect(1, other)),
    digestOf((digest) => digest.effect(1, startTimer('timerJ', 500.5))),
    digestOf((digest) => digest.effect(1, tellApplication({ type: 'request' }))),
    digestOf((digest) => digest.effect(1, tellApplication({ type: 'undecided' }))),
    digestOf((digest) => {
      digest.effect(1, one);
      digest.effect(1, other);
    }),
    digestOf((digest) => {
      digest.effect(1, other);
      digest.effect(1, one);
    }),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});

test('any one changed character of a text of any length is seen', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 200 }),
      fc.nat(),
      fc.constantFrom(1, 1_000),
      (text, place, times) => {
        const long = text.repeat(times);
        const at = place % long.length;
        const changed = `${long.slice(0, at)}\u0001${long.slice(at + 1)}`;
        const digest = (sent: string) => digestOf((each) => each.sent(sent, 0, flow('192.0.2.2', 5060)));
        expect(digest(changed) === digest(long)).toBe(changed === long);
      },
    ),
    { numRuns: 200 },
  );
});

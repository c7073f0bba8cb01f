import { describe, expect, test } from 'vitest';
import { endSubscription, refreshSubscription, respond } from '../../machines/effects.js';
import { eventTypes, type Input, subscribeUAS } from '../../machines/subscribe-uas.js';
import { compile } from '../../src/engine/compile.js';

const table = compile(subscribeUAS, eventTypes);
const input: Input = { packageIsKnown: true, matches: true, expires: 60, packages: ['refer'] };
const start = (changes: Partial<Input>) => table.initial({ ...input, ...changes });

const unknownPackage = respond({ status: 489, headers: [['Allow-Events', 'refer, presence']] });
const noSubscription = respond({ status: 403, reason: 'Only REFER Makes This Subscription' });
const granted = (expires: number) =>
  respond({ status: 200, headers: [['Expires', `${expires}`]] }, 'withContact');

describe('SUBSCRIBE user agent server (RFC 6665 §4.2.1, RFC 3515 §2.4.4)', () => {
  test.each([
    ['known', 'a live', 60, 'accepted', [granted(60), refreshSubscription(60)]],
    ['known', 'a live', 0, 'accepted', [granted(0), endSubscription()]],
    ['known', 'no', 60, 'rejected', [noSubscription]],
    ['known', 'no', 0, 'rejected', [noSubscription]],
    ['unknown', 'a live', 60, 'rejected', [unknownPackage]],
    ['unknown', 'a live', 0, 'rejected', [unknownPackage]],
    ['unknown', 'no', 60, 'rejected', [unknownPackage]],
    ['unknown', 'no', 0, 'rejected', [unknownPackage]],
  ])(
    'to a package that is %s, %s subscription, for %i seconds: %s',
    (known, live, expires, value, expected) => {
      const [snapshot, effects] = start({
        packageIsKnown: known === 'known',
        matches: live === 'a live',
        expires,
        packages: ['refer', 'presence'],
      });

      expect(snapshot.value).toBe(value);
      expect(snapshot.status).toBe('done');
      expect(effects).toEqual(expected);
    },
  );

  test('MUST return a 403 to a SUBSCRIBE for a referral that no REFER made (RFC 3515 §2.4.4)', () => {
    expect(start({ matches: false })[1]).toEqual([noSubscription]);
  });

  test('MUST NOT answer with a 202 (RFC 6665 §4.2.1.1)', () => {
    for (const expires of [0, 1, 60, 2 ** 32 - 1]) expect(start({ expires })[1][0]).toEqual(granted(expires));
  });

  test('takes no events: its answer is its whole life', () => {
    expect(eventTypes).toEqual([]);
  });
});

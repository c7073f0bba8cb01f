import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decision,
  defaultTimerValues,
  inviteTryingDelay,
  notifySpacing,
  provisionalExpiry,
  provisionalRefresh,
  provisionalRetransmission,
  successExpiry,
  successRetransmission,
  timerE,
  timerF,
  timerG,
  timerH,
  timerI,
  timerJ,
  timerK,
  timerL,
  transactionExpiry,
  tryingDelay,
} from '../../machines/timers.js';

const values = fc.record({
  T1: fc.integer({ min: 1, max: 10_000 }),
  T2: fc.integer({ min: 1, max: 100_000 }),
  T4: fc.integer({ min: 1, max: 100_000 }),
});

describe('Timers (RFC 3261 Table 4), in milliseconds', () => {
  test.each([
    ['T1', defaultTimerValues.T1, 500],
    ['T2', defaultTimerValues.T2, 4_000],
    ['T4', defaultTimerValues.T4, 5_000],
    ['Timer E, at first', timerE(defaultTimerValues), 500],
    ['Timer F', timerF(defaultTimerValues), 32_000],
    ['Timer G, at first', timerG(defaultTimerValues), 500],
    ['Timer H', timerH(defaultTimerValues), 32_000],
    ['Timer I over an unreliable transport', timerI(defaultTimerValues, false), 5_000],
    ['Timer I over a reliable transport', timerI(defaultTimerValues, true), 0],
    ['Timer J over an unreliable transport', timerJ(defaultTimerValues, false), 32_000],
    ['Timer J over a reliable transport', timerJ(defaultTimerValues, true), 0],
    ['Timer K over an unreliable transport', timerK(defaultTimerValues, false), 5_000],
    ['Timer K over a reliable transport', timerK(defaultTimerValues, true), 0],
    ['Timer L (RFC 6026 §7.1)', timerL(defaultTimerValues), 32_000],
    ['the delay of a 100 to an INVITE (§17.2.1)', inviteTryingDelay, 200],
    ['the delay of a 100 (RFC 4320 §4.1)', tryingDelay(defaultTimerValues), 3_500],
    ['the time in which an answer is of use (RFC 4320 §4.2)', transactionExpiry(defaultTimerValues), 32_000],
    ['the time an application has to decide', decision(defaultTimerValues), 24_000],
    ['the time between two provisional responses (§13.3.1.1)', provisionalRefresh, 60_000],
    [
      'the first repetition of a reliable provisional response (RFC 3262 §3)',
      provisionalRetransmission(defaultTimerValues),
      500,
    ],
    ['the time that a PRACK may take (RFC 3262 §3)', provisionalExpiry(defaultTimerValues), 32_000],
    ['the first repetition of a 2xx (§13.3.1.4)', successRetransmission(defaultTimerValues), 500],
    ['the time that an ACK may take (§13.3.1.4)', successExpiry(defaultTimerValues), 32_000],
    ['the least time between two NOTIFYs (RFC 3515 §3.10)', notifySpacing, 1_000],
  ])('%s: %i', (_, value, expected) => {
    expect(value).toBe(expected);
  });

  test.each([
    ['Timer E (§17.1.2.2)', timerE],
    ['Timer G (§17.2.1)', timerG],
    ['the repetition of a 2xx (§13.3.1.4)', successRetransmission],
  ])('%s doubles up to T2', (_, timer) => {
    expect(timer(defaultTimerValues, 500)).toBe(1_000);
    expect(timer(defaultTimerValues, 2_000)).toBe(4_000);
    expect(timer(defaultTimerValues, 3_000)).toBe(4_000);
    expect(timer(defaultTimerValues, 4_000)).toBe(4_000);
  });

  test('the repetition of a reliable provisional response doubles beyond T2 (RFC 3262 §3)', () => {
    expect(provisionalRetransmission(defaultTimerValues, 500)).toBe(1_000);
    expect(provisionalRetransmission(defaultTimerValues, 4_000)).toBe(8_000);
    expect(provisionalRetransmission(defaultTimerValues, 16_000)).toBe(32_000);
  });

  test('follow T1 where they are multiples of it', () => {
    fc.assert(
      fc.property(values, (given) => {
        for (const timer of [timerF, timerH, timerL, transactionExpiry, provisionalExpiry, successExpiry])
          expect(timer(given)).toBe(64 * given.T1);
        for (const timer of [timerE, timerG, provisionalRetransmission, successRetransmission])
          expect(timer(given)).toBe(given.T1);
        expect(timerI(given, false)).toBe(given.T4);
        expect(timerK(given, false)).toBe(given.T4);
        expect(decision(given)).toBe(48 * given.T1);
      }),
    );
  });

  test('a 100 may leave when a client’s Timer E is reset to T2, whatever T1 and T2 are (RFC 4320 §4.1)', () => {
    fc.assert(
      fc.property(values, (given) => {
        let interval = timerE(given);
        let elapsed = 0;
        while (interval < given.T2) {
          elapsed += interval;
          interval = timerE(given, interval);
        }

        expect(tryingDelay(given)).toBe(elapsed);
      }),
    );
  });
});

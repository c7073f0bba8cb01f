import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decision,
  defaultTimerValues,
  notifySpacing,
  timerE,
  timerF,
  timerJ,
  timerK,
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
    ['Timer J over an unreliable transport', timerJ(defaultTimerValues, false), 32_000],
    ['Timer J over a reliable transport', timerJ(defaultTimerValues, true), 0],
    ['Timer K over an unreliable transport', timerK(defaultTimerValues, false), 5_000],
    ['Timer K over a reliable transport', timerK(defaultTimerValues, true), 0],
    ['the delay of a 100 (RFC 4320 §4.1)', tryingDelay(defaultTimerValues), 3_500],
    ['the time in which an answer is of use (RFC 4320 §4.2)', transactionExpiry(defaultTimerValues), 32_000],
    ['the time an application has to decide', decision(defaultTimerValues), 24_000],
    ['the least time between two NOTIFYs (RFC 3515 §3.10)', notifySpacing, 1_000],
  ])('%s: %i', (_, value, expected) => {
    expect(value).toBe(expected);
  });

  test('Timer E doubles up to T2 (§17.1.2.2)', () => {
    expect(timerE(defaultTimerValues, 500)).toBe(1_000);
    expect(timerE(defaultTimerValues, 2_000)).toBe(4_000);
    expect(timerE(defaultTimerValues, 4_000)).toBe(4_000);
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

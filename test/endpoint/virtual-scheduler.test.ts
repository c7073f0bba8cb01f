import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Timer } from '../../src/endpoint/scheduler.js';
import { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';

describe('virtual scheduler', () => {
  test('its clock begins at 0 and moves only when it is told to', () => {
    const { scheduler } = observed();
    expect(scheduler.now()).toBe(0);

    scheduler.advance(250);
    expect(scheduler.now()).toBe(250);
  });

  test('timers end in order of deadline, then of start, each at its own time', () => {
    const { scheduler, ended, owner } = observed();
    scheduler.start(owner, 'J', 32_000);
    scheduler.start(owner, 'E', 500);
    scheduler.start(owner, 'K', 500);

    scheduler.advance(32_000);
    expect(ended).toEqual(['E at 500', 'K at 500', 'J at 32000']);
    expect(scheduler.now()).toBe(32_000);
  });

  test('a timer does not end before its time, and ends once', () => {
    const { scheduler, ended, owner } = observed();
    scheduler.start(owner, 'E', 500);

    scheduler.advance(499);
    expect(ended).toEqual([]);
    scheduler.advance(1);
    scheduler.advance(1_000);
    expect(ended).toEqual(['E at 500']);
  });

  test('a timer without delay ends at the next advance, not within start', () => {
    const { scheduler, ended, owner } = observed();
    scheduler.start(owner, 'soon', 0);
    expect(ended).toEqual([]);

    scheduler.advance(0);
    expect(ended).toEqual(['soon at 0']);
  });

  test('what an end starts ends within the same advance when it is due', () => {
    const { scheduler, ended, owner } = observed();
    scheduler.start({ timerEnded: () => void scheduler.start(owner, 'second', 500) }, 'first', 500);

    scheduler.advance(1_000);
    expect(ended).toEqual(['second at 1000']);
  });

  test('its clock begins where it is told to, and shows whole milliseconds', () => {
    const scheduler = createVirtualScheduler({ start: 1_700_000_000_000 });
    const ended: number[] = [];
    scheduler.start({ timerEnded: (_, now) => ended.push(now) }, 'E', 1.5);

    scheduler.advance(0.75);
    expect(scheduler.now()).toBe(1_700_000_000_000);
    scheduler.advance(0.75);
    expect([scheduler.now(), ended]).toEqual([1_700_000_000_001, []]);
    scheduler.advance(0.5);
    expect([scheduler.now(), ended]).toEqual([1_700_000_000_002, [1_700_000_000_002]]);
  });

  test('advanceToNext ends one timer and says whether there was one', () => {
    const { scheduler, ended, owner } = observed();
    scheduler.stop(scheduler.start(owner, 'stopped', 100));
    scheduler.start(owner, 'E', 500);
    scheduler.start(owner, 'F', 500);

    expect(scheduler.advanceToNext()).toBe(true);
    expect(ended).toEqual(['E at 500']);
    expect(scheduler.advanceToNext()).toBe(true);
    expect(scheduler.advanceToNext()).toBe(false);
    expect(ended).toEqual(['E at 500', 'F at 500']);
    expect(scheduler.now()).toBe(500);
  });

  test('pending counts the timers that run', () => {
    const { scheduler, owner } = observed();
    const stopped = scheduler.start(owner, 'stopped', 10);
    scheduler.start(owner, 'ends', 20);
    scheduler.start(owner, 'runs', 30);
    expect(scheduler.pending).toBe(3);

    scheduler.stop(stopped);
    scheduler.stop(stopped);
    scheduler.advance(20);
    expect(scheduler.pending).toBe(1);
  });

  test('close stops every timer, and none starts after it', () => {
    const { scheduler, ended, owner } = observed();
    const timer = scheduler.start(owner, 'running', 10);
    scheduler.close();
    scheduler.stop(timer);
    scheduler.start(owner, 'late', 10);
    scheduler.stop(scheduler.start(owner, 'late', 10));

    scheduler.advance(100);
    expect(scheduler.pending).toBe(0);
    expect(ended).toEqual([]);
  });

  test('timers end as in a sorted list', () => {
    const delays = fc.array(fc.record({ delay: fc.integer({ min: 0, max: 50 }), stopped: fc.boolean() }));
    fc.assert(
      fc.property(delays, fc.array(fc.integer({ min: 0, max: 20 })), (timers, steps) => {
        const { scheduler, ended, owner } = observed();
        const started: Timer[] = timers.map(({ delay }, index) => scheduler.start(owner, `${index}`, delay));
        timers.forEach(({ stopped }, index) => {
          if (stopped) scheduler.stop(started[index]!);
        });
        for (const step of steps) scheduler.advance(step);

        const expected = timers
          .map(({ delay, stopped }, index) => ({ delay, stopped, line: `${index} at ${delay}` }))
          .filter(({ delay, stopped }) => !stopped && steps.length > 0 && delay <= scheduler.now())
          .sort((a, b) => a.delay - b.delay)
          .map(({ line }) => line);
        expect(ended).toEqual(expected);
      }),
    );
  });
});

function observed() {
  const ended: string[] = [];
  const owner = { timerEnded: (name: string, now: number) => void ended.push(`${name} at ${now}`) };
  return { scheduler: createVirtualScheduler(), ended, owner };
}

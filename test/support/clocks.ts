import fc from 'fast-check';
import type { Scheduler, Timer } from '../../src/endpoint/scheduler.js';
import { createTimerWheel } from '../../src/endpoint/timer-wheel.js';
import type { VirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';

const minute = 60_000;
const year = 366 * 86_400_000;

/** When a process started, in milliseconds of the epoch, and how many of them it has run since. */
export interface Process {
  readonly started: number;
  readonly uptime: number;
}

const upTo = (most: number) =>
  fc.tuple(fc.nat(most), fc.nat(999_999)).map(([whole, millionths]) => whole + millionths / 1_000_000);

/** One that has run for a year at most. */
export const anyProcess: fc.Arbitrary<Process> = fc.record({
  started: fc.integer({ min: 0, max: 2 ** 41 }),
  uptime: fc.oneof(upTo(minute), upTo(year)),
});

/** Makes the scheduler of a process, whose time passes as on a virtual clock. */
export type Schedule = (process: Process, clock: VirtualScheduler) => Scheduler;

export const onWheel: Schedule = ({ started, uptime }, clock) =>
  createTimerWheel({
    epoch: started,
    now: () => uptime + clock.now(),
    setTimer: (callback, delay) => clock.start({ timerEnded: callback }, 'wake', delay),
    clearTimer: (timer) => clock.stop(timer as Timer),
  });

/** Somebody's own, which counts in parts of a millisecond. */
export const onOwn: Schedule = ({ started, uptime }, clock) => {
  const now = () => started + uptime + clock.now();
  return {
    now,
    start: (owner, name, delay) =>
      clock.start({ timerEnded: () => owner.timerEnded(name, now()) }, name, delay),
    stop: (timer) => clock.stop(timer),
    close: () => clock.close(),
  };
};

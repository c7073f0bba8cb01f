import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Timer } from '../../src/endpoint/scheduler.js';
import { createTimerWheel, type TimerDriver } from '../../src/endpoint/timer-wheel.js';

describe('timer wheel', () => {
  test('a timer ends once, with its name and the time, and not before its deadline', () => {
    const { wheel, driver, ended, owner } = wheelOnManualClock();
    wheel.start(owner, 'timerJ', 32_000);

    driver.pass(31_999);
    expect(ended).toEqual([]);
    driver.pass(1);
    expect(ended).toEqual(['timerJ at 32000']);
    driver.pass(1_000_000);
    expect(ended).toEqual(['timerJ at 32000']);
  });

  test('a timer ends less than 10 ms after its deadline, and never before it', () => {
    const pauses = fc.array(fc.record({ pause: fc.double({ min: 0, max: 2_000, noNaN: true }), delay }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(pauses, (timers) => {
        const { wheel, driver } = wheelOnManualClock();
        let running = 0;
        for (const { pause, delay } of timers) {
          driver.pass(pause);
          const deadline = driver.now() + delay;
          const timerEnded = (_: string, now: number) => {
            running--;
            expect(now).toBe(wheel.now());
            expect(driver.now()).toBeGreaterThanOrEqual(deadline);
            expect(driver.now()).toBeLessThan(deadline + 10);
          };
          wheel.start({ timerEnded }, 'timer', delay);
          running++;
        }
        driver.pass(2 ** 34);
        expect(running).toBe(0);
      }),
    );
  });

  test.each([0, -1, Number.NaN])('a delay of %d ends the timer, but not within start', (delay) => {
    const { wheel, driver, ended, owner } = wheelOnManualClock();
    wheel.start(owner, 'soon', delay);

    expect(ended).toEqual([]);
    driver.pass(10);
    expect(ended).toHaveLength(1);
  });

  test.each<[string, (driver: ManualDriver) => void]>([
    ['before', () => {}],
    ['while the wheel had nothing to do', (driver) => driver.sleep(500)],
    ['while it was at work', (driver) => driver.pass(500)],
  ])(
    'a timer without delay ends after those of a millisecond that were started before it, whatever passed %s',
    (_, pass) => {
      const { wheel, driver, ended, owner } = wheelOnManualClock();
      pass(driver);
      wheel.start(owner, 'first', 1);
      wheel.start(owner, 'second', 0);

      driver.sleep(0);
      expect(ended).toEqual([]);
      driver.sleep(1);
      expect(ended.map((end) => end.split(' ')[0])).toEqual(['first', 'second']);
    },
  );

  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 2 ** 45])(
    'a delay of %d ms ends when it is over',
    (delay) => {
      const { wheel, driver, ended, owner } = wheelOnManualClock();
      wheel.start(owner, 'expiry', delay);

      driver.pass(delay - 1);
      expect(ended).toEqual([]);
      driver.pass(10);
      expect(ended).toHaveLength(1);
    },
  );

  test('an endless delay never ends and can be stopped', () => {
    const { wheel, driver, ended, owner } = wheelOnManualClock();
    const timer = wheel.start(owner, 'never', Number.POSITIVE_INFINITY);

    driver.pass(2 ** 40);
    wheel.stop(timer);
    expect(ended).toEqual([]);
    expect(driver.armed).toBe(false);
  });

  test('stopping twice, or after the end, does nothing', () => {
    const { wheel, driver, ended, owner } = wheelOnManualClock();
    const stopped = wheel.start(owner, 'stopped', 10);
    const over = wheel.start(owner, 'over', 10);
    wheel.start(owner, 'last', 20);

    wheel.stop(stopped);
    wheel.stop(stopped);
    driver.pass(10);
    wheel.stop(over);
    driver.pass(10);
    expect(ended).toEqual(['over at 10', 'last at 20']);
  });

  test('the underlying timer is gone when the last timer is', () => {
    const { wheel, driver, owner } = wheelOnManualClock();
    const timer = wheel.start(owner, 'timerF', 32_000);
    expect(driver.armed).toBe(true);

    wheel.stop(timer);
    expect(driver.armed).toBe(false);
    wheel.start(owner, 'timerK', 5_000);
    driver.pass(5_000);
    expect(driver.armed).toBe(false);
  });

  test('close stops every timer, and none starts after it', () => {
    const { wheel, driver, ended, owner } = wheelOnManualClock();
    for (let delay = 0; delay < 100_000; delay += 99) wheel.start(owner, 'running', delay);

    wheel.close();
    expect(driver.armed).toBe(false);
    wheel.start(owner, 'late', 5);
    wheel.stop(wheel.start(owner, 'late', 5));
    driver.pass(200_000);
    expect(ended).toEqual([]);
    expect(driver.armed).toBe(false);
  });

  test('a timer that an end stops does not end, though both were due', () => {
    const { wheel, driver, ended, owner } = wheelOnManualClock();
    let victim: Timer | undefined;
    wheel.start({ timerEnded: () => victim !== undefined && wheel.stop(victim) }, 'first', 5);
    victim = wheel.start(owner, 'victim', 5);
    wheel.start(owner, 'other', 5);

    driver.pass(50);
    expect(ended).toEqual(['other at 5']);
  });

  test('a timer that an end starts without delay waits for a later millisecond', () => {
    const { wheel, driver } = wheelOnManualClock();
    let count = 0;
    const again = {
      timerEnded: () => {
        count++;
        wheel.start(again, 'again', 0);
      },
    };
    wheel.start(again, 'again', 0);

    driver.pass(100);
    expect(count).toBeLessThanOrEqual(100);
    expect(count).toBeGreaterThan(10);
  });

  test('an owner that throws does not hold up the timers after it', () => {
    const { wheel, driver, ended, owner } = wheelOnManualClock();
    wheel.start({ timerEnded: fault }, 'faulty', 5);
    wheel.start(owner, 'sound', 5);
    wheel.start(owner, 'later', 6);

    expect(() => driver.pass(5)).toThrow('fault');
    driver.pass(5);
    expect(ended).toEqual(['sound at 10', 'later at 10']);
  });

  test('timers end as in a sorted list, whatever is started, stopped and slept through, also by ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.array(step, { maxLength: 60 }),
        (origin, program) => {
          const driver = new ManualDriver(origin);
          const wheel = createTimerWheel(driver);
          const tested = new Rig((name, delay, ended) => {
            const timer = wheel.start({ timerEnded: ended }, name, delay);
            return () => wheel.stop(timer);
          });
          const model = new SortedTimers();
          const expected = new Rig((name, delay, ended) => model.start(name, driver.now(), delay, ended));

          for (const command of program) {
            if (command.type === 'pass') {
              driver.sleep(command.ms);
              model.endUntil(driver.now());
            } else {
              tested.carryOut(command);
              expected.carryOut(command);
            }
            expect(tested.ended).toEqual(expected.ended);
          }
          expect(driver.armed).toBe(model.timers.length > 0);
        },
      ),
      {
        numRuns: 500,
        examples: [
          [
            0,
            [
              { type: 'pass', ms: 500 },
              { type: 'start', delay: 0 },
              { type: 'pass', ms: 0 },
            ],
          ],
        ],
      },
    );
  });

  test('its clock is in whole milliseconds of the epoch, whatever its driver counts in, and never goes back', () => {
    const start = fc.double({ min: 0, max: year, noNaN: true });
    const steps = fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), { maxLength: 20 });
    fc.assert(
      fc.property(start, fc.integer({ min: 0, max: 2 ** 41 }), steps, (uptime, epoch, pauses) => {
        const driver = new ManualDriver(uptime, epoch);
        const wheel = createTimerWheel(driver);
        let before = wheel.now();
        for (const pause of pauses) {
          const timer = wheel.start({ timerEnded: () => {} }, 'timer', pause);
          const deadline = wheel.deadlineOf?.(timer) as number;
          expect([before, deadline].map((time) => time - Math.floor(time))).toEqual([0, 0]);
          expect(deadline - before).toBeGreaterThanOrEqual(pause);
          driver.pass(pause);
          expect(wheel.now()).toBeGreaterThanOrEqual(before);
          before = wheel.now();
          expect(Math.abs(before - (epoch + driver.now()))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('timer wheel on the clock of the process', () => {
  test('its clock is that of the system, in whole milliseconds', () => {
    const now = createTimerWheel().now();

    expect(Number.isInteger(now)).toBe(true);
    expect(Math.abs(now - Date.now())).toBeLessThan(hour);
  });

  test('timers end in order and none before its time', async () => {
    const wheel = createTimerWheel();
    const began = wheel.now();
    const ends: { name: string; after: number }[] = [];

    await new Promise<void>((resolve) => {
      const owner = {
        timerEnded: (name: string) => {
          ends.push({ name, after: wheel.now() - began });
          if (ends.length === 3) resolve();
        },
      };
      wheel.start(owner, '40', 40);
      wheel.start(owner, '5', 5);
      wheel.start(owner, '20', 20);
    });

    expect(ends.map((end) => end.name)).toEqual(['5', '20', '40']);
    for (const { name, after } of ends) expect(after).toBeGreaterThanOrEqual(Number(name));
    wheel.close();
  });
});

const hour = 3_600_000;
const year = 366 * 24 * hour;

const delay = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.constantFrom(500, 1_000, 4_000, 5_000, 32_000, 64 * 500, 1_024, 1_023),
  fc.integer({ min: 0, max: 2 ** 33 }),
);

const start = fc.record({ type: fc.constant('start' as const), delay });
const stop = fc.record({ type: fc.constant('stop' as const), index: fc.nat() });
const startThenMore = fc.record({
  type: fc.constant('start' as const),
  delay,
  after: fc.oneof(
    stop,
    start.filter((next) => next.delay > 0),
  ),
});
const pass = fc.record({ type: fc.constant('pass' as const), ms: delay });
const step = fc.oneof(start, startThenMore, stop, pass);

type Command =
  | { readonly type: 'start'; readonly delay: number; readonly after?: Command }
  | { readonly type: 'stop'; readonly index: number };

/** Carries commands out on one kind of timers and notes the ends. */
class Rig {
  readonly ended: string[] = [];
  readonly #stops: (() => void)[] = [];
  readonly #start: (name: string, delay: number, ended: () => void) => () => void;

  constructor(start: (name: string, delay: number, ended: () => void) => () => void) {
    this.#start = start;
  }

  carryOut(command: Command): void {
    if (command.type === 'stop') {
      this.#stops[command.index % this.#stops.length]?.();
      return;
    }
    const name = `${this.#stops.length}`;
    const ended = () => {
      this.ended.push(name);
      if (command.after !== undefined) this.carryOut(command.after);
    };
    this.#stops.push(this.#start(name, command.delay, ended));
  }
}

/** What a wheel is, in the plainest way. */
class SortedTimers {
  timers: { name: string; deadline: number; ended: () => void }[] = [];

  start(name: string, now: number, delay: number, ended: () => void): () => void {
    const timer = { name, deadline: now + Math.max(delay, 1), ended };
    const place = this.timers.findIndex((other) => other.deadline > timer.deadline);
    this.timers.splice(place < 0 ? this.timers.length : place, 0, timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  endUntil(now: number): void {
    while (this.timers[0] !== undefined && this.timers[0].deadline <= now) this.timers.shift()!.ended();
  }
}

/** A clock that moves by hand. */
class ManualDriver implements TimerDriver {
  readonly epoch: number;
  #now: number;
  #callback: (() => void) | undefined;
  #due = 0;

  constructor(origin: number, epoch = 0) {
    this.#now = origin;
    this.epoch = epoch;
  }

  get armed(): boolean {
    return this.#callback !== undefined;
  }

  now(): number {
    return this.#now;
  }

  setTimer(callback: () => void, delay: number): unknown {
    if (this.#callback !== undefined || !Number.isInteger(delay) || delay < 1 || delay >= 2 ** 31)
      throw new RangeError(`delay ${delay}`);
    this.#callback = callback;
    this.#due = this.#now + delay;
    return callback;
  }

  clearTimer(): void {
    this.#callback = undefined;
  }

  /** Lets time pass with an event loop that is punctual. */
  pass(ms: number): void {
    const target = this.#now + ms;
    while (this.#callback !== undefined && this.#due <= target) {
      this.#now = this.#due;
      this.#fire();
    }
    this.#now = target;
  }

  /** Lets time pass with an event loop that stands still until then, and calls back whether or not it is time. */
  sleep(ms: number): void {
    this.#now += ms;
    this.#fire();
  }

  #fire(): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  }
}

function wheelOnManualClock(origin = 0) {
  const driver = new ManualDriver(origin);
  const ended: string[] = [];
  const owner = { timerEnded: (name: string, now: number) => void ended.push(`${name} at ${now}`) };
  return { wheel: createTimerWheel(driver), driver, ended, owner };
}

function fault(): never {
  throw new Error('fault');
}

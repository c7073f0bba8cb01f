import type { Scheduler, Timer, TimerOwner } from './scheduler.js';

/** The clock and the single underlying timer of a wheel. */
export interface TimerDriver {
  /** Milliseconds on a clock that never goes back, whole or not. */
  now(): number;
  /** Whole milliseconds of the epoch at which that clock stood at 0. */
  readonly epoch: number;
  /** Calls back once, after `delay` milliseconds or a little later; `delay` is a whole number below 2^31. */
  setTimer(callback: () => void, delay: number): unknown;
  clearTimer(handle: unknown): void;
}

/**
 * A scheduler whose cost of starting, stopping and ending a timer does not grow with the number of running timers.
 * Timers end in order of deadline (whole milliseconds, rounded up, one at the least), then in the order in which they were
 * started, also when the event loop is late; while it is not, less than 10 ms after their deadline. Running timers keep the
 * process alive, as those of `setTimeout` do. Its clock is that of the system when the process started, and goes on from
 * there evenly: setting the system's clock does not move it.
 */
export function createTimerWheel(driver: TimerDriver = nodeDriver): Scheduler {
  return new TimerWheel(driver);
}

const nodeDriver: TimerDriver = {
  now: () => performance.now(),
  epoch: Math.round(performance.timeOrigin),
  setTimer: (callback, delay) => setTimeout(callback, delay),
  clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

const slotCount = 32;
/** Milliseconds of a slot, by level; the last level covers every deadline that a number holds exactly. */
const spans = Array.from({ length: 10 }, (_, level) => slotCount ** level);
const longestDelay = 2 ** 49;
/** The present millisecond may be over already; all that starts in it without delay waits for the next. */
const shortestDelay = 1;
const longestSleep = 2 ** 31 - 1;
/** Waking for several milliseconds' timers at once halves what an otherwise idle process pays for them. */
const shortestSleep = 5;

/**
 * Inside, time is the driver's own, since numbers that stay small cost V8 no memory.
 * A timer hangs in the lowest level at which its deadline and the present millisecond lie in different slots, and
 * moves down when time enters its slot. So all timers of one deadline always hang in one list, oldest first.
 */
class TimerWheel implements Scheduler {
  readonly #driver: TimerDriver;
  /** The heads of circular lists, one a slot. */
  readonly #heads = Array.from({ length: spans.length * slotCount }, () => new WheelTimer('', nobody, 0));
  /** By level, a bit for each slot in which something may hang. */
  readonly #occupied = new Int32Array(spans.length);
  readonly #wake = () => this.#tick();
  /** The millisecond up to which timers have ended. */
  #current: number;
  #running = 0;
  #closed = false;
  #wakeAt = Number.POSITIVE_INFINITY;
  #handle: unknown;

  constructor(driver: TimerDriver) {
    this.#driver = driver;
    this.#current = Math.floor(driver.now());
  }

  now(): number {
    return this.#driver.epoch + Math.floor(this.#driver.now());
  }

  deadlineOf(timer: Timer): number {
    return this.#driver.epoch + (timer as WheelTimer).deadline;
  }

  start(owner: TimerOwner, name: string, delay: number): Timer {
    const bounded = delay > shortestDelay ? Math.min(delay, longestDelay) : shortestDelay;
    const deadline = Math.ceil(this.#driver.now() + bounded);
    const timer = new WheelTimer(name, owner, deadline);
    if (this.#closed) return timer;
    this.#running++;
    this.#hang(timer);
    if (deadline < this.#wakeAt) this.#sleepUntil(deadline);
    return timer;
  }

  stop(timer: Timer): void {
    const running = timer as WheelTimer;
    if (!running.isLinked()) return;
    running.unlink();
    this.#running--;
    if (this.#running === 0) this.#sleepUntil(Number.POSITIVE_INFINITY);
  }

  close(): void {
    this.#closed = true;
    for (const head of this.#heads) while (head.isLinked()) head.next.unlink();
    this.#running = 0;
    this.#sleepUntil(Number.POSITIVE_INFINITY);
  }

  #hang(timer: WheelTimer): void {
    let level = 0;
    let position = timer.deadline;
    let current = this.#current;
    while (true) {
      const upper = Math.floor(position / slotCount);
      const currentUpper = Math.floor(current / slotCount);
      if (upper === currentUpper) break;
      position = upper;
      current = currentUpper;
      level++;
    }
    const slot = position % slotCount;
    this.#occupied[level]! |= 1 << slot;
    timer.linkBefore(this.#heads[level * slotCount + slot]!);
  }

  #tick(): void {
    this.#handle = undefined;
    try {
      this.#endUntil(this.#driver.now());
    } finally {
      this.#sleepUntil(this.#running > 0 ? this.#timeOf(this.#firstLevel()) : Number.POSITIVE_INFINITY);
    }
  }

  #endUntil(now: number): void {
    const target = Math.floor(now);
    const present = this.#driver.epoch + target;
    while (true) {
      const level = this.#firstLevel();
      const time = this.#timeOf(level);
      if (time > target) break;
      this.#current = time;
      const slot = lowestBit(this.#occupied[level]!);
      const head = this.#heads[level * slotCount + slot]!;
      if (level === 0) this.#endAll(head, present);
      else this.#moveDown(head);
      this.#occupied[level]! &= ~(1 << slot);
    }
    this.#current = Math.max(this.#current, target);
  }

  #endAll(head: WheelTimer, now: number): void {
    while (head.isLinked()) {
      const timer = head.next;
      timer.unlink();
      this.#running--;
      timer.owner.timerEnded(timer.name, now);
    }
  }

  #moveDown(head: WheelTimer): void {
    while (head.isLinked()) {
      const timer = head.next;
      timer.unlink();
      this.#hang(timer);
    }
  }

  /** The lowest level in which something may hang, and so the one that comes first; -1 where there is none. */
  #firstLevel(): number {
    for (let level = 0; level < spans.length; level++) if (this.#occupied[level] !== 0) return level;
    return -1;
  }

  /** When time enters the first occupied slot of a level. */
  #timeOf(level: number): number {
    if (level < 0) return Number.POSITIVE_INFINITY;
    const span = spans[level]!;
    const round = span * slotCount;
    return Math.floor(this.#current / round) * round + lowestBit(this.#occupied[level]!) * span;
  }

  #sleepUntil(time: number): void {
    if (this.#handle !== undefined) this.#driver.clearTimer(this.#handle);
    this.#handle = undefined;
    this.#wakeAt = time;
    if (time === Number.POSITIVE_INFINITY) return;
    const now = this.#driver.now();
    const delay = Math.min(Math.max(Math.ceil(time - now), shortestSleep), longestSleep);
    this.#wakeAt = now + delay;
    this.#handle = this.#driver.setTimer(this.#wake, delay);
  }
}

/** A timer carries its own links, so that starting and stopping one allocates nothing else. Linked to itself, it does not run. */
class WheelTimer implements Timer {
  readonly name: string;
  readonly owner: TimerOwner;
  readonly deadline: number;
  sibling: Timer | undefined = undefined;
  next: WheelTimer;
  previous: WheelTimer;

  constructor(name: string, owner: TimerOwner, deadline: number) {
    this.name = name;
    this.owner = owner;
    this.deadline = deadline;
    this.next = this;
    this.previous = this;
  }

  isLinked(): boolean {
    return this.next !== this;
  }

  linkBefore(timer: WheelTimer): void {
    this.previous = timer.previous;
    this.next = timer;
    this.previous.next = this;
    timer.previous = this;
  }

  unlink(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.next = this;
    this.previous = this;
  }
}

const nobody: TimerOwner = { timerEnded() {} };

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

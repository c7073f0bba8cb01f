/** Who started a timer and is told of its end. */
export interface TimerOwner<Name extends string = string> {
  /** `now` is the scheduler's. */
  timerEnded(name: Name, now: number): void;
}

/** A running timer, given back by `start` and wanted by `stop`. */
export interface Timer {
  readonly name: string;
  readonly owner: TimerOwner;
  /** The owner's own: a place to keep its timers in a list. */
  sibling: Timer | undefined;
}

/** Time as a port: the real one below a user agent, the virtual one below a test or a replay. */
export interface Scheduler {
  /** Whole milliseconds of the epoch on a clock that never goes back, so that a time means the same in another process. */
  now(): number;
  /** Calls `owner.timerEnded(name, now)` once, after `delay` milliseconds (never before `start` has returned), unless stopped. */
  start(owner: TimerOwner, name: string, delay: number): Timer;
  /** Stopping a timer that has ended or was stopped does nothing. */
  stop(timer: Timer): void;
  /** Stops every timer and lets the process end. */
  close(): void;
  /** When a running timer ends, as in `now`, for somebody who looks on; a scheduler may keep that to itself. */
  deadlineOf?(timer: Timer): number;
}

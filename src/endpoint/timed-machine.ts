import type { AnyStateMachine } from 'xstate';
import type { TimerName } from '../../machines/timers.js';
import type { Instance } from '../engine/engine.js';
import type { MachineEvent } from './live-machine.js';
import type { Scheduler, Timer, TimerOwner } from './scheduler.js';

interface WaitingEvent {
  readonly event: MachineEvent;
  next: WaitingEvent | undefined;
}

/** What an interpreter steps: a running machine, the events that wait for it, and its timers, whose ends are events. */
export abstract class TimedMachine<Machine extends AnyStateMachine = AnyStateMachine>
  implements TimerOwner<TimerName>
{
  /** True while the effects of a step are carried out. */
  busy = false;
  /** The youngest of the events that came meanwhile, in a ring: the oldest comes after it. */
  private youngest: WaitingEvent | undefined;
  /** The first of the running timers. */
  private timer: Timer | undefined;

  constructor(readonly instance: Instance<Machine>) {}

  /** Has an event wait for its turn. */
  enqueue(event: MachineEvent): void {
    const waiting: WaitingEvent = { event, next: undefined };
    waiting.next = this.youngest?.next ?? waiting;
    if (this.youngest !== undefined) this.youngest.next = waiting;
    this.youngest = waiting;
  }

  /** The event that has waited longest, whose turn it is. */
  dequeue(): MachineEvent | undefined {
    const oldest = this.youngest?.next;
    if (this.youngest === undefined || oldest === undefined) return undefined;
    if (oldest === this.youngest) this.youngest = undefined;
    else this.youngest.next = oldest.next;
    return oldest.event;
  }

  /** A timer's end is the event of its name. */
  protected abstract ended(timer: TimerName, now: number): void;

  timerEnded(name: TimerName, now: number): void {
    this.takeTimer(name);
    this.ended(name, now);
  }

  /** Starts a timer, or starts it anew. */
  startTimer(scheduler: Scheduler, name: TimerName, delay: number): void {
    this.stopTimer(scheduler, name);
    const timer = scheduler.start(this, name, delay);
    timer.sibling = this.timer;
    this.timer = timer;
  }

  stopTimer(scheduler: Scheduler, name: TimerName): void {
    const timer = this.takeTimer(name);
    if (timer !== undefined) scheduler.stop(timer);
  }

  stopTimers(scheduler: Scheduler): void {
    for (let { timer } = this; timer !== undefined; timer = timer.sibling) scheduler.stop(timer);
    this.timer = undefined;
  }

  /** Those that run, for somebody who looks on. */
  *timers(): IterableIterator<Timer> {
    for (let { timer } = this; timer !== undefined; timer = timer.sibling) yield timer;
  }

  private takeTimer(name: TimerName): Timer | undefined {
    let previous: Timer | undefined;
    for (let { timer } = this; timer !== undefined; previous = timer, timer = timer.sibling) {
      if (timer.name !== name) continue;
      if (previous === undefined) this.timer = timer.sibling;
      else previous.sibling = timer.sibling;
      return timer;
    }
    return undefined;
  }
}

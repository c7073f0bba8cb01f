import type { Scheduler, Timer, TimerOwner } from './scheduler.js';

/** Time that stands still until it is told to go on: for tests, memory transports and replay. */
export interface VirtualScheduler extends Scheduler {
  /** How many timers run. */
  readonly pending: number;
  /** Lets `ms` milliseconds pass and ends the timers due meanwhile, in order of deadline, then of start. */
  advance(ms: number): void;
  /** Goes to the next deadline and ends the one timer that is first there; false where no timer runs. */
  advanceToNext(): boolean;
}

export interface VirtualSchedulerOptions {
  /** Milliseconds of the epoch at which its clock begins; 0 by default. */
  readonly start?: number;
}

/** A scheduler whose clock goes only where `advance` and `advanceToNext` take it. */
export function createVirtualScheduler({ start = 0 }: VirtualSchedulerOptions = {}): VirtualScheduler {
  return new HeapScheduler(start);
}

class HeapScheduler implements VirtualScheduler {
  /** A binary heap, first deadline on top. A stopped timer stays in it until it comes to the top. */
  #heap: HeapTimer[] = [];
  /** Parts of a millisecond may have passed. */
  #now: number;
  #started = 0;
  #pending = 0;
  #closed = false;

  constructor(start: number) {
    this.#now = start;
  }

  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  deadlineOf(timer: Timer): number {
    return (timer as HeapTimer).deadline;
  }

  start(owner: TimerOwner, name: string, delay: number): Timer {
    const deadline = Math.ceil(this.#now + (delay > 0 ? delay : 0));
    const timer = new HeapTimer(owner, name, deadline, this.#started++);
    if (this.#closed) return timer;
    timer.running = true;
    this.#pending++;
    this.#push(timer);
    return timer;
  }

  stop(timer: Timer): void {
    const stopped = timer as HeapTimer;
    if (!stopped.running) return;
    stopped.running = false;
    this.#pending--;
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#heap) timer.running = false;
    this.#heap = [];
    this.#pending = 0;
  }

  advance(ms: number): void {
    const target = this.#now + ms;
    for (let first = this.#first(); first !== undefined && first.deadline <= target; first = this.#first())
      this.#end(first);
    this.#now = Math.max(this.#now, target);
  }

  advanceToNext(): boolean {
    const first = this.#first();
    if (first !== undefined) this.#end(first);
    return first !== undefined;
  }

  #first(): HeapTimer | undefined {
    while (this.#heap[0] !== undefined && !this.#heap[0].running) this.#pop();
    return this.#heap[0];
  }

  #end(timer: HeapTimer): void {
    this.#pop();
    timer.running = false;
    this.#pending--;
    this.#now = Math.max(this.#now, timer.deadline);
    timer.owner.timerEnded(timer.name, this.now());
  }

  #push(timer: HeapTimer): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!comesBefore(timer, heap[above]!)) break;
      heap[index] = heap[above]!;
      index = above;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    while (true) {
      let below = 2 * index + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && comesBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!comesBefore(heap[below]!, last)) break;
      heap[index] = heap[below]!;
      index = below;
    }
    heap[index] = last;
  }
}

class HeapTimer implements Timer {
  sibling: Timer | undefined = undefined;
  readonly owner: TimerOwner;
  readonly name: string;
  readonly deadline: number;
  readonly order: number;
  running = false;

  constructor(owner: TimerOwner, name: string, deadline: number, order: number) {
    this.owner = owner;
    this.name = name;
    this.deadline = deadline;
    this.order = order;
  }
}

function comesBefore(one: HeapTimer, other: HeapTimer): boolean {
  return one.deadline < other.deadline || (one.deadline === other.deadline && one.order < other.order);
}

import { performance } from 'node:perf_hooks';

/** How long the event loop has been busy and idle so far, in milliseconds. */
export interface Use {
  readonly active: number;
  readonly idle: number;
}

export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  use(): Use;
}

/**
 * How much of each stretch of time all pages together may take of the process. The calls go first: pages have what those
 * leave of it, and a small share at least.
 */
export class Pace {
  #left: number;
  #spent = 0;
  #use: Use;

  /** Milliseconds. */
  constructor(
    private readonly stretch: number,
    private readonly least: number,
    private readonly clock: Clock = processClock,
  ) {
    this.#left = least;
    this.#use = clock.use();
  }

  /** A new stretch begins. */
  renew(): void {
    const { active, idle } = this.clock.use();
    const [busy, free] = [active - this.#use.active - this.#spent, idle - this.#use.idle + this.#spent];
    this.#use = { active, idle };
    this.#spent = 0;
    const share = mostOfFree * this.stretch * (free / Math.max(1, Math.max(0, busy) + free));
    this.#left = share > this.least ? share : Math.min(this.#left + this.least, this.least);
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend<Made>(make: () => Made): Made {
    const start = this.clock.now();
    const made = make();
    const spent = this.clock.now() - start;
    this.#left -= spent;
    this.#spent += spent;
    return made;
  }
}

/** What of the free time is left for what may come meanwhile is the rest. */
const mostOfFree = 0.8;

const processClock: Clock = {
  now: () => performance.now(),
  use: () => performance.eventLoopUtilization(),
};

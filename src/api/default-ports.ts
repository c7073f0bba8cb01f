import { cryptoEntropy } from '../endpoint/crypto-entropy.js';
import type { Entropy } from '../endpoint/entropy.js';
import type { Scheduler } from '../endpoint/scheduler.js';
import { createTimerWheel } from '../endpoint/timer-wheel.js';

let scheduler: Scheduler | undefined;
let entropy: Entropy | undefined;

/** The timers of whoever brings no scheduler. */
export const sharedScheduler = (): Scheduler => {
  scheduler ??= createTimerWheel();
  return scheduler;
};

/** The tags of whoever brings no entropy. */
export const sharedEntropy = (): Entropy => {
  entropy ??= cryptoEntropy();
  return entropy;
};

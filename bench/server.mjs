import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { answer } from './child.mjs';
import { ReferTemplate } from './refer.mjs';
import { adaptors } from './servers.mjs';

/** Messages fed between two turns of the event loop: about what one turn of a busy UDP socket reads. */
const turn = 32;
const turns = 64;

/** 64·T1 (RFC 3261 §17.2.2). */
const timerJ = 32_000;

const adaptor = await adaptors[/** @type {keyof typeof adaptors} */ (process.argv[2])]();

const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** REFERs made before the clock runs, so that what is measured is the server's work alone. */
class Requests {
  constructor() {
    this.template = new ReferTemplate(5060, 5062);
    this.buffers = Array.from({ length: turn * turns }, () => this.template.copy());
    this.sequence = 0;
  }

  renew() {
    for (const buffer of this.buffers) {
      this.template.number(buffer, this.sequence);
      this.sequence += 1;
    }
    return this.buffers;
  }
}

const nothing = { transactions: 0, processor: 0, wall: 0 };

const plus = (/** @type {typeof nothing} */ first, /** @type {typeof nothing} */ second) => ({
  transactions: first.transactions + second.transactions,
  processor: first.processor + second.processor,
  wall: first.wall + second.wall,
});

/** Repeats what costs time until the count or the microseconds are up; gives what it cost in all. */
const repeat = async (
  /** @type {{ count?: number, wall?: number }} */ {
    count = Number.POSITIVE_INFINITY,
    wall = Number.POSITIVE_INFINITY,
  },
  /** @type {(rest: { count: number, wall: number }) => Promise<typeof nothing>} */ cost,
) => {
  let total = nothing;
  while (total.transactions < count && total.wall < wall) {
    total = plus(total, await cost({ count: count - total.transactions, wall: wall - total.wall }));
  }
  return total;
};

const feed = (/** @type {any} */ server, /** @type {{ count?: number, wall?: number }} */ limits) =>
  repeat(limits, async ({ count, wall }) => {
    const buffers = requests.renew();
    const end = Math.min(count, buffers.length);
    const sent = server.sent();
    const started = performance.now();
    const processor = processorTime();
    let at = 0;
    while (at < end && (performance.now() - started) * 1000 < wall) {
      for (const turnEnd = Math.min(at + turn, end); at < turnEnd; at += 1) server.receive(buffers[at]);
      await nextTurn();
    }
    const cost = {
      transactions: at,
      processor: processorTime() - processor,
      wall: (performance.now() - started) * 1000,
    };
    if (server.sent() - sent !== at) {
      throw new Error(`${at} requests in process had ${server.sent() - sent} responses`);
    }
    return cost;
  });

const parseEach = (/** @type {{ wall: number }} */ limits) =>
  repeat(limits, async ({ wall }) => {
    const buffers = requests.renew();
    const started = performance.now();
    const processor = processorTime();
    let at = 0;
    for (; at < buffers.length && (performance.now() - started) * 1000 < wall; at += 1) {
      if (adaptor.parse(buffers[at]) === undefined) throw new Error('the parser refused the REFER');
    }
    return {
      transactions: at,
      processor: processorTime() - processor,
      wall: (performance.now() - started) * 1000,
    };
  });

/** Feeds at the rate that keeps so many completed transactions live: time passes with the requests. */
const feedWithLive = async (/** @type {number} */ live, /** @type {number} */ count) => {
  steady ??= await adaptor.inSteadyState();
  steady.interval = timerJ / live;
  return feed(steady, { count });
};

const requests = new Requests();
/** @type {any} */
let inProcess;
/** @type {any} */
let steady;
/** @type {Session | undefined} */
let profiler;

answer({
  listen: async (options) => (await adaptor.listen(options)).port,

  processorTime,

  heldBytes() {
    for (let pass = 0; pass < 3; pass += 1) globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },

  async inProcess({ milliseconds, count }) {
    inProcess ??= await adaptor.inProcess();
    return feed(inProcess, { wall: milliseconds * 1000, count });
  },

  parse: ({ milliseconds }) => parseEach({ wall: milliseconds * 1000 }),

  async withLive({ live, count }) {
    const cost = await feedWithLive(live, count);
    return { ...cost, live: steady.live() };
  },

  startProfile() {
    profiler = new Session();
    profiler.connect();
    profiler.post('Profiler.enable');
    profiler.post('Profiler.setSamplingInterval', { interval: 200 });
    profiler.post('Profiler.start');
  },

  endProfile({ path }) {
    profiler?.post('Profiler.stop', (error, { profile }) => {
      if (error !== null) throw error;
      writeFileSync(path, JSON.stringify(profile));
    });
  },
});

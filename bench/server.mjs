import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { Caller, toTag } from './call.mjs';
import { answer } from './child.mjs';
import { referTemplate } from './refer.mjs';
import { adaptors } from './servers.mjs';

/** Messages fed between two turns of the event loop: about what one turn of a busy UDP socket reads. */
const turn = 32;
const turns = 64;

/** 64·T1 (RFC 3261 §17.2.2). */
const timerJ = 32_000;

/** 64·T1 too (RFC 6026 §7.1). */
const longerThanTimerL = 33_000;

const adaptor = await adaptors[/** @type {keyof typeof adaptors} */ (process.argv[2])]();

const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const heldBytes = () => {
  for (let pass = 0; pass < 3; pass += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** REFERs made before the clock runs, so that what is measured is the server's work alone. */
class Requests {
  constructor() {
    this.template = referTemplate(5060, 5062);
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

/** Calls made at once, their INVITEs before the clock runs and the rest while it stands. */
const callers = Array.from({ length: 8 * turn }, () => new Caller(5060, 5062));
let calls = 0;

const feedCalls = (/** @type {any} */ server, /** @type {{ count?: number, wall?: number }} */ limits) =>
  repeat(limits, async ({ count }) => {
    const some = callers.slice(0, Math.min(count, callers.length));
    for (const caller of some) {
      caller.begin(calls);
      calls += 1;
    }
    const sent = server.sent();
    /** @type {Buffer[]} */
    const answers = [];
    const inviting = await costOfTurns(some, (caller) => {
      server.receive(caller.invite);
      answers.push(server.last());
    });
    for (const [index, caller] of some.entries()) caller.establish(toTag(answers[index]));
    const ending = await costOfTurns(some, (caller) => {
      server.receive(caller.ack);
      server.receive(caller.bye);
    });
    if (server.sent() - sent !== 2 * some.length) {
      throw new Error(`${some.length} calls in process had ${server.sent() - sent} responses`);
    }
    return plus(inviting, { ...ending, transactions: 0 });
  });

const costOfTurns = async (/** @type {Caller[]} */ some, /** @type {(caller: Caller) => void} */ feedOne) => {
  const started = performance.now();
  const processor = processorTime();
  for (let at = 0; at < some.length; ) {
    for (const turnEnd = Math.min(at + turn, some.length); at < turnEnd; at += 1) feedOne(some[at]);
    await nextTurn();
  }
  return {
    transactions: some.length,
    processor: processorTime() - processor,
    wall: (performance.now() - started) * 1000,
  };
};

/** A tag and more. */
const tagRoom = 64;

/**
 * Heap and external memory of each of so many established calls: with the transaction of its INVITE, which lives for a
 * Timer L, and without. Then BYE ends them all, and nothing may be left of them.
 */
const holdDialogs = async (/** @type {number} */ count) => {
  const server = await adaptor.inSteadyState({ call: true });
  const [caller] = callers;
  const tags = Buffer.alloc(count * tagRoom, ' ');
  const lengths = new Uint8Array(count);
  const establish = (/** @type {number} */ sequence) => {
    caller.begin(sequence);
    server.receive(caller.invite);
    const tag = toTag(server.last());
    lengths[sequence] = tag.copy(tags, sequence * tagRoom);
    caller.establish(tag);
    server.receive(caller.ack);
  };
  const end = (/** @type {number} */ sequence) => {
    const start = sequence * tagRoom;
    caller.begin(sequence);
    caller.establish(tags.subarray(start, start + lengths[sequence]));
    server.receive(caller.bye);
  };
  const holdNothing = () => {
    server.advance(longerThanTimerL);
    const { refused, ...live } = server.counts();
    const counts = { ...live, ...refused };
    if (Object.values(counts).some((count) => count !== 0))
      throw new Error(`calls that are over left ${JSON.stringify(counts)}`);
  };
  const warmUp = Math.min(count, 1_000);
  for (let sequence = 0; sequence < warmUp; sequence += 1) establish(sequence);
  for (let sequence = 0; sequence < warmUp; sequence += 1) end(sequence);
  holdNothing();

  const before = heldBytes();
  for (let sequence = 0; sequence < count; sequence += 1) establish(sequence);
  const withTransaction = heldBytes() - before;
  server.advance(longerThanTimerL);
  const { serverTransactions, sessions } = server.counts();
  if (serverTransactions !== 0 || sessions !== count)
    throw new Error(
      `of ${count} established calls ${sessions} sessions and ${serverTransactions} transactions are there`,
    );
  const established = heldBytes() - before;
  for (let sequence = 0; sequence < count; sequence += 1) end(sequence);
  holdNothing();
  return { withTransaction: withTransaction / count, established: established / count };
};

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

  heldBytes,

  async inProcess({ milliseconds, count, call }) {
    inProcess ??= await adaptor.inProcess({ call });
    return (call ? feedCalls : feed)(inProcess, { wall: milliseconds * 1000, count });
  },

  holdDialogs: ({ count }) => holdDialogs(count),

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

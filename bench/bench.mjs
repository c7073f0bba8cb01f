import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Child, stopEveryChild } from './child.mjs';
import { hottest } from './profile.mjs';
import { adaptors } from './servers.mjs';
import { report } from './table.mjs';

const profiled = { refer: {}, call: { call: true }, subscription: { subscription: true } };

const usage = `npm run bench -- [--quick] [--only NAME]… [--json FILE] [--profile REQUEST [--in-process]]
  NAME is one of ${Object.keys(adaptors).join(', ')}
  REQUEST is one of ${Object.keys(profiled).join(', ')}`;

const window = 32;

/** What is run for the table: a server, and what is asked of it. */
const rows = [
  { row: 'echo', adaptor: 'echo', echo: true },
  { row: 'sipchart', adaptor: 'sipchart', inProcess: true, parse: true, held: true },
  { row: 'sipchart, inspected', adaptor: 'sipchart', inspected: true },
  { row: 'sipchart, recording', adaptor: 'sipchart', recording: true },
  { row: 'sipchart, with NOTIFYs', adaptor: 'sipchart', subscription: true },
  { row: 'sip', adaptor: 'sip', inProcess: true, parse: true, held: true },
  { row: 'sip.js', adaptor: 'sip.js', inProcess: true, parse: true, holds: 'nothing: its Timer J is 0' },
  { row: 'echo, call', adaptor: 'echo', call: true, echo: true },
  { row: 'sipchart, call', adaptor: 'sipchart', call: true, inProcess: true, dialogs: true },
  { row: 'sip, call', adaptor: 'sip', call: true },
  { row: 'sip.js, call', adaptor: 'sip.js', call: true },
];

const full = {
  warmUp: { count: 60_000, milliseconds: 8_000 },
  udp: 3_000,
  inProcess: 1_000,
  parse: 500,
  rounds: 3,
  held: 50_000,
  live: [1_000, 10_000, 100_000, 500_000],
  measured: 20_000,
};

const quick = {
  warmUp: { count: 10_000, milliseconds: 500 },
  udp: 500,
  inProcess: 300,
  parse: 100,
  rounds: 1,
  held: 5_000,
  live: [1_000, 10_000],
  measured: 2_000,
};

const main = async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      profile: { type: 'string' },
      'in-process': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = options.only.find((name) => !(name in adaptors));
  if (unknown !== undefined) throw new Error(`no server is called "${unknown}"\n${usage}`);
  if (options.profile !== undefined && !(options.profile in profiled))
    throw new Error(`nothing called "${options.profile}" is profiled\n${usage}`);
  if (options.help) return process.stdout.write(`${usage}\n`);
  const plan = options.quick ? quick : full;
  if (options.only.length === 0 || options.only.includes('sipchart') || options.profile !== undefined)
    requireBuild();
  if (options.profile !== undefined)
    return profile(plan, { ...profiled[options.profile], inProcess: options['in-process'] });

  const chosen = rows.filter(({ adaptor }) => options.only.length === 0 || options.only.includes(adaptor));
  const measurements = new Map(
    chosen.map(({ row, call, holds }) => [
      row,
      { row, call, holds, udp: [], inProcess: [], parse: [], held: undefined, dialogs: undefined },
    ]),
  );
  await measureUdp(chosen, plan, measurements);
  await measureInProcess(chosen, plan, measurements);
  await measureHeld(chosen, plan, measurements);
  await measureDialogs(chosen, plan, measurements);
  const live = chosen.some(({ adaptor }) => adaptor === 'sipchart') ? await measureLive(plan) : [];

  const result = report({ measurements: [...measurements.values()], live });
  process.stdout.write(result.text);
  if (options.json !== undefined) {
    const machine = {
      node: process.version,
      processor: cpus()[0]?.model,
      processors: availableParallelism(),
    };
    writeFileSync(options.json, `${JSON.stringify({ machine, plan, ...result.figures }, undefined, 2)}\n`);
  }
};

const requireBuild = () => {
  if (!existsSync(new URL('../dist/src/index.js', import.meta.url))) {
    throw new Error('there is no built library: run npm run build in the root first');
  }
};

const startServer = (/** @type {string} */ name, /** @type {string} */ adaptor) =>
  new Child('server.mjs', name, [adaptor]);

const startClient = () => new Child('client.mjs', 'the client');

/** Processor and wall time, in microseconds, of one run of the client against a server. */
const runClient = async (
  /** @type {Child} */ server,
  /** @type {Child} */ client,
  /** @type {object} */ run,
) => {
  const before = await server.ask('processorTime');
  const { transactions, milliseconds, notifications } = await named(server, client.ask('run', run));
  const processor = (await server.ask('processorTime')) - before;
  return { transactions, processor, wall: milliseconds * 1000, notifications };
};

/** An error of the client says which server it was at, a server that ended is the cause of the client's silence. */
const named = async (/** @type {Child} */ server, /** @type {Promise<any>} */ answer) => {
  try {
    return await Promise.race([answer, server.ended.then(() => Promise.reject(server.failure))]);
  } catch (error) {
    if (error === server.failure) throw error;
    throw new Error(`${server.name}: ${error instanceof Error ? error.message : error}`);
  }
};

const measureUdp = async (chosen, plan, measurements) => {
  const client = startClient();
  const servers = [];
  for (const { row, adaptor, echo, subscription, call, recording, inspected } of chosen) {
    const server = startServer(row, adaptor);
    const port = await server.ask('listen', { subscription, call, recording, inspected });
    const run = { port, window, echo, subscription, call };
    progress(`${row}: warming up over UDP`);
    await runClient(server, client, { ...run, ...plan.warmUp });
    servers.push({ row, server, run });
  }
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const { row, server, run } of servers) {
      const cost = await runClient(server, client, { ...run, milliseconds: plan.udp });
      measurements.get(row).udp.push(cost);
      progress(`${row}: UDP, round ${round} of ${plan.rounds}: ${describe(cost)}`);
    }
  }
  for (const { server } of servers) await server.stop();
  await client.stop();
};

const measureInProcess = async (chosen, plan, measurements) => {
  const servers = [];
  for (const { row, adaptor, inProcess, parse, call } of chosen) {
    if (!inProcess) continue;
    const server = startServer(row, adaptor);
    progress(`${row}: warming up in process`);
    await server.ask('inProcess', { ...plan.warmUp, call });
    if (parse) await server.ask('parse', { milliseconds: plan.parse });
    servers.push({ row, server, parse, call });
  }
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const { row, server, parse, call } of servers) {
      const cost = await server.ask('inProcess', { milliseconds: plan.inProcess, call });
      measurements.get(row).inProcess.push(cost);
      if (parse) measurements.get(row).parse.push(await server.ask('parse', { milliseconds: plan.parse }));
      progress(`${row}: in process, round ${round} of ${plan.rounds}: ${describe(cost)}`);
    }
  }
  for (const { server } of servers) await server.stop();
};

/** Less than a Timer J, so that every transaction is still there (RFC 3261 §17.2.2). */
const heldLimit = 30_000;

/** Between two collections of garbage, over UDP. */
const measureHeld = async (chosen, plan, measurements) => {
  const client = startClient();
  for (const { row, adaptor, held } of chosen) {
    if (!held) continue;
    const server = startServer(row, adaptor);
    const run = { port: await server.ask('listen'), window };
    const started = performance.now();
    await runClient(server, client, { ...run, count: 5_000 });
    const before = await server.ask('heldBytes');
    await runClient(server, client, { ...run, count: plan.held });
    const bytes = ((await server.ask('heldBytes')) - before) / plan.held;
    const tooSlow = performance.now() - started > heldLimit;
    Object.assign(measurements.get(row), tooSlow ? { holds: 'too slow to tell' } : { held: bytes });
    progress(
      `${row}: ${tooSlow ? 'too slow to tell what is' : `${Math.round(bytes)} bytes`} held per completed transaction`,
    );
    await server.stop();
  }
  await client.stop();
};

/** In process, on a clock that is moved past what only absorbs retransmissions. */
const measureDialogs = async (chosen, plan, measurements) => {
  for (const { row, adaptor, dialogs } of chosen) {
    if (!dialogs) continue;
    const server = startServer(row, adaptor);
    const held = await server.ask('holdDialogs', { count: plan.held });
    measurements.get(row).dialogs = held;
    progress(
      `${row}: ${Math.round(held.established)} bytes held per established dialog, ${Math.round(held.withTransaction)} with its INVITE's transaction`,
    );
    await server.stop();
  }
};

/** Transactions asked for at once, so that a child which hangs is told from one that works. */
const portion = 20_000;

/** On a clock that passes with the requests, so that the number of live transactions stands. */
const measureLive = async (plan) => {
  const server = startServer('sipchart', 'sipchart');
  const feed = (live, count) => server.ask('withLive', { live, count });
  await feed(1_000, portion);
  const levels = [];
  for (const live of plan.live) {
    let held = 0;
    progress(`sipchart: growing to ${live} live transactions`);
    while (held < live) held = (await feed(live, Math.min(portion, live))).live;
    const costs = [];
    for (let round = 1; round <= plan.rounds; round += 1) {
      const cost = await feed(live, plan.measured);
      costs.push(cost);
      progress(`sipchart: ${cost.live} live, round ${round} of ${plan.rounds}: ${describe(cost)}`);
    }
    levels.push({ live, costs });
  }
  await server.stop();
  return levels;
};

const profile = async (plan, { inProcess, ...asked }) => {
  const path = join(await mkdtemp(join(tmpdir(), 'sipchart-')), 'sipchart.cpuprofile');
  const server = startServer('sipchart', 'sipchart');
  const client = startClient();
  const run = inProcess ? asked : { ...asked, port: await server.ask('listen', asked), window };
  const load = (/** @type {object} */ limits) =>
    inProcess
      ? server.ask('inProcess', { ...run, ...limits })
      : runClient(server, client, { ...run, ...limits });
  await load(plan.warmUp);
  await server.ask('startProfile');
  progress(describe(await load({ milliseconds: plan.udp })));
  await server.ask('endProfile', { path });
  await server.stop();
  await client.stop();
  process.stdout.write(hottest(path));
};

const describe = (/** @type {any} */ { transactions, processor, notifications }) =>
  `${(processor / transactions).toFixed(1)} µs of processor time a transaction, ${transactions} transactions` +
  (notifications > 0 ? `, ${notifications} NOTIFYs` : '');

const progress = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  stopEveryChild();
}

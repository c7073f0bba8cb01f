import { describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import { machines } from '../../machines/index.js';
import { accept } from '../../src/api/answer.js';
import { grant } from '../../src/api/policy.js';
import { endpointOf } from '../../src/api/user-agent.js';
import { arrowIdsOf, chartOf, nameOf } from '../../src/draw/chart.js';
import type { Entry, MessageEntry, Standing, StepEntry } from '../../src/inspect/entry.js';
import { Feed, type FeedOptions } from '../../src/inspect/feed.js';
import { type CallOptions, callStage, description, offer } from '../support/caller.js';
import { requestText } from '../support/peer.js';
import { type Stage, stage } from '../support/stage.js';
import { secret, secretRequests } from './secret-messages.js';

const attach = ({ userAgent, scheduler }: Stage, options: FeedOptions = {}) =>
  new Feed({ now: () => scheduler.now(), ...options }, endpointOf(userAgent));

const steps = (entries: readonly Entry[]) =>
  entries.filter((entry): entry is StepEntry => entry.kind === 'step');

const messages = (entries: readonly Entry[]) =>
  entries.filter((entry): entry is MessageEntry => entry.kind === 'message');

/** A call with a re-INVITE, a referral and an INFO in it, ended by the caller; some of it is repeated. */
const call = async (options: CallOptions = {}, feedOptions: FeedOptions = {}) => {
  const there = await callStage({
    policy: { refer: () => grant },
    onInvite: (invitation) => {
      invitation.progress();
      invitation.accept({ headers: [['Content-Type', 'application/sdp']], body: offer });
    },
    onRefer: (referral) => {
      referral.accept();
      referral.finish(200);
    },
    ...options,
  });
  const feed = attach(there, feedOptions);
  const dialog = there.caller.invite({ lines: [...description, 'Supported: 100rel'], body: offer });
  there.scheduler.advance(1_000);
  dialog.request('INVITE', { lines: description, body: offer });
  there.scheduler.advance(1_000);
  dialog.request('REFER', { lines: ['Refer-To: <sip:carol@192.0.2.3>'] });
  there.scheduler.advance(5_000);
  dialog.request('INFO');
  there.scheduler.advance(100);
  dialog.bye();
  there.scheduler.advance(100);
  return { ...there, feed, dialog };
};

describe.each(['compiled', 'actor'] as const)('what a feed tells, %s', (engine) => {
  test('numbers entries without gaps, and gives each the input that it comes of', async () => {
    const { feed } = await call({ engine });
    const entries = feed.read();
    expect(entries.map(({ n }) => n)).toEqual(entries.map((_, index) => index + 1));
    for (const { n, cause } of entries) {
      const input = entries[cause - 1] as Entry;
      expect(input.cause).toBe(cause);
      expect(cause).toBeLessThanOrEqual(n);
      expect(input.kind === 'input' || (input.kind === 'message' && input.direction === 'received')).toBe(
        true,
      );
    }
  });

  test('tells the arrows that XState itself reports', async () => {
    const reported = new Map<string, string[]>();
    const names: string[] = [];
    const there = await stage({
      engine,
      policy: { refer: () => grant },
      on: { refer: (referral) => void referral.accept(), message: () => accept() },
    });
    const feed = attach(there);
    there.userAgent.inspect((event) => {
      const { sessionId, id, logic } = event.actorRef;
      if (event.type === '@xstate.actor') {
        reported.set(sessionId, []);
        names.push(id);
      }
      if (event.type === '@xstate.microstep')
        reported
          .get(sessionId)
          ?.push(...event._transitions.map((transition) => `${id} ${drawnAs(logic, transition)}`));
    });
    there.peer.send(requestText());
    there.peer.send(requestText({ method: 'BYE', to: '<sip:bob@192.0.2.1>;tag=none' }));
    there.peer.send(requestText({ method: 'MESSAGE' }));
    there.peer.send(requestText({ method: 'OPTIONS' }));
    there.scheduler.advance(400_000);
    const told = new Map<number, string[]>();
    for (const { machine, id, arrows } of steps(feed.read()))
      told.set(machine, [...(told.get(machine) ?? []), ...arrows.map((arrow) => `${id} ${arrow}`)]);
    expect(names.length).toBeGreaterThan(8);
    expect([...told.values()]).toEqual([...reported.values()]);
    expect([...told.values()].flat().length).toBeGreaterThan(20);
  });

  test('tells what machines a call has, and whom each was started for', async () => {
    const { feed } = await call({ engine });
    const first = new Map<number, StepEntry>();
    for (const step of steps(feed.read())) if (step.event === undefined) first.set(step.machine, step);
    const lineage = (machine: number): string => {
      const step = first.get(machine);
      return step === undefined
        ? '?'
        : `${step.parent === undefined ? '' : `${lineage(step.parent)} > `}${step.chart} of ${step.method}`;
    };
    const lineages = [...first.keys()].map(lineage);
    const call200 = 'invite-server-transaction of INVITE > invite-uas of INVITE > dialog of INVITE';
    expect(lineages).toContain(`${call200} > session of INVITE`);
    expect(lineages).toContain(
      `${call200} > notifier of REFER > delivery of NOTIFY > non-invite-client-transaction of NOTIFY`,
    );
    expect(lineages).toContain('non-invite-server-transaction of BYE > bye of BYE');
    expect(new Set([...first.values()].map(({ callId }) => callId)).size).toBe(1);
  });

  test('tells the arrows of a first step by its input', async () => {
    const there = await stage({ engine });
    const feed = attach(there);
    there.peer.send(requestText({ method: 'CANCEL' }));
    there.scheduler.advance(1);
    const cancel = steps(feed.read()).find(({ chart }) => chart === 'cancel');
    expect(cancel).toMatchObject({ to: 'answered', status: 'done', method: 'CANCEL', parent: 1 });
    expect(cancel).not.toHaveProperty('event');
    expect(cancel).not.toHaveProperty('from');
    expect(cancel?.arrows).toEqual(['received:1']);
  });

  test('tells the clauses of the arrows', async () => {
    const { feed } = await call({ engine });
    const requests = steps(feed.read()).filter(
      ({ chart, event }) => chart === 'dialog' && event?.type === 'request',
    );
    expect(requests.length).toBeGreaterThan(2);
    for (const { clauses } of requests)
      expect(clauses).toEqual([expect.stringMatching(/^RFC 3261 §12\.2\.2/)]);
  });

  test('tells a message that went the same way before from one that did not', async () => {
    const there = await stage({ engine });
    const feed = attach(there);
    const text = requestText({ method: 'OPTIONS' });
    there.peer.send(text);
    there.scheduler.advance(10);
    there.peer.send(text);
    there.peer.send(requestText({ method: 'OPTIONS' }));
    there.scheduler.advance(10);
    const flags = () => messages(feed.read()).map(({ label, isRetransmission }) => [label, isRetransmission]);
    const expected = [
      ['OPTIONS', false],
      ['200 OPTIONS', false],
      ['OPTIONS', true],
      ['200 OPTIONS', true],
      ['OPTIONS', false],
      ['200 OPTIONS', false],
    ];
    expect(flags()).toEqual(expected);
    expect(flags()).toEqual(expected);
  });

  test('forgets the way that a message went when that has left the ring', async () => {
    const there = await stage({ engine });
    const feed = attach(there, { size: 40 });
    const endpoint = endpointOf(there.userAgent);
    const [transport] = endpoint.configuration.transports;
    const text = requestText({ method: 'OPTIONS' });
    const flags = () =>
      messages(feed.read())
        .filter(({ direction }) => direction === 'received')
        .map(({ remote, isRetransmission }) => [remote, isRetransmission]);
    const send = (port: number) => {
      endpoint.received(text, { transport: transport!, remote: { host: '192.0.2.9', port } });
      there.scheduler.advance(10);
      return flags().at(-1);
    };
    expect(send(1)).toEqual(['192.0.2.9:1', false]);
    expect(send(1)).toEqual(['192.0.2.9:1', true]);
    for (let port = 2; port < 50; port++) send(port);
    expect(send(1)).toEqual(['192.0.2.9:1', false]);
  });

  test('shows machines that were live before, with their timers', async () => {
    const there = await call({ engine });
    const before = there.scheduler.now();
    const late = attach(there);
    expect(late.read()).toEqual([]);
    const standings = late.standings();
    const whole = there.feed.standings().filter(({ status }) => status === 'active');
    expect(standings.length).toBeGreaterThan(3);
    const told = (list: readonly Standing[]) =>
      list.map(({ machine, value, callId, from, to }) => [machine, value, callId, from, to?.split(';')[0]]);
    expect(told(standings)).toEqual(told(whole));
    expect(standings.map(({ timers }) => timers.map(({ timer, until }) => [timer, until]))).toEqual(
      whole.map(({ timers }) => timers.map(({ timer, until }) => [timer, until])),
    );
    for (const { timers } of standings) for (const { until } of timers) expect(until).toBeGreaterThan(before);
  });
});

test('a standing tells of its call what the request told that began it, though that be forgotten', async () => {
  const there = await call();
  const late = attach(there).standings();
  expect(late.length).toBeGreaterThan(3);
  const parties = { from: '<sip:alice@192.0.2.4>;tag=alice', callId: 'INVITE-alice-1' };
  for (const standing of late) {
    expect(standing).toMatchObject({ ...parties, method: expect.stringMatching(/^[A-Z]+$/) });
    expect(standing.to).toMatch(/^<sip:bob@192.0.2.1>;tag=/);
  }
});

test('of 2,000 calls that were made before it, a feed tells who they are between', async () => {
  const there = await callStage({});
  for (let made = 0; made < 2_000; made++) there.caller.invite();
  there.scheduler.advance(1_000);
  const standings = attach(there).standings();
  const calls = new Set(standings.map(({ callId }) => callId));
  expect(calls.size).toBe(2_000);
  expect(standings.filter(({ from, to, method }) => !from || !to || !method)).toEqual([]);
});

test('the last entry says that the user agent has closed', async () => {
  const there = await stage();
  const feed = attach(there);
  expect(feed.live).toBe(true);
  await there.userAgent.close();
  await feed.over;
  expect(feed.live).toBe(false);
  expect(feed.read().map((entry) => entry.kind === 'input' && entry.input)).toEqual(['close', 'ended']);
});

test('both engines give the same entries and the same standings', async () => {
  const [compiled, actor] = await Promise.all([call({ engine: 'compiled' }), call({ engine: 'actor' })]);
  expect(compiled.feed.read().length).toBeGreaterThan(70);
  expect(compiled.feed.read()).toEqual(actor.feed.read());
  expect(compiled.feed.standings()).toEqual(actor.feed.standings());
});

test('a feed that is read later gives the entries that one that is read at once gives', async () => {
  const there = await callStage({});
  const [early, late] = [attach(there), attach(there)];
  const entries: Entry[] = [];
  there.caller.invite();
  for (let turn = 0; turn < 200; turn++) {
    there.scheduler.advance(200);
    entries.push(...early.read(entries.length + 1));
  }
  expect(late.read()).toEqual(entries);
});

test('every transition of every machine is drawn as one arrow', () => {
  for (const { machine } of machines)
    for (const [transition, id] of arrowIdsOf(machine)) expect(id).toBe(drawnAs(machine, transition));
});

describe('what a feed keeps', () => {
  test('is the last of it, in order', async () => {
    const there = await stage();
    const [all, last] = [attach(there), attach(there, { size: 50 })];
    for (let request = 0; request < 40; request++) there.peer.send(requestText({ method: 'OPTIONS' }));
    there.scheduler.advance(100);
    expect(last.next).toBe(all.next);
    expect(last.first).toBe(last.next - 50);
    expect(last.entry(last.first - 1)).toBeUndefined();
    const flags = (entries: readonly Entry[]) => entries.map((entry) => JSON.stringify(entry));
    expect(flags(last.read())).toEqual(flags(all.read(last.first)));
  });

  test('is bounded in the characters of its messages, too', async () => {
    const there = await stage({ on: { message: () => accept() } });
    const feed = attach(there, { characters: 100_000 });
    for (let request = 0; request < 100; request++)
      there.peer.send(
        requestText({ method: 'MESSAGE', lines: ['Content-Type: text/plain'], body: 'x'.repeat(9_000) }),
      );
    there.scheduler.advance(100);
    expect(feed.characters).toBeLessThanOrEqual(100_000);
    const kept = messages(feed.read()).reduce((sum, { text }) => sum + text.length, 0);
    expect(kept).toBeLessThanOrEqual(100_000);
    expect(kept).toBeGreaterThan(80_000);
  });

  test('is how 2,000 machines stand, however few entries there are', async () => {
    const there = await stage();
    const feed = attach(there, { size: 100 });
    for (let request = 0; request < 2_000; request++)
      there.peer.send(requestText({ method: 'OPTIONS', callId: `call ${request}`.replace(' ', '-') }));
    there.scheduler.advance(100);
    const active = feed.standings().filter(({ status }) => status === 'active');
    expect(active).toHaveLength(2_000);
    expect(new Set(active.map(({ callId }) => callId)).size).toBe(2_000);
    for (const { chart, value, method, timers } of active) {
      expect({ chart, value, method }).toEqual({
        chart: 'non-invite-server-transaction',
        value: 'completed',
        method: 'OPTIONS',
      });
      expect(timers).toMatchObject([{ timer: 'timerJ', until: 32_000 }]);
    }
    there.scheduler.advance(40_000);
    expect(feed.standings().filter(({ status }) => status === 'active')).toEqual([]);
    expect(feed.standings().length).toBeLessThanOrEqual(100);
  });

  test('is less while much comes and nobody looks, and all of it again when somebody does', async () => {
    const there = await stage();
    const feed = attach(there, { size: 5_000, unwatched: 200, now: () => 0 });
    const ask = (requests: number) => {
      for (let request = 0; request < requests; request++)
        there.peer.send(requestText({ method: 'OPTIONS' }));
      there.scheduler.advance(10);
    };
    ask(500);
    expect(feed.next - feed.first).toBe(200);
    const [before] = feed.read();
    feed.watch(true);
    expect(feed.read()[0]).toEqual(before);
    ask(500);
    expect(feed.next - feed.first).toBeGreaterThan(2_000);
    feed.watch(false);
    expect(feed.next - feed.first).toBe(200);
  });

  test('is nothing more once it is detached', async () => {
    const there = await stage();
    const feed = attach(there);
    feed.detach();
    there.peer.send(requestText({ method: 'OPTIONS' }));
    there.scheduler.advance(10);
    expect(feed.read()).toEqual([]);
  });
});

test('a password of a URI is in no entry and no standing', async () => {
  const there = await callStage({
    policy: { refer: () => grant },
    onRefer: (referral) => void referral.accept(),
  });
  const feed = attach(there);
  for (const text of secretRequests()) there.peer.send(text);
  there.scheduler.advance(3_000);
  const entries = feed.read();
  expect(entries.length).toBeGreaterThan(30);
  expect(JSON.stringify([entries, feed.standings()])).not.toContain(secret);
  const calls = new Set(entries.map(({ callId }) => callId));
  expect(feed.standings().filter(({ callId }) => !calls.has(callId))).toEqual([]);
});

test('secrets are masked in messages, events and effects, and keep their length', async () => {
  const there = await callStage({});
  const feed = attach(there);
  const secret = 'Digest username="alice", response="6629fae49393a05397450978507c4ef1"';
  const key = 'inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
  there.caller.invite({
    lines: [...description, `Authorization: ${secret}`, `Proxy-Authorization: ${secret}`],
    body: `v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 ${key}\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n`,
  });
  there.scheduler.advance(100);
  const written = JSON.stringify([feed.read(), feed.standings()]);
  for (const part of ['6629fae4', 'd0Rmdmcm', 'asd88fgp']) expect(written).not.toContain(part);
  const [invite] = messages(feed.read());
  expect(invite?.text).toContain(`\r\nAuthorization: ${'*'.repeat(secret.length)}\r\n`);
  expect(steps(feed.read()).some(({ effects }) => JSON.stringify(effects).includes('****'))).toBe(true);
});

/** The arrow of the picture that a transition must be: its source, event, guard, target and actions say which. */
function drawnAs(machine: AnyStateMachine, transition: AnyTransitionDefinition): string {
  const { states, arrows, anywhere } = chartOf(machine);
  const { source, eventType, guard, target, actions, reenter } = transition;
  const path = target?.[0]?.path.join('.');
  const stays = path === undefined || (target?.[0] === source && source.type === 'atomic' && !reenter);
  const fitting = [...arrows, ...anywhere, ...states.flatMap(({ internal }) => internal)].filter(
    (arrow) =>
      arrow.source === source.path.join('.') &&
      (eventType === '' ? arrow.events.length === 0 : arrow.events.includes(eventType)) &&
      (guard === undefined ? [undefined, 'else'].includes(arrow.guard) : arrow.guard === nameOf(guard)) &&
      arrow.target === (stays ? undefined : path) &&
      arrow.actions.join() === actions.map(nameOf).join(),
  );
  return fitting.map(({ id }) => id).join(' or ');
}

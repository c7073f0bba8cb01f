import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accept } from '../../src/api/answer.js';
import { grant } from '../../src/api/policy.js';
import type { UserAgentOptions } from '../../src/api/user-agent-options.js';
import { memoryBindingStore } from '../../src/endpoint/binding-store.js';
import { memoryPublicationStore } from '../../src/endpoint/publication-store.js';
import { memoryRecording } from '../../src/inspect/memory-recording.js';
import { recorder } from '../../src/inspect/recorder.js';
import { field, fields } from '../../src/message/index.js';
import { sameOnBoth } from '../inspect/recorded.js';
import { anyProcess, onOwn, onWheel, type Process, type Schedule } from '../support/clocks.js';
import { settled } from '../support/core-stage.js';
import { type RequestFields, requestText } from '../support/peer.js';
import { stage } from '../support/stage.js';

const schedules: readonly (readonly [string, Schedule])[] = [
  ['a wheel', onWheel],
  ['a scheduler of its own that counts in parts of a millisecond', onOwn],
];

const day = { minimum: 1, maximum: 86_400 };

/** The user agent of a process, which keeps what it is asked to for as long as it is asked to. */
const keeper = async (schedule: Schedule, process: Process, options: Partial<UserAgentOptions> = {}) => {
  const there = await stage({
    schedule: (clock) => schedule(process, clock),
    policy: { refer: () => grant },
    bindings: day,
    publications: day,
    eventPackages: { presence: { ...day, spacing: 0 } },
    accept: ['text/plain'],
    ...options,
    on: {
      register: () => accept(),
      publish: () => accept(),
      refer: (referral) => referral.accept(),
      subscribe: (subscription) => subscription.accept({ contentType: 'text/plain', body: 'open' }),
    },
  });
  /** The last response. */
  const ask = async (request: RequestFields) => {
    there.peer.send(requestText(request));
    there.scheduler.advance(0);
    await settled();
    there.scheduler.advance(0);
    const response = there.peer.responses.at(-1);
    if (response === undefined) throw new Error(`heard only ${there.peer.story}`);
    return response;
  };
  return { ...there, ask };
};

let sequence = 0;
const register = (...lines: readonly string[]): RequestFields => ({
  method: 'REGISTER',
  callId: 'one',
  cseq: `${++sequence} REGISTER`,
  lines,
});
const contact = '<sip:alice@192.0.2.2>';
const subscribe = (expires: number): RequestFields => ({
  method: 'SUBSCRIBE',
  lines: ['Event: presence', 'Contact: <sip:alice@192.0.2.2:5060>', `Expires: ${expires}`],
});
const publish = (...lines: readonly string[]): RequestFields => ({
  method: 'PUBLISH',
  lines: ['Event: presence', ...lines],
});

const asked = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: day.maximum }));
const states = ({ peer }: { readonly peer: { readonly story: readonly string[] } }) =>
  peer.story.flatMap((line) => /^NOTIFY (\S+)/.exec(line)?.[1] ?? []);

describe.each(schedules)('what a user agent on %s', (_name, schedule) => {
  test('grants is what was asked, to the second, however long its process has run', async () => {
    await fc.assert(
      fc.asyncProperty(anyProcess, asked, async (process, seconds) => {
        const there = await keeper(schedule, process, { referExpires: seconds });
        const registered = await there.ask(register(`Contact: ${contact}`, `Expires: ${seconds}`));
        expect(field(registered, 'Contact')).toBe(`${contact};expires=${seconds}`);
        expect(field(await there.ask(subscribe(seconds)), 'Expires')).toBe(`${seconds}`);
        await there.ask({});
        expect(states(there)).toEqual([`active;expires=${seconds}`, `active;expires=${seconds}`]);
        await there.userAgent.close({ drain: 0 });
      }),
      { numRuns: 50 },
    );
  });

  test('tells later is no more than is left, but for the last second, and never 0 while it lasts', async () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    await fc.assert(
      fc.asyncProperty(anyProcess, asked, part, async (process, seconds, passed) => {
        const there = await keeper(schedule, process);
        await there.ask(register(`Contact: ${contact}`, `Expires: ${seconds}`));
        const elapsed = Math.floor(passed * seconds * 1_000);
        there.scheduler.advance(elapsed);
        const told = Number(field(await there.ask(register()), 'Contact')?.split(';expires=')[1]);
        expect(told).toBeLessThanOrEqual(Math.max(1, seconds - elapsed / 1_000));
        expect(told).toBeGreaterThan(Math.max(0, seconds - elapsed / 1_000 - 1.002));
        await there.userAgent.close({ drain: 0 });
      }),
      { numRuns: 50 },
    );
  });

  test('records is replayed the same, whatever its process counts from', async () => {
    await fc.assert(
      fc.asyncProperty(anyProcess, async (process) => {
        const recording = memoryRecording();
        const there = await keeper(schedule, process, { record: recorder(recording) });
        await there.ask(register(`Contact: ${contact}`, 'Expires: 60'));
        await there.ask(subscribe(3));
        await there.ask({});
        there.scheduler.advance(400_000);
        await there.userAgent.close();
        await settled();
        expect(sameOnBoth(recording.text)).toMatchObject([{ isSame: true }, { isSame: true }]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('two processes with one store', () => {
  const bindings = memoryBindingStore();
  const publications = memoryPublicationStore();
  const stores = {
    bindings: { ...day, store: bindings },
    publications: { ...day, store: publications },
  };
  /** At the same moment, one has run for a month and the other was just started. */
  const old = { started: 1_700_000_000_000, uptime: 30 * 86_400_000 + 0.25 };
  const young = { started: 1_700_000_000_000 + 30 * 86_400_000, uptime: 7.5 };

  test.each([
    ['the younger tells what the older was asked', old, young],
    ['the older tells what the younger was asked', young, old],
  ])('%s, and keeps it no longer', async (_name, one, other) => {
    const writer = await keeper(onWheel, one, stores);
    const reader = await keeper(onWheel, other, stores);
    const published = await writer.ask({
      ...publish('Content-Type: text/plain', 'Expires: 60'),
      body: 'open',
    });
    const refresh = publish(`SIP-If-Match: ${field(published, 'SIP-ETag')}`, 'Expires: 60');
    await writer.ask(register(`Contact: ${contact}`, 'Expires: 60'));

    reader.scheduler.advance(50_000);
    const [told] = fields(await reader.ask(register()), 'Contact');
    expect([`${contact};expires=9`, `${contact};expires=10`]).toContain(told);
    reader.scheduler.advance(10_010);
    expect(fields(await reader.ask(register()), 'Contact')).toEqual([]);
    expect((await reader.ask(refresh)).status).toBe(412);
  });

  test('one refreshes what the other published', async () => {
    const writer = await keeper(onWheel, young, stores);
    const reader = await keeper(onWheel, old, stores);
    const published = await writer.ask({
      ...publish('Content-Type: text/plain', 'Expires: 60'),
      body: 'open',
    });
    reader.scheduler.advance(59_000);
    const refresh = publish(`SIP-If-Match: ${field(published, 'SIP-ETag')}`, 'Expires: 60');
    expect((await reader.ask(refresh)).status).toBe(200);
  });
});

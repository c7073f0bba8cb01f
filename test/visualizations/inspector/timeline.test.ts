import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statePath } from '../../../src/draw/state-path.js';
import { Timeline } from '../../../visualizations/inspector/timeline.js';
import { fold, World } from '../../../visualizations/inspector/world.js';
import { observedStage, transfer, transfers } from './observed.js';

const entries = await transfers(30);

/** All that is to be known of a moment, by value. */
const shape = ({ n, at, live, conditions }: World) => ({
  n,
  at,
  live,
  conditions: [...conditions.values()].toSorted((one, other) => one.number - other.number),
});

const wholeTimeline = () => {
  const timeline = new Timeline();
  timeline.append(entries);
  return timeline;
};

describe('the fold of entries', () => {
  test('of a beginning, folded on over the rest, is the fold of all', () => {
    const all = shape(fold(new World(), entries));
    fc.assert(
      fc.property(fc.nat(entries.length), (end) => {
        const beginning = fold(new World(), entries.slice(0, end));
        const copied = beginning.copy();
        expect(shape(fold(beginning, entries.slice(end)))).toEqual(all);
        expect(copied.n).toBe(end);
      }),
      { numRuns: 25 },
    );
  });

  test('ends where the machines stand, with the timers that run', async () => {
    const there = await observedStage();
    await transfer(there, async () => {
      const world = fold(new World(), there.feed.read());
      const standings = there.feed.standings();
      expect(standings.length).toBeGreaterThan(0);
      for (const { machine, value, status, timers } of standings) {
        const condition = world.conditions.get(machine);
        expect([machine, condition?.state, condition?.isDone]).toEqual([
          machine,
          statePath(value),
          status === 'done',
        ]);
        expect(condition?.timers.map(({ timer }) => timer).toSorted()).toEqual(
          timers.map(({ timer }) => timer).toSorted(),
        );
      }
      expect(world.live).toBe(standings.filter(({ status }) => status === 'active').length);
    });
  });
});

describe('a timeline', () => {
  test('is the same at a moment, from wherever one comes to it', () => {
    expect(entries.length).toBeGreaterThan(2_000);
    const timeline = wholeTimeline();
    fc.assert(
      fc.property(fc.array(fc.nat(entries.length), { minLength: 1, maxLength: 12 }), (moments) => {
        for (const n of moments)
          expect(shape(timeline.worldAt(n))).toEqual(shape(fold(new World(), entries.slice(0, n))));
      }),
      { numRuns: 12 },
    );
  });

  test('takes an entry that comes twice once', () => {
    const timeline = wholeTimeline();
    timeline.append(entries.slice(-20));
    expect(timeline.entries).toEqual(entries);
  });

  test('that begins in the middle stands where the whole one does, and knows where its machines came from', async () => {
    const there = await observedStage();
    await transfer(there);
    await transfer(there);
    const all = there.feed.read();
    const whole = new Timeline();
    whole.append(all);
    const middle = Math.floor(all.length * 0.7);
    const rest = new Timeline();
    const at = all[middle]!.at;
    rest.append([{ kind: 'muster', n: middle, at, standings: there.feed.standings() }, ...all.slice(middle)]);
    expect(rest.first).toBe(middle + 1);
    const moved = new Set(
      all.slice(middle).flatMap((entry) => (entry.kind === 'step' ? [entry.machine] : [])),
    );
    const states = (timeline: Timeline, n: number) => {
      const world = timeline.worldAt(n);
      return [...moved].map((number) => [number, timeline.conditionAt(world, number)?.state]);
    };
    expect(states(rest, rest.last)).toEqual(states(whole, whole.last));
    expect(states(rest, middle)).toEqual(states(whole, middle));
    expect(rest.latest.live).toBe(whole.latest.live);
  });

  test('that is told of machines before their first steps come does not show them before', async () => {
    const there = await observedStage();
    await transfer(there);
    const all = there.feed.read().map((entry) => ({ ...entry, at: 0 }));
    const standings = there.feed.standings().map((standing) => ({ ...standing, since: 0, at: 0 }));
    const timeline = new Timeline();
    timeline.append([{ kind: 'muster', n: 0, at: 0, standings }]);
    for (const entry of all) timeline.append([entry]);
    for (let n = 0; n <= timeline.last; n++)
      expect(shape(timeline.worldAt(n))).toEqual({ ...shape(fold(new World(), all.slice(0, n))), n });
    expect([...timeline.roster.machines.values()].find(({ id }) => id === 'referUAS')?.branch).toMatch(
      /^z9hG4bK/,
    );
  });

  test('forgets its oldest entries, and not where a machine stands', () => {
    const timeline = new Timeline(1_500);
    for (let start = 0; start < entries.length; start += 100)
      timeline.append(entries.slice(start, start + 100));
    expect(timeline.entries.length).toBeLessThanOrEqual(1_800);
    expect(timeline.first).toBeGreaterThan(1);
    const live = ({ conditions }: World) =>
      [...conditions.values()]
        .filter(({ isDone }) => !isDone)
        .toSorted((one, other) => one.number - other.number);
    for (const n of [
      timeline.last,
      timeline.first - 1,
      timeline.last - 1,
      timeline.first + 100,
      timeline.last - 700,
    ]) {
      const whole = fold(new World(), entries.slice(0, n));
      expect([n, live(timeline.worldAt(n))]).toEqual([n, live(whole)]);
      expect([n, timeline.worldAt(n).live]).toEqual([n, whole.live]);
    }
    const kept = [...timeline.roster.calls.values()].flatMap((call) => call.entries.map(({ n }) => n));
    expect(kept.toSorted((one, other) => one - other)).toEqual(timeline.entries.map(({ n }) => n));
    expect(timeline.roster.calls.size).toBeLessThan(30);
    for (const number of timeline.latest.conditions.keys())
      expect(timeline.roster.machines.has(number)).toBe(true);
  });

  test('forgets where entries were missing, but not how many', () => {
    const timeline = new Timeline(1_500);
    timeline.append(entries.slice(0, 40));
    for (let start = 50; start < entries.length; start += 100)
      timeline.append(entries.slice(start, start + 90));
    expect(timeline.missed).toBeGreaterThan(200);
    expect(timeline.gaps.length).toBeLessThan(timeline.missed / 10);
    expect(timeline.gaps[0]!.n).toBeGreaterThanOrEqual(timeline.first);
  });

  test('says where entries are missing, and that who is gone has ended', () => {
    const timeline = new Timeline();
    timeline.append(entries.slice(0, 40));
    expect(timeline.latest.live).toBeGreaterThan(0);
    const next = entries[99]!;
    timeline.append([{ kind: 'muster', n: 99, at: next.at, standings: [] }, next]);
    expect(timeline.gaps).toEqual([{ n: 100, at: next.at, missed: 59 }]);
    expect(
      [...timeline.latest.conditions.values()].filter(({ isDone, number }) => !isDone && number < 5),
    ).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/inspect/entry.js';
import { countable, growth } from '../../support/work.js';

const { Timeline, transfers } = await countable(async () => ({
  ...(await import('../../../visualizations/inspector/timeline.js')),
  ...(await import('./observed.js')),
}));

const entries = await transfers(5);

/** So many entries, and of so many machines, as if the same were done again and again. */
const many = (count: number): readonly Entry[] => {
  const rounds = Math.ceil(count / entries.length);
  const all = Array.from({ length: rounds }, (_, round) => entries.map((entry) => moved(entry, round)));
  return all.flat().slice(0, count);
};

const moved = (entry: Entry, round: number): Entry => ({
  ...entry,
  n: entry.n + round * entries.length,
  cause: entry.cause + round * entries.length,
  ...(entry.callId === undefined ? {} : { callId: `${entry.callId} ${round}` }),
  ...(entry.kind === 'message' ? {} : { machine: (entry.machine ?? 0) + 10_000 * round }),
});

describe('what a timeline costs', () => {
  test('a step back, from whatever moment, is no dearer where there are more entries', () => {
    const filled = (count: number) => {
      const timeline = new Timeline();
      timeline.append(many(count));
      return timeline;
    };
    const stepBack = (timeline: InstanceType<typeof Timeline>) => {
      for (let step = 1; step <= 30; step++) timeline.worldAt(timeline.last - step * 50);
    };
    expect(growth(filled, stepBack, { small: 2_000, times: 4 })).toBeLessThan(1.5);
  });

  test('an entry is no dearer where more are kept, what it makes the oldest cost included', () => {
    const append = ({ limit, batches }: { limit: number; batches: readonly (readonly Entry[])[] }) => {
      const timeline = new Timeline(limit);
      for (const batch of batches) timeline.append(batch);
      expect(timeline.first).toBeGreaterThan(limit);
    };
    const fed = (limit: number) => {
      const all = many(3 * limit);
      const batches = Array.from({ length: all.length / 500 }, (_, index) =>
        all.slice(index * 500, (index + 1) * 500),
      );
      return { limit, batches };
    };
    expect(growth(fed, append, { small: 2_000, times: 4 })).toBeLessThan(4.5);
  });
});

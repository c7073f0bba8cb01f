import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SteadyMap } from '../../src/endpoint/steady-map.js';

test('a steady map holds what a map would, in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9), fc.nat())), (orders) => {
      const steady = new SteadyMap<number, number>();
      const map = new Map<number, number>();
      for (const [sets, key, value] of orders) {
        if (!sets) expect(steady.delete(key)).toBe(map.delete(key));
        else {
          steady.set(key, value);
          map.set(key, value);
        }
        expect([...steady.values()]).toEqual([...map.values()]);
        expect(steady.size).toBe(map.size);
        expect(steady.get(key)).toBe(map.get(key));
        expect(steady.has(key)).toBe(map.has(key));
      }
    }),
  );
});

import { expect, test } from 'vitest';
import { Pace } from '../../src/inspect/pace.js';

/** A process whose event loop is as busy as is said. */
class Loop {
  active = 0;
  idle = 0;

  now(): number {
    return this.active;
  }

  use() {
    return { active: this.active, idle: this.idle };
  }

  pass(active: number, idle: number): void {
    this.active += active;
    this.idle += idle;
  }
}

/** How many pieces of so many milliseconds are made in each of some stretches, in which calls take their share of 50. */
const pieces = (calls: number, piece: number, stretches = 5) => {
  const loop = new Loop();
  const pace = new Pace(50, 12, loop);
  return Array.from({ length: stretches }, () => {
    let made = 0;
    while (!pace.isSpent) {
      pace.spend(() => loop.pass(piece, 0));
      made++;
    }
    loop.pass(calls, Math.max(0, 50 - calls - made * piece));
    pace.renew();
    return made;
  });
};

test('pages have most of the time that nobody else wants', () => {
  expect(pieces(0, 10)).toEqual([2, 4, 4, 4, 4]);
});

test('pages have most of what calls leave', () => {
  expect(pieces(25, 5)).toEqual([3, 4, 4, 4, 4]);
});

test('pages have their share where calls take all, and pay back what they take beyond it', () => {
  expect(pieces(50, 4)).toEqual([3, 3, 3, 3, 3]);
  expect(pieces(200, 24)).toEqual([1, 0, 1, 0, 1]);
});

test('one long piece holds up nothing where nobody wants the time', () => {
  expect(pieces(0, 400)).toEqual([1, 1, 1, 1, 1]);
});

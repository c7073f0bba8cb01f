import fc from 'fast-check';
import { describe, test } from 'vitest';
import { compareEngines, expectAgreement } from '../support/engine-comparison.js';
import { randomEvents, randomInput, randomMachine } from '../support/random-machines.js';
import { toggle } from '../support/toggle.js';

describe('the engines and XState', () => {
  test('agree on random machines of the subset', () => {
    fc.assert(
      fc.property(randomMachine, randomInput, randomEvents, (machine, input, events) => {
        expectAgreement(machine, input, events);
      }),
      { numRuns: 2_000 },
    );
  });

  test('agree on one machine, whatever comes', () => {
    const event = fc.oneof(
      fc.record({ type: fc.constantFrom('turn', 'look') }),
      fc.record({ type: fc.constant('break'), error: fc.string() }),
    );
    compareEngines(
      toggle,
      ['turn', 'look', 'break'],
      fc.array(event),
      fc.record({ turns: fc.integer({ min: -1, max: 5 }) }),
    );
  });
});

import { describe, test } from 'vitest';
import { compareEngines } from '../support/engine-comparison.js';
import { arbitraryEvents, machinesAndArbitraries } from '../support/machine-arbitraries.js';

describe('the engines and XState agree on', () => {
  test.each(machinesAndArbitraries())('$name', (shipped) => {
    const { machine, eventTypes, input } = shipped;
    compareEngines(machine, eventTypes, arbitraryEvents(shipped), input, { numRuns: 300 });
  });
});

import { describe, expect, test } from 'vitest';
import { acknowledgeProvisional, respond } from '../../machines/effects.js';
import {
  eventTypes,
  type Input as SingleResponseInput,
  singleResponseUAS,
} from '../../machines/single-response-uas.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { testSingleResponse } from '../support/single-response-figure.js';

const own = { status: 200, headers: [['Allow', 'MESSAGE']] } as const;
const input = { handled: true, answer: own, contentRefusal: undefined, timers } as const;

interface Input extends SingleResponseInput {
  readonly faults: number;
}

describe('User agent server of one response (RFC 3261 §8.2)', () => {
  const machine = singleResponseUAS('message', 'RFC 3428 §7');

  testSingleResponse(machine, eventTypes, input);

  test('has the id and the description of its instance', () => {
    expect(machine.id).toBe('message');
    expect(machine.config.description).toBe('RFC 3428 §7');
  });

  describe('with rows of inspection', () => {
    const inspecting = singleResponseUAS<'inspecting', Input>(
      'inspecting',
      'RFC 3261 §8.2',
      [
        {
          guard: 'hasTwoFaults',
          description: 'RFC 3261 §8.2',
          applies: ({ faults }) => faults === 2,
          response: ({ faults }) => ({ status: 400, reason: `${faults} Faults` }),
        },
        {
          guard: 'isFaulty',
          description: 'RFC 3261 §8.2',
          applies: ({ faults }) => faults > 0,
          response: () => ({ status: 403 }),
        },
      ],
      ['acknowledgeProvisional'],
    );
    const table = compile(inspecting, eventTypes);
    const start = (faults: number, handled = true) => table.initial({ ...input, handled, faults });

    test.each([true, false])('answers by the first row that applies, whoever else would: %s', (handled) => {
      expect(start(2, handled)).toMatchObject([
        { value: 'answered', status: 'done' },
        [respond({ status: 400, reason: '2 Faults' })],
      ]);
      expect(start(1, handled)[1]).toEqual([respond({ status: 403 })]);
    });

    test('orders what goes with the request only where no row applies', () => {
      expect(start(0, false)[1]).toEqual([respond(own), acknowledgeProvisional()]);
      expect(start(0, true)[1][0]).toEqual(acknowledgeProvisional());
    });
  });
});

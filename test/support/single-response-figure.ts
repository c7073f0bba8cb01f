import { describe, expect, test } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import {
  respond,
  startTimer,
  stopTimer,
  tellApplication,
  type UserAgentEffect,
} from '../../machines/effects.js';
import type { Context, Event } from '../../machines/single-response-uas.js';
import { compile } from '../../src/engine/compile.js';
import { testFigure } from './figure.js';

const applications = { status: 415, headers: [['Accept', 'text/plain']] } as const;
const stopDecision = stopTimer('decision');

const events = {
  answer: { type: 'answer', answer: applications },
  trying: { type: 'trying' },
  cancel: { type: 'cancel' },
  'the session ends': { type: 'sessionEnded' },
  failure: { type: 'failure', failure: 'timeout' },
  'the time to decide is over': { type: 'decision' },
} as const satisfies Record<string, Event>;

/**
 * Tests what every user agent server of one response does with a request that it does not refuse.
 *
 * @param input At the default timers.
 * @param admit What else the machine orders for such a request.
 */
export function testSingleResponse(
  machine: AnyStateMachine,
  eventTypes: readonly string[],
  input: Context,
  admit: readonly UserAgentEffect[] = [],
): void {
  testFigure({
    machine,
    eventTypes,
    events,
    states: {
      deciding: { value: 'deciding', context: input, status: 'active' },
      answered: { value: 'answered', context: input, status: 'done' },
    },
    arrows: [
      ['deciding', 'answer', 'answered', [stopDecision, respond(applications)]],
      ['deciding', 'trying', 'deciding', [respond({ status: 100 })]],
      ['deciding', 'cancel', 'deciding', [tellApplication({ type: 'cancel' })]],
      [
        'deciding',
        'the session ends',
        'answered',
        [stopDecision, respond({ status: 487 }), tellApplication({ type: 'cancel' })],
      ],
      ['deciding', 'failure', 'deciding', [tellApplication({ type: 'failure', failure: 'timeout' })]],
      [
        'deciding',
        'the time to decide is over',
        'answered',
        [
          stopDecision,
          respond({ status: 500, reason: 'No Decision' }),
          tellApplication({ type: 'undecided' }),
        ],
      ],
    ],
    ignored: {},
  });

  describe('a request that is not refused', () => {
    const table = compile(machine, eventTypes);

    test('is answered at once where the application has no handler', () => {
      const [snapshot, effects] = table.initial({ ...input, handled: false });

      expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
      expect(effects).toEqual([respond(input.answer), ...admit]);
    });

    test('but that its content is not understood, is answered so (RFC 3261 §8.2.3)', () => {
      const [snapshot, effects] = table.initial({ ...input, contentRefusal: { status: 415 } });

      expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
      expect(effects).toEqual([respond({ status: 415 })]);
    });

    test('is the application’s to answer where it has one, for 48·T1', () => {
      const [snapshot, effects] = table.initial({ ...input, handled: true });

      expect(snapshot).toMatchObject({ value: 'deciding', status: 'active' });
      expect(effects).toEqual([
        ...admit,
        startTimer('decision', 24_000),
        tellApplication({ type: 'request' }),
      ]);
    });
  });
}

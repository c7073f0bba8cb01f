import { describe, expect, test } from 'vitest';
import { respond, startTimer, stopTimer, tellApplication } from '../../machines/effects.js';
import {
  type Context,
  type Event,
  eventTypes,
  singleResponseUAS,
} from '../../machines/single-response-uas.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { testFigure } from '../support/figure.js';

const machine = singleResponseUAS('message', 'RFC 3428 §7');
const table = compile(machine, eventTypes);
const stopDecision = stopTimer('decision');
const own = { status: 200, headers: [['Allow', 'MESSAGE']] } as const;
const applications = { status: 415, headers: [['Accept', 'text/plain']] } as const;
const context: Context = { handled: true, answer: own, timers };

const events = {
  answer: { type: 'answer', answer: applications },
  trying: { type: 'trying' },
  cancel: { type: 'cancel' },
  failure: { type: 'failure', failure: 'timeout' },
  'the time to decide is over': { type: 'decision' },
} as const satisfies Record<string, Event>;

describe('User agent server of one response (RFC 3261 §8.2)', () => {
  testFigure({
    machine,
    eventTypes,
    events,
    states: {
      deciding: { value: 'deciding', context, status: 'active' },
      answered: { value: 'answered', context, status: 'done' },
    },
    arrows: [
      ['deciding', 'answer', 'answered', [stopDecision, respond(applications)]],
      ['deciding', 'trying', 'deciding', [respond({ status: 100 })]],
      ['deciding', 'cancel', 'deciding', [tellApplication({ type: 'cancel' })]],
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

  test('answers by itself where the application does not', () => {
    const [snapshot, effects] = table.initial({ handled: false, answer: own, timers });

    expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
    expect(effects).toEqual([respond(own)]);
  });

  test('leaves the answer to the application where that has a handler, for 48·T1', () => {
    const [snapshot, effects] = table.initial({ handled: true, answer: own, timers });

    expect(snapshot).toMatchObject({ value: 'deciding', status: 'active' });
    expect(effects).toEqual([startTimer('decision', 24_000), tellApplication({ type: 'request' })]);
  });

  test('has the id and the description of its instance', () => {
    expect(machine.id).toBe('message');
    expect(machine.config.description).toBe('RFC 3428 §7');
  });
});

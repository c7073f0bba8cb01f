import { describe, expect, test } from 'vitest';
import { respond, startTimer, stopTimer, tellApplication } from '../../machines/effects.js';
import { eventTypes, options } from '../../machines/options.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';

const table = compile(options, eventTypes);
const capabilities = { status: 200, headers: [['Allow', 'OPTIONS, REFER']] } as const;

describe('OPTIONS user agent server (RFC 3261 §11.2)', () => {
  test('answers what the user agent can do', () => {
    const [snapshot, effects] = table.initial({ handled: false, answer: capabilities, timers });

    expect(snapshot.status).toBe('done');
    expect(effects).toEqual([respond(capabilities)]);
  });

  test('answers as the application says where that has a handler', () => {
    const [deciding, asked] = table.initial({ handled: true, answer: capabilities, timers });
    const [answered, effects] = table.transition(deciding, { type: 'answer', answer: { status: 486 } });

    expect(asked).toEqual([startTimer('decision', 24_000), tellApplication({ type: 'request' })]);
    expect(answered.status).toBe('done');
    expect(effects).toEqual([stopTimer('decision'), respond({ status: 486 })]);
  });
});

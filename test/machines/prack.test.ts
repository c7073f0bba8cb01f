import { describe, expect, test } from 'vitest';
import { acknowledgeProvisional, respond } from '../../machines/effects.js';
import { eventTypes, type Input, prack } from '../../machines/prack.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { testSingleResponse } from '../support/single-response-figure.js';

const table = compile(prack, eventTypes);
const input: Input = {
  handled: true,
  answer: { status: 200 },
  contentRefusal: undefined,
  timers,
  matches: true,
};

describe('PRACK user agent server (RFC 3262 §3)', () => {
  testSingleResponse(prack, eventTypes, input, [acknowledgeProvisional()]);

  test.each([true, false])(
    'MUST return 481 where it matches no response, and acknowledges none',
    (handled) => {
      const [snapshot, effects] = table.initial({ ...input, handled, matches: false });

      expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
      expect(effects).toEqual([respond({ status: 481 })]);
    },
  );

  test('acknowledges what it matches once, before the application has answered (§5)', () => {
    const [deciding, first] = table.initial(input);
    const [, answered] = table.transition(deciding, { type: 'answer', answer: { status: 488 } });

    expect(first.filter(({ type }) => type === 'acknowledgeProvisional')).toHaveLength(1);
    expect(answered.filter(({ type }) => type === 'acknowledgeProvisional')).toEqual([]);
  });
});

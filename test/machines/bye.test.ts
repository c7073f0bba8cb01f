import { describe, expect, test } from 'vitest';
import { bye, eventTypes } from '../../machines/bye.js';
import { respond, tellSession } from '../../machines/effects.js';
import { compile } from '../../src/engine/compile.js';

const table = compile(bye, eventTypes);

describe('BYE user agent server (RFC 3261 §15.1.2)', () => {
  test('MUST answer 200 and end the session, and no other usage (RFC 5057 §4)', () => {
    const [snapshot, effects] = table.initial({ matches: true });

    expect(snapshot).toEqual({ value: 'answered', context: { matches: true }, status: 'done' });
    expect(effects).toEqual([respond({ status: 200 }), tellSession({ type: 'bye' })]);
  });

  test('answers 481 where the dialog has no session', () => {
    const [snapshot, effects] = table.initial({ matches: false });

    expect(snapshot).toEqual({ value: 'answered', context: { matches: false }, status: 'done' });
    expect(effects).toEqual([respond({ status: 481 })]);
  });

  test('takes no events: its answer is its whole life', () => {
    expect(eventTypes).toEqual([]);
  });
});

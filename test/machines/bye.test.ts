import { describe, expect, test } from 'vitest';
import { bye, eventTypes, type Input } from '../../machines/bye.js';
import { respond, tellSession } from '../../machines/effects.js';
import { compile } from '../../src/engine/compile.js';

const table = compile(bye, eventTypes);
const input: Input = { matches: true, contentRefusal: undefined };

describe('BYE user agent server (RFC 3261 §15.1.2)', () => {
  test('MUST answer 200 and end the session, and no other usage (RFC 5057 §4)', () => {
    const [snapshot, effects] = table.initial(input);

    expect(snapshot).toEqual({ value: 'answered', context: input, status: 'done' });
    expect(effects).toEqual([respond({ status: 200 }), tellSession({ type: 'bye' })]);
  });

  test('answers 481 where the dialog has no session', () => {
    const [snapshot, effects] = table.initial({ ...input, matches: false });

    expect(snapshot).toEqual({ value: 'answered', context: { ...input, matches: false }, status: 'done' });
    expect(effects).toEqual([respond({ status: 481 })]);
  });

  test('MUST reject content that is not understood (§8.2.3), in a session', () => {
    const strange = { ...input, contentRefusal: { status: 415 } };

    expect(table.initial(strange)[1]).toEqual([respond({ status: 415 })]);
    expect(table.initial({ ...strange, matches: false })[1]).toEqual([respond({ status: 481 })]);
  });

  test('takes no events: its answer is its whole life', () => {
    expect(eventTypes).toEqual([]);
  });
});

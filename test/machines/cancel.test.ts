import { describe, expect, test } from 'vitest';
import { cancel, eventTypes } from '../../machines/cancel.js';
import { cancelTransaction, respond } from '../../machines/effects.js';
import { compile } from '../../src/engine/compile.js';

const table = compile(cancel, eventTypes);

describe('CANCEL user agent server (RFC 3261 §9.2)', () => {
  test('answers 200 and hands the CANCEL on where a server transaction matches', () => {
    const [snapshot, effects] = table.initial({ matches: true });

    expect(snapshot).toEqual({ value: 'answered', context: { matches: true }, status: 'done' });
    expect(effects).toEqual([respond({ status: 200 }), cancelTransaction()]);
  });

  test('answers 481 where none does', () => {
    const [snapshot, effects] = table.initial({ matches: false });

    expect(snapshot).toEqual({ value: 'answered', context: { matches: false }, status: 'done' });
    expect(effects).toEqual([respond({ status: 481 })]);
  });

  test('takes no events: its answer is its whole life', () => {
    expect(eventTypes).toEqual([]);
  });
});

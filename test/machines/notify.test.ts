import { describe, expect, test } from 'vitest';
import { respond } from '../../machines/effects.js';
import { eventTypes, type Input, notify } from '../../machines/notify.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { testSingleResponse } from '../support/single-response-figure.js';

const table = compile(notify, eventTypes);
const input: Input = {
  contentRefusal: undefined,
  handled: true,
  answer: { status: 481 },
  timers,
  packageIsKnown: true,
  packages: ['refer', 'presence'],
};

describe('NOTIFY user agent server (RFC 6665 §4.1.3)', () => {
  testSingleResponse(notify, eventTypes, input);

  test('MUST return 481 to one that no subscription asked for, where no application wants it', () => {
    expect(table.initial({ ...input, handled: false })[1]).toEqual([respond({ status: 481 })]);
  });

  test('returns 489 and Allow-Events to one of an unknown package (§7.3.2)', () => {
    const [snapshot, effects] = table.initial({ ...input, handled: false, packageIsKnown: false });

    expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
    expect(effects).toEqual([respond({ status: 489, headers: [['Allow-Events', 'refer, presence']] })]);
  });

  test('judges the package and the subscription before the content', () => {
    const strange = { ...input, contentRefusal: { status: 415 } };

    expect(table.initial({ ...strange, handled: false, packageIsKnown: false })[1]).toEqual([
      respond({ status: 489, headers: [['Allow-Events', 'refer, presence']] }),
    ]);
    expect(table.initial({ ...strange, handled: false })[1]).toEqual([respond({ status: 481 })]);
  });

  test('leaves even an unknown package to an application that has a handler', () => {
    expect(table.initial({ ...input, packageIsKnown: false })[0].value).toBe('deciding');
  });
});

import { describe, expect, test } from 'vitest';
import { respond } from '../../machines/effects.js';
import { eventTypes, type Input, info } from '../../machines/info.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { testSingleResponse } from '../support/single-response-figure.js';

const table = compile(info, eventTypes);
const input: Input = {
  contentRefusal: undefined,
  handled: true,
  answer: { status: 415 },
  timers,
  inSession: true,
  packageIsKnown: true,
  packages: ['dtmf', 'conference'],
};

describe('INFO user agent server (RFC 6086 §4.2.2)', () => {
  testSingleResponse(info, eventTypes, input);

  test.each<[string, Partial<Input>, Parameters<typeof respond>[0]]>([
    ['MUST return 481 outside a session', { inSession: false }, { status: 481 }],
    [
      'MUST return 469 and Recv-Info to one of a package that is not ours',
      { packageIsKnown: false },
      { status: 469, headers: [['Recv-Info', 'dtmf, conference']] },
    ],
    [
      'lists no package in Recv-Info where there is none',
      { packageIsKnown: false, packages: [] },
      { status: 469, headers: [['Recv-Info', '']] },
    ],
    [
      'looks for the session before the package',
      { inSession: false, packageIsKnown: false },
      { status: 481 },
    ],
    [
      'judges the package before the content',
      { packageIsKnown: false, contentRefusal: { status: 415 } },
      { status: 469, headers: [['Recv-Info', 'dtmf, conference']] },
    ],
  ])('%s, and asks no application', (_, changes, response) => {
    for (const handled of [true, false]) {
      const [snapshot, effects] = table.initial({ ...input, ...changes, handled });

      expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
      expect(effects).toEqual([respond(response)]);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { respond, startTimer, stopTimer, tellApplication, tellSession } from '../../machines/effects.js';
import { badRequest } from '../../machines/refusals.js';
import type { Event } from '../../machines/single-response-uas.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { eventTypes, type Input, update } from '../../machines/update.js';
import { compile } from '../../src/engine/compile.js';
import { warning } from '../../src/message/warning.js';
import { testFigure } from '../support/figure.js';

const table = compile(update, eventTypes);
const input: Input = {
  contentRefusal: undefined,
  descriptionIsAcceptable: true,
  hasOneContact: true,
  glare: 'none',
  retryAfter: 4,
  hasOffer: true,
  handled: true,
  answer: { status: 488 },
  timers,
};
const start = (changes: Partial<Input> = {}) => table.initial({ ...input, ...changes });

const ok = { status: 200, headers: [['Content-Type', 'application/sdp']], body: 'v=0\r\n' } as const;
const unacceptable = { status: 488, headers: [['Warning', '304 x "Media"']] } as const;
const leave = [stopTimer('decision'), tellSession({ type: 'offerSettled' })];

const events = {
  accept: { type: 'answer', answer: ok },
  reject: { type: 'answer', answer: unacceptable },
  trying: { type: 'trying' },
  cancel: { type: 'cancel' },
  'the session ends': { type: 'sessionEnded' },
  failure: { type: 'failure', failure: 'transportError' },
  'the time to decide is over': { type: 'decision' },
} as const satisfies Record<string, Event>;

describe('UPDATE user agent server (RFC 3311 §5.2)', () => {
  testFigure({
    machine: update,
    eventTypes,
    events,
    states: {
      deciding: { value: 'deciding', context: input, status: 'active' },
      answered: { value: 'answered', context: input, status: 'done' },
    },
    arrows: [
      ['deciding', 'accept', 'answered', [...leave, respond(ok, 'withContact')]],
      ['deciding', 'reject', 'answered', [...leave, respond(unacceptable)]],
      ['deciding', 'trying', 'deciding', [respond({ status: 100 })]],
      ['deciding', 'cancel', 'deciding', [tellApplication({ type: 'cancel' })]],
      [
        'deciding',
        'the session ends',
        'answered',
        [...leave, respond({ status: 487 }), tellApplication({ type: 'cancel' })],
      ],
      ['deciding', 'failure', 'deciding', [tellApplication({ type: 'failure', failure: 'transportError' })]],
      [
        'deciding',
        'the time to decide is over',
        'answered',
        [...leave, respond({ status: 504, reason: 'No Decision' }), tellApplication({ type: 'undecided' })],
      ],
    ],
    ignored: {},
  });

  test('tells the session of the offer and asks the application, for 48·T1', () => {
    const [snapshot, effects] = start();

    expect(snapshot).toMatchObject({ value: 'deciding', status: 'active' });
    expect(effects).toEqual([
      tellSession({ type: 'offered' }),
      startTimer('decision', 24_000),
      tellApplication({ type: 'request' }),
    ]);
  });

  test.each([true, false])('answers a mere target refresh 200 at once, with a Contact', (handled) => {
    const [snapshot, effects] = start({ hasOffer: false, handled });

    expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
    expect(effects).toEqual([respond({ status: 200 }, 'withContact')]);
  });

  test('answers an offer by itself where the application has no handler, and the session hears nothing', () => {
    const [snapshot, effects] = start({ handled: false });

    expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
    expect(effects).toEqual([respond({ status: 488 })]);
  });

  test('MUST answer promptly: 504 where the application has not decided', () => {
    const [deciding] = start();

    expect(table.transition(deciding, events['the time to decide is over'])[1]).toContainEqual(
      respond({ status: 504, reason: 'No Decision' }),
    );
  });

  test.each<[string, Partial<Input>, Parameters<typeof respond>[0]]>([
    [
      'returns 400 without exactly one Contact, whatever else is wrong',
      { hasOneContact: false, glare: 'noSession' },
      badRequest('One Remote Target Required', 'The Contact is not exactly one SIP or SIPS URI.'),
    ],
    [
      'returns 406 where its Accept takes no answer',
      { descriptionIsAcceptable: false, glare: 'theirs' },
      { status: 406, headers: [warning('The Accept does not take application/sdp.')] },
    ],
    [
      'MUST return 415 to content that is not understood (RFC 3261 §8.2.3)',
      { contentRefusal: { status: 415 }, glare: 'theirs' },
      { status: 415 },
    ],
    ['returns 481 where the dialog has no session (RFC 5057 §4)', { glare: 'noSession' }, { status: 481 }],
    ['MUST return 491 while an offer of ours waits for its answer', { glare: 'ours' }, { status: 491 }],
    [
      'MUST return 500 and Retry-After while an offer of the peer’s or an UPDATE waits for its answer',
      { glare: 'theirs' },
      { status: 500, headers: [['Retry-After', '4']] },
    ],
    [
      'MUST have a Retry-After even of no seconds',
      { glare: 'theirs', retryAfter: 0 },
      { status: 500, headers: [['Retry-After', '0']] },
    ],
  ])('%s, and leaves the session as it was', (_, changes, response) => {
    for (const handled of [true, false]) {
      const [snapshot, effects] = start({ ...changes, handled });

      expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
      expect(effects).toEqual([respond(response)]);
    }
  });
});

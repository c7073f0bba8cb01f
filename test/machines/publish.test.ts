import { describe, expect, test } from 'vitest';
import {
  respond,
  revisePublication,
  startTimer,
  stopTimer,
  tellApplication,
} from '../../machines/effects.js';
import { type Context, type Event, eventTypes, type Input, publish } from '../../machines/publish.js';
import { badRequest } from '../../machines/refusals.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { createRequest, type Request } from '../../src/message/index.js';
import { testFigure } from '../support/figure.js';

type Field = readonly [name: string, value: string];

const presence = ['Event', 'presence'] as const;

const publication = (others: readonly Field[], body = '<presence/>'): Request =>
  createRequest({
    method: 'PUBLISH',
    uri: 'sip:presentity@example.com',
    headers: [
      ['Via', 'SIP/2.0/UDP pua.example.com;branch=z9hG4bK652hsge'],
      ['Max-Forwards', '70'],
      ['To', '<sip:presentity@example.com>'],
      ['From', '<sip:presentity@example.com>;tag=1234wxyz'],
      ['Call-ID', '81818181@pua.example.com'],
      ['CSeq', '1 PUBLISH'],
      ...others,
    ],
    body,
  });

const input: Input = {
  contentRefusal: undefined,
  request: publication([presence]),
  packages: ['presence', 'dialog'],
  minimum: 60,
  timers,
};
const table = compile(publish, eventTypes);
const start = (request: Request) => table.initial({ ...input, request });

const stopDecision = stopTimer('decision');
const accepted = { status: 200, headers: [['Server', 'x']] } as const;
const unsupported = { status: 415, headers: [['Accept', 'application/pidf+xml']] } as const;
const context: Context = { ...input, answer: accepted };

const events = {
  accept: { type: 'answer', answer: accepted },
  refuse: { type: 'answer', answer: unsupported },
  trying: { type: 'trying' },
  cancel: { type: 'cancel' },
  failure: { type: 'failure', failure: 'transportError' },
  revised: { type: 'revised', entityTag: 'dx200xyz', expires: 1800 },
  removed: { type: 'revised', entityTag: 'dx200xyz', expires: 0 },
  unmatched: { type: 'unmatched' },
  'the store failed': { type: 'storeFailed' },
  'the time to decide is over': { type: 'decision' },
} as const satisfies Record<string, Event>;

const success = (expires: string) =>
  respond(accepted, 'withoutContact', [
    ['SIP-ETag', 'dx200xyz'],
    ['Expires', expires],
  ]);

describe('PUBLISH user agent server (RFC 3903 §6)', () => {
  testFigure({
    machine: publish,
    eventTypes,
    events,
    states: {
      deciding: { value: { unanswered: 'deciding' }, context, status: 'active' },
      revising: { value: { unanswered: 'revising' }, context, status: 'active' },
      answered: { value: 'answered', context, status: 'done' },
    },
    arrows: [
      ['deciding', 'accept', 'revising', [revisePublication()]],
      ['deciding', 'refuse', 'answered', [stopDecision, respond(unsupported)]],
      ['deciding', 'trying', 'deciding', [respond({ status: 100 })]],
      ['deciding', 'cancel', 'deciding', [tellApplication({ type: 'cancel' })]],
      ['deciding', 'failure', 'deciding', [tellApplication({ type: 'failure', failure: 'transportError' })]],
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
      ['revising', 'revised', 'answered', [stopDecision, success('1800')]],
      ['revising', 'removed', 'answered', [stopDecision, success('0')]],
      ['revising', 'unmatched', 'answered', [stopDecision, respond({ status: 412 })]],
      [
        'revising',
        'the store failed',
        'answered',
        [stopDecision, respond({ status: 500, reason: 'Not Stored' })],
      ],
      [
        'revising',
        'the time to decide is over',
        'answered',
        [stopDecision, respond({ status: 500, reason: 'Not Stored' })],
      ],
      ['revising', 'trying', 'revising', [respond({ status: 100 })]],
      ['revising', 'cancel', 'revising', [tellApplication({ type: 'cancel' })]],
      ['revising', 'failure', 'revising', [tellApplication({ type: 'failure', failure: 'transportError' })]],
    ],
    ignored: {
      deciding: ['revised', 'removed', 'unmatched', 'the store failed'],
      revising: ['accept', 'refuse'],
    },
  });

  describe('what comes before the application is asked', () => {
    const condition = ['SIP-If-Match', 'dx200xyz'] as const;
    const state = '<presence/>';
    const badEvent = { status: 489, headers: [['Allow-Events', 'presence, dialog']] } as const;
    const badCondition = badRequest(
      'Exactly One Entity-Tag Required',
      'The SIP-If-Match is not one entity-tag.',
    );
    const badExpires = badRequest('Malformed Interval', 'The Expires is not one number of seconds.');
    const tooBrief = { status: 423, headers: [['Min-Expires', '60']] } as const;

    test.each<[string, readonly Field[], string]>([
      ['an initial publication', [presence, ['Expires', '60']], state],
      ['one that leaves its time to us', [['Event', 'dialog']], state],
      ['a refresh', [presence, condition, ['Expires', '3600']], ''],
      ['a modification', [presence, condition], state],
      ['a removal', [presence, condition, ['Expires', '0']], ''],
    ])('asks the application about %s, for 48·T1', (_, others, body) => {
      const [snapshot, effects] = start(publication(others, body));

      expect(snapshot.value).toEqual({ unanswered: 'deciding' });
      expect(effects).toEqual([startTimer('decision', 24_000), tellApplication({ type: 'request' })]);
    });

    test.each([
      ['no Event', publication([], state), badEvent],
      ['two entity-tags', publication([presence, ['SIP-If-Match', 'a, b']], state), badCondition],
      ['a time too brief', publication([presence, ['Expires', '59']], state), tooBrief],
      ['nothing else wrong', publication([presence], state), { status: 415 }],
    ] as const)('judges content that is not understood at step 5, after %s', (_, request, answer) => {
      const [, effects] = table.initial({ ...input, request, contentRefusal: { status: 415 } });

      expect(effects).toEqual([respond(answer)]);
    });

    test.each([
      [489, 'no Event', [], state, badEvent],
      [489, 'an Event of another package', [['Event', 'winfo']], state, badEvent],
      [489, 'an Event in another case', [['Event', 'Presence']], state, badEvent],
      [489, 'an Event that can’t be read', [['Event', ';']], state, badEvent],
      [400, 'two entity-tags', [presence, ['SIP-If-Match', 'a, b']], state, badCondition],
      [400, 'two lines of them', [presence, condition, condition], '', badCondition],
      [400, 'an entity-tag that is no token', [presence, ['SIP-If-Match', '"a"']], '', badCondition],
      [400, 'a time that can’t be read', [presence, ['Expires', 'soon']], state, badExpires],
      [400, 'two times', [presence, ['Expires', '60'], ['Expires', '0']], state, badExpires],
      [423, 'a time too brief', [presence, ['Expires', '59']], state, tooBrief],
      [423, 'a refresh too brief', [presence, condition, ['Expires', '1']], '', tooBrief],
      [
        400,
        'no body and no entity-tag',
        [presence],
        '',
        badRequest('Nothing Published', 'There is neither a body nor a SIP-If-Match.'),
      ],
      // Of two faults the first step’s is told.
      [489, 'no Event and a bad entity-tag', [['SIP-If-Match', '']], state, badEvent],
      [423, 'a time too brief for nothing', [presence, ['Expires', '1']], '', tooBrief],
    ] as const)('returns a %i to %s', (_, __, others, body, answer) => {
      const [snapshot, effects] = start(publication(others, body));

      expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
      expect(effects).toEqual([respond(answer)]);
    });
  });
});

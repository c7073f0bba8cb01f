import { describe, expect, test } from 'vitest';
import { respond, reviseBindings, startTimer, stopTimer, tellApplication } from '../../machines/effects.js';
import { badRequest } from '../../machines/refusals.js';
import { type Context, type Event, eventTypes, type Input, register } from '../../machines/register.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { createRequest, type Request } from '../../src/message/index.js';
import { warning } from '../../src/message/warning.js';
import { testFigure } from '../support/figure.js';

type Field = readonly [name: string, value: string];

const registration = (others: readonly Field[], to = '<sip:bob@example.com>'): Request =>
  createRequest({
    method: 'REGISTER',
    uri: 'sip:example.com',
    headers: [
      ['Via', 'SIP/2.0/UDP bob.example.com:5060;branch=z9hG4bKnashds7'],
      ['Max-Forwards', '70'],
      ['To', to],
      ['From', '<sip:bob@example.com>;tag=456248'],
      ['Call-ID', '843817637684230@998sdasdh09'],
      ['CSeq', '1826 REGISTER'],
      ...others,
    ],
  });

const contact = ['Contact', '<sip:bob@192.0.2.4>'] as const;
const input: Input = {
  request: registration([contact]),
  minimum: 60,
  contentRefusal: undefined,
  timers,
};
const table = compile(register, eventTypes);
const start = (request: Request, minimum = 60) => table.initial({ ...input, request, minimum });

const stopDecision = stopTimer('decision');
const bindings = ['<sip:bob@192.0.2.4>;expires=7200', '"Bob" <sip:bob@192.0.2.5>;q=0.5;expires=12'];
const accepted = { status: 200, headers: [['Service-Route', '<sip:edge.example.com;lr>']] } as const;
const forbidden = { status: 403, reason: 'Not You' };
const context: Context = { ...input, answer: accepted };

const events = {
  accept: { type: 'answer', answer: accepted },
  refuse: { type: 'answer', answer: forbidden },
  trying: { type: 'trying' },
  cancel: { type: 'cancel' },
  failure: { type: 'failure', failure: 'transportError' },
  revised: { type: 'revised', bindings },
  'out of order': { type: 'outOfOrder' },
  'the store failed': { type: 'storeFailed' },
  'the time to decide is over': { type: 'decision' },
} as const satisfies Record<string, Event>;

describe('REGISTER user agent server (RFC 3261 §10.3)', () => {
  testFigure({
    machine: register,
    eventTypes,
    events,
    states: {
      deciding: { value: { unanswered: 'deciding' }, context, status: 'active' },
      revising: { value: { unanswered: 'revising' }, context, status: 'active' },
      answered: { value: 'answered', context, status: 'done' },
    },
    arrows: [
      ['deciding', 'accept', 'revising', [reviseBindings()]],
      ['deciding', 'refuse', 'answered', [stopDecision, respond(forbidden)]],
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
      [
        'revising',
        'revised',
        'answered',
        [
          stopDecision,
          respond(accepted, 'withoutContact', [
            ['Contact', '<sip:bob@192.0.2.4>;expires=7200'],
            ['Contact', '"Bob" <sip:bob@192.0.2.5>;q=0.5;expires=12'],
          ]),
        ],
      ],
      [
        'revising',
        'out of order',
        'answered',
        [
          stopDecision,
          respond({
            status: 500,
            headers: [warning('The CSeq is not over that of the REGISTER that made the binding.')],
          }),
        ],
      ],
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
      deciding: ['revised', 'out of order', 'the store failed'],
      revising: ['accept', 'refuse'],
    },
  });

  describe('what comes before the application is asked', () => {
    const invalid = [
      respond(
        badRequest(
          'Invalid Bindings',
          "The Contact can't be read, has over a hundred values, or is * without Expires: 0.",
        ),
      ),
    ];
    const noAddress = [
      respond(badRequest('Address-of-Record Is No SIP URI', 'The To is no SIP or SIPS URI.')),
    ];
    const asked = [startTimer('decision', 24_000), tellApplication({ type: 'request' })];
    const contacts = (...values: readonly string[]) => values.map((value): Field => ['Contact', value]);
    const many = (count: number) => Array.from({ length: count }, (_, port) => `<sip:h:${port + 1}>`).join();
    const expires = (value: string): Field => ['Expires', value];

    test.each<[string, readonly Field[]]>([
      ['one contact', contacts('<sip:bob@192.0.2.4>')],
      ['a hundred contacts', [['Contact', many(100)]]],
      ['several', contacts('<sip:bob@192.0.2.4>, <tel:+15551234>;q=0.1', '<mailto:bob@example.com>')],
      ['no contact, which asks for the bindings', []],
      ['* with Expires: 0', [...contacts('*'), expires('0')]],
      ['a contact that is to be removed', contacts('<sip:bob@192.0.2.4>;expires=0')],
      ['a contact and Expires: 0', [contact, expires('0')]],
      ['the shortest time that is long enough', contacts('<sip:bob@192.0.2.4>;expires=60')],
      ['an unreadable time, which is an hour', contacts('<sip:bob@192.0.2.4>;expires=soon')],
      ['a time without a value', contacts('<sip:bob@192.0.2.4>;expires')],
      ['an absolute time (RFC 2543)', [contact, expires('Thu, 01 Dec 1994 16:00:00 GMT')]],
    ])('asks the application about %s, for 48·T1', (_, others) => {
      const [snapshot, effects] = start(registration(others));

      expect(snapshot.value).toEqual({ unanswered: 'deciding' });
      expect(effects).toEqual(asked);
    });

    test('judges the content after the contacts (§8.2.3)', () => {
      const strange = { ...input, contentRefusal: { status: 415 } };

      expect(table.initial(strange)[1]).toEqual([respond({ status: 415 })]);
      expect(table.initial({ ...strange, request: registration(contacts('<<<')) })[1]).toEqual(invalid);
    });

    test.each<[string, readonly Field[]]>([
      ['* without Expires', contacts('*')],
      ['* with another time', [...contacts('*'), expires('1')]],
      ['* with a time that can’t be read', [...contacts('*'), expires('0 s')]],
      ['* with two times', [...contacts('*'), expires('0'), expires('0')]],
      ['* and another contact', [...contacts('*', '<sip:bob@192.0.2.4>'), expires('0')]],
      ['another contact and *', [...contacts('<sip:bob@192.0.2.4>, *'), expires('0')]],
      ['a contact that can’t be read', contacts('<sip:bob@192.0.2.4>', '<<<')],
      ['a contact of nothing', contacts('')],
      ['a hundred and one contacts', [['Contact', many(101)]]],
    ])('MUST return a 400 to %s', (_, others) => {
      const [snapshot, effects] = start(registration(others));

      expect(snapshot).toMatchObject({ value: 'answered', status: 'done' });
      expect(effects).toEqual(invalid);
    });

    test.each([
      ['display name', '"a\\\0" <sip:bob@192.0.2.4>'],
      ['parameter', '<sip:bob@192.0.2.4>;x="\\\0"'],
    ])('returns a 400 to a NUL in a %s, which no response can give back', (_, value) => {
      const { type, text } = registration(contacts('PLACE'));

      expect(start({ type, text: text.replace('PLACE', value) } as Request)[1]).toEqual(invalid);
    });

    test.each([
      ['its own', contacts('<sip:bob@192.0.2.4>;expires=59')],
      ['that of Expires', [contact, expires('59')]],
      ['that of one of several', contacts('<sip:a@192.0.2.4>;expires=3600, <sip:b@192.0.2.4>;expires=1')],
    ])('returns a 423 to a contact whose time is too brief: %s', (_, others) => {
      const [snapshot, effects] = start(registration(others));

      expect(snapshot.status).toBe('done');
      expect(effects).toEqual([respond({ status: 423, headers: [['Min-Expires', '60']] })]);
    });

    test.each([
      [3_599, [respond({ status: 423, headers: [['Min-Expires', '7200']] })]],
      [3_600, asked],
    ])('never refuses a time of an hour, however high the minimum: %i s', (seconds, effects) => {
      expect(start(registration([contact, expires(`${seconds}`)]), 7_200)[1]).toEqual(effects);
    });

    test('takes a contact’s own time before that of Expires', () => {
      const others = [...contacts('<sip:bob@192.0.2.4>;expires=600'), expires('1')];

      expect(start(registration(others))[1]).toEqual(asked);
    });

    test.each(['<sips:bob@example.com>', 'sip:bob@example.com', '"Bob" <SIP:bob@example.com>'])(
      'takes the address of record %s',
      (to) => expect(start(registration([contact], to))[1]).toEqual(asked),
    );

    test.each(['<tel:+15551234>', 'isbn:2983792873', '<http://example.com>'])(
      'returns a 400 to the address of record %s, which MUST be a SIP URI (§10.2)',
      (to) => expect(start(registration([contact], to))[1]).toEqual(noAddress),
    );
  });

  test('answers with no Contact where no binding is left', () => {
    const [deciding] = start(registration([contact]));
    const [revising] = table.transition(deciding, { type: 'answer', answer: { status: 200 } });
    const [, effects] = table.transition(revising, { type: 'revised', bindings: [] });

    expect(effects).toEqual([stopDecision, respond({ status: 200 })]);
  });

  test('has its answer within 48·T1 in all, the store’s time with it', () => {
    const [deciding, started] = start(registration([contact]));
    const [, effects] = table.transition(deciding, events.accept);

    expect(started).toContainEqual(startTimer('decision', 48 * timers.T1));
    expect(effects).toEqual([reviseBindings()]);
  });
});

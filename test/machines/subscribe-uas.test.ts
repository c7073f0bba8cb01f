import { describe, expect, test } from 'vitest';
import {
  endSubscription,
  type HeaderField,
  type Report,
  type ResponseDraft,
  refreshSubscription,
  respond,
  startNotifier,
  startTimer,
  stopTimer,
  tellApplication,
} from '../../machines/effects.js';
import { badRequest } from '../../machines/refusals.js';
import {
  type Context,
  type Event,
  eventTypes,
  type Input,
  subscribeUAS,
} from '../../machines/subscribe-uas.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { warning } from '../../src/message/warning.js';
import { testFigure } from '../support/figure.js';

const table = compile(subscribeUAS, eventTypes);

const neutral: Report = { contentType: 'application/pidf+xml', body: '' };
const presence: Report = { contentType: 'application/pidf+xml', body: '<presence/>' };
const input: Input = {
  routesAreReadable: true,
  contentRefusal: undefined,
  contentTypes: ['application/pidf+xml', 'text/plain'],
  contentType: 'text/plain',
  hasOneContact: true,
  packageIsKnown: true,
  packages: ['refer', 'presence'],
  matches: false,
  isReferral: false,
  expires: 600,
  minimum: 60,
  neutral,
  timers,
};
const start = (changes: Partial<Input> = {}) => table.initial({ ...input, ...changes });

const accepted: ResponseDraft = { status: 200, headers: [['Server', 'x']] };
const busy: ResponseDraft = { status: 486, reason: 'Busy Here' };
const stopDecision = stopTimer('decision');
const granted = (expires: number, response: ResponseDraft = { status: 200 }) =>
  respond(response, 'withContact', [['Expires', `${expires}`] satisfies HeaderField]);

const events = {
  accept: { type: 'accept', answer: accepted, report: presence },
  suspend: { type: 'suspend', answer: accepted, report: presence },
  reject: { type: 'reject', answer: busy },
  trying: { type: 'trying' },
  cancel: { type: 'cancel' },
  'the session ends': { type: 'sessionEnded' },
  failure: { type: 'failure', failure: 'transportError' },
  'the time to decide is over': { type: 'decision' },
} as const satisfies Record<string, Event>;

const context: Context = { ...input, answer: { status: 200 }, report: neutral };

describe('SUBSCRIBE user agent server (RFC 6665 §4.2.1, RFC 3515 §2.4.4)', () => {
  testFigure({
    machine: subscribeUAS,
    eventTypes,
    events,
    states: {
      deciding: { value: 'deciding', context, status: 'active' },
      accepted: { value: 'accepted', context, status: 'done' },
      rejected: { value: 'rejected', context, status: 'done' },
    },
    arrows: [
      [
        'deciding',
        'accept',
        'accepted',
        [stopDecision, granted(600, accepted), startNotifier('active', presence, 600)],
      ],
      [
        'deciding',
        'suspend',
        'accepted',
        [stopDecision, granted(600, accepted), startNotifier('pending', presence, 600)],
      ],
      ['deciding', 'reject', 'rejected', [stopDecision, respond(busy)]],
      ['deciding', 'trying', 'deciding', [respond({ status: 100 })]],
      ['deciding', 'cancel', 'deciding', [tellApplication({ type: 'cancel' })]],
      [
        'deciding',
        'the session ends',
        'rejected',
        [stopDecision, respond({ status: 487 }), tellApplication({ type: 'cancel' })],
      ],
      ['deciding', 'failure', 'deciding', [tellApplication({ type: 'failure', failure: 'transportError' })]],
      [
        'deciding',
        'the time to decide is over',
        'accepted',
        [
          stopDecision,
          granted(600),
          startNotifier('pending', neutral, 600),
          tellApplication({ type: 'undecided' }),
        ],
      ],
    ],
    ignored: {},
  });

  describe('a new subscription', () => {
    test.each([0, 600])('is the application’s to accept, for 48·T1: one of %i seconds', (expires) => {
      const [snapshot, effects] = start({ expires });

      expect(snapshot).toMatchObject({ value: 'deciding', status: 'active' });
      expect(effects).toEqual([startTimer('decision', 24_000), tellApplication({ type: 'request' })]);
    });

    test('of no seconds is a fetch: its one NOTIFY says what it is told (§4.4.3)', () => {
      const [deciding] = start({ expires: 0 });

      expect(table.transition(deciding, events.accept)[1]).toEqual([
        stopDecision,
        granted(0, accepted),
        startNotifier('active', presence, 0),
      ]);
    });

    test('that must wait says nothing but what is neutral (§4.2.1.2)', () => {
      const [deciding] = start();

      expect(table.transition(deciding, events['the time to decide is over'])[1]).toContainEqual(
        startNotifier('pending', neutral, 600),
      );
    });

    test('goes on deciding after a CANCEL, which has no effect on a SUBSCRIBE (RFC 3261 §9.2)', () => {
      const [cancelled] = table.transition(start()[0], events.cancel);

      expect(table.transition(cancelled, events.accept)[1]).toContainEqual(
        startNotifier('active', presence, 600),
      );
    });
  });

  describe.each([true, false])('to a subscription that is there, be it a referral’s: %s', (isReferral) => {
    test('MUST extend it without asking the application again (§4.2.1.3)', () => {
      const [snapshot, effects] = start({ matches: true, isReferral });

      expect(snapshot).toMatchObject({ value: 'accepted', status: 'done' });
      expect(effects).toEqual([granted(600), refreshSubscription(600)]);
    });

    test('ends it where it asks for no seconds (§4.2.1.4)', () => {
      const [snapshot, effects] = start({ matches: true, isReferral, expires: 0 });

      expect(snapshot).toMatchObject({ value: 'accepted', status: 'done' });
      expect(effects).toEqual([granted(0), endSubscription()]);
    });
  });

  test('MUST NOT answer with a 202 by itself (§4.2.1.1)', () => {
    const [deciding] = start();

    expect(table.transition(deciding, events['the time to decide is over'])[1]).toContainEqual(granted(600));
    for (const expires of [0, 60, 3_600, 2 ** 32 - 1])
      expect(start({ matches: true, expires })[1][0]).toEqual(granted(expires));
  });

  describe('what comes before the application is asked', () => {
    const unknownPackage = { status: 489, headers: [['Allow-Events', 'refer, presence']] } as const;
    const noContact = badRequest(
      'One Remote Target Required',
      'The Contact is not exactly one SIP or SIPS URI.',
    );
    const onlyREFER = { status: 403, reason: 'Only REFER Makes This Subscription' };
    const tooBrief = { status: 423, headers: [['Min-Expires', '60']] } as const;

    const unacceptable = {
      status: 406,
      headers: [warning('The Accept does not take application/pidf+xml, text/plain.')],
    };
    const strange = { contentRefusal: { status: 415 } };

    test.each<[string, Partial<Input>, ResponseDraft]>([
      ['MUST return 489 and Allow-Events for an unknown package', { packageIsKnown: false }, unknownPackage],
      ['returns 400 without exactly one Contact', { hasOneContact: false }, noContact],
      ['MUST return 403 to one that only a REFER makes (RFC 3515 §2.4.4)', { isReferral: true }, onlyREFER],
      ['returns that 403 to a fetch, too', { isReferral: true, expires: 0 }, onlyREFER],
      ['MUST return 423 and Min-Expires to one too brief', { expires: 59 }, tooBrief],
      ['returns 423 to a refresh too brief', { matches: true, expires: 1 }, tooBrief],
      [
        'tells of the package first',
        { packageIsKnown: false, hasOneContact: false, isReferral: true, expires: 1 },
        unknownPackage,
      ],
      ['tells of the Contact next', { hasOneContact: false, isReferral: true, expires: 1 }, noContact],
      ['tells of the referral before the time', { isReferral: true, expires: 1 }, onlyREFER],
      [
        'returns 400 where the route set of its dialog can’t be read',
        { routesAreReadable: false, isReferral: true },
        badRequest('Malformed Hop List', 'The Record-Route is no list of URIs in angle brackets.'),
      ],
      ['MUST reject content that is not understood', strange, { status: 415 }],
      ['tells of the package before the content', { ...strange, packageIsKnown: false }, unknownPackage],
      ['tells of the time before the content', { ...strange, expires: 1 }, tooBrief],
      ['returns 406 where no type of the package is acceptable', { contentType: undefined }, unacceptable],
      ['and to such a fetch', { contentType: undefined, expires: 0 }, unacceptable],
      ['and to such a refresh', { contentType: undefined, matches: true }, unacceptable],
      ['tells of the content before that', { ...strange, contentType: undefined }, { status: 415 }],
      ['looks at the package of a refresh, too', { matches: true, packageIsKnown: false }, unknownPackage],
    ])('%s', (_, changes, response) => {
      const [snapshot, effects] = start(changes);

      expect(snapshot).toMatchObject({ value: 'rejected', status: 'done' });
      expect(effects).toEqual([respond(response)]);
    });

    test.each([
      ['where the package declares none', { contentTypes: [], contentType: undefined }, 'deciding'],
      ['to end a subscription', { contentType: undefined, matches: true, expires: 0 }, 'accepted'],
    ])('needs no acceptable type %s', (_, changes, state) => {
      expect(start(changes)[0].value).toBe(state);
    });

    test.each([
      ['no seconds', { expires: 0 }],
      ['the least that lasts', { expires: 60 }],
      ['an hour, whatever the least is (§4.2.1.1)', { expires: 3_600, minimum: 7_200 }],
    ])('MUST NOT take for too brief: %s', (_, changes) => {
      expect(start(changes)[0].value).toBe('deciding');
    });
  });
});

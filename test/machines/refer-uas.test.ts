import { describe, expect, test } from 'vitest';
import { respond, startNotifier, startTimer, stopTimer, tellApplication } from '../../machines/effects.js';
import { type Context, type Event, eventTypes, type Input, referUAS } from '../../machines/refer-uas.js';
import { badRequest } from '../../machines/refusals.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { testFigure } from '../support/figure.js';
import { referRequest, referWithoutSubscription } from '../support/sample-messages.js';

const table = compile(referUAS, eventTypes);
const tellRequest = tellApplication({ type: 'request' });
const tellUndecided = tellApplication({ type: 'undecided' });
const stopDecision = stopTimer('decision');
const terminated = [stopDecision, respond({ status: 487 }), tellApplication({ type: 'cancel' })];
const moved = { status: 302, headers: [['Contact', '<sip:bob@elsewhere.example.org>']] } as const;
const busy = { status: 486, reason: 'Busy Here' };
const accepted = { status: 200, headers: [['Subject', 'Transfer']] } as const;

const input: Input = {
  request: referRequest(),
  verdict: { type: 'grant' },
  success: 200,
  routesAreReadable: true,
  contentRefusal: undefined,
  timers,
};
const start = (changes: Partial<Input> = {}) => table.initial({ ...input, ...changes });

const events = {
  accept: { type: 'accept' },
  'accept with an answer': { type: 'accept', answer: accepted },
  redirect: { type: 'redirect', answer: moved },
  reject: { type: 'reject', answer: busy },
  trying: { type: 'trying' },
  cancel: { type: 'cancel' },
  'the session ends': { type: 'sessionEnded' },
  failure: { type: 'failure', failure: 'transportError' },
  'the time to decide is over': { type: 'decision' },
} as const satisfies Record<string, Event>;

const states = (subscribes: boolean) => {
  const context: Context = { ...input, answer: { status: 200 }, subscribes };
  return {
    deciding: { value: 'deciding', context, status: 'active' },
    accepted: { value: 'accepted', context, status: 'done' },
    redirected: { value: 'redirected', context, status: 'done' },
    rejected: { value: 'rejected', context, status: 'done' },
  } as const;
};

describe('REFER user agent server (RFC 3515 §2.4.2, RFC 7647, RFC 4488)', () => {
  describe('with a subscription', () => {
    testFigure({
      machine: referUAS,
      eventTypes,
      events,
      states: states(true),
      arrows: [
        [
          'deciding',
          'accept',
          'accepted',
          [stopDecision, respond({ status: 200 }, 'withContact'), startNotifier('active')],
        ],
        [
          'deciding',
          'accept with an answer',
          'accepted',
          [stopDecision, respond(accepted, 'withContact'), startNotifier('active')],
        ],
        ['deciding', 'redirect', 'redirected', [stopDecision, respond(moved)]],
        ['deciding', 'reject', 'rejected', [stopDecision, respond(busy)]],
        ['deciding', 'trying', 'deciding', [respond({ status: 100 })]],
        ['deciding', 'cancel', 'deciding', [tellApplication({ type: 'cancel' })]],
        ['deciding', 'the session ends', 'rejected', terminated],
        [
          'deciding',
          'failure',
          'deciding',
          [tellApplication({ type: 'failure', failure: 'transportError' })],
        ],
        [
          'deciding',
          'the time to decide is over',
          'accepted',
          [stopDecision, respond({ status: 200 }, 'withContact'), startNotifier('pending'), tellUndecided],
        ],
      ],
      ignored: {},
    });
  });

  describe('without one, as `Refer-Sub: false` asks (RFC 4488 §4)', () => {
    testFigure({
      machine: referUAS,
      eventTypes,
      events,
      states: states(false),
      arrows: [
        [
          'deciding',
          'accept',
          'accepted',
          [stopDecision, respond({ status: 200 }, 'withContact', [['Refer-Sub', 'false']])],
        ],
        [
          'deciding',
          'accept with an answer',
          'accepted',
          [stopDecision, respond(accepted, 'withContact', [['Refer-Sub', 'false']])],
        ],
        ['deciding', 'redirect', 'redirected', [stopDecision, respond(moved)]],
        ['deciding', 'reject', 'rejected', [stopDecision, respond(busy)]],
        ['deciding', 'trying', 'deciding', [respond({ status: 100 })]],
        ['deciding', 'cancel', 'deciding', [tellApplication({ type: 'cancel' })]],
        ['deciding', 'the session ends', 'rejected', terminated],
        [
          'deciding',
          'failure',
          'deciding',
          [tellApplication({ type: 'failure', failure: 'transportError' })],
        ],
        [
          'deciding',
          'the time to decide is over',
          'accepted',
          [stopDecision, respond({ status: 200 }, 'withContact', [['Refer-Sub', 'false']]), tellUndecided],
        ],
      ],
      ignored: {},
    });
  });

  describe('what comes before the application is asked', () => {
    const contact = ['Contact', '<sip:alice@alice.example.com>'] as const;
    const referTo = ['Refer-To', '<sip:carol@example.net>'] as const;

    test.each([
      ['no', []],
      ['two', [referTo, referTo]],
      ['two in one line', [['Refer-To', '<sip:carol@example.net>, <sip:dan@example.net>'] as const]],
      ['an unreadable', [['Refer-To', '<<<'] as const]],
    ])('MUST return a 400 to %s Refer-To', (_, referTos) => {
      const [snapshot, effects] = start({ request: referRequest([contact, ...referTos]) });

      expect(snapshot.value).toBe('rejected');
      expect(effects).toEqual([
        respond(badRequest('One Target Required', 'The Refer-To is not exactly one URI.')),
      ]);
    });

    test.each([
      ['no', []],
      ['two', [contact, contact]],
      ['two in one line', [['Contact', '<sip:a@example.com>, <sip:b@example.com>'] as const]],
      ['an unreadable', [['Contact', '<<<'] as const]],
      ['a *', [['Contact', '*'] as const]],
    ])('returns a 400 to %s Contact (§2.2)', (_, contacts) => {
      const [snapshot, effects] = start({ request: referRequest([...contacts, referTo]) });

      expect(snapshot.value).toBe('rejected');
      expect(effects).toEqual([
        respond(badRequest('One Remote Target Required', 'The Contact is not exactly one SIP or SIPS URI.')),
      ]);
    });

    test.each([
      'sip:carol@example.net',
      'sips:carol@example.net',
      'tel:+15551234',
      'http://example.net/',
      'urn:service:sos',
    ])('takes a Refer-To of any scheme: %s', (uri) => {
      const [snapshot] = start({ request: referRequest([contact, ['Refer-To', `<${uri}>`]]) });

      expect(snapshot.value).toBe('deciding');
    });

    test('refuses a good REFER as the policy says (§5.2)', () => {
      const [snapshot, effects] = start({ verdict: { type: 'refuse', status: 403, reason: 'Not You' } });

      expect(snapshot.value).toBe('rejected');
      expect(effects).toEqual([respond({ status: 403, reason: 'Not You' })]);
      expect(start({ verdict: { type: 'refuse', status: 603 } })[1]).toEqual([respond({ status: 603 })]);
    });

    test('looks at Record-Route before the content, and at the content before it asks the policy', () => {
      const refused = { contentRefusal: { status: 415 }, verdict: { type: 'refuse', status: 603 } } as const;

      expect(start({ ...refused, routesAreReadable: false })[1]).toEqual([
        respond(badRequest('Malformed Hop List', 'The Record-Route is no list of URIs in angle brackets.')),
      ]);
      expect(start(refused)[1]).toEqual([respond({ status: 415 })]);
      expect(start({ ...refused, request: referRequest([contact]) })[1]).toEqual([
        respond(badRequest('One Target Required', 'The Refer-To is not exactly one URI.')),
      ]);
    });

    test('returns the 400 before the policy’s refusal', () => {
      const [, effects] = start({
        request: referRequest([contact]),
        verdict: { type: 'refuse', status: 603 },
      });

      expect(effects).toEqual([
        respond(badRequest('One Target Required', 'The Refer-To is not exactly one URI.')),
      ]);
    });

    test('accepts at once what the policy leaves pending, and asks the application', () => {
      const [snapshot, effects] = start({ verdict: { type: 'pending' } });

      expect(snapshot.value).toBe('accepted');
      expect(effects).toEqual([
        respond({ status: 200 }, 'withContact'),
        startNotifier('pending'),
        tellRequest,
      ]);
    });

    test('MUST NOT subscribe a pending REFER that asks for no subscription (RFC 4488 §4)', () => {
      const [snapshot, effects] = start({
        request: referWithoutSubscription,
        verdict: { type: 'pending' },
      });

      expect(snapshot.value).toBe('accepted');
      expect(effects).toEqual([
        respond({ status: 200 }, 'withContact', [['Refer-Sub', 'false']]),
        tellRequest,
      ]);
    });

    test('asks the application about what the policy grants, for 48·T1', () => {
      const [snapshot, effects] = start();

      expect(snapshot.value).toBe('deciding');
      expect(effects).toEqual([startTimer('decision', 24_000), tellRequest]);
    });

    test('MUST NOT subscribe a granted REFER that asks for no subscription (RFC 4488 §4)', () => {
      const [deciding] = start({ request: referWithoutSubscription });
      const [, effects] = table.transition(deciding, { type: 'accept' });

      expect(effects).toEqual([
        stopDecision,
        respond({ status: 200 }, 'withContact', [['Refer-Sub', 'false']]),
      ]);
    });

    test('subscribes where `Refer-Sub: true` asks for it (RFC 4488 §4)', () => {
      const [deciding] = start({ request: referRequest([contact, referTo, ['Refer-Sub', 'true']]) });

      expect(table.transition(deciding, { type: 'accept' })[1]).toContainEqual(startNotifier('active'));
    });
  });

  describe.each([200, 202] as const)('with success %i (RFC 7647)', (success) => {
    test('answers an approval, a pending verdict and an undecided REFER with it', () => {
      const dialog = respond({ status: success }, 'withContact');
      const [deciding] = start({ success });

      expect(table.transition(deciding, { type: 'accept' })[1]).toContainEqual(dialog);
      expect(table.transition(deciding, { type: 'decision' })[1]).toContainEqual(dialog);
      expect(start({ success, verdict: { type: 'pending' } })[1]).toContainEqual(dialog);
    });
  });

  test('MUST return the 2xx before the REFER transaction expires', () => {
    const [deciding, effects] = start();
    const [accepted, late] = table.transition(deciding, events['the time to decide is over']);

    expect(effects).toContainEqual(startTimer('decision', 48 * timers.T1));
    expect(48 * timers.T1).toBeLessThan(64 * timers.T1);
    expect(accepted.status).toBe('done');
    expect(late).toContainEqual(respond({ status: 200 }, 'withContact'));
  });

  test('goes on deciding after a CANCEL, which has no effect on a REFER (RFC 3261 §9.2)', () => {
    const [deciding] = start();
    const [cancelled] = table.transition(deciding, events.cancel);

    expect(table.transition(cancelled, events.accept)[1]).toContainEqual(startNotifier('active'));
  });
});

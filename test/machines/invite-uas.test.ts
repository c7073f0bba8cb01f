import { describe, expect, test } from 'vitest';
import {
  type ResponseDraft,
  replaceSession,
  respond,
  startSession,
  startTimer,
  stopTimer,
  tellApplication,
  tellSession,
} from '../../machines/effects.js';
import { type Event, eventTypes, type Input, inviteUAS } from '../../machines/invite-uas.js';
import { badRequest } from '../../machines/refusals.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { warning } from '../../src/message/warning.js';

const table = compile(inviteUAS, eventTypes);
const input: Input = {
  routesAreReadable: true,
  contentRefusal: undefined,
  descriptionIsAcceptable: true,
  hasOneContact: true,
  handled: true,
  reliability: 'none',
  firstSequence: 1,
  expires: undefined,
  patience: 180,
  capabilities: [['Supported', '100rel, replaces']],
  timers,
  verdict: { type: 'grant' },
  replaces: 'nothing',
  earlyOnly: false,
};
const start = (changes: Partial<Input> = {}) => table.initial({ ...input, ...changes });
/** What the last of some events makes the machine order. */
const lastOf = (events: readonly Event[], changes: Partial<Input> = {}) =>
  events.reduce((step, event) => table.transition(step[0], event), start(changes));

const limit = [stopTimer('expiry'), stopTimer('decision')];
const ringing: Event = { type: 'progress', answer: { status: 180 } };
const accept: Event = { type: 'accept', answer: { status: 200, body: 'v=0\r\n' } };
const reject: Event = { type: 'reject', answer: { status: 486 } };
const success = [
  respond({ status: 200, body: 'v=0\r\n' }, 'withContact', input.capabilities),
  tellSession({ type: 'accepted' }),
  replaceSession(),
  startTimer('successRetransmission', 500),
  startTimer('successExpiry', 32_000),
];

describe('INVITE user agent server (RFC 3261 §13.3.1, RFC 3891 §3)', () => {
  test('asks the application for as long as its patience lasts, and tells no session', () => {
    const [snapshot, effects] = start();

    expect(snapshot.value).toEqual({ proceeding: 'deciding' });
    expect(effects).toEqual([startTimer('decision', 180_000), tellApplication({ type: 'request' })]);
  });

  test('starts the session before the first provisional response with a To tag', () => {
    expect(lastOf([{ type: 'trying' }])[1]).toEqual([respond({ status: 100 })]);
    expect(lastOf([{ type: 'trying' }, ringing])[1]).toEqual([
      startSession(),
      respond({ status: 180 }, 'withContact'),
      startTimer('provisionalRefresh', 60_000),
    ]);
    expect(lastOf([ringing, ringing])[1]).toEqual([respond({ status: 180 }, 'withContact')]);
  });

  test('starts the session before the 2xx where nothing came before that', () => {
    expect(lastOf([accept])[1]).toEqual([...limit, startSession(), ...success]);
    expect(lastOf([ringing, accept])[1]).toEqual([stopTimer('provisionalRefresh'), ...limit, ...success]);
  });

  test('starts no session for an invitation that it refuses', () => {
    expect(lastOf([reject])[1]).toEqual([
      ...limit,
      respond({ status: 486 }),
      tellSession({ type: 'refused' }),
    ]);
  });

  test.each([
    ['where the application has no handler', start({ handled: false })[1]],
    ['where the application has not decided', lastOf([{ type: 'decision' }])[1]],
  ])('is temporarily unavailable %s', (_, effects) => {
    expect(effects).toContainEqual(respond({ status: 480 }));
  });

  describe('what comes before the application is asked', () => {
    const refusal = (changes: Partial<Input>) => {
      const [snapshot, effects] = start(changes);

      expect(snapshot).toMatchObject({ value: 'refused', status: 'done' });
      expect(effects).toHaveLength(1);
      return effects[0];
    };

    test.each<[string, Partial<Input>, ResponseDraft]>([
      [
        'MUST reject two Replaces, or one that cannot be read',
        { replaces: 'malformed' },
        badRequest(
          'One Replaced Dialog Required',
          'The Replaces is not one Call-ID with a to-tag and a from-tag.',
        ),
      ],
      ['rejects a Replaces that matches no dialog', { replaces: 'unmatched' }, { status: 481 }],
      ['rejects a Replaces of an early dialog that the peer began', { replaces: 'early' }, { status: 481 }],
      ['rejects such a one with early-only, too', { replaces: 'early', earlyOnly: true }, { status: 481 }],
      ['declines a Replaces of a dialog that is over', { replaces: 'ending' }, { status: 603 }],
      [
        'is busy for an early-only Replaces of a confirmed dialog',
        { replaces: 'confirmed', earlyOnly: true },
        { status: 486 },
      ],
      [
        'rejects one that would make a dialog without a readable route set',
        { routesAreReadable: false, replaces: 'malformed' },
        badRequest('Malformed Hop List', 'The Record-Route is no list of URIs in angle brackets.'),
      ],
      [
        'MUST reject content that is not understood (RFC 3261 §8.2.3), before it asks the policy',
        { contentRefusal: { status: 415 }, verdict: { type: 'refuse', status: 403 } },
        { status: 415 },
      ],
      [
        'is not acceptable where its Accept takes no answer (RFC 4475 §3.3.15), before it asks the policy',
        { descriptionIsAcceptable: false, verdict: { type: 'refuse', status: 403 } },
        { status: 406, headers: [warning('The Accept does not take application/sdp.')] },
      ],
      [
        'judges the content before its Accept',
        { contentRefusal: { status: 415 }, descriptionIsAcceptable: false },
        { status: 415 },
      ],
      [
        'judges its Replaces before the content',
        { contentRefusal: { status: 415 }, replaces: 'unmatched' },
        { status: 481 },
      ],
      ['refuses as the policy says', { verdict: { type: 'refuse', status: 403 } }, { status: 403 }],
      [
        'refuses in the policy’s own words',
        { verdict: { type: 'refuse', status: 403, reason: 'Not You' } },
        { status: 403, reason: 'Not You' },
      ],
      [
        'refuses a good Replaces that the policy does not allow',
        { verdict: { type: 'refuse', status: 403 }, replaces: 'confirmed' },
        { status: 403 },
      ],
    ])('%s', (_, changes, response) => {
      expect(refusal(changes)).toStrictEqual(respond(response));
      expect(refusal({ ...changes, handled: false })).toStrictEqual(respond(response));
    });

    test('returns the 400 to its Contact before anything else', () => {
      expect(refusal({ hasOneContact: false, replaces: 'unmatched' })).toEqual(
        respond(badRequest('One Remote Target Required', 'The Contact is not exactly one SIP or SIPS URI.')),
      );
    });

    test('looks at the Replaces before it asks the policy', () => {
      expect(refusal({ replaces: 'unmatched', verdict: { type: 'refuse', status: 403 } })).toEqual(
        respond({ status: 481 }),
      );
    });
  });

  describe('with a Replaces of a confirmed dialog', () => {
    test('asks the application', () => {
      expect(start({ replaces: 'confirmed' })).toMatchObject([
        { value: { proceeding: 'deciding' } },
        start()[1],
      ]);
    });

    test('shuts the replaced session down once the new one is accepted', () => {
      expect(lastOf([accept], { replaces: 'confirmed' })[1]).toContainEqual(replaceSession());
    });

    test.each<[string, readonly Event[]]>([
      ['it rings', [ringing]],
      ['it is rejected', [reject]],
      ['it is redirected', [{ type: 'redirect', answer: { status: 302 } }]],
      ['it is cancelled', [{ type: 'cancel' }]],
      ['it is left undecided', [{ type: 'decision' }]],
    ])('MUST leave the matched dialog unchanged where %s', (_, events) => {
      const [, effects] = lastOf(events, { replaces: 'confirmed' });

      expect(effects).not.toEqual([]);
      expect(effects).not.toContainEqual(replaceSession());
    });

    test('replaces it once, however often the 2xx is repeated', () => {
      expect(lastOf([accept, { type: 'successRetransmission' }], { replaces: 'confirmed' })[1]).toEqual([
        success[0],
        startTimer('successRetransmission', 1_000),
      ]);
    });
  });
});

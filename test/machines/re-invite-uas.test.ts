import { describe, expect, test } from 'vitest';
import { respond, startTimer, stopTimer, tellApplication, tellSession } from '../../machines/effects.js';
import { type Event, eventTypes, type Input, reInviteUAS } from '../../machines/re-invite-uas.js';
import { badRequest } from '../../machines/refusals.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { warning } from '../../src/message/warning.js';

const table = compile(reInviteUAS, eventTypes);
const input: Input = {
  contentRefusal: undefined,
  descriptionIsAcceptable: true,
  hasOneContact: true,
  handled: true,
  reliability: 'supported',
  firstSequence: 1,
  expires: undefined,
  patience: 180,
  capabilities: [],
  timers,
  glare: 'none',
  retryAfter: 4,
};
const start = (changes: Partial<Input> = {}) => table.initial({ ...input, ...changes });
/** All that some events make the machine order. */
const ordersOf = (...events: readonly Event[]) => {
  let [snapshot, orders] = start();
  for (const event of events) {
    const [next, effects] = table.transition(snapshot, event);
    snapshot = next;
    orders = [...orders, ...effects];
  }
  return orders;
};
const toldSession = (...events: readonly Event[]) =>
  ordersOf(...events).flatMap((effect) => (effect.type === 'tellSession' ? [effect.event.type] : []));

const accept: Event = { type: 'accept', answer: { status: 200, body: 'v=0\r\n' } };

describe('re-INVITE user agent server (RFC 3261 §14.2)', () => {
  test('tells the session of the offer, and asks the application', () => {
    const [snapshot, effects] = start();

    expect(snapshot.value).toEqual({ proceeding: 'deciding' });
    expect(effects).toEqual([
      tellSession({ type: 'offered' }),
      startTimer('decision', 180_000),
      tellApplication({ type: 'request' }),
    ]);
  });

  test.each([
    ['MUST return 491 while an offer of ours waits for its answer', { glare: 'ours' }, { status: 491 }],
    [
      'MUST return 500 and Retry-After before it has answered the INVITE or the offer before',
      { glare: 'theirs' },
      { status: 500, headers: [['Retry-After', '4']] },
    ],
    ['returns 481 where the dialog has no session', { glare: 'noSession' }, { status: 481 }],
    [
      'returns 400 without exactly one Contact, whatever else is wrong',
      { glare: 'noSession', hasOneContact: false },
      badRequest('One Remote Target Required', 'The Contact is not exactly one SIP or SIPS URI.'),
    ],
    [
      'returns 406 where its Accept takes no answer',
      { descriptionIsAcceptable: false, glare: 'theirs' },
      { status: 406, headers: [warning('The Accept does not take application/sdp.')] },
    ],
    [
      'MUST return 415 to content that is not understood (§8.2.3)',
      { contentRefusal: { status: 415 }, glare: 'theirs' },
      { status: 415 },
    ],
    ['changes nothing where the application has no handler', { handled: false }, { status: 488 }],
  ] as const)('%s, and leaves the session as it was', (_, changes, response) => {
    const [snapshot, effects] = start(changes);

    expect(snapshot).toMatchObject({ value: 'refused', status: 'done' });
    expect(effects).toEqual([respond(response)]);
  });

  test('refuses a re-INVITE that the application leaves undecided, and the session stays', () => {
    const [deciding] = start();

    expect(table.transition(deciding, { type: 'decision' })[1]).toEqual([
      stopTimer('expiry'),
      stopTimer('decision'),
      respond({ status: 488 }),
      tellSession({ type: 'refused' }),
      tellApplication({ type: 'undecided' }),
    ]);
  });

  test.each<[string, Event]>([
    ['rejected', { type: 'reject', answer: { status: 488 } }],
    ['redirected', { type: 'redirect', answer: { status: 302 } }],
    ['cancelled', { type: 'cancel' }],
    ['expired', { type: 'expiry' }],
  ])('tells the session of a re-INVITE that is %s, so that it is as it was (§14.1)', (_, event) => {
    expect(toldSession(event)).toEqual(['offered', 'refused']);
  });

  test('tells a session nothing that is over already', () => {
    expect(toldSession({ type: 'sessionEnded' })).toEqual(['offered']);
  });

  test('tells the session of its 2xx, and that no ACK came (§14.2)', () => {
    expect(toldSession(accept, { type: 'successExpiry' })).toEqual(['offered', 'accepted', 'unacknowledged']);
  });

  test('settles the offer with the PRACK of a description (RFC 3262 §5)', () => {
    expect(
      toldSession(
        { type: 'progress', answer: { status: 183, body: 'v=0\r\n' } },
        { type: 'prack' },
        { type: 'reject', answer: { status: 488 } },
      ),
    ).toEqual(['offered', 'offerSettled', 'refused']);
  });

  test.each<[string, readonly Event[]]>([
    ['accepted at once', [accept]],
    ['accepted after a while', [{ type: 'progress', answer: { status: 180 } }, accept]],
    [
      'accepted after a reliable response',
      [{ type: 'progress', answer: { status: 183, body: 'v=0\r\n' } }, { type: 'prack' }, accept],
    ],
  ])('starts no session and replaces none where it is %s', (_, events) => {
    const orders = ordersOf(...events).map(({ type }) => type);

    expect(orders.filter((type) => type === 'startSession' || type === 'replaceSession')).toEqual([]);
    expect(orders).toContain('respond');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leaveDialog, sendInDialog, startTimer, tellApplication } from '../../machines/effects.js';
import {
  type Context,
  type Event,
  eventTypes,
  type Input,
  notifier,
  type Report,
} from '../../machines/notifier.js';
import { compile } from '../../src/engine/compile.js';
import { testFigure } from '../support/figure.js';

const table = compile(notifier, eventTypes);

const sipfrag = (statusLine: string): Report => ({
  contentType: 'message/sipfrag',
  body: `SIP/2.0 ${statusLine}\r\n`,
});
const trying = sipfrag('100 Trying');
const ringing = sipfrag('180 Ringing');
const queued = sipfrag('182 Queued');
const ok = sipfrag('200 OK');
const declined = sipfrag('603 Decline');

const notification = (subscriptionState: string, { contentType, body }: Report, event = 'refer;id=314') =>
  sendInDialog({
    method: 'NOTIFY',
    headers: [
      ['Event', event],
      ['Subscription-State', subscriptionState],
      ['Content-Type', contentType],
    ],
    body,
  });
const subscriptionEnded = (reason: Context['end']) => [
  leaveDialog(),
  tellApplication({ type: 'subscriptionEnded', reason }),
];
const replaced = (report: Report) => tellApplication({ type: 'reportReplaced', report });
const sent = (report: Report) => tellApplication({ type: 'reportSent', report });
const spacing = startTimer('notifySpacing', 1_000);

const now = 20_000;
const events = {
  'a report': { type: 'report', report: ringing, now },
  'the approval': { type: 'grant', now },
  'a SUBSCRIBE': { type: 'refresh', expires: 100, now },
  'the approval with a state': { type: 'grant', report: ringing, now },
  'a SUBSCRIBE with Expires: 0': { type: 'end', reason: 'timeout', now },
  'the final report': { type: 'end', reason: 'noresource', report: ok, now },
  'the refusal': { type: 'end', reason: 'rejected', report: declined, now },
  '2xx to the NOTIFY': [
    { type: 'requestAnswered', status: 200 },
    { type: 'requestAnswered', status: 202 },
  ],
  'a refusal of the NOTIFY': [
    { type: 'requestAnswered', status: 300 },
    { type: 'requestAnswered', status: 401 },
    { type: 'requestAnswered', status: 481 },
    { type: 'requestAnswered', status: 481, retryAfter: 30 },
    { type: 'requestAnswered', status: 503 },
    { type: 'requestAnswered', status: 603 },
  ],
  'a refusal with Retry-After': [
    { type: 'requestAnswered', status: 300, retryAfter: 30 },
    { type: 'requestAnswered', status: 503, retryAfter: 30 },
  ],
  'no answer to the NOTIFY': { type: 'requestFailed', failure: 'timeout' },
  'a NOTIFY that could not be sent': { type: 'requestFailed', failure: 'transportError' },
  'the dialog’s end': { type: 'dialogEnded' },
  'the second is over': { type: 'notifySpacing', now },
  expiry: { type: 'expiry', now },
} as const satisfies Record<string, Event | readonly Event[]>;

const states = () => {
  const base = {
    event: 'refer;id=314',
    report: trying,
    deadline: 60_000,
    spacing: 1_000,
    now: 10_000,
    owed: false,
    retryAfter: undefined,
  } as const;
  const pending: Context = { ...base, state: 'pending', waiting: undefined, end: 'noresource' };
  const active: Context = { ...pending, state: 'active' };
  const ending: Context = { ...active, end: 'noresource' };
  return {
    'pending.notifying': { value: { pending: 'notifying' }, context: pending, status: 'active' },
    'pending.spacing': { value: { pending: 'spacing' }, context: pending, status: 'active' },
    'pending.spacing that owes one': {
      value: { pending: 'spacing' },
      context: { ...pending, owed: true },
      status: 'active',
    },
    'pending.ready': { value: { pending: 'ready' }, context: pending, status: 'active' },
    'active.notifying with one waiting': {
      value: { active: 'notifying' },
      context: { ...active, waiting: queued },
      status: 'active',
    },
    'active.notifying': { value: { active: 'notifying' }, context: active, status: 'active' },
    'active.spacing': { value: { active: 'spacing' }, context: active, status: 'active' },
    'active.spacing that owes one': {
      value: { active: 'spacing' },
      context: { ...active, owed: true },
      status: 'active',
    },
    'active.spacing with one waiting': {
      value: { active: 'spacing' },
      context: { ...active, waiting: queued },
      status: 'active',
    },
    'active.ready': { value: { active: 'ready' }, context: active, status: 'active' },
    'ending.notifying': { value: { ending: 'notifying' }, context: ending, status: 'active' },
    'ending.spacing': { value: { ending: 'spacing' }, context: ending, status: 'active' },
    'ending.spacing with one waiting': {
      value: { ending: 'spacing' },
      context: { ...ending, waiting: ok },
      status: 'active',
    },
    'ending.last': { value: { ending: 'last' }, context: ending, status: 'active' },
    terminated: { value: 'terminated', context: ending, status: 'done' },
  } as const;
};

const answers = [
  '2xx to the NOTIFY',
  'a refusal of the NOTIFY',
  'a refusal with Retry-After',
  'no answer to the NOTIFY',
  'a NOTIFY that could not be sent',
] as const;
const approvals = ['the approval', 'the approval with a state'] as const;
const users = [
  'a report',
  ...approvals,
  'a SUBSCRIBE',
  'a SUBSCRIBE with Expires: 0',
  'the final report',
  'the refusal',
] as const;
const live = [
  ...(['pending', 'active'] as const).flatMap(
    (state) =>
      [`${state}.notifying`, `${state}.spacing`, `${state}.spacing that owes one`, `${state}.ready`] as const,
  ),
  'active.notifying with one waiting',
  'active.spacing with one waiting',
  'ending.notifying',
  'ending.spacing',
  'ending.spacing with one waiting',
  'ending.last',
] as const;
const extended = startTimer('expiry', 100_000);

/** What comes of the NOTIFY in flight, and where that leads unless it ends the subscription. */
const outcomes = <const Notifying extends string, const Spacing extends string>(
  notifying: Notifying,
  after: Spacing,
) =>
  [
    [notifying, '2xx to the NOTIFY', after, [spacing]],
    [notifying, 'a refusal of the NOTIFY', 'terminated', subscriptionEnded('refused')],
    [notifying, 'a refusal with Retry-After', after, [startTimer('notifySpacing', 30_000)]],
    [notifying, 'no answer to the NOTIFY', 'terminated', subscriptionEnded('timeout')],
    [notifying, 'a NOTIFY that could not be sent', 'terminated', subscriptionEnded('transportError')],
  ] as const;

describe('Notifier (RFC 6665 §4.2.2, RFC 3515 §2.4.4–§2.4.7, §3.10)', () => {
  testFigure({
    machine: notifier,
    eventTypes,
    events,
    states: states(),
    arrows: [
      ...live.map(
        (state) => [state, 'the dialog’s end', 'terminated', subscriptionEnded('dialogEnded')] as const,
      ),

      ...approvals.flatMap(
        (approval) =>
          [
            ['pending.notifying', approval, 'active.notifying', []],
            ['pending.spacing', approval, 'active.spacing', []],
            ['pending.spacing that owes one', approval, 'active.spacing', []],
          ] as const,
      ),
      ['pending.ready', 'the approval', 'active.notifying', [notification('active;expires=40', trying)]],
      [
        'pending.ready',
        'the approval with a state',
        'active.notifying',
        [notification('active;expires=40', ringing)],
      ],
      ['active.notifying', 'a report', 'active.notifying', []],
      ['active.spacing', 'a report', 'active.spacing', []],
      ['active.spacing that owes one', 'a report', 'active.spacing', []],
      ...(['notifying', 'spacing'] as const).flatMap(
        (pace) =>
          [
            [`active.${pace} with one waiting`, 'a report', `active.${pace}`, [replaced(queued)]],
            [`active.${pace} with one waiting`, 'a SUBSCRIBE', `active.${pace}`, [extended]],
            [`active.${pace} with one waiting`, 'a SUBSCRIBE with Expires: 0', `ending.${pace}`, []],
            [`active.${pace} with one waiting`, 'the final report', `ending.${pace}`, [replaced(queued)]],
            [`active.${pace} with one waiting`, 'the refusal', `ending.${pace}`, [replaced(queued)]],
            [`active.${pace} with one waiting`, 'expiry', `ending.${pace}`, []],
          ] as const,
      ),
      [
        'active.spacing with one waiting',
        'the second is over',
        'active.notifying',
        [notification('active;expires=40', queued), sent(queued)],
      ],
      ...outcomes('active.notifying with one waiting', 'active.spacing'),
      ['active.ready', 'a report', 'active.notifying', [notification('active;expires=40', ringing)]],

      ...(['pending', 'active'] as const).flatMap(
        (state) =>
          [
            [`${state}.notifying`, 'a SUBSCRIBE', `${state}.notifying`, [extended]],
            [`${state}.notifying`, 'a SUBSCRIBE with Expires: 0', 'ending.notifying', []],
            [`${state}.notifying`, 'the final report', 'ending.notifying', []],
            [`${state}.notifying`, 'the refusal', 'ending.notifying', []],
            [`${state}.notifying`, 'expiry', 'ending.notifying', []],
            ...outcomes(`${state}.notifying`, `${state}.spacing`),

            [`${state}.spacing`, 'a SUBSCRIBE', `${state}.spacing`, [extended]],
            [`${state}.spacing`, 'a SUBSCRIBE with Expires: 0', 'ending.spacing', []],
            [`${state}.spacing`, 'the final report', 'ending.spacing', []],
            [`${state}.spacing`, 'the refusal', 'ending.spacing', []],
            [`${state}.spacing`, 'expiry', 'ending.spacing', []],
            [`${state}.spacing`, 'the second is over', `${state}.ready`, []],

            [`${state}.spacing that owes one`, 'a SUBSCRIBE', `${state}.spacing`, [extended]],
            [`${state}.spacing that owes one`, 'a SUBSCRIBE with Expires: 0', 'ending.spacing', []],
            [`${state}.spacing that owes one`, 'the final report', 'ending.spacing', []],
            [`${state}.spacing that owes one`, 'the refusal', 'ending.spacing', []],
            [`${state}.spacing that owes one`, 'expiry', 'ending.spacing', []],
            [
              `${state}.spacing that owes one`,
              'the second is over',
              `${state}.notifying`,
              [notification(`${state};expires=40`, trying)],
            ],

            [
              `${state}.ready`,
              'a SUBSCRIBE',
              `${state}.notifying`,
              [extended, notification(`${state};expires=100`, trying)],
            ],
            [
              `${state}.ready`,
              'a SUBSCRIBE with Expires: 0',
              'ending.last',
              [notification('terminated;reason=timeout', trying)],
            ],
            [
              `${state}.ready`,
              'the final report',
              'ending.last',
              [notification('terminated;reason=noresource', ok)],
            ],
            [
              `${state}.ready`,
              'the refusal',
              'ending.last',
              [notification('terminated;reason=rejected', declined)],
            ],
            [`${state}.ready`, 'expiry', 'ending.last', [notification('terminated;reason=timeout', trying)]],
          ] as const,
      ),

      ...outcomes('ending.notifying', 'ending.spacing'),
      [
        'ending.spacing',
        'the second is over',
        'ending.last',
        [notification('terminated;reason=noresource', trying)],
      ],
      [
        'ending.spacing with one waiting',
        'the second is over',
        'ending.last',
        [notification('terminated;reason=noresource', ok), sent(ok)],
      ],
      ['ending.last', '2xx to the NOTIFY', 'terminated', subscriptionEnded('noresource')],
      ['ending.last', 'a refusal of the NOTIFY', 'terminated', subscriptionEnded('refused')],
      ['ending.last', 'a refusal with Retry-After', 'terminated', subscriptionEnded('refused')],
      ['ending.last', 'no answer to the NOTIFY', 'terminated', subscriptionEnded('timeout')],
      ['ending.last', 'a NOTIFY that could not be sent', 'terminated', subscriptionEnded('transportError')],
    ],
    ignored: {
      'pending.notifying': ['a report', 'the second is over'],
      'pending.spacing': ['a report', ...answers],
      'pending.spacing that owes one': ['a report', ...answers],
      'pending.ready': ['a report', 'the second is over', ...answers],
      'active.notifying': [...approvals, 'the second is over'],
      'active.notifying with one waiting': [...approvals, 'the second is over'],
      'active.spacing': [...approvals, ...answers],
      'active.spacing that owes one': [...approvals, ...answers],
      'active.spacing with one waiting': [...approvals, ...answers],
      'active.ready': [...approvals, 'the second is over', ...answers],
      'ending.notifying': [...users, 'the second is over', 'expiry'],
      'ending.spacing': [...users, ...answers, 'expiry'],
      'ending.spacing with one waiting': [...users, ...answers, 'expiry'],
      'ending.last': [...users, 'the second is over', 'expiry'],
    },
  });

  const input: Input = {
    state: 'active',
    event: 'refer;id=314',
    report: trying,
    expires: 60,
    spacing: 1_000,
    now: 0,
  };
  const answered: Event = { type: 'requestAnswered', status: 200 };
  const secondOver = (at: number): Event => ({ type: 'notifySpacing', now: at });

  /** The effects of the last event. */
  const effectsAfter = (start: Partial<Input>, ...events: readonly Event[]) => {
    let [snapshot, effects] = table.initial({ ...input, ...start });
    for (const event of events) [snapshot, effects] = table.transition(snapshot, event);
    return effects;
  };

  /** The requests among them. */
  const requestsAfter = (start: Partial<Input>, ...events: readonly Event[]) =>
    effectsAfter(start, ...events).filter(({ type }) => type === 'sendInDialog');

  describe('the first NOTIFY', () => {
    test.each(['pending', 'active'] as const)('MUST be sent at once: %s', (state) => {
      const [snapshot, effects] = table.initial({ ...input, state });

      expect(snapshot.value).toEqual({ [state]: 'notifying' });
      expect(effects).toEqual([notification(`${state};expires=60`, trying), startTimer('expiry', 60_000)]);
    });

    test('names the subscription by the Event it has been given (RFC 3515 §2.4.6)', () => {
      const [notified] = table.initial({ ...input, event: 'refer;id=2147483647' })[1];

      expect(notified).toEqual(notification('active;expires=60', trying, 'refer;id=2147483647'));
    });

    test('has no Content-Type where it has no body', () => {
      const nothing: Report = { contentType: 'application/pidf+xml', body: '' };

      expect(table.initial({ ...input, state: 'pending', event: 'presence', report: nothing })[1][0]).toEqual(
        sendInDialog({
          method: 'NOTIFY',
          headers: [
            ['Event', 'presence'],
            ['Subscription-State', 'pending;expires=60'],
          ],
          body: '',
        }),
      );
    });
  });

  describe.each(['pending', 'active'] as const)('a fetch (RFC 6665 §4.4.3): %s', (state) => {
    const fetch = { state, expires: 0, now: 7_000 } as const;

    test('is given one NOTIFY, which is the last, and starts no timer', () => {
      const [snapshot, effects] = table.initial({ ...input, ...fetch });

      expect(snapshot.value).toEqual({ ending: 'last' });
      expect(effects).toEqual([notification('terminated;reason=timeout', trying)]);
    });

    test('is over once that is answered, and takes nothing more', () => {
      const later: readonly Event[] = [
        { type: 'report', report: ringing, now: 7_100 },
        { type: 'grant', now: 7_200 },
        { type: 'refresh', expires: 60, now: 7_300 },
      ];

      for (const event of later) expect(effectsAfter(fetch, event)).toEqual([]);
      expect(effectsAfter(fetch, ...later, answered)).toEqual(subscriptionEnded('timeout'));
    });
  });

  describe('of another package than refer', () => {
    const pidf = (body: string): Report => ({ contentType: 'application/pidf+xml', body });
    const presence = { event: 'presence', report: pidf('<closed/>'), spacing: 5_000 } as const;
    const opened: Event = { type: 'report', report: pidf('<open/>'), now: 6_000 };

    test('sends its state in the package’s own type', () => {
      expect(effectsAfter(presence, answered, secondOver(5_000), opened)).toEqual([
        notification('active;expires=54', pidf('<open/>'), 'presence'),
      ]);
    });

    test('keeps its own pace, and lets a Retry-After be no shorter', () => {
      expect(effectsAfter(presence, answered)).toEqual([startTimer('notifySpacing', 5_000)]);
      expect(effectsAfter(presence, { type: 'requestAnswered', status: 503, retryAfter: 2 })).toEqual([
        startTimer('notifySpacing', 5_000),
      ]);
    });

    test('may have no pace but that of the answers (RFC 6665 §4.2.2)', () => {
      expect(effectsAfter({ ...presence, spacing: 0 }, opened, answered)).toEqual([
        startTimer('notifySpacing', 0),
      ]);
    });

    test('tells the approval with the state that the pending one was not told', () => {
      expect(
        effectsAfter({ ...presence, state: 'pending' }, answered, secondOver(5_000), {
          type: 'grant',
          now: 6_000,
        }),
      ).toEqual([notification('active;expires=54', presence.report, 'presence')]);
    });
  });

  describe('the seconds left (RFC 6665 §4.1.3)', () => {
    test('are counted down, and never said to be more than there are, but that the last is whole', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1_000, max: 3_599_999 }), (at) => {
          const ready = [answered, secondOver(1_000)];
          const effects = effectsAfter({ expires: 3_600 }, ...ready, {
            type: 'report',
            report: ringing,
            now: at,
          });

          expect(effects).toEqual([
            notification(`active;expires=${Math.max(1, Math.floor((3_600_000 - at) / 1_000))}`, ringing),
          ]);
        }),
      );
    });

    test('begin anew with a refresh', () => {
      const refreshed: Event = { type: 'refresh', expires: 3_600, now: 59_000 };

      expect(effectsAfter({}, answered, secondOver(1_000), refreshed)).toEqual([
        startTimer('expiry', 3_600_000),
        notification('active;expires=3600', trying),
      ]);
    });

    test('are none once the time is over, though the timer has not ended', () => {
      const late: Event = { type: 'report', report: ringing, now: 60_001 };

      expect(effectsAfter({}, answered, secondOver(1_000), late)).toEqual([
        notification('active;expires=0', ringing),
      ]);
    });
  });

  describe('the pace (RFC 3515 §3.10)', () => {
    const report = (waiting: Report, at: number): Event => ({ type: 'report', report: waiting, now: at });

    test('sends nothing while a NOTIFY is in flight', () => {
      expect(effectsAfter({}, report(ringing, 5_000))).toEqual([]);
      expect(effectsAfter({}, report(ringing, 5_000), { type: 'refresh', expires: 60, now: 6_000 })).toEqual([
        startTimer('expiry', 60_000),
      ]);
    });

    test('sends the waiting report a second after the NOTIFY before it was answered', () => {
      expect(effectsAfter({}, report(ringing, 100), answered)).toEqual([spacing]);
      expect(effectsAfter({}, report(ringing, 100), answered, secondOver(1_300))).toEqual([
        notification('active;expires=58', ringing),
        sent(ringing),
      ]);
    });

    test('sends a report once', () => {
      const once = [report(ringing, 100), answered, secondOver(1_300)];

      expect(effectsAfter({}, ...once, answered, secondOver(2_500))).toEqual([]);
    });

    test('lets a newer provisional report take the place of the one that waits', () => {
      const both = [report(ringing, 100), report(queued, 200)];

      expect(effectsAfter({}, ...both)).toEqual([replaced(ringing)]);
      expect(effectsAfter({}, ...both, answered, secondOver(1_300))).toEqual([
        notification('active;expires=58', queued),
        sent(queued),
      ]);
    });

    test('lets nothing take the place of the final report', () => {
      const final: Event = { type: 'end', reason: 'noresource', report: ok, now: 200 };
      const later = [
        report(queued, 300),
        { type: 'end', reason: 'rejected', report: declined, now: 350 },
        { type: 'refresh', expires: 60, now: 400 },
        { type: 'expiry', now: 500 },
      ] as const;

      expect(requestsAfter({}, report(ringing, 100), final, ...later, answered, secondOver(1_600))).toEqual([
        notification('terminated;reason=noresource', ok),
      ]);
    });

    test('repeats the last report for a refresh that came too early for a NOTIFY at once', () => {
      const refresh: Event = { type: 'refresh', expires: 30, now: 500 };

      expect(effectsAfter({}, answered, refresh, secondOver(1_000))).toEqual([
        notification('active;expires=29', trying),
      ]);
      expect(requestsAfter({}, refresh, answered, secondOver(1_500))).toEqual([
        notification('active;expires=29', trying),
      ]);
      expect(requestsAfter({}, report(ringing, 100), refresh, answered, secondOver(1_500))).toEqual([
        notification('active;expires=29', ringing),
      ]);
    });
  });

  describe('a pending subscription', () => {
    test('says nothing but 100 before the approval (RFC 3515 §2.4.5)', () => {
      const early: Event = { type: 'report', report: ringing, now: 100 };
      const refresh: Event = { type: 'refresh', expires: 60, now: 2_000 };

      expect(effectsAfter({ state: 'pending' }, early, answered, secondOver(1_000), refresh)).toContainEqual(
        notification('pending;expires=60', trying),
      );
    });

    test('is told active at its turn, whenever the approval came', () => {
      const approval = (at: number): Event => ({ type: 'grant', now: at });
      const active = [notification('active;expires=59', trying)];

      expect(effectsAfter({ state: 'pending' }, approval(10), answered, secondOver(1_000))).toEqual(active);
      expect(effectsAfter({ state: 'pending' }, answered, approval(10), secondOver(1_000))).toEqual(active);
      expect(effectsAfter({ state: 'pending' }, answered, secondOver(1_000), approval(1_000))).toEqual(
        active,
      );
    });

    test('ends with reason rejected and a 603 where the approval is denied (RFC 3515 §2.4.5)', () => {
      expect(
        effectsAfter({ state: 'pending' }, answered, secondOver(1_000), {
          type: 'end',
          reason: 'rejected',
          report: declined,
          now: 5_000,
        }),
      ).toEqual([notification('terminated;reason=rejected', declined)]);
    });
  });

  describe('the end', () => {
    test.each(['deactivated', 'noresource', 'rejected', 'timeout'] as const)(
      'stands in the last NOTIFY and is told to the application once that is answered: %s',
      (reason) => {
        const end: Event = { type: 'end', reason, now: 5_000 };

        expect(effectsAfter({}, answered, secondOver(1_000), end)).toEqual([
          notification(`terminated;reason=${reason}`, trying),
        ]);
        expect(effectsAfter({}, answered, secondOver(1_000), end, answered)).toEqual(
          subscriptionEnded(reason),
        );
      },
    );

    test.each(['probation', 'giveup'] as const)(
      'says when a new subscription may be tried (RFC 6665 §4.1.3): %s',
      (reason) => {
        const end: Event = { type: 'end', reason, retryAfter: 30, now: 5_000 };
        const last = [notification(`terminated;reason=${reason};retry-after=30`, trying)];

        expect(effectsAfter({}, answered, secondOver(1_000), end)).toEqual(last);
        expect(effectsAfter({}, end, answered, secondOver(6_000))).toEqual(last);
      },
    );

    test('is told at once, without a NOTIFY, where the dialog is gone (RFC 5057 §5.1)', () => {
      const gone: Event = { type: 'dialogEnded' };

      expect(effectsAfter({}, gone)).toEqual(subscriptionEnded('dialogEnded'));
      expect(effectsAfter({}, { type: 'end', reason: 'noresource', now: 10 }, gone)).toEqual(
        subscriptionEnded('dialogEnded'),
      );
    });

    test.each<[string, Event, ReturnType<typeof notification>]>([
      [
        'a final report',
        { type: 'end', reason: 'noresource', report: ok, now: 500 },
        notification('terminated;reason=noresource', ok),
      ],
      [
        'a refusal',
        { type: 'end', reason: 'rejected', report: declined, now: 500 },
        notification('terminated;reason=rejected', declined),
      ],
      ['its expiry', { type: 'expiry', now: 500 }, notification('terminated;reason=timeout', trying)],
    ])('waits its turn like any report: %s', (_, end, last) => {
      for (const state of ['pending', 'active'] as const) {
        expect(requestsAfter({ state }, end, answered, secondOver(1_500))).toEqual([last]);
        expect(requestsAfter({ state }, answered, end, secondOver(1_500))).toEqual([last]);
        expect(effectsAfter({ state }, answered, secondOver(1_500), end)).toEqual([last]);
      }
    });

    test('comes with the newest report, sent or waiting, where it brings none', () => {
      const waiting: Event = { type: 'report', report: ringing, now: 100 };
      const unsubscribed: Event = { type: 'end', reason: 'timeout', now: 200 };
      const expired: Event = { type: 'expiry', now: 60_000 };
      const last = [notification('terminated;reason=timeout', ringing)];

      expect(requestsAfter({}, waiting, unsubscribed, answered, secondOver(1_300))).toEqual(last);
      expect(requestsAfter({}, waiting, expired, answered, secondOver(61_300))).toEqual(last);
    });
  });

  describe('a NOTIFY that fails (RFC 6665 §4.2.2)', () => {
    const refused = (status: number, retryAfter?: number): Event => ({
      type: 'requestAnswered',
      status,
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });

    test('MUST end the subscription at a 481, even one with Retry-After', () => {
      expect(effectsAfter({}, refused(481))).toEqual(subscriptionEnded('refused'));
      expect(effectsAfter({}, refused(481, 5))).toEqual(subscriptionEnded('refused'));
    });

    test('is sent again as late as Retry-After asks, with what is newest by then', () => {
      expect(effectsAfter({}, refused(503, 7))).toEqual([startTimer('notifySpacing', 7_000)]);
      expect(effectsAfter({}, refused(503, 7), secondOver(7_000))).toEqual([
        notification('active;expires=53', trying),
      ]);
      expect(
        requestsAfter(
          {},
          refused(503, 7),
          { type: 'report', report: ringing, now: 3_000 },
          secondOver(7_000),
        ),
      ).toEqual([notification('active;expires=53', ringing)]);
    });

    test('is sent again no sooner than a second later', () => {
      expect(effectsAfter({}, refused(503, 0))).toEqual([spacing]);
    });

    test('does not hold its subscription beyond its end, however late Retry-After asks', () => {
      expect(effectsAfter({}, refused(503, 2 ** 32 - 1))).toEqual([startTimer('notifySpacing', 60_000)]);
      expect(effectsAfter({}, { type: 'expiry', now: 60_000 }, refused(503, 2 ** 32 - 1))).toEqual([
        startTimer('notifySpacing', 60_000),
      ]);
    });
  });
});

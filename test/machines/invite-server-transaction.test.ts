import { describe, expect, test } from 'vitest';
import {
  passToUser,
  reportFailure,
  sendResponse,
  startTimer,
  stopTimer,
  type TransactionEffect,
} from '../../machines/effects.js';
import {
  type Context,
  type Event,
  eventTypes,
  inviteServerTransaction,
} from '../../machines/invite-server-transaction.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { createRequest, createResponse } from '../../src/message/index.js';
import { testFigure } from '../support/figure.js';
import { MachineLife } from '../support/machine-life.js';

const requestOf = (method: 'INVITE' | 'ACK') =>
  createRequest({
    method,
    uri: 'sip:bob@example.org',
    headers: [
      ['Via', 'SIP/2.0/UDP alice.example.com;branch=z9hG4bK776asdhds'],
      ['Max-Forwards', '70'],
      ['From', '<sip:alice@example.com>;tag=1928301774'],
      ['To', '<sip:bob@example.org>'],
      ['Call-ID', 'a84b4c76e66710@alice.example.com'],
      ['CSeq', `314159 ${method}`],
    ],
  });

const request = requestOf('INVITE');
const ack = requestOf('ACK');
const response = (status: number) => createResponse(request, status, { toTag: 'a6c85cf' });
const answer = (status: number): Event => ({ type: 'response', response: response(status) });

const table = compile(inviteServerTransaction, eventTypes);
const trying = createResponse(request, 100);
const ringing = response(180);
const queued = response(182);
const ok = response(200);
const busy = response(486);
const stopTryingDelay = stopTimer('tryingDelay');

const events = {
  INVITE: { type: 'retransmission' },
  '1xx from TU': { type: 'response', response: queued },
  '2xx from TU': { type: 'response', response: ok },
  '300-699 from TU': { type: 'response', response: busy },
  ACK: { type: 'ack', request: ack },
  'Transport Err.': { type: 'transportError' },
  '200 ms are over': { type: 'tryingDelay' },
  'Timer G fires': { type: 'timerG' },
  'Timer H fires': { type: 'timerH' },
  'Timer I fires': { type: 'timerI' },
  'Timer L fires': { type: 'timerL' },
} as const satisfies Record<string, Event>;

const states = (reliable: boolean) => {
  const context: Context = { request, response: undefined, reliable, timers, interval: 500 };
  const forgetful = { ...context, request: undefined };
  return {
    proceeding: { value: 'proceeding', context, status: 'active' },
    'proceeding with a 1xx': {
      value: 'proceeding',
      context: { ...context, response: ringing },
      status: 'active',
    },
    completed: { value: 'completed', context: { ...forgetful, response: busy }, status: 'active' },
    confirmed: { value: 'confirmed', context: forgetful, status: 'active' },
    accepted: { value: 'accepted', context: forgetful, status: 'active' },
    terminated: { value: 'terminated', context: forgetful, status: 'done' },
  } as const;
};

const laterTimers = ['Timer G fires', 'Timer H fires', 'Timer I fires', 'Timer L fires'] as const;

const ignored = {
  proceeding: ['INVITE', 'ACK', ...laterTimers],
  'proceeding with a 1xx': ['ACK', '200 ms are over', ...laterTimers],
  completed: [
    '1xx from TU',
    '2xx from TU',
    '300-699 from TU',
    '200 ms are over',
    'Timer I fires',
    'Timer L fires',
  ],
  confirmed: [
    'INVITE',
    '1xx from TU',
    '2xx from TU',
    '300-699 from TU',
    'ACK',
    'Transport Err.',
    '200 ms are over',
    'Timer G fires',
    'Timer H fires',
    'Timer L fires',
  ],
  accepted: [
    'INVITE',
    '1xx from TU',
    '300-699 from TU',
    '200 ms are over',
    'Timer G fires',
    'Timer H fires',
    'Timer I fires',
  ],
} as const;

/** What an answer of the TU's does, however far the transaction has proceeded. */
const answers = (state: 'proceeding' | 'proceeding with a 1xx', timerG: readonly TransactionEffect[]) =>
  [
    [state, '1xx from TU', 'proceeding with a 1xx', [stopTryingDelay, sendResponse(queued)]],
    [state, '2xx from TU', 'accepted', [stopTryingDelay, sendResponse(ok), startTimer('timerL', 32_000)]],
    [
      state,
      '300-699 from TU',
      'completed',
      [stopTryingDelay, sendResponse(busy), ...timerG, startTimer('timerH', 32_000)],
    ],
    [state, 'Transport Err.', state, [reportFailure('transportError')]],
  ] as const;

describe('INVITE server transaction (RFC 3261 §17.2.1 Figure 7, RFC 6026 §7.1, §8.8)', () => {
  describe.each([
    ['an unreliable', false, [startTimer('timerG', 500)], startTimer('timerI', 5_000)],
    ['a reliable', true, [], startTimer('timerI', 0)],
  ])('over %s transport', (_, reliable, timerG, timerI) => {
    const start = () => table.initial({ request, reliable, timers });

    testFigure({
      machine: inviteServerTransaction,
      eventTypes,
      events,
      states: states(reliable),
      arrows: [
        ...answers('proceeding', timerG),
        ['proceeding', '200 ms are over', 'proceeding with a 1xx', [sendResponse(trying)]],
        ...answers('proceeding with a 1xx', timerG),
        ['proceeding with a 1xx', 'INVITE', 'proceeding with a 1xx', [sendResponse(ringing)]],
        ['completed', 'INVITE', 'completed', [sendResponse(busy)]],
        ['completed', 'ACK', 'confirmed', [stopTimer('timerG'), stopTimer('timerH'), timerI]],
        ['completed', 'Transport Err.', 'completed', [reportFailure('transportError')]],
        ['completed', 'Timer G fires', 'completed', [sendResponse(busy), startTimer('timerG', 1_000)]],
        ['completed', 'Timer H fires', 'terminated', [reportFailure('timeout')]],
        ['confirmed', 'Timer I fires', 'terminated', []],
        ['accepted', '2xx from TU', 'accepted', [sendResponse(ok)]],
        ['accepted', 'ACK', 'accepted', [passToUser(ack)]],
        ['accepted', 'Transport Err.', 'accepted', [reportFailure('transportError')]],
        ['accepted', 'Timer L fires', 'terminated', []],
      ],
      ignored,
    });

    test('passes the request to its user, and gives it 200 ms', () => {
      const [snapshot, effects] = start();

      expect(snapshot.value).toBe('proceeding');
      expect(effects).toEqual([startTimer('tryingDelay', 200), passToUser(request)]);
    });

    test('MUST generate a 100 where its user says nothing for 200 ms', () => {
      const life = new MachineLife(table, { request, reliable, timers }).waitForEnd();

      expect(sent(life)).toEqual([[200, 100]]);
      expect(life.snapshot.value).toBe('proceeding');
    });

    test('sends the most recent provisional response again, be it its own 100', () => {
      const [tried] = table.transition(start()[0], events['200 ms are over']);
      const [told] = table.transition(tried, answer(183));

      expect(table.transition(tried, events.INVITE)[1]).toEqual([sendResponse(trying)]);
      expect(table.transition(told, events.INVITE)[1]).toEqual([sendResponse(response(183))]);
    });

    test.each([100, 101, 180, 199])('takes a %i for provisional', (status) => {
      const [snapshot, effects] = table.transition(start()[0], answer(status));

      expect(snapshot.value).toBe('proceeding');
      expect(effects).toEqual([stopTryingDelay, sendResponse(response(status))]);
    });

    test.each([200, 202, 299])('takes a %i for a success and holds no message any more', (status) => {
      const [snapshot] = table.transition(start()[0], answer(status));

      expect(snapshot.value).toBe('accepted');
      expect(snapshot.context).toEqual({
        request: undefined,
        response: undefined,
        reliable,
        timers,
        interval: 500,
      });
    });

    test.each([300, 302, 408, 487, 503, 603, 699])('takes a %i for a refusal', (status) => {
      const [snapshot] = table.transition(start()[0], answer(status));

      expect(snapshot.value).toBe('completed');
      expect(snapshot.context.request).toBeUndefined();
      expect(table.transition(snapshot, events.INVITE)[1]).toEqual([sendResponse(response(status))]);
    });

    test('holds no message once a refusal has its ACK', () => {
      const [completed] = table.transition(start()[0], answer(486));
      const [{ context }] = table.transition(completed, events.ACK);

      expect([context.request, context.response]).toEqual([undefined, undefined]);
    });

    test('MUST NOT repeat a 2xx, and absorbs INVITEs for 64·T1 (RFC 6026 §7.1)', () => {
      const life = new MachineLife(table, { request, reliable, timers })
        .play([
          [0, answer(200)],
          [10_000, events.INVITE],
        ])
        .waitForEnd();

      expect(sent(life)).toEqual([[0, 200]]);
      expect(life.snapshot.value).toBe('terminated');
      expect(life.now).toBe(32_000);
    });

    test('tells its user once Timer H has fired', () => {
      const life = new MachineLife(table, { request, reliable, timers })
        .play([[0, answer(486)]])
        .waitForEnd();

      expect(life.steps.at(-1)).toMatchObject({ at: 32_000, effects: [reportFailure('timeout')] });
    });
  });

  test('repeats a refusal over an unreliable transport at T1, 2·T1, … T2 until Timer H', () => {
    const life = new MachineLife(table, { request, reliable: false, timers })
      .play([[0, answer(486)]])
      .waitForEnd();

    expect(sent(life).map(([at]) => at)).toEqual([
      0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
  });

  test('repeats nothing over a reliable transport', () => {
    const life = new MachineLife(table, { request, reliable: true, timers })
      .play([[0, answer(486)]])
      .waitForEnd();

    expect(sent(life)).toEqual([[0, 486]]);
  });

  test('stops repeating at the ACK, and absorbs what comes after it for T4', () => {
    const life = new MachineLife(table, { request, reliable: false, timers })
      .play([
        [0, answer(486)],
        [2_000, events.ACK],
        [100, events.INVITE],
        [100, events.ACK],
      ])
      .waitForEnd();

    expect(sent(life).map(([at]) => at)).toEqual([0, 500, 1_500]);
    expect(life.now).toBe(7_000);
    expect(life.snapshot.status).toBe('done');
  });
});

/** When each response was sent, and its status. */
const sent = (life: MachineLife) =>
  life.steps.flatMap(({ at, effects }) =>
    effects.flatMap((effect) =>
      effect.type === 'sendResponse' ? [[at, effect.response.status] as const] : [],
    ),
  );

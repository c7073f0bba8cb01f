import { describe, expect, test } from 'vitest';
import { passToUser, reportFailure, sendResponse, startTimer, stopTimer } from '../../machines/effects.js';
import {
  type Context,
  type Event,
  eventTypes,
  nonInviteServerTransaction,
} from '../../machines/non-invite-server-transaction.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { createResponse } from '../../src/message/index.js';
import { testFigure } from '../support/figure.js';
import { optionsRequest as request, response } from '../support/sample-messages.js';

const table = compile(nonInviteServerTransaction, eventTypes);
/** The user's own, not the one that the transaction would make. */
const trying = createResponse(request, 100, { reason: 'Asking' });
const ok = response(200);
const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index): Event => answer(first + index));
const answer = (status: number): Event => ({ type: 'response', response: response(status) });

const events = {
  Request: { type: 'retransmission' },
  '100 from TU': { type: 'response', response: trying },
  'another 1xx from TU': from(101, 199),
  '200-699 from TU': { type: 'response', response: ok },
  '408 from TU': answer(408),
  'the 100 is due': { type: 'tryingDelay' },
  'the client has given up': { type: 'expiry' },
  'Timer J fires': { type: 'timerJ' },
  'Transport Err.': { type: 'transportError' },
} as const satisfies Record<string, Event | readonly Event[]>;

const states = (reliable: boolean) => {
  const context: Context = { request, response: undefined, reliable, timers };
  const answered = { ...context, request: undefined, response: ok };
  return {
    trying: { value: 'trying', context, status: 'active' },
    proceeding: { value: 'proceeding', context: { ...context, response: trying }, status: 'active' },
    completed: { value: 'completed', context: answered, status: 'active' },
    terminated: { value: 'terminated', context: answered, status: 'done' },
  } as const;
};

const ignored = {
  trying: ['Request', 'another 1xx from TU', '408 from TU', 'Timer J fires'],
  proceeding: ['another 1xx from TU', '408 from TU', 'the 100 is due', 'Timer J fires'],
  completed: [
    '100 from TU',
    'another 1xx from TU',
    '200-699 from TU',
    '408 from TU',
    'the 100 is due',
    'the client has given up',
  ],
} as const;

describe('Non-INVITE server transaction (RFC 3261 §17.2.2 Figure 8, RFC 4320, RFC 6026 §8.8)', () => {
  describe('over an unreliable transport', () => {
    const timerJ = startTimer('timerJ', 32_000);

    testFigure({
      machine: nonInviteServerTransaction,
      eventTypes,
      events,
      states: states(false),
      arrows: [
        ['trying', '100 from TU', 'trying', []],
        [
          'trying',
          '200-699 from TU',
          'completed',
          [stopTimer('tryingDelay'), sendResponse(ok), stopTimer('expiry'), timerJ],
        ],
        ['trying', 'the 100 is due', 'proceeding', [sendResponse(createResponse(request, 100))]],
        ['trying', 'the client has given up', 'terminated', [reportFailure('timeout')]],
        ['trying', 'Transport Err.', 'trying', [reportFailure('transportError')]],
        ['proceeding', 'Request', 'proceeding', [sendResponse(trying)]],
        ['proceeding', '100 from TU', 'proceeding', [sendResponse(trying)]],
        ['proceeding', '200-699 from TU', 'completed', [sendResponse(ok), stopTimer('expiry'), timerJ]],
        ['proceeding', 'the client has given up', 'terminated', [reportFailure('timeout')]],
        ['proceeding', 'Transport Err.', 'proceeding', [reportFailure('transportError')]],
        ['completed', 'Request', 'completed', [sendResponse(ok)]],
        ['completed', 'Timer J fires', 'terminated', []],
        ['completed', 'Transport Err.', 'completed', [reportFailure('transportError')]],
      ],
      ignored,
    });
  });

  describe('over a reliable transport', () => {
    const timerJ = startTimer('timerJ', 0);

    testFigure({
      machine: nonInviteServerTransaction,
      eventTypes,
      events,
      states: states(true),
      arrows: [
        ['trying', '100 from TU', 'proceeding', [stopTimer('tryingDelay'), sendResponse(trying)]],
        [
          'trying',
          '200-699 from TU',
          'completed',
          [stopTimer('tryingDelay'), sendResponse(ok), stopTimer('expiry'), timerJ],
        ],
        ['trying', 'the 100 is due', 'proceeding', [sendResponse(createResponse(request, 100))]],
        ['trying', 'the client has given up', 'terminated', [reportFailure('timeout')]],
        ['trying', 'Transport Err.', 'trying', [reportFailure('transportError')]],
        ['proceeding', 'Request', 'proceeding', [sendResponse(trying)]],
        ['proceeding', '100 from TU', 'proceeding', [sendResponse(trying)]],
        ['proceeding', '200-699 from TU', 'completed', [sendResponse(ok), stopTimer('expiry'), timerJ]],
        ['proceeding', 'the client has given up', 'terminated', [reportFailure('timeout')]],
        ['proceeding', 'Transport Err.', 'proceeding', [reportFailure('transportError')]],
        ['completed', 'Request', 'completed', [sendResponse(ok)]],
        ['completed', 'Timer J fires', 'terminated', []],
        ['completed', 'Transport Err.', 'completed', [reportFailure('transportError')]],
      ],
      ignored,
    });
  });

  describe.each([
    ['an unreliable', false],
    ['a reliable', true],
  ])('over %s transport', (_, reliable) => {
    const start = () => table.initial({ request, reliable, timers });

    test('is passed the request in Trying and passes it to its user', () => {
      const [snapshot, effects] = start();

      expect(snapshot.value).toBe('trying');
      expect(effects).toEqual([
        startTimer('tryingDelay', 3_500),
        startTimer('expiry', 32_000),
        passToUser(request),
      ]);
    });

    test('MUST pass the most recently sent provisional response on again', () => {
      const newer = createResponse(request, 100, { reason: 'Still Asking' });
      const [proceeding] = table.transition(start()[0], { type: 'tryingDelay' });
      const [afterNewer, effects] = table.transition(proceeding, { type: 'response', response: newer });

      expect(effects).toEqual([sendResponse(newer)]);
      expect(table.transition(afterNewer, { type: 'retransmission' })[1]).toEqual([sendResponse(newer)]);
    });

    test.each([200, 299, 302, 404, 500, 603, 699])('takes a %i for final', (status) => {
      const [snapshot] = table.transition(start()[0], answer(status));

      expect(snapshot.value).toBe('completed');
      expect(table.transition(snapshot, { type: 'retransmission' })[1]).toEqual([
        sendResponse(response(status)),
      ]);
    });

    test('holds no request once it has sent a final response', () => {
      const [snapshot] = table.transition(start()[0], answer(200));

      expect(snapshot.context).toEqual({ request: undefined, response: ok, reliable, timers });
    });
  });

  describe('RFC 4320', () => {
    const unreliable = () => table.initial({ request, reliable: false, timers })[0];

    test('MUST NOT send a 100 before a client’s Timer E has been reset to T2 (§4.1)', () => {
      const [told, effects] = table.transition(unreliable(), { type: 'response', response: trying });

      expect(effects).toEqual([]);
      expect(table.transition(told, { type: 'retransmission' })[1]).toEqual([]);
      expect(table.transition(told, { type: 'tryingDelay' })[1]).toEqual([sendResponse(trying)]);
    });

    test('MUST send a 100 of its own then, if its user sent nothing (§4.1)', () => {
      const [proceeding, effects] = table.transition(unreliable(), { type: 'tryingDelay' });

      expect(effects).toEqual([sendResponse(createResponse(request, 100))]);
      expect(table.transition(proceeding, { type: 'retransmission' })[1]).toEqual(effects);
    });

    test('MUST NOT answer late: without a live transaction there is nothing to send on (§4.2)', () => {
      const [expired] = table.transition(unreliable(), { type: 'expiry' });

      expect(table.transition(expired, answer(200))).toEqual([expired, []]);
    });
  });
});

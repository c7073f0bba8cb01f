import { describe, expect, test } from 'vitest';
import { passToUser, reportFailure, sendRequest, startTimer, stopTimer } from '../../machines/effects.js';
import {
  type Context,
  type Event,
  eventTypes,
  nonInviteClientTransaction,
} from '../../machines/non-invite-client-transaction.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { testFigure } from '../support/figure.js';
import { optionsRequest as request, response } from '../support/sample-messages.js';

const table = compile(nonInviteClientTransaction, eventTypes);
const trying = response(100);
const ok = response(200);

const events = {
  '1xx': { type: 'response', response: trying },
  '200-699': { type: 'response', response: ok },
  'Timer E': { type: 'timerE' },
  'Timer F': { type: 'timerF' },
  'Timer K': { type: 'timerK' },
  'Transport Err.': { type: 'transportError' },
} as const satisfies Record<string, Event>;

const states = (reliable: boolean, repeats: number | undefined) => {
  const context: Context = { request, reliable, repeats, timers, interval: 500 };
  const answered = { ...context, request: undefined };
  return {
    trying: { value: 'trying', context, status: 'active' },
    proceeding: { value: 'proceeding', context, status: 'active' },
    completed: { value: 'completed', context: answered, status: 'active' },
    terminated: { value: 'terminated', context: answered, status: 'done' },
  } as const;
};

describe('Non-INVITE client transaction (RFC 3261 §17.1.2 Figure 6)', () => {
  describe.each([
    ['an unreliable', false, 5_000],
    ['a reliable', true, 0],
  ])('over %s transport', (_, reliable, timerK) => {
    const completes = [
      stopTimer('timerE'),
      stopTimer('timerF'),
      startTimer('timerK', timerK),
      passToUser(ok),
    ] as const;

    const responses = [
      ['trying', '1xx', 'proceeding', [passToUser(trying)]],
      ['trying', '200-699', 'completed', completes],
      ['trying', 'Timer F', 'terminated', [reportFailure('timeout')]],
      ['trying', 'Transport Err.', 'terminated', [reportFailure('transportError')]],
      ['proceeding', '1xx', 'proceeding', [passToUser(trying)]],
      ['proceeding', '200-699', 'completed', completes],
      ['proceeding', 'Timer E', 'proceeding', [sendRequest(request), startTimer('timerE', 4_000)]],
      ['proceeding', 'Timer F', 'terminated', [reportFailure('timeout')]],
      ['proceeding', 'Transport Err.', 'terminated', [reportFailure('transportError')]],
      ['completed', 'Timer K', 'terminated', []],
    ] as const;
    const late = ['1xx', '200-699', 'Timer E', 'Timer F', 'Transport Err.'] as const;

    describe.each([
      ['as often as Timer E ends', undefined],
      ['once more at least', 1],
    ])('to a host that may hear it %s', (_name, repeats) => {
      testFigure({
        machine: nonInviteClientTransaction,
        eventTypes,
        events,
        states: states(reliable, repeats),
        arrows: [
          ...responses,
          ['trying', 'Timer E', 'trying', [sendRequest(request), startTimer('timerE', 1_000)]],
        ],
        ignored: { trying: ['Timer K'], proceeding: ['Timer K'], completed: late },
      });
    });

    describe('to a host that may hear it no more', () => {
      testFigure({
        machine: nonInviteClientTransaction,
        eventTypes,
        events,
        states: states(reliable, 0),
        arrows: responses,
        ignored: { trying: ['Timer E', 'Timer K'], proceeding: ['Timer K'], completed: late },
      });
    });
  });

  const start = (reliable = false, repeats?: number) => table.initial({ request, reliable, repeats, timers });

  test('sends its request before it sets Timer E to T1 and Timer F to 64·T1', () => {
    expect(start()[0].value).toBe('trying');
    expect(start()[1]).toEqual([
      sendRequest(request),
      startTimer('timerE', 500),
      startTimer('timerF', 32_000),
    ]);
  });

  test('sets no Timer E over a reliable transport', () => {
    expect(start(true)[0].value).toBe('trying');
    expect(start(true)[1]).toEqual([sendRequest(request), startTimer('timerF', 32_000)]);
  });

  test('repeats its request at intervals that double up to T2', () => {
    let [snapshot, effects] = start();
    const intervals = [delayOfTimerE(effects)];
    for (let repeat = 0; repeat < 5; repeat++) {
      [snapshot, effects] = table.transition(snapshot, { type: 'timerE' });
      intervals.push(delayOfTimerE(effects));
    }

    expect(intervals).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  test.each([0, 1, 2, 5])(
    'repeats its request %i times where it may no more, and waits for Timer F',
    (repeats) => {
      let [snapshot, effects] = start(false, repeats);
      let sent = 0;
      for (let end = 0; end < 11; end++) {
        [snapshot, effects] = table.transition(snapshot, { type: 'timerE' });
        sent += effects.filter(({ type }) => type === 'sendRequest').length;
      }

      expect(sent).toBe(repeats);
      expect(table.transition(snapshot, { type: 'timerF' })[1]).toEqual([reportFailure('timeout')]);
    },
  );

  test('MUST repeat its request every T2 in Proceeding, whatever the interval was in Trying', () => {
    const [proceeding] = table.transition(start()[0], { type: 'response', response: trying });
    const [afterOne, effects] = table.transition(proceeding, { type: 'timerE' });

    expect(delayOfTimerE(effects)).toBe(4_000);
    expect(delayOfTimerE(table.transition(afterOne, { type: 'timerE' })[1])).toBe(4_000);
  });

  test.each([200, 299, 302, 404, 503, 699])('takes a %i for final', (status) => {
    const final = response(status);
    const [snapshot, effects] = table.transition(start()[0], { type: 'response', response: final });

    expect(snapshot.value).toBe('completed');
    expect(effects.at(-1)).toEqual(passToUser(final));
  });

  test.each([100, 180, 199])('takes a %i for provisional', (status) => {
    const provisional = response(status);
    const [snapshot, effects] = table.transition(start()[0], { type: 'response', response: provisional });

    expect(snapshot.value).toBe('proceeding');
    expect(effects).toEqual([passToUser(provisional)]);
  });

  test('holds no request once a final response has come', () => {
    const [snapshot] = table.transition(start()[0], { type: 'response', response: ok });

    expect(snapshot.context.request).toBeUndefined();
  });
});

const delayOfTimerE = (effects: readonly { readonly type: string }[]) =>
  (effects as ReturnType<typeof startTimer>[]).find(
    ({ type, timer }) => type === 'startTimer' && timer === 'timerE',
  )?.delay;

import { describe, expect, test } from 'vitest';
import {
  confirmDialog,
  endRequests,
  leaveDialog,
  type SessionEnd,
  sendInDialog,
  tellApplication,
} from '../../machines/effects.js';
import { type Context, type Event, eventTypes, session } from '../../machines/session.js';
import { compile } from '../../src/engine/compile.js';
import { testFigure } from '../support/figure.js';

const table = compile(session, eventTypes);

const events = {
  'an offer': { type: 'offered' },
  'the answer to the offer': { type: 'offerSettled' },
  '2xx': { type: 'accepted' },
  ACK: { type: 'acknowledged' },
  'no ACK': { type: 'unacknowledged' },
  'a refusal': { type: 'refused' },
  BYE: { type: 'bye' },
  'hang up': { type: 'hangUp' },
  'our BYE’s answer': [
    { type: 'requestAnswered', status: 200 },
    { type: 'requestAnswered', status: 408 },
    { type: 'requestAnswered', status: 481 },
    { type: 'requestAnswered', status: 503 },
  ],
  'no answer to our BYE': [
    { type: 'requestFailed', failure: 'timeout' },
    { type: 'requestFailed', failure: 'transportError' },
  ],
  'the dialog’s end': { type: 'dialogEnded' },
} as const satisfies Record<string, Event | readonly Event[]>;

const context: Context = { offered: true, end: 'bye' };
const hungUp: Context = { offered: true, end: 'hungUp' };
const states = {
  'early.negotiating': { value: { early: 'negotiating' }, context, status: 'active' },
  'early.stable': { value: { early: 'stable' }, context, status: 'active' },
  'early.answering': { value: { early: 'answering' }, context, status: 'active' },
  accepted: { value: 'accepted', context, status: 'active' },
  leaving: { value: 'leaving', context, status: 'active' },
  'confirmed.stable': { value: { confirmed: 'stable' }, context, status: 'active' },
  'confirmed.answering': { value: { confirmed: 'answering' }, context, status: 'active' },
  ending: { value: 'ending', context: hungUp, status: 'active' },
  terminated: { value: 'terminated', context, status: 'done' },
} as const;

const bye = [sendInDialog({ method: 'BYE', headers: [], body: '' }), endRequests()];
const end = (reason: SessionEnd) => [
  endRequests(),
  leaveDialog(),
  tellApplication({ type: 'sessionEnded', reason }),
];

const early = ['early.negotiating', 'early.stable', 'early.answering'] as const;
const confirmed = ['confirmed.stable', 'confirmed.answering'] as const;
const answers = ['our BYE’s answer', 'no answer to our BYE'] as const;

describe('Session (RFC 3261 §13 to §15, RFC 3311 §5.2, RFC 5057 §4)', () => {
  testFigure({
    machine: session,
    eventTypes,
    events,
    states,
    arrows: [
      ['early.negotiating', 'the answer to the offer', 'early.stable', []],
      ['early.stable', 'an offer', 'early.answering', []],
      ['early.answering', 'the answer to the offer', 'early.stable', []],
      ...early.flatMap(
        (state) =>
          [
            [state, '2xx', 'accepted', [confirmDialog()]],
            [state, 'a refusal', 'terminated', end('refused')],
          ] as const,
      ),

      ['accepted', 'ACK', 'confirmed.stable', []],
      ['accepted', 'no ACK', 'ending', bye],
      ['accepted', 'hang up', 'leaving', []],
      ['leaving', 'ACK', 'ending', bye],
      ['leaving', 'no ACK', 'ending', bye],

      ['confirmed.stable', 'an offer', 'confirmed.answering', []],
      ['confirmed.answering', 'the answer to the offer', 'confirmed.stable', []],
      ['confirmed.answering', 'a refusal', 'confirmed.stable', []],
      ...confirmed.flatMap(
        (state) =>
          [
            [state, '2xx', 'accepted', []],
            [state, 'hang up', 'ending', bye],
          ] as const,
      ),

      ...([...early, 'accepted', 'leaving', ...confirmed] as const).flatMap(
        (state) =>
          [
            [state, 'BYE', 'terminated', end('bye')],
            [state, 'the dialog’s end', 'terminated', end('dialogEnded')],
          ] as const,
      ),
      ['ending', 'our BYE’s answer', 'terminated', end('hungUp')],
      ['ending', 'no answer to our BYE', 'terminated', end('hungUp')],
      ['ending', 'BYE', 'terminated', end('hungUp')],
      ['ending', 'the dialog’s end', 'terminated', end('hungUp')],
    ],
    ignored: {
      'early.negotiating': ['an offer', 'ACK', 'no ACK', 'hang up', ...answers],
      'early.stable': ['the answer to the offer', 'ACK', 'no ACK', 'hang up', ...answers],
      'early.answering': ['an offer', 'ACK', 'no ACK', 'hang up', ...answers],
      accepted: ['an offer', 'the answer to the offer', '2xx', 'a refusal', ...answers],
      leaving: ['an offer', 'the answer to the offer', '2xx', 'a refusal', 'hang up', ...answers],
      'confirmed.stable': ['the answer to the offer', 'ACK', 'no ACK', 'a refusal', ...answers],
      'confirmed.answering': ['an offer', 'ACK', 'no ACK', ...answers],
      ending: ['an offer', 'the answer to the offer', '2xx', 'ACK', 'no ACK', 'a refusal', 'hang up'],
    },
  });

  const lifeOf = (...types: readonly Event['type'][]) =>
    types.reduce(
      (step, type) => table.transition(step[0], { type, status: 200, failure: 'timeout' } as Event),
      table.initial({ offered: true }),
    );

  test.each([true, false])('begins early, while the INVITE’s offer waits for its answer', (offered) => {
    expect(table.initial({ offered })).toEqual([
      { value: { early: 'negotiating' }, context: { offered, end: 'bye' }, status: 'active' },
      [],
    ]);
  });

  test.each<[string, readonly Event['type'][], SessionEnd]>([
    ['by the peer’s BYE', ['accepted', 'acknowledged', 'bye'], 'bye'],
    ['by the peer’s BYE before the ACK', ['accepted', 'bye'], 'bye'],
    ['by the peer’s BYE in the early dialog (§15)', ['bye'], 'bye'],
    ['by ours', ['accepted', 'acknowledged', 'hangUp', 'requestAnswered'], 'hungUp'],
    [
      'by ours, which waited for the ACK',
      ['accepted', 'hangUp', 'acknowledged', 'requestAnswered'],
      'hungUp',
    ],
    [
      'by ours, which waited for an ACK that never came',
      ['accepted', 'hangUp', 'unacknowledged', 'requestAnswered'],
      'hungUp',
    ],
    [
      'by ours, which nothing answered (§15.1.1)',
      ['accepted', 'acknowledged', 'hangUp', 'requestFailed'],
      'hungUp',
    ],
    ['by ours, which the peer’s crossed', ['accepted', 'acknowledged', 'hangUp', 'bye'], 'hungUp'],
    [
      'by ours, whose answer ends the dialog',
      ['accepted', 'acknowledged', 'hangUp', 'dialogEnded'],
      'hungUp',
    ],
    ['for want of the ACK (§13.3.1.4)', ['accepted', 'unacknowledged', 'requestAnswered'], 'unacknowledged'],
    [
      'for want of the ACK to a re-INVITE (§14.2)',
      ['accepted', 'acknowledged', 'offered', 'accepted', 'unacknowledged', 'requestFailed'],
      'unacknowledged',
    ],
    ['because the INVITE was refused (§12.3)', ['refused'], 'refused'],
    ['with the dialog (RFC 5057 §5.1)', ['accepted', 'acknowledged', 'dialogEnded'], 'dialogEnded'],
  ])('says that it ended %s', (_, types, reason) => {
    const [snapshot, effects] = lifeOf(...types);

    expect(snapshot.status).toBe('done');
    expect(effects).toEqual(end(reason));
  });

  test('outlives the refusal of a re-INVITE, and takes the next one (§14.1)', () => {
    const [snapshot] = lifeOf('accepted', 'acknowledged', 'offered', 'refused', 'offered');

    expect(snapshot.value).toEqual({ confirmed: 'answering' });
  });

  test('confirms its dialog once, with the first 2xx (§12.1.1)', () => {
    expect(lifeOf('accepted')[1]).toEqual([confirmDialog()]);
    expect(lifeOf('accepted', 'acknowledged', 'offered', 'accepted')[1]).toEqual([]);
  });
});

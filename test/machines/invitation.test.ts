import { describe, expect, test } from 'vitest';
import {
  type ApplicationEvent,
  type ResponseDraft,
  replaceSession,
  respond,
  startSession,
  startTimer,
  stopTimer,
  tellApplication,
  tellSession,
  type UserAgentEffect,
} from '../../machines/effects.js';
import { type Context, type Event, eventTypes, type Input, invitation } from '../../machines/invitation.js';
import { badRequest } from '../../machines/refusals.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { createRequest } from '../../src/message/index.js';
import { testFigure } from '../support/figure.js';
import { MachineLife } from '../support/machine-life.js';

const machine = invitation<'invitation', Input>('invitation', 'RFC 3261 §13.3', {
  refusals: [],
  unhandled: { status: 405 },
  undecided: { status: 480 },
  begin: ['tellOffered'],
  establish: ['startSession'],
  succeed: ['replaceSession'],
});
const table = compile(machine, eventTypes);

const allow = [['Allow', 'INVITE, ACK']] as const;
const input: Input = {
  contentRefusal: undefined,
  descriptionIsAcceptable: true,
  hasOneContact: true,
  handled: true,
  reliability: 'supported',
  firstSequence: 7,
  expires: undefined,
  patience: 180,
  capabilities: allow,
  timers,
};
const start = (changes: Partial<Input> = {}) => table.initial({ ...input, ...changes });

const ringing: ResponseDraft = { status: 180, reason: 'Still Ringing', headers: [['Alert-Info', '<x:>']] };
const session: ResponseDraft = {
  status: 183,
  reason: 'Early Media',
  headers: [['Content-Type', 'application/sdp']],
  body: 'v=0\r\n',
};
const ok: ResponseDraft = { status: 200, body: 'v=0\r\n' };
const moved: ResponseDraft = { status: 302, headers: [['Contact', '<sip:bob@elsewhere.example.org>']] };
const busy: ResponseDraft = { status: 486 };
const ack = createRequest({
  method: 'ACK',
  uri: 'sip:bob@bob.example.org',
  headers: [
    ['Via', 'SIP/2.0/UDP alice.example.com;branch=z9hG4bK74bd5'],
    ['Max-Forwards', '70'],
    ['From', '<sip:alice@example.com>;tag=1928301774'],
    ['To', '<sip:bob@example.org>;tag=a6c85cf'],
    ['Call-ID', 'a84b4c76e66710@alice.example.com'],
    ['CSeq', '314159 ACK'],
  ],
});

const progress = (answer: ResponseDraft, reliable?: boolean): Event => ({
  type: 'progress',
  answer,
  ...(reliable === undefined ? {} : { reliable }),
});

const events = {
  '100': { type: 'trying' },
  progress: [progress(ringing), progress(ringing, false)],
  'reliable progress': progress(ringing, true),
  'progress with a description': [progress(session), progress(session, true)],
  accept: { type: 'accept', answer: ok },
  redirect: { type: 'redirect', answer: moved },
  reject: { type: 'reject', answer: busy },
  PRACK: { type: 'prack' },
  ACK: { type: 'ack', request: ack },
  CANCEL: { type: 'cancel' },
  BYE: { type: 'sessionEnded' },
  failure: { type: 'failure', failure: 'transportError' },
  'the INVITE expires': { type: 'expiry' },
  'the time to decide is over': { type: 'decision' },
  'a minute is over': { type: 'provisionalRefresh' },
  'the 1xx is due again': { type: 'provisionalRetransmission' },
  'no PRACK came': { type: 'provisionalExpiry' },
  'the 2xx is due again': { type: 'successRetransmission' },
  'no ACK came': { type: 'successExpiry' },
} as const satisfies Record<string, Event | readonly Event[]>;

const states = () => {
  const context: Context = {
    input,
    answer: { status: 480 },
    provisional: { status: 180 },
    reliable: false,
    sequence: 6,
    waiting: [],
    interval: 0,
  };
  const early: Context = { ...context, provisional: ringing };
  const reliable: Context = { ...early, reliable: true, sequence: 7, interval: 500 };
  const description: Context = { ...reliable, provisional: session };
  const accepted: Context = { ...context, answer: ok, interval: 500 };
  const ringingValue = { proceeding: { unacknowledged: 'ringing' } } as const;
  const acceptingValue = { proceeding: { unacknowledged: 'accepting' } } as const;
  return {
    deciding: { value: { proceeding: 'deciding' }, context, status: 'active' },
    early: { value: { proceeding: 'early' }, context: early, status: 'active' },
    'early after a PRACK': { value: { proceeding: 'early' }, context: description, status: 'active' },
    ringing: { value: ringingValue, context: reliable, status: 'active' },
    'ringing with a description': { value: ringingValue, context: description, status: 'active' },
    'ringing with a description waiting': {
      value: ringingValue,
      context: { ...reliable, waiting: [session] },
      status: 'active',
    },
    accepting: { value: acceptingValue, context: { ...description, answer: ok }, status: 'active' },
    'accepting with a description waiting': {
      value: acceptingValue,
      context: { ...reliable, answer: ok, waiting: [session] },
      status: 'active',
    },
    accepted: { value: 'accepted', context: accepted, status: 'active' },
    acknowledged: { value: 'acknowledged', context: accepted, status: 'done' },
    unacknowledged: { value: 'unacknowledged', context: accepted, status: 'done' },
    redirected: { value: 'redirected', context, status: 'done' },
    refused: { value: 'refused', context, status: 'done' },
    cancelled: { value: 'cancelled', context, status: 'done' },
  } as const;
};

const reliably = (response: ResponseDraft, sequence: number) =>
  respond(response, 'withContact', [
    ['Require', '100rel'],
    ['RSeq', `${sequence}`],
  ]);
const tell = (type: Extract<ApplicationEvent['type'], 'request' | 'cancel' | 'undecided'>) =>
  tellApplication({ type });
const terminated = respond({ status: 487 });
const undecided = [tellSession({ type: 'refused' }), tell('undecided')];
const offerSettled = tellSession({ type: 'offerSettled' });
const startRefresh = startTimer('provisionalRefresh', 60_000);
const stopRefresh = stopTimer('provisionalRefresh');
const startRepeating = [
  startTimer('provisionalRetransmission', 500),
  startTimer('provisionalExpiry', 32_000),
];
const stopRepeating = [stopTimer('provisionalRetransmission'), stopTimer('provisionalExpiry')];
const stopLimit = [stopTimer('expiry'), stopTimer('decision')];
const success = [
  respond(ok, 'withContact', allow),
  tellSession({ type: 'accepted' }),
  replaceSession(),
  startTimer('successRetransmission', 500),
  startTimer('successExpiry', 32_000),
];

/** What ends the invitation by another final response than a 2xx, wherever it proceeds. */
const refusals = <const State extends string>(state: State, leave: readonly UserAgentEffect[]) =>
  [
    [
      state,
      'redirect',
      'redirected',
      [...leave, ...stopLimit, respond(moved), tellSession({ type: 'refused' })],
    ],
    [state, 'reject', 'refused', [...leave, ...stopLimit, respond(busy), tellSession({ type: 'refused' })]],
    [
      state,
      'CANCEL',
      'cancelled',
      [...leave, ...stopLimit, terminated, tellSession({ type: 'refused' }), tell('cancel')],
    ],
    [state, 'BYE', 'cancelled', [...leave, ...stopLimit, terminated, tell('cancel')]],
    [state, 'the INVITE expires', 'refused', [...leave, ...stopLimit, terminated, ...undecided]],
    [
      state,
      'the time to decide is over',
      'refused',
      [...leave, ...stopLimit, respond({ status: 480 }), ...undecided],
    ],
    [state, 'failure', state, [tellApplication({ type: 'failure', failure: 'transportError' })]],
  ] as const;

/** What the reliable provisional response does that is without its PRACK. */
const repetitions = <const State extends string>(state: State, provisional: ResponseDraft) =>
  [
    [
      state,
      'the 1xx is due again',
      state,
      [reliably(provisional, 7), startTimer('provisionalRetransmission', 1_000)],
    ],
    [
      state,
      'no PRACK came',
      'refused',
      [
        ...stopRepeating,
        ...stopLimit,
        respond({ status: 504, reason: 'Provisional Response Not Acknowledged' }),
        ...undecided,
      ],
    ],
  ] as const;

const afterSuccess = ['ACK', 'the 2xx is due again', 'no ACK came'] as const;
const ofReliable = ['the 1xx is due again', 'no PRACK came'] as const;
const anyProgress = ['progress', 'reliable progress', 'progress with a description'] as const;

describe('User agent server of an INVITE or a re-INVITE (RFC 3261 §13.3, RFC 3262 §3)', () => {
  testFigure({
    machine,
    eventTypes,
    events,
    states: states(),
    arrows: [
      ['deciding', '100', 'deciding', [respond({ status: 100 })]],
      ['deciding', 'progress', 'early', [startSession(), respond(ringing, 'withContact'), startRefresh]],
      ['deciding', 'reliable progress', 'ringing', [startSession(), reliably(ringing, 7), ...startRepeating]],
      [
        'deciding',
        'progress with a description',
        'ringing with a description',
        [startSession(), reliably(session, 7), ...startRepeating],
      ],
      ['deciding', 'accept', 'accepted', [...stopLimit, startSession(), ...success]],
      ...refusals('deciding', []),

      ['early', 'progress', 'early', [respond(ringing, 'withContact')]],
      ['early', 'reliable progress', 'ringing', [stopRefresh, reliably(ringing, 7), ...startRepeating]],
      [
        'early',
        'progress with a description',
        'ringing with a description',
        [stopRefresh, reliably(session, 7), ...startRepeating],
      ],
      ['early', 'a minute is over', 'early', [respond(ringing, 'withContact'), startRefresh]],
      ['early', 'accept', 'accepted', [stopRefresh, ...stopLimit, ...success]],
      ...refusals('early', [stopRefresh]),

      ['early after a PRACK', 'progress', 'early', [respond(ringing, 'withContact')]],
      [
        'early after a PRACK',
        'reliable progress',
        'ringing',
        [stopRefresh, reliably(ringing, 8), ...startRepeating],
      ],
      [
        'early after a PRACK',
        'progress with a description',
        'ringing with a description',
        [stopRefresh, reliably(session, 8), ...startRepeating],
      ],
      [
        'early after a PRACK',
        'a minute is over',
        'ringing',
        [stopRefresh, reliably({ status: 183, reason: 'Early Media' }, 8), ...startRepeating],
      ],
      ['early after a PRACK', 'accept', 'accepted', [stopRefresh, ...stopLimit, ...success]],
      ...refusals('early after a PRACK', [stopRefresh]),

      ...(['ringing', 'ringing with a description', 'ringing with a description waiting'] as const).flatMap(
        (state) =>
          [
            [state, 'progress', state, [respond(ringing, 'withContact')]],
            [state, 'reliable progress', state, []],
            [state, 'progress with a description', state, []],
            ...refusals(state, stopRepeating),
            ...repetitions(state, state === 'ringing with a description' ? session : ringing),
          ] as const,
      ),
      ['ringing', 'PRACK', 'early', [...stopRepeating, startRefresh]],
      ['ringing', 'accept', 'accepting', stopLimit],
      ['ringing with a description', 'PRACK', 'early', [...stopRepeating, offerSettled, startRefresh]],
      ['ringing with a description', 'accept', 'accepting', stopLimit],
      [
        'ringing with a description waiting',
        'PRACK',
        'ringing with a description',
        [...stopRepeating, reliably(session, 8), ...startRepeating],
      ],
      ['ringing with a description waiting', 'accept', 'accepting', stopLimit],

      ['accepting', 'PRACK', 'accepted', [...stopRepeating, offerSettled, ...stopLimit, ...success]],
      ...refusals('accepting', stopRepeating),
      ...repetitions('accepting', session),
      [
        'accepting with a description waiting',
        'PRACK',
        'accepting',
        [...stopRepeating, reliably(session, 8), ...startRepeating, ...stopLimit],
      ],
      ...refusals('accepting with a description waiting', stopRepeating),
      ...repetitions('accepting with a description waiting', ringing),

      [
        'accepted',
        'the 2xx is due again',
        'accepted',
        [respond(ok, 'withContact', allow), startTimer('successRetransmission', 1_000)],
      ],
      [
        'accepted',
        'ACK',
        'acknowledged',
        [tellSession({ type: 'acknowledged' }), tellApplication({ type: 'acknowledged', request: ack })],
      ],
      ['accepted', 'no ACK came', 'unacknowledged', [tellSession({ type: 'unacknowledged' })]],
    ],
    ignored: {
      deciding: ['PRACK', 'a minute is over', ...ofReliable, ...afterSuccess],
      early: ['100', 'PRACK', ...ofReliable, ...afterSuccess],
      'early after a PRACK': ['100', 'PRACK', ...ofReliable, ...afterSuccess],
      ringing: ['100', 'a minute is over', ...afterSuccess],
      'ringing with a description': ['100', 'a minute is over', ...afterSuccess],
      'ringing with a description waiting': ['100', 'a minute is over', ...afterSuccess],
      accepting: ['100', ...anyProgress, 'accept', 'a minute is over', ...afterSuccess],
      'accepting with a description waiting': [
        '100',
        ...anyProgress,
        'accept',
        'a minute is over',
        ...afterSuccess,
      ],
      accepted: [
        '100',
        ...anyProgress,
        'accept',
        'redirect',
        'reject',
        'PRACK',
        'CANCEL',
        'BYE',
        'failure',
        'the INVITE expires',
        'the time to decide is over',
        'a minute is over',
        ...ofReliable,
      ],
    },
  });

  describe('what comes before the application is asked', () => {
    test('refuses an INVITE without exactly one Contact (RFC 3261 §8.1.1.8)', () => {
      const [snapshot, effects] = start({ hasOneContact: false });

      expect(snapshot).toMatchObject({ value: 'refused', status: 'done' });
      expect(effects).toEqual([
        respond(badRequest('One Remote Target Required', 'The Contact is not exactly one SIP or SIPS URI.')),
      ]);
    });

    test('answers by itself where the application has no handler', () => {
      const [snapshot, effects] = start({ handled: false });

      expect(snapshot).toMatchObject({ value: 'refused', status: 'done' });
      expect(effects).toEqual([respond({ status: 405 })]);
    });

    test('asks the application, and starts no session before a response makes a dialog', () => {
      const [snapshot, effects] = start();

      expect(snapshot.value).toEqual({ proceeding: 'deciding' });
      expect(effects).toEqual([
        tellSession({ type: 'offered' }),
        startTimer('decision', 180_000),
        tell('request'),
      ]);
    });
  });

  describe('how long the application may take', () => {
    test.each([
      ['for its patience where the INVITE has no Expires', undefined, startTimer('decision', 180_000)],
      ['for its patience where the INVITE is good for longer', 3_600, startTimer('decision', 180_000)],
      ['for its patience where the INVITE is good for as long', 180, startTimer('decision', 180_000)],
      ['until the INVITE expires where that is sooner', 179, startTimer('expiry', 179_000)],
      ['no time at all where the INVITE has expired already', 0, startTimer('expiry', 0)],
    ])('%s', (_, expires, limit) => {
      expect(start({ expires })[1]).toContainEqual(limit);
      expect(start({ expires })[1].filter(({ type }) => type === 'startTimer')).toHaveLength(1);
    });

    test.each([
      ['487 where the INVITE expires (RFC 3261 §13.3.1)', 60, 60_000, 487],
      ['its own refusal where the patience is over', 3_600, 180_000, 480],
    ])('answers %s', (_, expires, at, status) => {
      const life = live({ expires }).waitForEnd();

      expect(sent(life)).toEqual([[at, status]]);
      expect(life.snapshot.value).toBe('refused');
    });

    test('measures it from the INVITE, whatever progress was made', () => {
      const life = live({ expires: 90 })
        .play([
          [30_000, progress(ringing, true)],
          [1_000, events.PRACK],
        ])
        .waitForEnd();

      expect(sent(life).at(-1)).toEqual([90_000, 487]);
    });
  });

  describe('which provisional responses are reliable (RFC 3262 §3)', () => {
    const progresses = (reliability: Input['reliability'], answer: ResponseDraft, reliable?: boolean) => {
      const [deciding] = start({ reliability });
      return table.transition(deciding, progress(answer, reliable))[1];
    };

    test.each([
      ['asked to be so', ringing, true],
      ['asked not to be so', session, false],
      ['with a description', session, undefined],
      ['without one', ringing, undefined],
    ])('MUST be so where 100rel is required: one %s', (_, answer, reliable) => {
      expect(progresses('required', answer, reliable)).toContainEqual(reliably(answer, 7));
    });

    test.each([
      ['asked to be so', ringing, true],
      ['asked not to be so', session, false],
      ['with a description', session, undefined],
      ['without one', ringing, undefined],
    ])('MUST NOT be so where 100rel is neither required nor supported: one %s', (_, answer, reliable) => {
      expect(progresses('none', answer, reliable)).toContainEqual(respond(answer, 'withContact'));
    });

    test.each([
      ['is where it asks to be', ringing, true, true],
      ['is not where it asks not to be', session, false, false],
      ['is where it has a description', session, undefined, true],
      ['is not where it has none', ringing, undefined, false],
      ['is not where its description is empty', { ...ringing, body: '' }, undefined, false],
    ])('where 100rel is supported, one %s', (_, answer, reliable, expected) => {
      expect(progresses('supported', answer, reliable)).toContainEqual(
        expected ? reliably(answer, 7) : respond(answer, 'withContact'),
      );
    });
  });

  describe('a reliable provisional response (RFC 3262 §3)', () => {
    test('is repeated at T1, doubling beyond T2, and the INVITE refused with a 5xx after 64·T1', () => {
      const life = live()
        .play([[0, progress(ringing, true)]])
        .waitForEnd();

      expect(sent(life)).toEqual([
        [0, 180, 7],
        [500, 180, 7],
        [1_500, 180, 7],
        [3_500, 180, 7],
        [7_500, 180, 7],
        [15_500, 180, 7],
        [31_500, 180, 7],
        [32_000, 504],
      ]);
    });

    test('is repeated until its PRACK', () => {
      const life = live()
        .play([
          [0, progress(ringing, true)],
          [2_000, events.PRACK],
          [1_000, events.reject],
        ])
        .waitForEnd();

      expect(sent(life)).toEqual([
        [0, 180, 7],
        [500, 180, 7],
        [1_500, 180, 7],
        [3_000, 486],
      ]);
    });

    test('waits for the PRACK of the one before, and MUST have an RSeq greater by exactly one', () => {
      const queued = { status: 182, reason: 'Queued' };
      const life = live().play([
        [0, progress(ringing, true)],
        [100, progress(session)],
        [100, progress(queued, true)],
        [600, events.PRACK],
        [100, events.PRACK],
        [100, events.PRACK],
        [100, progress(ringing, true)],
      ]);

      expect(sent(life)).toEqual([
        [0, 180, 7],
        [500, 180, 7],
        [800, 183, 8],
        [900, 182, 9],
        [1_100, 180, 10],
      ]);
    });

    test('is repeated itself while unreliable ones go by', () => {
      const life = live().play([
        [0, progress(session)],
        [100, progress(ringing)],
        [400, events.PRACK],
      ]);

      expect(sent(life)).toEqual([
        [0, 183, 7],
        [100, 180],
        [500, 183, 7],
      ]);
    });

    test('is followed after a minute by one without its description, which would be a second offer', () => {
      const life = live().play([
        [0, progress(session)],
        [100, events.PRACK],
        [60_100, events.PRACK],
      ]);

      expect(life.effects.filter(({ type }) => type === 'respond')).toEqual([
        reliably(session, 7),
        reliably({ status: 183, reason: 'Early Media' }, 8),
      ]);
      expect(life.effects.filter((effect) => effect.type === 'tellSession')).toEqual([
        tellSession({ type: 'offered' }),
        offerSettled,
      ]);
    });

    test('MUST delay the 2xx until the PRACK, where it has a description (§5)', () => {
      const life = live().play([
        [0, progress(session)],
        [100, events.accept],
        [1_000, events.PRACK],
      ]);

      expect(sent(life)).toEqual([
        [0, 183, 7],
        [500, 183, 7],
        [1_100, 200],
      ]);
    });

    test('MUST leave before the 2xx, where it has a description and waited for its turn', () => {
      const life = live().play([
        [0, progress(ringing, true)],
        [100, progress(session)],
        [0, progress(ringing, true)],
        [0, events.accept],
        [100, events.PRACK],
        [100, events.PRACK],
      ]);

      expect(sent(life)).toEqual([
        [0, 180, 7],
        [200, 183, 8],
        [300, 200],
      ]);
      expect(life.effects.filter(({ type }) => type === 'tellSession')).toEqual([
        tellSession({ type: 'offered' }),
        offerSettled,
        tellSession({ type: 'accepted' }),
      ]);
    });

    test('leaves an application that has accepted undisturbed when its time to decide would be over', () => {
      const life = live({ patience: 1 })
        .play([
          [900, progress(session)],
          [50, events.accept],
        ])
        .waitForEnd();

      expect(sent(life).at(-1)).toEqual([32_900, 504]);
    });
  });

  describe('an unreliable provisional response', () => {
    test('MUST be followed by another at every minute (RFC 3261 §13.3.1.1)', () => {
      const life = live()
        .play([[10_000, progress(ringing)]])
        .waitForEnd();

      expect(sent(life)).toEqual([
        [10_000, 180],
        [70_000, 180],
        [130_000, 180],
        [180_000, 480],
      ]);
    });

    test('is followed by the newest one', () => {
      const life = live()
        .play([
          [0, progress(ringing)],
          [10_000, progress({ status: 182 })],
        ])
        .waitForEnd(1);

      expect(sent(life).at(-1)).toEqual([60_000, 182]);
    });
  });

  describe('a 2xx (RFC 3261 §13.3.1.4)', () => {
    test('is repeated at T1, 2·T1, … T2, and after 64·T1 the session hears that no ACK came', () => {
      const life = live()
        .play([[0, events.accept]])
        .waitForEnd();

      expect(sent(life).map(([at]) => at)).toEqual([
        0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
      ]);
      expect(life.steps.at(-1)).toMatchObject({
        at: 32_000,
        effects: [tellSession({ type: 'unacknowledged' })],
      });
      expect(life.snapshot).toMatchObject({ value: 'unacknowledged', status: 'done' });
    });

    test('is repeated at T1 first, however long a provisional response before it was', () => {
      const life = live().play([
        [0, progress(ringing, true)],
        [3_900, events.PRACK],
        [100, events.accept],
        [600, events.ACK],
      ]);

      expect(sent(life).map(([at]) => at)).toEqual([0, 500, 1_500, 3_500, 4_000, 4_500]);
    });

    test('is repeated until its ACK', () => {
      const life = live()
        .play([
          [0, events.accept],
          [2_000, events.ACK],
        ])
        .waitForEnd();

      expect(sent(life).map(([at]) => at)).toEqual([0, 500, 1_500]);
      expect(life.snapshot).toMatchObject({ value: 'acknowledged', status: 'done' });
    });

    test('is repeated the same', () => {
      const responds = live()
        .play([[0, events.accept]])
        .waitForEnd()
        .effects.filter(({ type }) => type === 'respond');

      expect(new Set(responds.map((effect) => JSON.stringify(effect))).size).toBe(1);
    });
  });
});

const live = (changes: Partial<Input> = {}) => new MachineLife(table, { ...input, ...changes });

/** When each response left, its status, and its RSeq where it has one. */
const sent = (life: MachineLife) =>
  life.steps.flatMap(({ at, effects }) =>
    effects.flatMap((effect) => {
      if (effect.type !== 'respond') return [];
      const sequence = effect.headers.find(([name]) => name === 'RSeq')?.[1];
      return [[at, effect.response.status, ...(sequence === undefined ? [] : [Number(sequence)])]];
    }),
  );

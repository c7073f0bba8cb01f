import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Context,
  dialog,
  type Event,
  eventTypes,
  type Input,
  isProven,
  repeatsTo,
} from '../../machines/dialog.js';
import {
  endRequests,
  endUsages,
  type HeaderField,
  numberRequest,
  passToUsage,
  type RequestInDialog,
  refuseRequest,
  requestInDialog,
} from '../../machines/effects.js';
import { compile } from '../../src/engine/compile.js';
import { warning } from '../../src/message/warning.js';
import { testFigure } from '../support/figure.js';

const table = compile(dialog, eventTypes);

const input: Input = {
  callId: '3848276298220188511@alice.example.com',
  local: '<sip:bob@example.org>;tag=a6c85cf',
  remote: '<sip:alice@example.com>;tag=9fxced76sl',
  target: 'sip:alice@alice.example.com',
  routes: [],
  firstRouteIsLoose: true,
  remoteSequence: 314,
  source: '192.0.2.2',
};
const held: Context = { ...input, proven: undefined, localSequence: 0, holders: 1 };
const draft = {
  method: 'NOTIFY',
  headers: [['Event', 'refer;id=314']],
  body: 'SIP/2.0 100 Trying\r\n',
} as const;
const send: Event = { type: 'send', usage: 7, request: draft };

const ready: Event = { type: 'ready', usage: 7 };

/** What the dialog says of itself in the requests it sends. */
const identity: readonly HeaderField[] = [
  ['Max-Forwards', '70'],
  ['From', input.local],
  ['To', input.remote],
  ['Call-ID', input.callId],
];

const request = (sequence: number, mayStartUsage = false, host = '192.0.2.2'): Event => ({
  type: 'request',
  transaction: 'z9hG4bK1',
  sequence,
  mayStartUsage,
  host,
});

const events = {
  'a request in order': request(315),
  'a REFER or SUBSCRIBE in order': request(315, true),
  'a request whose CSeq came before': [request(314), request(314, true)],
  'a request whose CSeq is lower': [request(313), request(313, true)],
  'the ACK of a 2xx': { type: 'acknowledged', host: '192.0.2.3' },
  'the 2xx': { type: 'confirm' },
  'a response that ends the dialog': [404, 410, 416, 482, 483, 484, 485, 502, 604].map(
    (status): Event => ({ type: 'answered', status, host: '192.0.2.2' }),
  ),
  'another response': [200, 202, 302, 400, 401, 403, 405, 408, 480, 481, 488, 489, 500, 503, 603].map(
    (status): Event => ({ type: 'answered', status, host: '192.0.2.2' }),
  ),
  'a target refresh': { type: 'targetRefresh', target: 'sip:alice@elsewhere.example.com' },
  'a request to send': send,
  'a request that can leave': ready,
  'a usage begins': { type: 'usageStarted' },
  'a usage ends': { type: 'usageEnded' },
  'a REFER or SUBSCRIBE has its answer': { type: 'requestEnded' },
} as const satisfies Record<string, Event | readonly Event[]>;

const outOfOrder = refuseRequest('z9hG4bK1', {
  status: 500,
  headers: [warning('The CSeq is not over that of the last request in the dialog.')],
});
const sent = requestInDialog({
  usage: 7,
  method: 'NOTIFY',
  uri: input.target,
  nextHop: input.target,
  identity,
  headers: draft.headers,
  body: draft.body,
});

const stateOf = (value: 'early' | 'confirmed', holders: 1 | 2) =>
  ({ value, context: { ...held, holders }, status: 'active' }) as const;

describe('Dialog (RFC 3261 §12, RFC 5057 §4.1, §5.1)', () => {
  testFigure({
    machine: dialog,
    eventTypes,
    events,
    states: {
      'early, held once': stateOf('early', 1),
      'early, held twice': stateOf('early', 2),
      'confirmed, held once': stateOf('confirmed', 1),
      'confirmed, held twice': stateOf('confirmed', 2),
      terminated: { value: 'terminated', context: held, status: 'done' },
    },
    arrows: [
      ['early, held once', 'the 2xx', 'confirmed, held once', []],
      ['early, held twice', 'the 2xx', 'confirmed, held twice', []],
      ...(['early', 'confirmed'] as const).flatMap((stage) =>
        (['held once', 'held twice'] as const).flatMap((hold) => {
          const state = `${stage}, ${hold}` as const;
          const released = hold === 'held once' ? 'terminated' : (`${stage}, held once` as const);
          return [
            [state, 'a request in order', state, [passToUsage('z9hG4bK1')]],
            [state, 'a REFER or SUBSCRIBE in order', state, [passToUsage('z9hG4bK1')]],
            [state, 'a request whose CSeq came before', state, [outOfOrder]],
            [state, 'a request whose CSeq is lower', state, [outOfOrder]],
            [state, 'a response that ends the dialog', state, [endUsages(), endRequests()]],
            [state, 'another response', state, []],
            [state, 'the ACK of a 2xx', state, []],
            [state, 'a target refresh', state, []],
            [state, 'a request to send', state, [sent]],
            [state, 'a request that can leave', state, [numberRequest(7, 1)]],
            [state, 'a usage begins', state, []],
            [state, 'a usage ends', released, []],
            [state, 'a REFER or SUBSCRIBE has its answer', released, []],
          ] as const;
        }),
      ),
    ],
    ignored: {
      'confirmed, held once': ['the 2xx'],
      'confirmed, held twice': ['the 2xx'],
    },
  });

  const runOf = (start: Partial<Input>, ...events: readonly Event[]) => {
    let [snapshot, effects] = table.initial({ ...input, ...start });
    for (const event of events) [snapshot, effects] = table.transition(snapshot, event);
    return { snapshot, effects };
  };
  const sentAfter = (start: Partial<Input>, ...events: readonly Event[]) =>
    runOf(start, ...events, send).effects[0] as RequestInDialog;

  test('is early until a 2xx confirms it, and orders nothing at its start (§12.1.1)', () => {
    expect(table.initial(input)).toEqual([
      {
        value: 'early',
        context: { ...input, proven: undefined, localSequence: 0, holders: 0 },
        status: 'active',
      },
      [],
    ]);
  });

  describe('the remote sequence number (§12.2.2)', () => {
    test('MUST be set to the CSeq of each request in order, by however much that is higher', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(2 ** 31 - 1)), (sequences) => {
          let highest = input.remoteSequence;
          let { snapshot } = runOf({});
          for (const sequence of sequences) {
            const [next, effects] = table.transition(snapshot, request(sequence));
            const type = sequence > highest ? 'passToUsage' : 'refuseRequest';

            expect(effects.map((effect) => effect.type)).toEqual([type]);
            highest = Math.max(highest, sequence);
            expect(next.context.remoteSequence).toBe(highest);
            snapshot = next;
          }
        }),
      );
    });
  });

  describe('the remote target (§12.2.2)', () => {
    const contact = 'sip:alice@elsewhere.example.com';

    test('MUST be replaced by the Contact of a target refresh request', () => {
      const refresh: Event = { type: 'targetRefresh', target: contact };

      expect(sentAfter({}, refresh)).toMatchObject({ uri: contact, nextHop: contact });
    });

    test('stays as it was after any other request', () => {
      const other: Event = request(315);

      expect(sentAfter({}, other)).toMatchObject({ uri: input.target, nextHop: input.target });
    });
  });

  describe('the local sequence number (§12.2.1.1)', () => {
    test('MUST go up by one with each request, of any usage, in the order in which they can leave', () => {
      const ofAnother: Event = { ...send, usage: 8, request: { ...draft, method: 'BYE' } };
      const readyToo: Event = { type: 'ready', usage: 8 };

      expect(runOf({}, send, ofAnother, readyToo).effects).toEqual([numberRequest(8, 1)]);
      expect(runOf({}, send, ofAnother, readyToo, ready).effects).toEqual([numberRequest(7, 2)]);
      expect(runOf({}, send, ready, ofAnother, readyToo).effects).toEqual([numberRequest(8, 2)]);
    });

    test('is not taken by a request that can’t leave', () => {
      expect(runOf({}, send, send, ready).effects).toEqual([numberRequest(7, 1)]);
    });

    test('goes on where the dialog is confirmed', () => {
      expect(runOf({}, ready, { type: 'confirm' }, ready).effects).toEqual([numberRequest(7, 2)]);
    });

    test('is independent of the remote one', () => {
      expect(runOf({}, request(900), ready).effects).toEqual([numberRequest(7, 1)]);
    });
  });

  describe('the route set (§12.2.1.1)', () => {
    const route = (uri: string): HeaderField => ['Route', uri];

    test('that is empty puts the remote target in the Request-URI and no Route in the request', () => {
      const { uri, nextHop, identity: own } = sentAfter({});

      expect({ uri, nextHop }).toEqual({ uri: input.target, nextHop: input.target });
      expect(own).toEqual(identity);
    });

    test('that begins with a loose router leaves the remote target in the Request-URI', () => {
      const routes = ['<sip:proxy1;lr>', '<sip:proxy2>', '<sip:proxy3;lr>'];
      const { uri, nextHop, identity: own } = sentAfter({ routes });

      expect({ uri, nextHop }).toEqual({ uri: input.target, nextHop: 'sip:proxy1;lr' });
      expect(own).toEqual([...routes.map(route), ...identity]);
    });

    test('that begins with a strict router puts that in the Request-URI and the remote target last', () => {
      const routes = ['<sip:proxy1>', '<sip:proxy2>', '<sip:proxy3;lr>', '<sip:proxy4>'];
      const target = 'sip:user@remoteua';
      const { uri, nextHop, identity: own } = sentAfter({ routes, firstRouteIsLoose: false, target });

      expect({ uri, nextHop }).toEqual({ uri: 'sip:proxy1', nextHop: 'sip:proxy1' });
      expect(own).toEqual([
        ...['<sip:proxy2>', '<sip:proxy3;lr>', '<sip:proxy4>', '<sip:user@remoteua>'].map(route),
        ...identity,
      ]);
    });

    test('that is a strict router alone leaves the remote target as the only Route', () => {
      const { uri, identity: own } = sentAfter({ routes: ['<sip:proxy1>'], firstRouteIsLoose: false });

      expect(uri).toBe('sip:proxy1');
      expect(own).toEqual([route(`<${input.target}>`), ...identity]);
    });

    test('carries a BYE the way of a strict router as any other request', () => {
      const bye: Event = { type: 'send', usage: 7, request: { method: 'BYE', headers: [], body: '' } };
      const start = { routes: ['<sip:proxy1>', '<sip:proxy2;lr>'], firstRouteIsLoose: false };

      expect(runOf(start, { type: 'confirm' }, bye).effects).toEqual([
        requestInDialog({
          usage: 7,
          method: 'BYE',
          uri: 'sip:proxy1',
          nextHop: 'sip:proxy1',
          identity: [route('<sip:proxy2;lr>'), route(`<${input.target}>`), ...identity],
          headers: [],
          body: '',
        }),
      ]);
    });

    test('puts a strict router’s refreshed target last', () => {
      const refresh: Event = { type: 'targetRefresh', target: 'sip:alice@elsewhere.example.com' };
      const start = { routes: ['<sip:proxy1>'], firstRouteIsLoose: false };

      expect(sentAfter(start, refresh)).toMatchObject({
        uri: 'sip:proxy1',
        identity: [route('<sip:alice@elsewhere.example.com>'), ...identity],
      });
    });

    test('MUST NOT change with a target refresh', () => {
      const refresh: Event = { type: 'targetRefresh', target: 'sip:alice@elsewhere.example.com' };
      const { nextHop, identity: own } = sentAfter({ routes: ['<sip:proxy1;lr>'] }, refresh);

      expect(nextHop).toBe('sip:proxy1;lr');
      expect(own.filter(([name]) => name === 'Route')).toEqual([route('<sip:proxy1;lr>')]);
    });
  });

  describe('a host that its requests go to', () => {
    const requestFrom = (host: string) => request(315, false, host);
    const answered = (status: number, host: string): Event => ({ type: 'answered', status, host });

    test.each<[string, string, boolean, readonly Event[]]>([
      ['the one that its first request came from', '192.0.2.2', true, []],
      ['one that only a Contact names', '192.0.2.9', false, []],
      ['one that a request has come from since', '192.0.2.9', true, [requestFrom('192.0.2.9')]],
      ['one that the ACK came from', '192.0.2.9', true, [{ type: 'acknowledged', host: '192.0.2.9' }]],
      ['one that has answered', '192.0.2.9', true, [answered(200, '192.0.2.9')]],
      ['one that has refused', '192.0.2.9', true, [answered(481, '192.0.2.9')]],
      ['one that has ended the dialog', '192.0.2.9', true, [answered(404, '192.0.2.9')]],
      [
        'the source, when others have answered and sent requests',
        '192.0.2.2',
        true,
        [answered(200, '192.0.2.9'), requestFrom('192.0.2.8')],
      ],
      [
        'one that has answered, when yet another has sent a request',
        '192.0.2.9',
        false,
        [answered(200, '192.0.2.9'), requestFrom('192.0.2.8')],
      ],
      [
        'one that has answered, when the source sends a request',
        '192.0.2.9',
        true,
        [answered(200, '192.0.2.9'), requestFrom('192.0.2.2')],
      ],
      [
        'another one, when the target has answered and is refreshed',
        '192.0.2.7',
        false,
        [answered(200, '192.0.2.9'), { type: 'targetRefresh', target: 'sip:alice@192.0.2.7' }],
      ],
      ['one whose request is out of order', '192.0.2.9', false, [request(314, false, '192.0.2.9')]],
    ])('%s, %s, is proven: %s', (_name, host, proven, events) => {
      const { snapshot } = runOf({}, ...events);

      expect(isProven(snapshot, host)).toBe(proven);
      expect(repeatsTo(snapshot, host, 1)).toBe(proven ? undefined : 2);
      expect(repeatsTo(snapshot, host, 2)).toBe(proven ? undefined : 0);
    });
  });

  describe('its usages (RFC 5057 §4.1)', () => {
    const started: Event = { type: 'usageStarted' };
    const ended: Event = { type: 'usageEnded' };

    test('end it with the last of them', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 20 }), (count) => {
          const usages = Array<Event>(count).fill(started);
          const ends = Array<Event>(count).fill(ended);

          expect(runOf({}, ...usages, ...ends.slice(1)).snapshot.status).toBe('active');
          expect(runOf({}, ...usages, ...ends).snapshot.status).toBe('done');
        }),
      );
    });

    test('end it early as well as confirmed', () => {
      expect(runOf({}, started, ended).snapshot).toMatchObject({ value: 'terminated', status: 'done' });
      expect(runOf({}, started, { type: 'confirm' }, ended).snapshot).toMatchObject({
        value: 'terminated',
        status: 'done',
      });
    });

    test('are all ended by the response that ends the dialog, each by itself (RFC 5057 §5.1)', () => {
      const gone = runOf({}, started, started, { type: 'answered', status: 404, host: '192.0.2.2' });

      expect(gone.snapshot.status).toBe('active');
      expect(gone.effects).toEqual([endUsages(), endRequests()]);
      expect(
        runOf({}, started, started, { type: 'answered', status: 404, host: '192.0.2.2' }, ended, ended)
          .snapshot.status,
      ).toBe('done');
    });

    test('leave it to a request that may still make one, until that has its answer', () => {
      const refer = request(315, true);
      const answered: Event = { type: 'requestEnded' };

      expect(runOf({}, started, refer, ended).snapshot.status).toBe('active');
      expect(runOf({}, started, refer, ended, answered).snapshot.status).toBe('done');
      expect(runOf({}, started, refer, ended, started, answered).snapshot.status).toBe('active');
      expect(runOf({}, started, refer, ended, started, answered, ended).snapshot.status).toBe('done');
    });

    test('leave no other request anything to hold', () => {
      expect(runOf({}, started, request(315), ended).snapshot.status).toBe('done');
    });

    test('are not outlived by a request out of order', () => {
      expect(runOf({}, started, request(314, true), ended).snapshot.status).toBe('done');
    });

    test('may begin and end one after the other', () => {
      expect(runOf({}, started, started, ended, started, ended).snapshot.status).toBe('active');
    });
  });
});

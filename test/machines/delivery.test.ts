import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Context, delivery, type Event, eventTypes, type Input } from '../../machines/delivery.js';
import {
  locate,
  passToUser,
  reportFailure,
  type Target,
  takeNumber,
  tryTarget,
} from '../../machines/effects.js';
import { compile } from '../../src/engine/compile.js';
import { testFigure } from '../support/figure.js';
import { response } from '../support/sample-messages.js';

const table = compile(delivery, eventTypes);

const uri = 'sip:alice@phone.example.com';
const targetAt = (host: string, protocol: Target['protocol'] = 'UDP'): Target => ({
  protocol,
  host,
  port: 5060,
});
const one = targetAt('192.0.2.7');
const other = targetAt('192.0.2.8');
const trying = response(100);
const ok = response(200);
const unreachable = 'UDP 192.0.2.7:5060 is unreachable';
const noAddress = 'no address for phone.example.com';

const events = {
  addresses: { type: 'located', targets: [one, other] },
  'no address': { type: 'located', targets: [], cause: noAddress },
  'a number': { type: 'numbered', sequence: 7 },
  '1xx': { type: 'response', response: trying },
  '200-699': { type: 'response', response: ok },
  'no answer': { type: 'timeout' },
  'Transport Err.': { type: 'transportError', cause: unreachable },
  'the end of its user': { type: 'userEnded' },
} as const satisfies Record<string, Event>;

const context: Context = {
  sequence: undefined,
  targets: [],
  tried: [],
  failure: 'transportError',
  cause: undefined,
};
const stateOf = <const Value extends string>(value: Value, own: Partial<Context>) =>
  ({ value, context: { ...context, ...own }, status: 'active' }) as const;
const numbered = { sequence: 7 };

describe('Delivery (RFC 3263 §4, RFC 3261 §8.1.2)', () => {
  testFigure({
    machine: delivery,
    eventTypes,
    events,
    states: {
      locating: stateOf('locating', { targets: [uri] }),
      'locating, with another target': stateOf('locating', { targets: [uri, other] }),
      'locating, numbered': stateOf('locating', {
        ...numbered,
        targets: [uri],
        tried: [targetAt('192.0.2.9')],
      }),
      numbering: stateOf('numbering', { targets: [one] }),
      trying: stateOf('trying', { ...numbered, targets: [one, other] }),
      'trying the last': stateOf('trying', { ...numbered, targets: [one] }),
      'trying, with a name': stateOf('trying', { ...numbered, targets: [one, uri] }),
      proceeding: stateOf('proceeding', { ...numbered, targets: [one, other] }),
      'proceeding at the last': stateOf('proceeding', { ...numbered, targets: [one] }),
      terminated: { value: 'terminated', context: { ...context, ...numbered }, status: 'done' },
    },
    arrows: [
      ['locating', 'addresses', 'numbering', [takeNumber()]],
      ['locating', 'no address', 'terminated', [reportFailure('transportError', noAddress)]],
      ['locating, with another target', 'addresses', 'numbering', [takeNumber()]],
      ['locating, with another target', 'no address', 'numbering', [takeNumber()]],
      ['locating, numbered', 'addresses', 'trying', [tryTarget(one, 7, 2)]],
      ['locating, numbered', 'no address', 'terminated', [reportFailure('transportError', noAddress)]],
      ['numbering', 'a number', 'trying', [tryTarget(one, 7, 1)]],
      ['trying', '1xx', 'proceeding', []],
      ['trying', '200-699', 'terminated', [passToUser(ok)]],
      ['trying', 'no answer', 'trying', [tryTarget(other, 7, 2)]],
      ['trying', 'Transport Err.', 'trying', [tryTarget(other, 7, 2)]],
      ['trying the last', '1xx', 'proceeding', []],
      ['trying the last', '200-699', 'terminated', [passToUser(ok)]],
      ['trying the last', 'no answer', 'terminated', [reportFailure('timeout')]],
      ['trying the last', 'Transport Err.', 'terminated', [reportFailure('transportError', unreachable)]],
      ['trying, with a name', '1xx', 'proceeding', []],
      ['trying, with a name', '200-699', 'terminated', [passToUser(ok)]],
      ['trying, with a name', 'no answer', 'locating', [locate(uri)]],
      ['trying, with a name', 'Transport Err.', 'locating', [locate(uri)]],
      ...(['proceeding', 'proceeding at the last'] as const).flatMap(
        (state) =>
          [
            [state, '200-699', 'terminated', [passToUser(ok)]],
            [state, 'no answer', 'terminated', [reportFailure('timeout')]],
          ] as const,
      ),
      ['proceeding', 'Transport Err.', 'trying', [tryTarget(other, 7, 2)]],
      [
        'proceeding at the last',
        'Transport Err.',
        'terminated',
        [reportFailure('transportError', unreachable)],
      ],
      ...(
        [
          'locating',
          'locating, with another target',
          'locating, numbered',
          'numbering',
          'trying',
          'trying the last',
          'trying, with a name',
          'proceeding',
          'proceeding at the last',
        ] as const
      ).map((state) => [state, 'the end of its user', 'terminated', []] as const),
    ],
    ignored: {
      locating: ['a number', '1xx', '200-699', 'no answer', 'Transport Err.'],
      'locating, with another target': ['a number', '1xx', '200-699', 'no answer', 'Transport Err.'],
      'locating, numbered': ['a number', '1xx', '200-699', 'no answer', 'Transport Err.'],
      numbering: ['addresses', 'no address', '1xx', '200-699', 'no answer', 'Transport Err.'],
      trying: ['addresses', 'no address', 'a number'],
      'trying the last': ['addresses', 'no address', 'a number'],
      'trying, with a name': ['addresses', 'no address', 'a number'],
      proceeding: ['addresses', 'no address', 'a number', '1xx'],
      'proceeding at the last': ['addresses', 'no address', 'a number', '1xx'],
    },
  });

  /** All effects of a delivery with these targets to which that happens. */
  const effectsOf = (input: Input, ...happening: readonly Event[]) => {
    let [snapshot, effects] = table.initial(input);
    const all = [...effects];
    for (const event of happening) {
      [snapshot, effects] = table.transition(snapshot, event);
      all.push(...effects);
    }
    return all;
  };
  const { 'a number': number, 'no answer': timeout, 'Transport Err.': transportError } = events;

  test('asks for a number at once where it knows where to go, and looks up first where it does not', () => {
    expect(effectsOf({ targets: [one] })).toEqual([takeNumber()]);
    expect(effectsOf({ targets: [uri] })).toEqual([locate(uri)]);
  });

  test('fails with the cause that there is where it has nowhere to go', () => {
    expect(effectsOf({ targets: [], cause: 'a tel: URI names no host to send to' })).toEqual([
      reportFailure('transportError', 'a tel: URI names no host to send to'),
    ]);
  });

  test('MUST NOT take a second number for the same request (RFC 3263 §4.3)', () => {
    expect(effectsOf({ targets: [one, uri] }, number, timeout, events.addresses, transportError)).toEqual([
      takeNumber(),
      tryTarget(one, 7, 1),
      locate(uri),
      tryTarget(other, 7, 2),
      reportFailure('transportError', unreachable),
    ]);
  });

  test('tells of what it tried last, and of the name that has no address only where it tried nothing', () => {
    const nowhere = events['no address'];

    expect(effectsOf({ targets: [one, uri] }, number, transportError, nowhere).at(-1)).toEqual(
      reportFailure('transportError', unreachable),
    );
    expect(effectsOf({ targets: [uri, one] }, nowhere, number, timeout).at(-1)).toEqual(
      reportFailure('timeout'),
    );
  });

  test('tries each target once, in order, whatever the names lead to', () => {
    const target = fc.constantFrom(one, other, targetAt('192.0.2.7', 'TCP'), targetAt('2001:db8::7'));
    const targets = fc.uniqueArray(target);
    fc.assert(
      fc.property(targets, targets, fc.boolean(), (known, found, isNameFirst) => {
        let [snapshot, effects] = table.initial({ targets: isNameFirst ? [uri, ...known] : [...known, uri] });
        const tried: Target[] = [];
        while (snapshot.status === 'active') {
          const [effect] = effects;
          if (effect?.type === 'tryTarget') tried.push(effect.target);
          const event: Event =
            effect?.type === 'locate'
              ? { type: 'located', targets: found }
              : effect?.type === 'takeNumber'
                ? number
                : timeout;
          [snapshot, effects] = table.transition(snapshot, event);
        }
        const order = isNameFirst ? [...found, ...known] : [...known, ...found];
        const isFirst = (target: Target, index: number) => order.indexOf(target) === index;

        expect(tried).toEqual(order.filter(isFirst));
        expect(effects).toHaveLength(1);
        expect(effects[0]?.type).toBe('reportFailure');
      }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { chartOf, lineage } from '../../src/draw/chart.js';
import { small } from './samples.js';

describe('the chart of a machine', () => {
  const chart = chartOf(small);

  test('has the id, the RFC sections and the initial state of the machine', () => {
    expect(chart).toMatchObject({
      id: 'small',
      description: 'RFC 3261 §17.2; RFC 4320',
      initial: 'received',
    });
  });

  test('has every state once, a compound one before its children', () => {
    expect(chart.states.map(({ internal, ...state }) => state)).toEqual([
      { id: 'received', key: 'received', kind: 'atomic', entry: [], exit: [] },
      {
        id: 'deciding',
        key: 'deciding',
        kind: 'compound',
        initial: 'deciding.trying',
        entry: ['startTimer'],
        exit: ['stopTimer', 'report'],
        description: 'RFC 3261 §17.2.2',
      },
      {
        id: 'deciding.trying',
        key: 'trying',
        kind: 'atomic',
        parent: 'deciding',
        entry: ['report'],
        exit: [],
      },
      {
        id: 'deciding.proceeding',
        key: 'proceeding',
        kind: 'atomic',
        parent: 'deciding',
        entry: [],
        exit: [],
      },
      { id: 'terminated', key: 'terminated', kind: 'final', entry: [], exit: [] },
    ]);
  });

  test('has every arrow that leaves a state: always too, events with the same outcome as one', () => {
    expect(
      chart.arrows.map(({ id, events, guard, target, actions, description }) => [
        id,
        events.join(' '),
        guard,
        target,
        actions.join(' '),
        description,
      ]),
    ).toEqual([
      ['received:0', '', 'isRefused', 'terminated', 'respond', 'RFC 3261 §8.2'],
      ['received:1', '', 'else', 'deciding', '', undefined],
      ['deciding:0', 'timer', undefined, 'terminated', '', undefined],
      ['deciding.trying:0', 'response', 'isFinal', 'terminated', 'respond report', undefined],
      ['deciding.trying:1', 'response', 'else', 'deciding.proceeding', 'respond', undefined],
      ['deciding.trying:3', 'restart', undefined, 'deciding.trying', '', undefined],
      ['deciding.proceeding:0', 'cancel timerF', undefined, 'terminated', 'respond', undefined],
    ]);
  });

  test('keeps an arrow that does not leave its state inside the state', () => {
    expect(chart.states.flatMap((state) => state.internal)).toEqual([
      { id: 'deciding:1', source: 'deciding', events: ['*'], actions: [] },
      { id: 'deciding.trying:2', source: 'deciding.trying', events: ['retransmission'], actions: ['report'] },
    ]);
  });

  test('keeps the arrows of the machine itself apart', () => {
    expect(chart.anywhere).toEqual([
      {
        id: ':0',
        source: '',
        target: 'terminated',
        events: ['transportError'],
        actions: ['report'],
        description: 'RFC 6026 §8.8',
      },
      { id: ':1', source: '', events: ['unknown'], actions: ['report'] },
    ]);
  });

  test('knows the states around a state', () => {
    expect(lineage(chart, 'deciding.trying')).toEqual(['deciding', 'deciding.trying']);
    expect(lineage(chart, 'terminated')).toEqual(['terminated']);
  });

  test.each(['parallel', 'history'] as const)('is refused to a %s state, which is named', (type) => {
    const machine = createMachine({ id: 'odd', initial: 'first', states: { first: {}, other: { type } } });
    expect(() => chartOf(machine)).toThrow(`odd.other: a ${type} state cannot be drawn`);
  });
});

import { describe, expect, test } from 'vitest';
import { actor } from '../../src/engine/actor.js';
import { compiled } from '../../src/engine/compiled.js';
import { createInspector, type InspectionEvent } from '../../src/engine/inspection.js';
import { project } from '../support/engine-comparison.js';
import { toggle } from '../support/toggle.js';

describe.each([
  ['compiled', compiled],
  ['actor', actor],
] as const)('an inspector of the %s engine', (_, engine) => {
  test("is told of a machine's life in the order of XState", () => {
    const { inspector, seen } = observed();
    const instance = engine(toggle, inspector).create({ turns: 1 });
    instance.start();
    instance.send({ type: 'look' });
    instance.send({ type: 'turn' });
    instance.send({ type: 'turn' });

    const start = { type: 'xstate.init', input: { turns: 1 } };
    const off = { value: 'off', context: { turns: 1 }, status: 'active' };
    const on = { value: 'on', context: { turns: 0 }, status: 'active' };
    const worn = { value: 'worn', context: { turns: 0 }, status: 'done' };
    const [look, turn] = [{ type: 'look' }, { type: 'turn' }];
    expect(seen.map(project)).toEqual([
      { type: '@xstate.actor', id: 'toggle' },
      { type: '@xstate.event', event: start },
      { type: '@xstate.action', effect: { type: 'darkened', turns: 1 } },
      { type: '@xstate.snapshot', event: start, ...off },

      { type: '@xstate.event', event: look },
      { type: '@xstate.microstep', event: look, ...off },
      { type: '@xstate.snapshot', event: look, ...off },

      { type: '@xstate.event', event: turn },
      { type: '@xstate.action', effect: { type: 'lit', turns: 0 } },
      { type: '@xstate.microstep', event: turn, ...on },
      { type: '@xstate.action', effect: { type: 'worn', turns: 0 } },
      { type: '@xstate.microstep', event: turn, ...worn },
      { type: '@xstate.snapshot', event: turn, ...worn },
    ]);
  });

  test('is told of the arrow that was taken, with its description', () => {
    const { inspector, seen } = observed();
    const instance = engine(toggle, inspector).create({ turns: 2 });
    instance.start();
    instance.send({ type: 'turn' });

    const arrows = seen.flatMap((event) => (event.type === '@xstate.microstep' ? event._transitions : []));
    expect(arrows.map(({ description }) => description)).toEqual(['Let there be light']);
  });

  test('names one instance by one reference in all events', () => {
    const { inspector, seen } = observed();
    const instance = engine(toggle, inspector).create({ turns: 2 });
    instance.start();
    instance.send({ type: 'turn' });

    expect(new Set(seen.map(({ actorRef }) => actorRef))).toEqual(new Set([instance.actorRef]));
    expect(new Set(seen.map(({ rootId }) => rootId))).toEqual(new Set([instance.actorRef.sessionId]));
    expect(instance.actorRef).toMatchObject({ id: 'toggle', logic: toggle });
    expect(instance.actorRef.getSnapshot()).toMatchObject(instance.snapshot);
  });

  test('introduces live machines to an observer that comes late', () => {
    const inspector = createInspector();
    const instance = engine(toggle, inspector).create({ turns: 2 });
    instance.start();
    const seen: InspectionEvent[] = [];
    inspector.observe((event) => seen.push(event), [instance]);

    expect(seen.map(project)).toEqual([
      { type: '@xstate.actor', id: 'toggle' },
      {
        type: '@xstate.snapshot',
        event: { type: 'xstate.init' },
        value: 'off',
        context: { turns: 2 },
        status: 'active',
      },
    ]);
    instance.send({ type: 'turn' });
    expect(seen.slice(2).map(({ type }) => type)).toEqual([
      '@xstate.event',
      '@xstate.action',
      '@xstate.microstep',
      '@xstate.snapshot',
    ]);
  });

  test('tells nobody who has left', () => {
    const inspector = createInspector();
    const staying: InspectionEvent[] = [];
    const leaving: InspectionEvent[] = [];
    inspector.observe((event) => staying.push(event));
    const subscription = inspector.observe((event) => leaving.push(event));
    subscription.unsubscribe();
    engine(toggle, inspector).create({ turns: 2 }).start();

    expect(staying).toHaveLength(4);
    expect(leaving).toHaveLength(0);
  });

  test('keeps what an observer throws from the machine and from other observers', () => {
    const errors: unknown[] = [];
    const inspector = createInspector((error) => errors.push(error));
    inspector.observe(() => {
      throw new Error('blind');
    });
    const seen: InspectionEvent[] = [];
    inspector.observe((event) => seen.push(event));
    const instance = engine(toggle, inspector).create({ turns: 2 });

    expect(instance.start()).toEqual([{ type: 'darkened', turns: 2 }]);
    expect(seen).toHaveLength(4);
    expect(errors).toEqual(seen.map(() => new Error('blind')));
  });

  function observed() {
    const inspector = createInspector();
    const seen: InspectionEvent[] = [];
    inspector.observe((event) => seen.push(event));
    return { inspector, seen };
  }
});

test('a machine that has not started is introduced without a snapshot', () => {
  const inspector = createInspector();
  const seen: InspectionEvent[] = [];
  inspector.observe((event) => seen.push(event), [compiled(toggle, inspector).create({ turns: 2 })]);

  expect(seen.map(({ type }) => type)).toEqual(['@xstate.actor']);
});

test('a compiled machine reports nothing while nobody looks', () => {
  const reported: InspectionEvent[] = [];
  const inspector = { ...createInspector(), report: (event: InspectionEvent) => reported.push(event) };
  const instance = compiled(toggle, inspector).create({ turns: 2 });
  instance.start();
  instance.send({ type: 'turn' });

  expect(reported).toEqual([]);
});

test('an inspector is observed while somebody looks', () => {
  const inspector = createInspector();
  expect(inspector.observed).toBe(false);
  const { unsubscribe } = inspector.observe(() => {});
  expect(inspector.observed).toBe(true);
  unsubscribe();
  expect(inspector.observed).toBe(false);
});

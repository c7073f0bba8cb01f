import { describe, expect, test } from 'vitest';
import { actor } from '../../src/engine/actor.js';
import { compiled } from '../../src/engine/compiled.js';
import { toggle } from '../support/toggle.js';

describe.each([
  ['compiled', compiled],
  ['actor', actor],
] as const)('an instance of the %s engine', (_, engine) => {
  test('gives the effects of its start, and a snapshot', () => {
    const instance = engine(toggle).create({ turns: 2 });

    expect(instance.start()).toEqual([{ type: 'darkened', turns: 2 }]);
    expect(instance.snapshot).toEqual({ value: 'off', context: { turns: 2 }, status: 'active' });
  });

  test('has stored its snapshot when its effects come out', () => {
    const instance = started(2);

    expect(instance.send({ type: 'turn' })).toEqual([{ type: 'lit', turns: 1 }]);
    expect(instance.snapshot).toEqual({ value: 'on', context: { turns: 1 }, status: 'active' });
  });

  test('gives one frozen empty list for every step without effects', () => {
    const instance = started(2);
    const effects = instance.send({ type: 'look' });

    expect(effects).toEqual([]);
    expect(Object.isFrozen(effects)).toBe(true);
    expect(instance.send({ type: 'look' })).toBe(effects);
  });

  test('ignores events once it is done', () => {
    const instance = started(1);
    expect(instance.send({ type: 'turn' })).toEqual([
      { type: 'lit', turns: 0 },
      { type: 'worn', turns: 0 },
    ]);
    const { snapshot } = instance;

    expect(snapshot.status).toBe('done');
    expect(instance.send({ type: 'turn' })).toEqual([]);
    expect(instance.snapshot).toEqual(snapshot);
  });

  test('throws what a step throws, as if the event had not come', () => {
    const instance = started(2);
    const { snapshot } = instance;

    expect(() => instance.send({ type: 'break', error: 'short' })).toThrow(new RangeError('short'));
    expect(instance.snapshot).toEqual(snapshot);
    expect(instance.send({ type: 'turn' })).toEqual([{ type: 'lit', turns: 1 }]);
  });

  test('throws what its start throws', () => {
    const instance = engine(toggle).create({ turns: -1 });
    expect(() => instance.start()).toThrow(new RangeError('worn out'));
  });

  test('has a snapshot whose JSON form is whole', () => {
    const { snapshot } = started(2);
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  test('shares nothing with another', () => {
    const [one, other] = [started(2), started(2)];
    one.send({ type: 'turn' });

    expect(other.snapshot.value).toBe('off');
    expect(one.actorRef.sessionId).not.toBe(other.actorRef.sessionId);
  });

  function started(turns: number) {
    const instance = engine(toggle).create({ turns });
    instance.start();
    return instance;
  }
});

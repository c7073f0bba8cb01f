import { expect, test } from 'vitest';
import type { bye } from '../../machines/bye.js';
import { Interpreter } from '../../src/endpoint/interpreter.js';
import type { MachineEvent } from '../../src/endpoint/live-machine.js';
import { TimedMachine } from '../../src/endpoint/timed-machine.js';
import type { Instance } from '../../src/engine/engine.js';

/** A machine that orders one effect an event. */
class Live extends TimedMachine<typeof bye> {
  readonly events: string[] = [];

  constructor() {
    const instance = {
      snapshot: { status: 'active' },
      start: () => [{ type: 'endUsages' }],
      send: ({ type }: MachineEvent) => {
        this.events.push(type);
        return [];
      },
    };
    super(instance as unknown as Instance<typeof bye>);
  }

  protected ended(): void {}
}

const events = Array.from({ length: 100_000 }, (_, index) => `${index}`);

/** While the first step is on, every event comes. */
const busy = (failure?: Error) => {
  const endUsages = (live: Live) => {
    for (const type of events) interpreter.dispatch(live, { type });
    if (failure !== undefined) throw failure;
  };
  const interpreter = new Interpreter<Live>({ endUsages } as never, () => {});
  return interpreter;
};

test('takes any number of events that came while the machine was busy, in their order', () => {
  const live = new Live();
  busy().start(live);
  expect(live.events).toEqual(events);
});

test('takes them whatever the step throws', () => {
  const live = new Live();
  expect(() => busy(new Error('of the step')).start(live)).toThrow('of the step');
  expect(live.events).toEqual(events);
});

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type AnyStateMachine, type EventObject, initialTransition, transition } from 'xstate';
import { actor } from '../../src/engine/actor.js';
import { compile } from '../../src/engine/compile.js';
import { compiled } from '../../src/engine/compiled.js';
import type { Engine, Instance } from '../../src/engine/engine.js';
import { createInspector, type InspectionEvent, type Inspector } from '../../src/engine/inspection.js';

/**
 * Runs random sequences of events through the compiled engine, the actor engine and XState's own `transition()`, and
 * throws (a fast-check report) where value, context, status, ordered effects or projected inspection events differ.
 */
export function compareEngines(
  machine: AnyStateMachine,
  eventTypes: readonly string[],
  arbitraryEvents: fc.Arbitrary<readonly EventObject[]>,
  arbitraryInput: fc.Arbitrary<unknown>,
  parameters: fc.Parameters<[readonly EventObject[], unknown]> = {},
): void {
  compile(machine, eventTypes);
  fc.assert(
    fc.property(arbitraryEvents, arbitraryInput, (events, input) => expectAgreement(machine, input, events)),
    parameters,
  );
}

/**
 * One sequence through every engine; throws at the first step on which they are not of one mind.
 *
 * @param suspect The compiled engine, or a broken one where the comparison itself is tested.
 */
export function expectAgreement(
  machine: AnyStateMachine,
  input: unknown,
  events: readonly EventObject[],
  suspect: typeof compiled = compiled,
): void {
  const same = (name: string, actual: readonly unknown[], expected: readonly unknown[]) =>
    expectSame(name, actual, expected, events);

  const oracle = pureSteps(machine, input, events);
  const inspector = createInspector();
  const table = suspect(machine, inspector);
  same('compiled', stepsOf(table.create(input), events), oracle);

  const observed = observedSteps(table, inspector, input, events);
  same('compiled under inspection', observed.steps, oracle);
  const liveInspector = createInspector();
  const live = observedSteps(actor(machine, liveInspector), liveInspector, input, events);
  same('actor', live.steps, oracle);
  same('inspection events of compiled', observed.inspected, live.inspected);
}

/** One step as every engine can tell it. */
type Step =
  | {
      readonly value: unknown;
      readonly context: unknown;
      readonly status: string;
      readonly effects: readonly EventObject[];
    }
  | 'failed';

function expectSame(
  name: string,
  actual: readonly unknown[],
  expected: readonly unknown[],
  events: readonly EventObject[],
): void {
  for (let index = 0; index < Math.max(actual.length, expected.length); index++) {
    if (isDeepStrictEqual(actual[index], expected[index])) continue;
    const step = index === 0 ? 'the start' : JSON.stringify(events[index - 1]);
    const told = [actual[index], expected[index]].map((each) => JSON.stringify(each));
    throw new Error(`${name}, step ${index}, ${step}:\n${told[0]}\nand not\n${told[1]}`);
  }
}

/**
 * XState's own pure functions are the oracle, with the three differences that the engines declare: what the start throws
 * is thrown, a failed step did not happen, a finished machine ignores events.
 */
function pureSteps(machine: AnyStateMachine, input: unknown, events: readonly EventObject[]): Step[] {
  const told = (
    snapshot: { value: unknown; context: unknown; status: string },
    actions: readonly unknown[],
  ): Step => ({
    value: snapshot.value,
    context: snapshot.context,
    status: snapshot.status,
    effects: (actions as readonly { type: string; params: { event: EventObject } }[])
      .filter(({ type }) => type === 'xstate.emit')
      .map(({ params }) => params.event),
  });

  let [snapshot, actions] = initialTransition(machine, input);
  if (snapshot.status === 'error') return ['failed'];
  const steps = [told(snapshot, actions)];
  for (const event of events) {
    if (snapshot.status !== 'active') {
      steps.push(told(snapshot, []));
      continue;
    }
    try {
      [snapshot, actions] = transition(machine, snapshot, event);
      steps.push(told(snapshot, actions));
    } catch {
      steps.push('failed');
    }
  }
  return steps;
}

function stepsOf(
  instance: Instance<AnyStateMachine>,
  events: readonly EventObject[],
  after: (step: Step) => void = () => {},
): Step[] {
  const attempt = (take: () => readonly EventObject[]): Step => {
    let step: Step = 'failed';
    try {
      const effects = take();
      step = { ...instance.snapshot, effects };
    } catch {}
    after(step);
    return step;
  };
  const first = attempt(() => instance.start());
  return first === 'failed'
    ? [first]
    : [first, ...events.map((event) => attempt(() => instance.send(event)))];
}

/** The inspection of a failed step is left out: the actor engine puts a new actor in the failed one's place. */
function observedSteps(
  engine: Engine<AnyStateMachine>,
  inspector: Inspector,
  input: unknown,
  events: readonly EventObject[],
): { readonly steps: readonly Step[]; readonly inspected: readonly unknown[] } {
  const inspected: unknown[][] = [];
  let current: unknown[] = [];
  inspector.observe((event) => current.push(project(event)));
  const steps = stepsOf(engine.create(input), events, (step) => {
    if (step !== 'failed') inspected.push(current);
    current = [];
  });
  return { steps, inspected };
}

/** An inspection event as both engines tell it. */
export function project(event: InspectionEvent): unknown {
  switch (event.type) {
    case '@xstate.actor':
      return { type: event.type, id: event.actorRef.id };
    case '@xstate.event':
      return { type: event.type, event: event.event };
    case '@xstate.action':
      return { type: event.type, effect: event.action.params.event };
    case '@xstate.microstep':
    case '@xstate.snapshot': {
      const { value, context, status } = event.snapshot;
      return { type: event.type, event: event.event, value, context, status };
    }
  }
}

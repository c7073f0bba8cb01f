import { describe, expect, test } from 'vitest';
import type { AnyStateMachine, EmittedFrom, EventFromLogic } from 'xstate';
import { compile } from '../../src/engine/compile.js';
import type { Snapshot } from '../../src/engine/engine.js';

/** A machine's chart as its RFC draws it. */
interface Figure<Machine extends AnyStateMachine, State extends string, Label extends string> {
  readonly machine: Machine;
  readonly eventTypes: readonly string[];
  /** Every state, with a context that it can have. */
  readonly states: Readonly<Record<State, Snapshot<Machine>>>;
  /** Every event by the figure's label; a label may stand for several. */
  readonly events: Readonly<Record<Label, EventFromLogic<Machine> | readonly EventFromLogic<Machine>[]>>;
  readonly arrows: readonly (readonly [
    state: NoInfer<State>,
    event: NoInfer<Label>,
    next: NoInfer<State>,
    effects: readonly EmittedFrom<Machine>[],
  ])[];
  /** What each state leaves without any change; a final state does so with everything. */
  readonly ignored: Readonly<Partial<Record<NoInfer<State>, readonly NoInfer<Label>[]>>>;
}

/** Tests each arrow of a figure, each event that a state ignores, and that nothing is left out. */
export function testFigure<Machine extends AnyStateMachine, State extends string, Label extends string>(
  figure: Figure<Machine, State, Label>,
): void {
  const { machine, eventTypes, states, arrows } = figure;
  const table = compile(machine, eventTypes);
  const labels = Object.keys(figure.events) as Label[];
  const events = (label: Label) => [figure.events[label]].flat() as EventFromLogic<Machine>[];
  const ignored = (Object.keys(states) as State[]).flatMap((state) =>
    (states[state].status === 'done' ? labels : (figure.ignored[state] ?? [])).map(
      (label) => [state, label] as const,
    ),
  );

  test.each(arrows)('%s, %s: %s', (state, label, next, expected) => {
    for (const event of events(label)) {
      const [snapshot, effects] = table.transition(states[state], event);

      expect(effects).toEqual(expected);
      expect(snapshot.value).toEqual(states[next].value);
      expect(snapshot.status).toBe(states[next].status);
    }
  });

  describe('ignores', () => {
    test.each(ignored)('%s, %s', (state, label) => {
      for (const event of events(label)) {
        const [snapshot, effects] = table.transition(states[state], event);

        expect(effects).toEqual([]);
        expect(snapshot).toBe(states[state]);
      }
    });
  });

  test('leaves no event out in any state', () => {
    const named = [...arrows, ...ignored].map(([state, label]) => `${state}, ${label}`);
    const all = Object.keys(states).flatMap((state) => labels.map((label) => `${state}, ${label}`));

    expect(named.sort()).toEqual(all.sort());
    expect(new Set(labels.flatMap(events).map(({ type }) => type))).toEqual(new Set(eventTypes));
  });
}

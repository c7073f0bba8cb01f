import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { callouts, type Effect, type Notify } from '../../machines/effects.js';
import { defaultTimerValues, type TimerValues } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import { longestSubscription, machinesAndArbitraries } from '../support/machine-arbitraries.js';
import { arbitraryScript, MachineLife, notifyTimeout, throughJSON } from '../support/machine-life.js';

const parameters = { numRuns: 300 };

/** The timers that a machine may start while they run. */
const restarts = new Set(['notifier expiry']);

/** How long each machine may go on when nothing happens to it any more but the ends of its timers, in milliseconds. */
const longest: Readonly<Record<string, (timers: TimerValues) => number>> = {
  'non-invite-server-transaction': ({ T1 }) => 64 * T1 + 64 * T1,
  'non-invite-client-transaction': ({ T1, T4 }) => 64 * T1 + T4,
  'refer-uas': ({ T1 }) => 48 * T1,
  'subscribe-uas': () => 0,
  options: ({ T1 }) => 48 * T1,
  cancel: () => 0,
  notifier: () => 1_000 * longestSubscription + 1_000 + 2 * notifyTimeout,
};

/** What must have been sent in a step before its timer is started. */
const sends: Readonly<Record<string, Effect['type']>> = {
  timerE: 'sendRequest',
  timerF: 'sendRequest',
  timerJ: 'sendResponse',
};

describe.each(machinesAndArbitraries())('$name, whatever happens to it,', (shipped) => {
  const { name, machine, eventTypes, input } = shipped;
  const table = compile(machine);
  const lives = (check: (life: MachineLife, input: unknown) => void) =>
    fc.assert(
      fc.property(input, arbitraryScript(shipped), (given, script) =>
        check(new MachineLife(table, given).play(script), given),
      ),
      parameters,
    );

  test('shows its user the request no more than once', () => {
    lives((life) => {
      const shown = life.effects.filter(
        (effect) =>
          (effect.type === 'passToUser' && effect.message.type === 'request') ||
          (effect.type === 'tellApplication' && effect.event.type === 'request'),
      );

      if (name === 'non-invite-server-transaction') expect(shown).toHaveLength(1);
      else expect(shown.length).toBeLessThanOrEqual(1);
    });
  });

  test('orders nothing after its end and stays as it is', () => {
    lives((life) => {
      const afterEnd = life.steps.filter(({ before }) => before?.status === 'done');

      for (const { before, after, effects } of afterEnd) {
        expect(effects).toEqual([]);
        expect(after).toBe(before);
      }
    });
  });

  test('starts no timer that still runs, unless to extend a subscription', () => {
    lives((life) => {
      for (const { effects, running } of life.steps) {
        const still = new Set(running);
        for (const effect of effects) {
          if (effect.type === 'stopTimer') still.delete(effect.timer);
          if (effect.type !== 'startTimer') continue;

          expect(still.has(effect.timer) && !restarts.has(`${name} ${effect.timer}`)).toBe(false);
          expect(effect.delay).toBeGreaterThanOrEqual(0);
          still.add(effect.timer);
        }
      }
    });
  });

  test('sends before it starts the timer that goes with what was sent', () => {
    lives((life) => {
      for (const { effects } of life.steps) {
        const types = effects.map(({ type }) => type);
        for (const [index, effect] of effects.entries()) {
          const send = effect.type === 'startTimer' ? sends[effect.timer] : undefined;
          if (send !== undefined) expect(types.slice(0, index)).toContain(send);
        }
      }
    });
  });

  test('calls out once a step at most, and last', () => {
    lives((life) => {
      for (const { effects } of life.steps)
        expect(effects.slice(0, -1).filter(({ type }) => callouts.has(type))).toEqual([]);
    });
  });

  test('ends', () => {
    lives((life, given) => {
      if (name === 'dialog') {
        for (let usages = life.snapshot.context.usages; usages >= 0; usages--)
          life.take({ type: 'usageEnded' });
      }
      const from = life.now;
      life.waitForEnd();

      expect(life.snapshot.status).toBe('done');
      const { timers = defaultTimerValues } = given as { timers?: TimerValues };
      expect(life.now - from).toBeLessThanOrEqual(longest[name]?.(timers) ?? 0);
    });
  });

  test('orders nothing that JSON does not hold whole', () => {
    lives((life) => {
      for (const effect of life.effects) expect(throughJSON(effect)).toStrictEqual(effect);
    });
  });

  test('goes on the same way after each of its steps from what JSON holds', () => {
    lives((life) => {
      for (const { before, event, after, effects } of life.steps) {
        expect(throughJSON(after)).toEqual(after);
        if (before === undefined || event === undefined) continue;
        expect(table.transition(throughJSON(before), throughJSON(event))).toEqual([after, effects]);
      }
    });
  });

  test('comes to rest in the states of its chart, and can come to each', () => {
    const rest = leaves(machine.root)
      .filter((leaf) => !leaf.always?.some(({ guard }) => guard === undefined))
      .map((leaf) => leaf.path.join('.'));

    expect(reachable(shipped).sort()).toEqual(rest.sort());
  });

  test('has an arrow for each event type that it declares', () => {
    expect([...machine.events].sort()).toEqual([...eventTypes].sort());
  });
});

describe('non-invite-client-transaction, whatever happens to it,', () => {
  const shipped = machinesAndArbitraries().find(({ name }) => name === 'non-invite-client-transaction')!;
  const table = compile(shipped.machine);

  test('tells its user one end: a final response or a failure', () => {
    fc.assert(
      fc.property(shipped.input, arbitraryScript(shipped), (input, script) => {
        const { effects } = new MachineLife(table, input).play(script).waitForEnd();
        const ends = effects.filter(
          (effect) =>
            effect.type === 'reportFailure' ||
            (effect.type === 'passToUser' &&
              effect.message.type === 'response' &&
              effect.message.status >= 200),
        );

        expect(ends).toHaveLength(1);
      }),
      parameters,
    );
  });
});

describe('notifier, whatever happens to it,', () => {
  const shipped = machinesAndArbitraries().find(({ name }) => name === 'notifier')!;
  const table = compile(shipped.machine);
  const lives = (check: (life: MachineLife) => void) =>
    fc.assert(
      fc.property(shipped.input, arbitraryScript(shipped), (input, script) =>
        check(new MachineLife(table, input).play(script).waitForEnd()),
      ),
      parameters,
    );

  test('has one NOTIFY in flight at most (RFC 6665 §4.2.2)', () => {
    lives((life) => {
      for (const { effects, running } of life.steps) {
        const notifies = effects.filter(({ type }) => type === 'notify').length;

        expect(notifies + (running.includes('NOTIFY') ? 1 : 0)).toBeLessThanOrEqual(1);
      }
    });
  });

  test('sends no two NOTIFYs within a second (RFC 3515 §3.10)', () => {
    lives((life) => {
      const times = life.steps.filter(({ effects }) => effects.some(isNotify)).map(({ at }) => at);

      for (const [index, at] of times.entries())
        if (index > 0) expect(at - times[index - 1]!).toBeGreaterThanOrEqual(1_000);
    });
  });

  test('sends nothing after a NOTIFY that says terminated (RFC 6665 §4.1.3)', () => {
    lives((life) => {
      const states = life.effects.filter(isNotify).map(subscriptionState);

      expect(states[0]).not.toMatch(/^terminated/);
      expect(states.slice(0, -1).filter((state) => state.startsWith('terminated'))).toEqual([]);
    });
  });

  test('leaves its dialog once and tells the application once, at its end', () => {
    lives((life) => {
      const types = life.effects.map(({ type }) => type);

      expect(types.filter((type) => type === 'leaveDialog' || type === 'tellApplication')).toEqual([
        'leaveDialog',
        'tellApplication',
      ]);
      expect(types.slice(-2)).toEqual(['leaveDialog', 'tellApplication']);
    });
  });

  test('never goes back to pending (RFC 6665 §4.1.3)', () => {
    lives((life) => {
      const states = life.effects.filter(isNotify).map((notify) => subscriptionState(notify).split(';')[0]);
      const order = ['pending', 'active', 'terminated'];
      const ranks = states.map((state) => order.indexOf(`${state}`));

      expect(ranks).toEqual([...ranks].sort());
    });
  });
});

const isNotify = (effect: Effect): effect is Notify => effect.type === 'notify';

const subscriptionState = ({ request }: Notify) =>
  request.headers.find(([name]) => name === 'Subscription-State')![1];

const leaves = (node: AnyStateNode): readonly AnyStateNode[] => {
  const children: readonly AnyStateNode[] = Object.values(node.states);
  return children.length === 0 ? [node] : children.flatMap(leaves);
};

/** The states that XState's own search comes to, as paths. */
const reachable = ({ machine, input, event }: ReturnType<typeof machinesAndArbitraries>[number]) => {
  const events = event === undefined ? [] : fc.sample(event, { numRuns: 100, seed: 3515 });
  const states = fc
    .sample(input, { numRuns: 20, seed: 3515 })
    .flatMap((given) => getShortestPaths(machine, { input: given, events, serializeState: kindOf }))
    .map(({ state }) => pathOf(state.value));
  return [...new Set(states)];
};

/** What a state may do hangs on what its context holds as well, not on how much of it. */
const kindOf = ({ value, context }: AnyMachineSnapshot) =>
  JSON.stringify([value, Object.keys(context).filter((key) => context[key] !== undefined)]);

const pathOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as object)
        .map(([state, inner]) => `${state}.${pathOf(inner)}`)
        .join();

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, EventObject } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import {
  callouts,
  type Effect,
  type Report,
  type ResponseDraft,
  type SendInDialog,
} from '../../machines/effects.js';
import { defaultTimerValues, type TimerValues } from '../../machines/timers.js';
import { compile } from '../../src/engine/compile.js';
import type { Snapshot } from '../../src/engine/engine.js';
import {
  longestPatience,
  longestSubscription,
  machinesAndArbitraries,
} from '../support/machine-arbitraries.js';
import {
  arbitraryScript,
  inFlight,
  MachineLife,
  requestTimeout,
  throughJSON,
} from '../support/machine-life.js';
import { response } from '../support/sample-messages.js';

const parameters = { numRuns: 300 };

/** The timers that a machine may start while they run. */
const restarts = new Set(['notifier expiry']);

/** How long each machine may go on when nothing happens to it any more but the ends of its timers, in milliseconds; else it ends at once. */
const longest: Readonly<Record<string, (timers: TimerValues) => number>> = {
  'invite-server-transaction': ({ T1 }) => 64 * T1,
  'non-invite-server-transaction': ({ T1 }) => 64 * T1 + 64 * T1,
  'non-invite-client-transaction': ({ T1, T4 }) => 64 * T1 + T4,
  'invite-uas': ({ T1 }) => Math.max(1_000 * longestPatience, 64 * T1),
  're-invite-uas': ({ T1 }) => Math.max(1_000 * longestPatience, 64 * T1),
  ...Object.fromEntries(
    ['info', 'message', 'notify', 'options', 'prack', 'publish', 'refer-uas', 'register', 'update'].map(
      (name) => [name, ({ T1 }: TimerValues) => 48 * T1],
    ),
  ),
  'subscribe-uas': ({ T1 }) => 48 * T1,
  session: () => requestTimeout,
  notifier: () => 1_000 * longestSubscription + 5_000 + 2 * requestTimeout,
};

/** What ends a machine that waits for others as long as they like. */
const closings: Readonly<Record<string, (snapshot: Snapshot<AnyStateMachine>) => readonly EventObject[]>> = {
  'invite-server-transaction': () => [{ type: 'response', response: response(500) }],
  dialog: ({ context }) => Array(context.holders + 1).fill({ type: 'usageEnded' }),
  session: () => [{ type: 'bye' }],
  delivery: () => [{ type: 'userEnded' }],
};

/** What must have been sent in a step before its timer is started. */
const sends: Readonly<Record<string, Effect['type']>> = {
  timerE: 'sendRequest',
  timerF: 'sendRequest',
  timerG: 'sendResponse',
  timerH: 'sendResponse',
  timerJ: 'sendResponse',
  timerL: 'sendResponse',
  provisionalRetransmission: 'respond',
  provisionalExpiry: 'respond',
  successRetransmission: 'respond',
  successExpiry: 'respond',
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
          (effect.type === 'passToUser' &&
            effect.message.type === 'request' &&
            effect.message.method !== 'ACK') ||
          (effect.type === 'tellApplication' && effect.event.type === 'request'),
      );

      if (name.endsWith('server-transaction')) expect(shown).toHaveLength(1);
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
      for (const closing of closings[name]?.(life.snapshot) ?? []) life.take(closing);
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

/** A shipped machine's lives, each to its end or to where nothing but others can end it. */
const livesOf = (name: string, { numRuns } = parameters) => {
  const shipped = machinesAndArbitraries().find((each) => each.name === name)!;
  const table = compile(shipped.machine);
  return (check: (life: MachineLife) => void) =>
    fc.assert(
      fc.property(shipped.input, arbitraryScript(shipped), (input, script) =>
        check(new MachineLife(table, input).play(script).waitForEnd()),
      ),
      { numRuns },
    );
};

describe('invite-server-transaction, whatever happens to it,', () => {
  const lives = livesOf('invite-server-transaction');

  test('passes its user the INVITE once, and of ACKs only those of a 2xx (RFC 6026 §7.1)', () => {
    lives((life) => {
      const accepted = life.steps.findIndex(({ after }) => after.value === 'accepted');

      for (const [index, { effects }] of life.steps.entries()) {
        const passed = effects.flatMap((effect) =>
          effect.type === 'passToUser' && effect.message.type === 'request' ? [effect.message.method] : [],
        );

        if (index === 0) expect(passed).toEqual(['INVITE']);
        else if (accepted === -1 || index <= accepted) expect(passed).toEqual([]);
        else expect(passed.filter((method) => method !== 'ACK')).toEqual([]);
      }
    });
  });

  test('sends no response of another kind after a final one', () => {
    lives((life) => {
      const sent = life.effects.flatMap((effect) =>
        effect.type === 'sendResponse' ? [effect.response] : [],
      );
      const afterFinal = sent.slice(sent.findIndex(({ status }) => status >= 200));
      const final = afterFinal[0];
      if (final === undefined || final.status < 200) return;

      if (final.status < 300)
        expect(afterFinal.filter(({ status }) => status < 200 || status > 299)).toEqual([]);
      else expect(new Set(afterFinal.map(({ text }) => text)).size).toBe(1);
    });
  });
});

describe('non-invite-client-transaction, whatever happens to it,', () => {
  const lives = livesOf('non-invite-client-transaction');

  test('tells its user one end: a final response or a failure', () => {
    lives(({ effects }) => {
      const ends = effects.filter(
        (effect) =>
          effect.type === 'reportFailure' ||
          (effect.type === 'passToUser' &&
            effect.message.type === 'response' &&
            effect.message.status >= 200),
      );

      expect(ends).toHaveLength(1);
    });
  });
});

describe.each(['invite-uas', 're-invite-uas'])('%s, whatever happens to it,', (name) => {
  const lives = livesOf(name, { numRuns: 1_000 });

  test('gives one final response, which it repeats where it is a 2xx (RFC 3261 §13.3.1.4)', () => {
    lives((life) => {
      const finals = responsesOf(life).flatMap(({ status, draft }) => (status >= 200 ? [draft] : []));
      const [first] = finals;

      expect(first).toBeDefined();
      if (first!.status >= 300) expect(finals).toHaveLength(1);
      for (const final of finals) expect(final).toEqual(first);
    });
  });

  test('gives no provisional response after the final one', () => {
    lives((life) => {
      const statuses = responsesOf(life).map(({ status }) => status);
      const final = statuses.findIndex((status) => status >= 200);

      expect(statuses.slice(final).filter((status) => status < 200)).toEqual([]);
    });
  });

  test('gives no 2xx while a description is without its PRACK (RFC 3262 §3)', () => {
    lives((life) => {
      for (const { status, unacknowledged } of responsesOf(life)) {
        if (status >= 200 && status < 300) expect(unacknowledged?.body ?? '').toBe('');
      }
    });
  });

  test('gives no 2xx before each description that came before it has left (RFC 3262 §3)', () => {
    lives((life) => {
      const isAccepted = ({ effects }: MachineLife['steps'][number]) =>
        effects.some((effect) => effect.type === 'tellSession' && effect.event.type === 'accepted');
      const left = new Set(responsesOf(life).map(({ draft }) => JSON.stringify(draft)));
      if (!life.steps.some(isAccepted)) return;

      for (const { event, before } of life.steps) {
        if (event?.type === 'accept' || before?.status === 'done') break;
        const answer =
          event === undefined ? undefined : (event as { readonly answer?: ResponseDraft }).answer;
        if (event?.type === 'progress' && answer?.body) expect(left).toContain(JSON.stringify(answer));
      }
    });
  });

  test('sends no reliable provisional response before the PRACK of the one before (RFC 3262 §3)', () => {
    lives((life) => {
      for (const { sequence, unacknowledged } of responsesOf(life)) {
        if (sequence !== undefined && unacknowledged !== undefined)
          expect(sequence).toBe(unacknowledged.sequence);
      }
    });
  });

  test('gives each reliable provisional response an RSeq greater by one (RFC 3262 §3)', () => {
    lives((life) => {
      const { firstSequence } = life.steps[0]!.after.context.input;
      const sequences = new Set(responsesOf(life).flatMap(({ sequence }) => sequence ?? []));

      expect([...sequences]).toEqual([...sequences].map((_, index) => firstSequence + index));
    });
  });

  test('makes provisional responses reliable where that is required, and nowhere unasked (RFC 3262 §3)', () => {
    lives((life) => {
      const { reliability } = life.steps[0]!.after.context;
      const provisional = responsesOf(life).filter(({ status }) => status > 100 && status < 200);

      if (reliability === 'required') expect(provisional.filter(({ sequence }) => !sequence)).toEqual([]);
      if (reliability === 'none') expect(provisional.filter(({ sequence }) => sequence)).toEqual([]);
    });
  });

  test('begins a session before the first response that makes a dialog, and tells it of one outcome', () => {
    lives((life) => {
      const told = life.effects.flatMap((effect) =>
        effect.type === 'tellSession' ? [effect.event.type] : [],
      );
      const starts = life.effects.filter(({ type }) => type === 'startSession').length;
      const dialogs = life.effects.filter((effect) => effect.type === 'respond' && effect.hasContact).length;

      expect(told.filter((type) => type === 'accepted' || type === 'refused').length).toBeLessThanOrEqual(1);
      expect(starts).toBe(name === 'invite-uas' && dialogs > 0 ? 1 : 0);
    });
  });
});

describe.each([
  'bye',
  'cancel',
  'info',
  'message',
  'notify',
  'options',
  'prack',
  'publish',
  'refer-uas',
  'register',
  'subscribe-uas',
  'update',
])('%s, whatever happens to it,', (name) => {
  test('gives one final response, and nothing after it', () => {
    livesOf(name)((life) => {
      const statuses = life.effects.flatMap((effect) =>
        effect.type === 'respond' ? [effect.response.status] : [],
      );

      expect(statuses.at(-1)).toBeGreaterThanOrEqual(200);
      expect(statuses.slice(0, -1).filter((status) => status !== 100)).toEqual([]);
    });
  });
});

describe.each(['re-invite-uas', 'update'])('%s, whatever happens to it,', (name) => {
  test('tells the session of an offer once at most, and lets no answer stand before it', () => {
    livesOf(name)((life) => {
      const told = life.effects.flatMap((effect) =>
        effect.type === 'tellSession' ? [effect.event.type] : [],
      );

      expect(told.indexOf('offered')).toBe(told.length === 0 ? -1 : 0);
      expect(told.lastIndexOf('offered')).toBeLessThanOrEqual(0);
      if (name === 'update' && told.length > 0) expect(told).toEqual(['offered', 'offerSettled']);
    });
  });
});

describe('session, whatever happens to it,', () => {
  const lives = livesOf('session');
  const isBYE = (effect: Effect) => effect.type === 'sendInDialog' && effect.request.method === 'BYE';

  test('sends one BYE at most', () => {
    lives((life) => {
      expect(life.effects.filter(isBYE).length).toBeLessThanOrEqual(1);
    });
  });

  test('MUST NOT send a BYE before the ACK, or before it is sure that none comes (RFC 3261 §15)', () => {
    lives((life) => {
      let waitsForACK = false;
      for (const { event, effects } of life.steps) {
        if (event?.type === 'accepted') waitsForACK = true;
        if (event?.type === 'acknowledged' || event?.type === 'unacknowledged') waitsForACK = false;

        if (effects.some(isBYE)) expect(waitsForACK).toBe(false);
      }
    });
  });

  test('leaves its dialog once and tells the application once, at its end', () => {
    lives((life) => {
      life.take({ type: 'bye' });

      expect(tellsOfEnd(life.effects)).toEqual(['leaveDialog', 'tellApplication']);
      expect(life.effects.slice(-2).map(({ type }) => type)).toEqual(['leaveDialog', 'tellApplication']);
    });
  });

  test('confirms its dialog once at most, and before it sends a BYE', () => {
    lives((life) => {
      const orders = life.effects.filter((effect) => effect.type === 'confirmDialog' || isBYE(effect));

      expect(orders.filter(({ type }) => type === 'confirmDialog').length).toBeLessThanOrEqual(1);
      if (orders.some(isBYE)) expect(orders[0]?.type).toBe('confirmDialog');
    });
  });
});

describe('dialog, whatever happens to it,', () => {
  test('numbers its requests one after the other, of whatever usage (RFC 3261 §12.2.1.1)', () => {
    livesOf('dialog')((life) => {
      const numbers = life.effects.flatMap((effect) =>
        effect.type === 'requestInDialog'
          ? effect.headers.flatMap(([field, value]) => (field === 'CSeq' ? [Number.parseInt(value, 10)] : []))
          : [],
      );

      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    });
  });
});

describe('notifier, whatever happens to it,', () => {
  const lives = livesOf('notifier');

  test('has one NOTIFY in flight at most (RFC 6665 §4.2.2)', () => {
    lives((life) => {
      for (const { effects, running } of life.steps)
        expect(effects.filter(isNotify).length + (running.includes(inFlight) ? 1 : 0)).toBeLessThanOrEqual(1);
    });
  });

  test('sends no two NOTIFYs within its spacing (RFC 3515 §3.10)', () => {
    lives((life) => {
      const { spacing } = life.steps[0]!.after.context;
      const times = life.steps.filter(({ effects }) => effects.some(isNotify)).map(({ at }) => at);

      for (const [index, at] of times.entries())
        if (index > 0) expect(at - times[index - 1]!).toBeGreaterThanOrEqual(spacing);
    });
  });

  test('sends nothing after a NOTIFY that says terminated (RFC 6665 §4.1.3)', () => {
    lives((life) => {
      const states = life.effects.filter(isNotify).map(subscriptionState);

      expect(states.slice(0, -1).filter((state) => state.startsWith('terminated'))).toEqual([]);
    });
  });

  test('sends a first NOTIFY that says terminated to a fetch alone (RFC 6665 §4.4.3)', () => {
    lives((life) => {
      const { deadline, now } = life.steps[0]!.after.context;
      const [first] = life.effects.filter(isNotify).map(subscriptionState);

      expect(first?.startsWith('terminated')).toBe(deadline === now);
    });
  });

  test('leaves its dialog once and tells the application once, at its end', () => {
    lives((life) => {
      expect(tellsOfEnd(life.effects)).toEqual(['leaveDialog', 'tellApplication']);
      expect(life.effects.slice(-2).map(({ type }) => type)).toEqual(['leaveDialog', 'tellApplication']);
    });
  });

  test('tells what became of each report that waited, and of no other', () => {
    lives((life) => {
      const waited = new Set(life.steps.map(({ after }) => after.context.waiting as Report | undefined));
      waited.delete(undefined);
      for (const { effects } of life.steps) {
        const fate = effects.map(fateIn).find((told) => told !== undefined);
        if (fate === undefined) continue;
        const notify = effects.find(isNotify);
        expect(waited.delete(fate.report)).toBe(true);
        expect(notify?.request.body).toBe(fate.type === 'reportSent' ? fate.report.body : undefined);
      }
      // The one that waited when a failure ended the subscription.
      const last = life.effects.filter(isNotify).map(subscriptionState).at(-1);
      expect(waited.size).toBeLessThanOrEqual(last?.startsWith('terminated') ? 0 : 1);
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

/** A response of an INVITE's user agent server, and the reliable one that is without its PRACK when it leaves. */
interface Sent {
  readonly status: number;
  readonly draft: ResponseDraft;
  /** Its RSeq, where it has one. */
  readonly sequence: number | undefined;
  readonly unacknowledged: { readonly sequence: number; readonly body: string | undefined } | undefined;
}

const responsesOf = (life: MachineLife): readonly Sent[] => {
  const sent: Sent[] = [];
  let unacknowledged: Sent['unacknowledged'];
  for (const { event, effects } of life.steps) {
    if (event?.type === 'prack') unacknowledged = undefined;
    for (const effect of effects) {
      if (effect.type !== 'respond') continue;
      const rseq = effect.headers.find(([field]) => field === 'RSeq')?.[1];
      const sequence = rseq === undefined ? undefined : Number(rseq);
      sent.push({ status: effect.response.status, draft: effect.response, sequence, unacknowledged });
      if (sequence !== undefined) unacknowledged = { sequence, body: effect.response.body };
    }
  }
  return sent;
};

const tellsOfEnd = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.type === 'leaveDialog' || (effect.type === 'tellApplication' && fateIn(effect) === undefined)
      ? [effect.type]
      : [],
  );

/** What became of a report that waited. */
const fateIn = (effect: Effect) =>
  effect.type === 'tellApplication' &&
  (effect.event.type === 'reportSent' || effect.event.type === 'reportReplaced')
    ? effect.event
    : undefined;

const isNotify = (effect: Effect): effect is SendInDialog =>
  effect.type === 'sendInDialog' && effect.request.method === 'NOTIFY';

const subscriptionState = ({ request }: SendInDialog) =>
  request.headers.find(([name]) => name === 'Subscription-State')![1];

const leaves = (node: AnyStateNode): readonly AnyStateNode[] => {
  const children: readonly AnyStateNode[] = Object.values(node.states);
  return children.length === 0 ? [node] : children.flatMap(leaves);
};

/** The states that XState's own search comes to, as paths. One sample that leads everywhere is enough, whatever other samples miss. */
const reachable = ({ machine, input, event }: ReturnType<typeof machinesAndArbitraries>[number]) => {
  const sample = event === undefined ? [] : fc.sample(event, { numRuns: 200, seed: 3515 });
  const events = [...new Map(sample.map((each) => [JSON.stringify(each), each])).values()];
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

import { describe, expect, test } from 'vitest';
import { machines, notifier } from '../../machines/index.js';
import { actor } from '../../src/engine/actor.js';
import { compiled } from '../../src/engine/compiled.js';
import { createInspector, type InspectionEvent } from '../../src/engine/inspection.js';
import { toReceiverEvents } from '../../visualizations/inspect-adapter.js';
import { openReceiver } from '../../visualizations/inspect-receiver.js';
import { small, wide } from '../draw/samples.js';
import { stagedReferral } from '../support/referral.js';

type Read = Parameters<Parameters<typeof openReceiver>[0]>[0];
type Node = InspectionEvent['actorRef']['logic']['root'];

describe.each(['compiled', 'actor'] as const)(
  'a running REFER on the %s engine, read by @xstate/inspect',
  async (engine) => {
    const { seen, read } = await runReferral(engine);

    test('registers every machine under its id', () => {
      const registered = of(read, 'service.register').map(({ id, machine, sessionId }) => [
        id,
        machine.id,
        sessionId,
      ]);
      expect(registered).toEqual(
        ofType(seen, '@xstate.actor').map(({ actorRef }) => [actorRef.id, actorRef.id, actorRef.sessionId]),
      );
      expect(new Set(registered.map(([id]) => id))).toEqual(
        new Set([
          'nonInviteServerTransaction',
          'referUAS',
          'dialog',
          'notifier',
          'delivery',
          'nonInviteClientTransaction',
        ]),
      );
    });

    test('gives every event back', () => {
      expect(
        of(read, 'service.event').map(({ event, sessionId }) => [sessionId, event.name, event.data]),
      ).toEqual(
        ofType(seen, '@xstate.event').map(({ event, actorRef }) => [
          actorRef.sessionId,
          event.type,
          onWire(event),
        ]),
      );
    });

    test('gives every state back, with its context and whether it is the last', () => {
      expect(
        of(read, 'service.state').map(({ state, sessionId }) => [
          sessionId,
          state.value,
          state.context,
          state.done,
        ]),
      ).toEqual(
        ofType(seen, '@xstate.snapshot').map(({ snapshot, actorRef }) => [
          actorRef.sessionId,
          snapshot.value,
          onWire(snapshot.context),
          snapshot.status === 'done',
        ]),
      );
    });

    test('stops every machine that came to its end', () => {
      const done = ofType(seen, '@xstate.snapshot').filter(({ snapshot }) => snapshot.status === 'done');
      expect(done.length).toBeGreaterThan(0);
      expect(of(read, 'service.stop').map(({ sessionId }) => sessionId)).toEqual(
        done.map(({ actorRef }) => actorRef.sessionId),
      );
    });

    test('shows the subscription from its first NOTIFY to its last', () => {
      const subscription = of(read, 'service.register').find(({ id }) => id === 'notifier')!.sessionId;
      const states = of(read, 'service.state').filter(({ sessionId }) => sessionId === subscription);
      expect(states.map(({ state }) => [state.event.type, state.value])).toEqual([
        ['xstate.init', { active: 'notifying' }],
        ['requestAnswered', { active: 'spacing' }],
        ['notifySpacing', { active: 'ready' }],
        ['report', { active: 'notifying' }],
        ['requestAnswered', { active: 'spacing' }],
        ['end', { ending: 'spacing' }],
        ['notifySpacing', { ending: 'last' }],
        ['requestAnswered', 'terminated'],
      ]);
    });
  },
);

describe('a machine, read by @xstate/inspect', () => {
  test.each([{ name: 'small', machine: small }, { name: 'wide', machine: wide }, ...machines])(
    '$name has the same states and arrows as here',
    ({ machine }) => {
      const actorRef = { sessionId: 'one', id: machine.id, logic: machine, getSnapshot: () => undefined };
      const { read, observe } = listen();
      observe({ type: '@xstate.actor', rootId: 'one', actorRef });
      const [registered] = of(read, 'service.register');
      const nodes = [machine.root, ...descendants(machine.root)];
      expect([...registered!.machine.stateIds].sort()).toEqual(nodes.map((node) => node.id).sort());
      for (const node of nodes) {
        const there = registered!.machine.getStateNodeById(node.id);
        expect([there.type, there.onEntry.map(nameOf), there.onExit.map(nameOf)]).toEqual([
          node.type,
          node.entry.map(nameOf),
          node.exit.map(nameOf),
        ]);
        expect(there.transitions.map(rowOf)).toEqual(
          [...[...node.transitions.values()].flat(), ...(node.always ?? [])].sort(wildcardLast).map(rowOf),
        );
      }
    },
  );

  test('that has not started stands where it will start', () => {
    const inspector = createInspector();
    const { read, observe } = listen();
    inspector.observe(observe);
    actor(wide, inspector).create(undefined);
    const [registered] = of(read, 'service.register');
    expect(registered!.state.value).toEqual({ pending: 'notifying' });
    expect(registered!.machine.initialState.value).toEqual({ pending: 'notifying' });
  });

  test.each([
    ['compiled', compiled],
    ['actor', actor],
  ] as const)('that a late observer finds stands where it is (%s)', (_, engine) => {
    const inspector = createInspector();
    const instance = engine(notifier, inspector).create({
      state: 'pending',
      event: 'refer;id=1',
      report: { contentType: 'message/sipfrag', body: 'SIP/2.0 100 Trying\r\n' },
      expires: 300,
      spacing: 1_000,
      now: 0,
    });
    instance.start();
    const { read, observe } = listen();
    inspector.observe(observe, [instance as typeof instance & Pick<InspectionEvent, 'actorRef'>]);
    const { state } = of(read, 'service.state').at(-1)!;
    expect(of(read, 'service.register')).toHaveLength(1);
    expect(state.value).toEqual({ pending: 'notifying' });
    expect(state.context).toEqual(onWire(instance.snapshot.context));
  });
});

async function runReferral(engine: 'compiled' | 'actor') {
  const { userAgent, finish } = await stagedReferral(engine);
  const { seen, read, observe } = listen();
  userAgent.inspect(observe);
  finish();
  return { seen, read };
}

/** An observer whose events the receiver reads as they come. */
function listen() {
  const seen: InspectionEvent[] = [];
  const read: Read[] = [];
  const post = openReceiver((event) => read.push(event));
  const observe = (event: InspectionEvent) => {
    seen.push(event);
    for (const sent of toReceiverEvents(event)) post(sent);
  };
  return { seen, read, observe };
}

function of<Type extends Read['type']>(read: readonly Read[], type: Type) {
  return read.filter((event): event is Extract<Read, { type: Type }> => event.type === type);
}

function ofType<Type extends InspectionEvent['type']>(seen: readonly InspectionEvent[], type: Type) {
  return seen.filter((event): event is Extract<InspectionEvent, { type: Type }> => event.type === type);
}

function onWire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function descendants(node: Node): readonly Node[] {
  const children: readonly Node[] = Object.values(node.states);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

interface AnyArrow {
  readonly eventType: string;
  readonly target?: readonly { readonly id: string }[] | undefined;
  readonly cond?: unknown;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
}

function rowOf({ eventType, target, cond, guard = cond, actions }: AnyArrow) {
  return [eventType, target?.map((node) => node.id), guard && nameOf(guard), actions.map(nameOf)];
}

/** XState v4 tries a wildcard after all other events. */
function wildcardLast(one: AnyArrow, other: AnyArrow): number {
  return Number(one.eventType === '*') - Number(other.eventType === '*');
}

function nameOf(named: unknown): unknown {
  return typeof named === 'string'
    ? named
    : ((named as { type?: string; name?: string }).name ?? (named as { type: string }).type);
}

import type { ReceiverEvent } from '@xstate/inspect';
import { nameOf } from '../src/draw/chart.js';
import type { InspectedActorRef, InspectionEvent } from '../src/engine/inspection.js';

/**
 * An inspection event, in XState v5's shape, as what @xstate/inspect 0.8, which is made for XState v4, puts on its wire.
 * A machine registers with its initial state, each of its macrosteps is an event and a state, and its end a stop;
 * actions and microsteps have no place there.
 */
export function toReceiverEvents(inspected: InspectionEvent): readonly ReceiverEvent[] {
  const { actorRef } = inspected;
  const { sessionId, id, logic } = actorRef;
  switch (inspected.type) {
    case '@xstate.actor': {
      const machine = JSON.stringify({
        predictableActionArguments: true,
        context: {},
        ...nodeConfig(logic.root),
      });
      return [{ type: 'service.register', machine, state: initialState(actorRef), sessionId, id }];
    }
    case '@xstate.event':
      return [{ type: 'service.event', event: JSON.stringify(externalEvent(inspected.event)), sessionId }];
    case '@xstate.snapshot': {
      const { snapshot, event } = inspected;
      const state = {
        type: 'service.state',
        state: stateText(snapshot, event, sessionId),
        sessionId,
      } as const;
      return snapshot.status === 'active' ? [state] : [state, { type: 'service.stop', sessionId }];
    }
    default:
      return [];
  }
}

type Node = InspectedActorRef['logic']['root'];
type Transitions = NonNullable<Node['always']>;
type Snapshot = Extract<InspectionEvent, { type: '@xstate.snapshot' }>['snapshot'];
type Event = Extract<InspectionEvent, { type: '@xstate.event' }>['event'];

const start: Event = { type: 'xstate.init' };

/** Where a machine starts. Its context is not known yet; a snapshot follows, of a machine found running too. */
function initialState({ logic, sessionId }: InspectedActorRef): string {
  return stateText({ value: initialValue(logic.root), context: {}, status: 'active' }, start, sessionId);
}

function initialValue(node: Node): Snapshot['value'] {
  const child: Node = node.initial.target[0]!;
  return child.type === 'compound' ? { [child.key]: initialValue(child) } : child.key;
}

function stateText({ value, context, status }: Snapshot, event: Event, sessionId: string): string {
  return JSON.stringify({
    value,
    context,
    event,
    _event: externalEvent(event),
    _sessionid: sessionId,
    actions: [],
    activities: {},
    meta: {},
    events: [],
    transitions: [],
    children: {},
    tags: [],
    done: status === 'done',
  });
}

/** XState v4 wraps every event as SCXML's. */
function externalEvent(event: Event) {
  return { name: event.type, data: event, $$type: 'scxml', type: 'external' };
}

interface NodeConfig {
  readonly id: string;
  readonly [key: string]: unknown;
}

function nodeConfig(node: Node): NodeConfig {
  const children: readonly Node[] = Object.values(node.states);
  return {
    id: node.id,
    ...(node.type === 'final' ? { type: 'final' } : {}),
    ...(node.type === 'compound' ? { initial: node.initial.target[0]!.key } : {}),
    description: node.description,
    entry: node.entry.map(nameOf),
    exit: node.exit.map(nameOf),
    on: Object.fromEntries([...node.transitions].map(([event, arrows]) => [event, arrows.map(arrowConfig)])),
    always: (node.always ?? []).map(arrowConfig),
    states: Object.fromEntries(children.map((child) => [child.key, nodeConfig(child)])),
  };
}

function arrowConfig({ target, guard, actions, reenter, description }: Transitions[number]) {
  return {
    target: target?.map((node) => `#${node.id}`),
    cond: guard === undefined ? undefined : nameOf(guard),
    actions: actions.map(nameOf),
    internal: !reenter,
    description,
  };
}

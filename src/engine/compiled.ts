import type { AnyStateMachine, EmittedFrom, EventFromLogic, EventObject, InputFrom } from 'xstate';
import { type CompiledMachine, compile } from './compile.js';
import type { Engine, Instance, Snapshot } from './engine.js';
import type { InspectedActorRef, Inspector } from './inspection.js';
import { noEffects, type Trace } from './table.js';

/**
 * Runs a machine as a table. About 150 bytes an instance, snapshot and a context of three fields included.
 *
 * Guards, `assign`s and `emit`s get `context`, `event` and constant parameters; there is no `self`, `spawn` or `system`.
 *
 * @throws CompileError
 */
export function compiled<Machine extends AnyStateMachine>(
  machine: Machine,
  inspector?: Inspector,
): Engine<Machine> {
  const runner: Runner<Machine> = { machine, table: compile(machine), inspector };
  return { machine, create: (input) => new CompiledInstance(runner, input) };
}

/** What all instances of a machine share. */
interface Runner<Machine extends AnyStateMachine> {
  readonly machine: Machine;
  readonly table: CompiledMachine<Machine>;
  readonly inspector: Inspector | undefined;
}

let instances = 0;

class CompiledInstance<Machine extends AnyStateMachine> implements Instance<Machine> {
  snapshot = undefined as unknown as Snapshot<Machine>;
  /** A number until somebody looks. */
  private identity: number | InspectedActorRef = ++instances;

  constructor(
    private readonly runner: Runner<Machine>,
    public input: InputFrom<Machine> | undefined,
  ) {
    const { inspector } = runner;
    if (inspector?.observed) inspector.report({ type: '@xstate.actor', ...subject(this) });
  }

  get actorRef(): InspectedActorRef {
    if (typeof this.identity === 'number') {
      const { machine } = this.runner;
      this.identity = {
        sessionId: `compiled:${this.identity}`,
        id: machine.id,
        logic: machine,
        getSnapshot: () => this.snapshot,
      };
    }
    return this.identity;
  }

  start(): readonly EmittedFrom<Machine>[] {
    const { table, inspector } = this.runner;
    const input = this.input as InputFrom<Machine>;
    this.input = undefined;
    if (inspector?.observed) return startObserved(this, table, input, inspector);

    const [snapshot, effects] = table.initial(input);
    this.snapshot = snapshot;
    return effects;
  }

  send(event: EventFromLogic<Machine>): readonly EmittedFrom<Machine>[] {
    const { table, inspector } = this.runner;
    if (inspector?.observed) return sendObserved(this, table, event, inspector);

    const [snapshot, effects] = table.transition(this.snapshot, event);
    this.snapshot = snapshot;
    return effects;
  }
}

/** As XState has it, the start's microsteps come before its event, and its actions after. */
function startObserved<Machine extends AnyStateMachine>(
  instance: CompiledInstance<Machine>,
  table: CompiledMachine<Machine>,
  input: InputFrom<Machine>,
  inspector: Inspector,
): readonly EmittedFrom<Machine>[] {
  const event = { type: 'xstate.init', input };
  const { microstep } = traceOf(instance, inspector);
  const [snapshot, effects] = table.initial(input, { microstep, action: () => {} });
  inspector.report({ type: '@xstate.event', ...subject(instance), sourceRef: undefined, event });
  for (const effect of effects) reportAction(instance, inspector, effect);
  instance.snapshot = snapshot;
  inspector.report({ type: '@xstate.snapshot', ...subject(instance), event, snapshot });
  return effects;
}

function sendObserved<Machine extends AnyStateMachine>(
  instance: CompiledInstance<Machine>,
  table: CompiledMachine<Machine>,
  event: EventFromLogic<Machine>,
  inspector: Inspector,
): readonly EmittedFrom<Machine>[] {
  if (instance.snapshot.status === 'done') return noEffects as readonly EmittedFrom<Machine>[];

  inspector.report({ type: '@xstate.event', ...subject(instance), sourceRef: undefined, event });
  const [snapshot, effects] = table.transition(instance.snapshot, event, traceOf(instance, inspector));
  instance.snapshot = snapshot;
  inspector.report({ type: '@xstate.snapshot', ...subject(instance), event, snapshot });
  return effects;
}

function traceOf(instance: Instance<AnyStateMachine>, inspector: Inspector): Trace {
  return {
    action: (effect) => reportAction(instance, inspector, effect),
    microstep: (event, snapshot, _transitions) =>
      inspector.report({ type: '@xstate.microstep', ...subject(instance), event, snapshot, _transitions }),
  };
}

function reportAction(instance: Instance<AnyStateMachine>, inspector: Inspector, event: EventObject): void {
  inspector.report({
    type: '@xstate.action',
    ...subject(instance),
    action: { type: 'xstate.emit', params: { event } },
  });
}

function subject({ actorRef }: { readonly actorRef: InspectedActorRef }) {
  return { rootId: actorRef.sessionId, actorRef };
}

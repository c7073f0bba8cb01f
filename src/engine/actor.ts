import {
  type Actor,
  type AnyStateMachine,
  createActor,
  type EmittedFrom,
  type EventFromLogic,
  type InputFrom,
  type SnapshotFrom,
} from 'xstate';
import type { Engine, Instance, Snapshot } from './engine.js';
import type { InspectedActorRef, InspectionEvent, Inspector } from './inspection.js';
import { noEffects } from './table.js';

/** Runs a machine as a live XState actor: for XState's tools, and as what `compiled` is checked against. */
export function actor<Machine extends AnyStateMachine>(
  machine: Machine,
  inspector?: Inspector,
): Engine<Machine> {
  return { machine, create: (input) => new ActorInstance(machine, input, inspector) };
}

class ActorInstance<Machine extends AnyStateMachine> implements Instance<Machine> {
  private actor: Actor<Machine>;
  private effects: EmittedFrom<Machine>[] = [];
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly machine: Machine,
    public input: InputFrom<Machine> | undefined,
    private readonly inspector: Inspector | undefined,
  ) {
    this.actor = this.create({ input: input as InputFrom<Machine> });
  }

  get snapshot(): Snapshot<Machine> {
    const { value, context, status } = this.actor.getSnapshot() as unknown as Snapshot<Machine>;
    return { value, context, status };
  }

  get actorRef(): InspectedActorRef {
    return this.actor as unknown as InspectedActorRef;
  }

  start(): readonly EmittedFrom<Machine>[] {
    this.input = undefined;
    this.actor.start();
    return this.outcome();
  }

  send(event: EventFromLogic<Machine>): readonly EmittedFrom<Machine>[] {
    const before = this.actor.getSnapshot();
    if (this.snapshot.status === 'done') return noEffects as readonly EmittedFrom<Machine>[];

    this.actor.send(event);
    if (this.failure !== undefined) this.actor = this.create({ snapshot: before }).start();
    return this.outcome();
  }

  private outcome(): readonly EmittedFrom<Machine>[] {
    const { effects, failure } = this;
    this.effects = [];
    this.failure = undefined;
    if (failure !== undefined) throw failure.error;
    return effects.length === 0 ? (noEffects as readonly EmittedFrom<Machine>[]) : effects;
  }

  /** A start delivers its effects to handlers that are there before it, and a failed actor is of no more use. */
  private create(
    origin: { input: InputFrom<Machine> } | { snapshot: SnapshotFrom<Machine> },
  ): Actor<Machine> {
    const { inspector } = this;
    const inspect = inspector && ((event: unknown) => inspector.report(event as InspectionEvent));
    const created = createActor(this.machine, {
      id: this.machine.id,
      inspect,
      ...origin,
    } as never) as Actor<Machine>;
    created.on('*', (effect) => this.effects.push(effect));
    created.subscribe({
      error: (error: unknown) => {
        this.failure = { error };
      },
    });
    return created;
  }
}

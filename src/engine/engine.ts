import type {
  AnyStateMachine,
  ContextFrom,
  EmittedFrom,
  EventFromLogic,
  InputFrom,
  StateValueFrom,
} from 'xstate';
import type { InspectedActorRef } from './inspection.js';

/** Where a machine stands. Its JSON form is whole: a machine goes on from it. */
export interface Snapshot<Machine extends AnyStateMachine> {
  readonly value: StateValueFrom<Machine>;
  readonly context: ContextFrom<Machine>;
  readonly status: 'active' | 'done';
}

/**
 * One running machine.
 *
 * An error thrown by a guard, an `assign` or an `emit` comes out of `start` or `send`. The step it was part of did not
 * happen: the snapshot is the one from before, and none of the step's effects come out.
 */
export interface Instance<Machine extends AnyStateMachine> {
  /** What it was created with, until `start`. */
  readonly input: InputFrom<Machine> | undefined;
  /** Where the machine stands, from `start` on. */
  readonly snapshot: Snapshot<Machine>;
  /** Who this is in inspection events. */
  readonly actorRef: InspectedActorRef;
  /** Enters the initial state; the effects of that, in order. Called once, before any `send`. */
  start(): readonly EmittedFrom<Machine>[];
  /** Takes one event to its end (a macrostep); the snapshot is stored before the effects are given back. A finished machine ignores events. */
  send(event: EventFromLogic<Machine>): readonly EmittedFrom<Machine>[];
}

/** Runs a machine: `compiled` and `actor` are the two. */
export interface Engine<Machine extends AnyStateMachine> {
  readonly machine: Machine;
  create(input: InputFrom<Machine>): Instance<Machine>;
}

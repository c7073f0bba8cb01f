import type {
  AnyStateMachine,
  AnyTransitionDefinition,
  EventObject,
  MachineContext,
  StateValue,
} from 'xstate';

/** Where an inspected machine stands. */
export interface InspectedSnapshot {
  readonly value: StateValue;
  readonly context: MachineContext;
  readonly status: 'active' | 'done' | 'error' | 'stopped';
}

/** One running machine, as inspection events name it. */
export interface InspectedActorRef {
  /** Unique in this process. */
  readonly sessionId: string;
  /** The machine's own id. */
  readonly id: string;
  readonly logic: AnyStateMachine;
  /** `undefined` until the machine has started. */
  getSnapshot(): InspectedSnapshot | undefined;
}

/**
 * What happens inside a running machine, in the shape and order of XState v5's `inspect`.
 *
 * One event gives `event`, for each microstep its `action`s and then `microstep`, and `snapshot` at the end. A start gives
 * `actor`, the microsteps of `always`, `event` (`xstate.init`), its actions, `snapshot`. As in XState an action is reported
 * when it is an `emit`, with the type `xstate.emit` and the effect in `params.event`; an `assign` shows in the next snapshot.
 */
export type InspectionEvent = { readonly rootId: string; readonly actorRef: InspectedActorRef } & (
  | { readonly type: '@xstate.actor' }
  | { readonly type: '@xstate.event'; readonly sourceRef: undefined; readonly event: EventObject }
  | {
      readonly type: '@xstate.action';
      readonly action: { readonly type: 'xstate.emit'; readonly params: { readonly event: EventObject } };
    }
  | {
      readonly type: '@xstate.microstep';
      readonly event: EventObject;
      readonly snapshot: InspectedSnapshot;
      /** The arrow taken, with its `description`; empty for an event that was ignored. */
      readonly _transitions: readonly AnyTransitionDefinition[];
    }
  | { readonly type: '@xstate.snapshot'; readonly event: EventObject; readonly snapshot: InspectedSnapshot }
);

/** Looks on: it may keep what it is given, but sends nothing to the machine from within. */
export type Observer = (event: InspectionEvent) => void;

export interface Inspector {
  /** Whether anybody looks: engines build no inspection event while nobody does. */
  readonly observed: boolean;
  /**
   * Hands every inspection event from here on to `observer`. For each live machine it gets an `@xstate.actor` and, where
   * that machine has started, an `@xstate.snapshot` first.
   */
  observe(
    observer: Observer,
    live?: Iterable<{ readonly actorRef: InspectedActorRef }>,
  ): { unsubscribe(): void };
  report(event: InspectionEvent): void;
}

/** An inspector that any number of engines report to. What an observer throws goes to `onError` and no further. */
export function createInspector(onError: (error: unknown) => void = () => {}): Inspector {
  const observers = new Set<Observer>();

  function tell(observer: Observer, event: InspectionEvent): void {
    try {
      observer(event);
    } catch (error) {
      onError(error);
    }
  }

  const inspector = {
    observed: false,

    observe(observer: Observer, live: Iterable<{ readonly actorRef: InspectedActorRef }> = []) {
      const subscription: Observer = (event) => tell(observer, event);
      for (const { actorRef } of live) introduce(actorRef, subscription);
      observers.add(subscription);
      inspector.observed = true;
      return {
        unsubscribe() {
          observers.delete(subscription);
          inspector.observed = observers.size > 0;
        },
      };
    },

    report(event: InspectionEvent) {
      for (const observer of observers) observer(event);
    },
  };
  return inspector;
}

function introduce(actorRef: InspectedActorRef, observer: Observer): void {
  const about = { rootId: actorRef.sessionId, actorRef };
  const snapshot = actorRef.getSnapshot();
  observer({ type: '@xstate.actor', ...about });
  if (snapshot !== undefined) {
    observer({ type: '@xstate.snapshot', ...about, event: { type: 'xstate.init' }, snapshot });
  }
}

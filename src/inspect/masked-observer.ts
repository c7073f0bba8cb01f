import type { EventObject } from 'xstate';
import type { InspectedActorRef, InspectedSnapshot, Observer } from '../engine/inspection.js';
import { type MaskingOptions, maskValue } from './masking.js';

/** An observer for `userAgent.inspect` that is told everything as plain JSON whose secrets are masked. */
export const masked = (observer: Observer, options: MaskingOptions = {}): Observer => {
  const actors = new WeakMap<InspectedActorRef, InspectedActorRef>();

  const snapshotOf = ({ value, context, status }: InspectedSnapshot): InspectedSnapshot => ({
    value,
    context: maskValue(context, options) as InspectedSnapshot['context'],
    status,
  });

  const actorOf = (actorRef: InspectedActorRef): InspectedActorRef => {
    const known = actors.get(actorRef);
    if (known !== undefined) return known;
    const { sessionId, id, logic } = actorRef;
    const getSnapshot = () => {
      const snapshot = actorRef.getSnapshot();
      return snapshot === undefined ? undefined : snapshotOf(snapshot);
    };
    const made = { sessionId, id, logic, getSnapshot };
    actors.set(actorRef, made);
    return made;
  };

  const eventOf = (event: EventObject) => maskValue(event, options) as EventObject;

  return (inspected) => {
    const about = { rootId: inspected.rootId, actorRef: actorOf(inspected.actorRef) };
    switch (inspected.type) {
      case '@xstate.event':
        return observer({ ...inspected, ...about, event: eventOf(inspected.event) });
      case '@xstate.action': {
        const { type, params } = inspected.action;
        const action = { type, params: { event: eventOf(params.event) } };
        return observer({ ...inspected, ...about, action });
      }
      case '@xstate.microstep':
      case '@xstate.snapshot':
        return observer({
          ...inspected,
          ...about,
          event: eventOf(inspected.event),
          snapshot: snapshotOf(inspected.snapshot),
        });
      default:
        return observer({ ...inspected, ...about });
    }
  };
};

import type { ParsedReceiverEvent } from '@xstate/inspect';

export interface Summary {
  readonly type: ParsedReceiverEvent['type'];
  readonly sessionId: string;
  readonly of?: unknown;
}

/** What a receiver has read of an event, as plain values. */
export function summarise(event: ParsedReceiverEvent): Summary {
  const { type, sessionId } = event;
  switch (event.type) {
    case 'service.register': {
      const { id, machine, state } = event;
      return { type, sessionId, of: [id, [...machine.stateIds].sort(), machine.events, state.value] };
    }
    case 'service.state': {
      const { value, context, done = false } = event.state;
      return { type, sessionId, of: [value, context, done] };
    }
    case 'service.event':
      return { type, sessionId, of: [event.event.name, event.event.data] };
    default:
      return { type, sessionId };
  }
}

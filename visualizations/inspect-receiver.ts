import {
  createWebSocketReceiver,
  createWindowReceiver,
  type ParsedReceiverEvent,
  type ReceiverEvent,
} from '@xstate/inspect';
import { WebSocket } from 'ws';

/**
 * The unmodified receiver of @xstate/inspect 0.8, as an inspector's page opens it, between two windows that are not
 * there: `read` gets what the receiver makes of each event that is posted to it.
 */
export function openReceiver(read: (event: ParsedReceiverEvent) => void): (posted: ReceiverEvent) => void {
  const page = new EventTarget();
  const receiver = createWindowReceiver({
    window: page as unknown as Windows['window'],
    targetWindow: { postMessage() {} } as unknown as Windows['targetWindow'],
  });
  receiver.subscribe(read);
  return (posted) =>
    page.dispatchEvent(Object.assign(new Event('message'), { data: structuredClone(posted) }));
}

type Windows = Required<NonNullable<Parameters<typeof createWindowReceiver>[0]>>;

/** The same over a WebSocket, to `host:port`. */
export function connectReceiver(server: string, read: (event: ParsedReceiverEvent) => void): void {
  // Node 20 has none of its own.
  globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
  createWebSocketReceiver({ server, serialize: undefined }).subscribe(read);
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Observer } from '../src/engine/inspection.js';
import { toReceiverEvents } from './inspect-adapter.js';

/** How an observer begins to look: `(observer) => userAgent.inspect(masked(observer))`. */
export type Inspect = (observer: Observer) => { unsubscribe(): void };

export interface ReceiverServerOptions {
  /** 0, which takes a free one, where it is missing. */
  readonly port?: number;
  /** The pages that may connect beside those of this machine, as in `https://stately.ai`. */
  readonly origins?: readonly string[];
  /** The most bytes that wait for a receiver; one that reads too slowly for it is let go. */
  readonly mostWaiting?: number;
}

export interface ReceiverServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Speaks to the WebSocket receivers of @xstate/inspect 0.8, on loopback: each gets the machines that are live when it
 * comes, and all that happens from there on. What a receiver sends to a machine is not passed on.
 */
export async function serveReceivers(
  inspect: Inspect,
  { port = 0, origins = [], mostWaiting = 64 * 1024 * 1024 }: ReceiverServerOptions = {},
): Promise<ReceiverServer> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port,
    maxPayload: longestGreeting,
    verifyClient: ({ origin }: { origin?: string }) =>
      origin === undefined || isOwn(origin) || origins.includes(origin),
  });
  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    socket.on('message', (text) => {
      if (!isGreeting(`${text}`)) return;
      socket.removeAllListeners('message');
      show(socket, inspect, mostWaiting);
    });
  });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  };
}

function show(socket: WebSocket, inspect: Inspect, mostWaiting: number): void {
  const subscription = inspect((event) => {
    for (const sent of toReceiverEvents(event)) socket.send(JSON.stringify(sent));
    if (socket.bufferedAmount > mostWaiting) socket.terminate();
  });
  socket.on('close', () => subscription.unsubscribe());
}

/** Bytes; what comes after the greeting is not read. */
const longestGreeting = 65_536;

/** Any page could ask otherwise: browsers let all of them connect to loopback. */
function isOwn(origin: string): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);
}

/** What a receiver says first. */
function isGreeting(text: string): boolean {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null && 'type' in said && said.type === 'xstate.inspecting';
  } catch {
    return false;
  }
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  createWebSocketInspector,
  createWebSocketReceiver,
  type StatelyInspectionEvent,
} from '@statelyai/inspect';
import { afterEach, describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import type { InspectionEvent } from '../../src/engine/inspection.js';
import { masked } from '../../src/inspect/index.js';
import { WebSocketServer } from '../../visualizations/web-socket.js';
import { stagedReferral } from '../support/referral.js';
import { Signal } from '../support/signal.js';

const ends: (() => unknown)[] = [];

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end();
});

describe.each(['compiled', 'actor'] as const)(
  '@statelyai/inspect of the %s engine, over a WebSocket',
  (engine) => {
    test('hears of every machine, event and snapshot in order', async () => {
      const { seen, heard } = await heardOfReferral(engine);
      expect(heard.map(({ type, sessionId, rootId }) => [type, sessionId, rootId])).toEqual(
        seen.map(({ type, actorRef, rootId }) => [type, actorRef.sessionId, rootId]),
      );
      expect(heard.flatMap((each) => (each.type === '@xstate.event' ? [each.event] : []))).toEqual(
        seen.flatMap((each) => (each.type === '@xstate.event' ? [onWire(each.event)] : [])),
      );
      expect(heard.flatMap((each) => (each.type === '@xstate.snapshot' ? [each.snapshot] : []))).toEqual(
        seen.flatMap((each) => (each.type === '@xstate.snapshot' ? [onWire(snapshotOf(each.snapshot))] : [])),
      );
    });

    test('gets the definition of every machine, which XState opens', async () => {
      const { seen, heard } = await heardOfReferral(engine);
      const machines = new Map(seen.map(({ actorRef }) => [actorRef.sessionId, actorRef.logic]));
      const actors = heard.filter((each) => each.type === '@xstate.actor');
      expect(actors.length).toBe(machines.size);
      for (const { sessionId, name, definition } of actors) {
        const machine = machines.get(sessionId)!;
        const opened = createMachine(JSON.parse(definition!));
        expect(name).toBe(machine.id);
        expect(Object.keys(opened.states)).toEqual(expect.arrayContaining(Object.keys(machine.states)));
      }
    });

    test('is told no secret', async () => {
      const credentials = 'Digest username="alice", response="0123456789abcdef"';
      const { heard } = await heardOfReferral(engine, [
        'Contact: <sip:alice@192.0.2.2:5060>',
        'Refer-To: <sip:carol@192.0.2.3>',
        `Authorization: ${credentials}`,
      ]);
      expect(JSON.stringify(heard)).toContain(`Authorization: ${'*'.repeat(credentials.length)}`);
      expect(JSON.stringify(heard)).not.toContain('0123456789abcdef');
    });
  },
);

/** What the receiver of @statelyai/inspect makes of a referral, and what there was of it to hear. */
async function heardOfReferral(engine: 'compiled' | 'actor', lines?: readonly string[]) {
  const { server, url } = await relay();
  const heard = new Signal<readonly StatelyInspectionEvent[]>([]);
  createWebSocketReceiver({ server: url }).subscribe((event) => heard.set([...heard.value, event]));
  await once(server, 'connection');
  const { userAgent, begin, finish } = await stagedReferral(engine);
  const inspector = createWebSocketInspector({ url, maxDeferredEvents: 1_000 });
  ends.push(() => inspector.stop());
  userAgent.inspect(masked(inspector.inspect.next as (event: unknown) => void));
  const seen: InspectionEvent[] = [];
  userAgent.inspect((event) => {
    if (['@xstate.actor', '@xstate.event', '@xstate.snapshot'].includes(event.type)) seen.push(event);
  });
  begin(lines);
  finish();
  await heard.when(({ length }) => length === seen.length);
  return { seen, heard: heard.value };
}

/** A server on loopback that hands what one client says to all others. */
async function relay() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  ends.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on('connection', (socket) =>
    socket.on('message', (text) => {
      for (const other of server.clients) if (other !== socket) other.send(`${text}`);
    }),
  );
  await once(server, 'listening');
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const snapshotOf = ({ value, context, status }: Snapshot) => ({ value, context, status });

type Snapshot = Extract<InspectionEvent, { type: '@xstate.snapshot' }>['snapshot'];

function onWire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bye } from '../../machines/index.js';
import type { InspectionEvent, Observer } from '../../src/engine/inspection.js';
import { toReceiverEvents } from '../../visualizations/inspect-adapter.js';
import { connectReceiver, openReceiver } from '../../visualizations/inspect-receiver.js';
import {
  type ReceiverServer,
  type ReceiverServerOptions,
  serveReceivers,
} from '../../visualizations/inspect-server.js';
import { type Summary, summarise } from '../../visualizations/receiver-summary.js';
import { WebSocket } from '../../visualizations/web-socket.js';
import { hasChromium, launchChromium, unlessChromium } from '../support/chromium.js';
import { stagedReferral } from '../support/referral.js';
import { Signal } from '../support/signal.js';

const servers: ReceiverServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A REFER whose machines a server shows, and beside it what a receiver must make of them. */
async function shown(options?: ReceiverServerOptions) {
  const { userAgent, begin, finish } = await stagedReferral();
  const expected: Summary[] = [];
  const watchers = new Signal<number>(0);
  const inspect = (observer: Observer) => {
    const post = openReceiver((event) => expected.push(onWire(summarise(event))));
    const subscription = userAgent.inspect((event) => {
      for (const sent of toReceiverEvents(event)) post(sent);
      observer(event);
    });
    watchers.set(watchers.value + 1);
    return {
      unsubscribe: () => {
        subscription.unsubscribe();
        watchers.set(watchers.value - 1);
      },
    };
  };
  const server = await serveReceivers(inspect, options);
  servers.push(server);
  return { server, begin, finish, expected, watchers };
}

describe('the WebSocket receiver of @xstate/inspect, in Node', () => {
  test('reads a REFER from its first machine to the end of its last', async () => {
    const { server, finish, expected, watchers } = await shown();
    const read = connect(server);
    await watchers.when((count) => count === 1);
    finish();
    await read.when(({ length }) => length === expected.length);
    expect(read.value).toEqual(expected);
    expect(new Set(expected.map(({ type }) => type)).size).toBe(4);
  });

  test('that comes late reads the machines that are live, where they stand', async () => {
    const { server, begin, finish, expected, watchers } = await shown();
    begin();
    const read = connect(server);
    await watchers.when((count) => count === 1);
    const live = expected.length;
    await read.when(({ length }) => length === live);
    expect(read.value.map(({ type, of }) => [type, (of as readonly unknown[])[0]])).toEqual([
      ['service.register', 'nonInviteServerTransaction'],
      ['service.state', 'completed'],
      ['service.register', 'nonInviteClientTransaction'],
      ['service.state', 'completed'],
      ['service.register', 'dialog'],
      ['service.state', 'confirmed'],
      ['service.register', 'notifier'],
      ['service.state', { active: 'ready' }],
    ]);
    finish();
    await read.when(({ length }) => length === expected.length);
    expect(read.value).toEqual(expected);
  });
});

describe('the server of receivers', () => {
  test('stops looking when its receiver is gone', async () => {
    const { server, finish, watchers } = await shown();
    connect(server);
    await watchers.when((count) => count === 1);
    await server.close();
    await watchers.when((count) => count === 0);
    finish();
  });

  test('says nothing until it is greeted, and begins once', async () => {
    const { server, begin, expected, watchers } = await shown();
    begin();
    const { socket, heard } = await open(server);
    for (const text of ['', 'null', '{', '{"type":"xstate.event"}']) socket.send(text);
    socket.ping();
    await once(socket, 'pong');
    expect(heard.value).toEqual([]);
    socket.send(greeting);
    socket.send(greeting);
    await watchers.when((count) => count === 1);
    await heard.when(({ length }) => length === expected.length);
    expect(watchers.value).toBe(1);
  });

  test.each([
    [undefined, true],
    ['http://localhost:5173', true],
    ['http://127.0.0.1', true],
    ['http://[::1]:8080', true],
    ['https://stately.ai', true],
    ['https://example.com', false],
    ['http://localhost.example.com', false],
    ['null', false],
  ])('takes a page of %s: %j', async (origin, isTaken) => {
    const { server } = await shown({ origins: ['https://stately.ai'] });
    const opened = open(server, origin).then(
      () => true,
      () => false,
    );
    expect(await opened).toBe(isTaken);
  });

  test('lets a receiver go that reads too slowly', async () => {
    const looking = new Signal<Observer | undefined>(undefined);
    const inspect = (observer: Observer) => {
      looking.set(observer);
      return { unsubscribe: () => looking.set(undefined) };
    };
    const server = await serveReceivers(inspect, { mostWaiting: 1_000_000 });
    servers.push(server);
    const { socket } = await open(server);
    socket.pause();
    socket.send(greeting);
    const actorRef = { sessionId: 'one', id: 'bye', logic: bye, getSnapshot: () => undefined };
    const event: InspectionEvent = { type: '@xstate.actor', rootId: 'one', actorRef };
    await looking.when((observer) => observer !== undefined);
    while (looking.value !== undefined) {
      for (let index = 0; index < 100; index++) looking.value(event);
      await setImmediate();
    }
  });
});

describe.skipIf(!hasChromium)(`the receivers of @xstate/inspect, in Chromium${unlessChromium}`, () => {
  let browser: Browser;
  let pages: Server;
  let origin: string;

  beforeAll(async () => {
    const script = await bundle('receiver-page.ts');
    pages = createServer(({ url = '/' }, response) => {
      const isScript = url === '/receiver.js';
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript ? script : url === '/around' ? around : '<!doctype html><script src="receiver.js"></script>',
      );
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    pages.closeAllConnections();
    pages.close();
  });

  test('the WebSocket one reads a REFER from its first machine to the end of its last', async () => {
    const { server, finish, expected, watchers } = await shown();
    const page = await browser.newPage();
    await page.goto(`${origin}/?server=127.0.0.1:${server.port}`);
    await watchers.when((count) => count === 1);
    finish();
    expect(await readBy(page, expected.length)).toEqual(expected);
  });

  test('that of a window reads the same, posted from the window around it', async () => {
    const { userAgent, finish } = await stagedReferral();
    const expected: Summary[] = [];
    const posted: unknown[] = [];
    const post = openReceiver((event) => expected.push(onWire(summarise(event))));
    userAgent.inspect((event) => {
      for (const sent of toReceiverEvents(event)) {
        post(sent);
        posted.push(sent);
      }
    });
    finish();
    const page = await browser.newPage();
    await page.goto(`${origin}/around`);
    await page.evaluate(
      `greeted.then(() => { for (const event of ${JSON.stringify(posted)}) inside.postMessage(event, '*'); })`,
    );
    const [, inside] = page.frames();
    expect(await readBy(inside!, expected.length)).toEqual(expected);
  });
});

/** A page around a receiver's, that knows when the receiver has greeted it. */
const around = `<!doctype html><iframe></iframe><script>
  const frame = document.querySelector('iframe');
  const inside = frame.contentWindow;
  const greeted = new Promise((resolve) => {
    addEventListener('message', ({ data }) => data.type === 'xstate.inspecting' && resolve());
  });
  frame.src = '/';
</script>`;

/** What the page has read, once that is so many events. */
const readBy = (page: Pick<Page, 'evaluate'>, count: number): Promise<unknown> =>
  page.evaluate(
    `new Promise((resolve) => {
      const look = () => page.read.length >= ${count} && resolve(JSON.parse(JSON.stringify(page.read)));
      page.onread = look;
      look();
    })`,
  );

/** A script of visualizations/ with all that it imports, as one text. */
async function bundle(entry: string): Promise<string> {
  const root = fileURLToPath(new URL('../../visualizations/', import.meta.url));
  const built = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, lib: { entry, formats: ['iife'], name: 'receiver' } },
  });
  const [output] = [built].flat();
  if (output === undefined || !('output' in output)) throw new Error('nothing was built');
  return output.output[0].code;
}

/** A receiver of Node's, and what it has read. */
function connect({ port }: ReceiverServer): Signal<readonly Summary[]> {
  const read = new Signal<readonly Summary[]>([]);
  connectReceiver(`127.0.0.1:${port}`, (event) => read.set([...read.value, onWire(summarise(event))]));
  return read;
}

const greeting = '{"type":"xstate.inspecting"}';

/** A client of the server that is no receiver, and what it has heard. */
async function open({ port }: ReceiverServer, origin?: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, origin === undefined ? {} : { origin });
  const heard = new Signal<readonly string[]>([]);
  socket.on('message', (text) => heard.set([...heard.value, `${text}`]));
  await once(socket, 'open');
  return { socket, heard };
}

function onWire<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

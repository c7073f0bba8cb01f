import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { accept } from '../../src/api/answer.js';
import type { Entry, InputEntry } from '../../src/inspect/entry.js';
import { type Inspector, type InspectorOptions, startInspector } from '../../src/inspect/index.js';
import { serveInspector } from '../../src/inspect/inspector-server.js';
import type { Source } from '../../src/inspect/source.js';
import { requestText } from '../support/peer.js';
import { stage } from '../support/stage.js';
import { addressAt, get, Page, statusOf } from './pages.js';
import { secret, secretRequests } from './secret-messages.js';

const inspectors: Inspector[] = [];
const pages: Page[] = [];

afterEach(async () => {
  for (const page of pages.splice(0)) page.close();
  for (const inspector of inspectors.splice(0)) await inspector.close();
});

const opened = (result: { _tag: 'Left'; left: Error } | { _tag: 'Right'; right: Inspector }): Inspector => {
  if (result._tag === 'Left') throw result.left;
  inspectors.push(result.right);
  return result.right;
};

const inspected = async (options: InspectorOptions = {}) => {
  const there = await stage({ on: { message: () => accept() } });
  const inspector = await startInspector(there.userAgent, { port: 0, ...options });
  inspectors.push(inspector);
  const { url, close } = inspector;
  return { ...there, url, close };
};

const page = (url: string, headers: Record<string, string> = {}, reads = true) => {
  const opened = new Page(url, headers, reads);
  pages.push(opened);
  return opened;
};

interface Hello {
  readonly version: number;
  readonly start: string;
  readonly live: boolean;
  readonly first: number;
  readonly next: number;
  readonly size: number;
  readonly machines: readonly { readonly value: string }[];
}

const numbers = (one: Page) => one.data<Entry>('entries').map(({ n }) => n);
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A source that grows as it is told to, by entries of a size. */
class GrowingSource implements Source {
  readonly start = 'start';
  readonly live = true;
  first = 1;
  next = 1;
  readonly watched: boolean[] = [];
  readonly #padding: string;

  constructor(
    readonly size: number,
    characters = 0,
  ) {
    this.#padding = 'x'.repeat(characters);
  }

  grow(count: number): void {
    this.next += count;
    this.first = Math.max(this.first, this.next - this.size);
  }

  now(): number {
    return 0;
  }

  entry(n: number): InputEntry | undefined {
    if (n < this.first || n >= this.next) return undefined;
    return { n, at: 0, cause: n, kind: 'input', input: 'order', what: this.#padding };
  }

  message(): undefined {
    return undefined;
  }

  standings(): readonly [] {
    return [];
  }

  localAddress(): undefined {
    return undefined;
  }

  watch(isWatched: boolean): void {
    this.watched.push(isWatched);
  }
}

describe('events', () => {
  test('begin with a hello, then all that is kept, then what comes', async () => {
    const { url, peer, scheduler } = await inspected({ size: 500 });
    peer.send(requestText({ method: 'OPTIONS' }));
    scheduler.advance(10);
    const one = page(addressAt(url, 'events'));
    await one.until(() => numbers(one).length > 4);
    const [hello] = one.data<Hello>('hello');
    expect(hello).toMatchObject({ version: 1, live: true, first: 1, size: 500 });
    expect(hello?.machines.map(({ value }) => value)).toEqual(['completed', expect.any(String)]);
    const before = numbers(one).length;
    peer.send(requestText({ method: 'OPTIONS' }));
    scheduler.advance(10);
    await one.until(() => numbers(one).length >= 2 * before);
    expect(numbers(one)).toEqual(upTo(2 * before));
    expect(one.events.at(-1)?.id).toBe(`${hello?.start}:${2 * before}`);
  });

  test('go to several pages, in batches of 250 at most', async () => {
    const source = new GrowingSource(5_000);
    source.grow(1_800);
    const { url } = opened(await serveInspector(source, { port: 0 })());
    const [one, other] = [page(addressAt(url, 'events')), page(addressAt(url, 'events?after=start:1700'))];
    await one.until(() => numbers(one).length === 1_800);
    await other.until(() => numbers(other).length === 100);
    source.grow(50);
    await one.until(() => numbers(one).length === 1_850);
    await other.until(() => numbers(other).length === 150);
    expect(numbers(one)).toEqual(upTo(1_850));
    expect(numbers(other)).toEqual(upTo(1_850, 1_701));
    for (const { event, data } of one.events)
      if (event === 'entries') expect((data as readonly unknown[]).length).toBeLessThanOrEqual(250);
    expect(source.watched).toEqual([true]);
    one.close();
    other.close();
  });

  test('go on after the Last-Event-ID, without a gap', async () => {
    const source = new GrowingSource(5_000);
    source.grow(30);
    const { url } = opened(await serveInspector(source, { port: 0 })());
    const one = page(addressAt(url, 'events?after=start:3'), { 'Last-Event-ID': 'start:20' });
    await one.until(() => numbers(one).length > 0);
    expect(numbers(one)).toEqual(upTo(30, 21));
    expect(one.data('gap')).toEqual([]);
  });

  test.each(['other:20', 'start:x', 'start:-1', 'start:99', '20'])(
    'begin anew for who has %s from elsewhere',
    async (after) => {
      const source = new GrowingSource(5_000);
      source.grow(30);
      const { url } = opened(await serveInspector(source, { port: 0 })());
      const one = page(addressAt(url, 'events'), { 'Last-Event-ID': after });
      await one.until(() => numbers(one).length > 0);
      expect(numbers(one)).toEqual(upTo(30));
      expect(one.data('gap')).toEqual([]);
    },
  );

  test('tell of a gap where what comes after the Last-Event-ID is gone', async () => {
    const source = new GrowingSource(10);
    source.grow(100);
    const { url } = opened(await serveInspector(source, { port: 0 })());
    const one = page(addressAt(url, 'events'), { 'Last-Event-ID': 'start:20' });
    await one.until(() => numbers(one).length > 0);
    expect(one.events.map(({ event }) => event)).toEqual(['hello', 'gap', 'entries']);
    expect(one.data('gap')).toEqual([{ first: 91 }]);
    expect(numbers(one)).toEqual(upTo(100, 91));
  });

  test('leave out the older half of what is kept where more comes than can be sent', async () => {
    const source = new GrowingSource(10);
    source.grow(10);
    const { url } = opened(await serveInspector(source, { port: 0 })());
    const one = page(addressAt(url, 'events'));
    await one.until(() => numbers(one).length === 10);
    source.grow(1_000);
    await one.until(() => numbers(one).at(-1) === 1_010);
    expect(one.data('gap')).toEqual([{ first: 1_006 }]);
    expect(numbers(one)).toEqual([...upTo(10), ...upTo(1_010, 1_006)]);
  });

  test('are not kept for a page that does not read: it is dropped, and others go on', async () => {
    const source = new GrowingSource(20, 200_000);
    const { url } = opened(await serveInspector(source, { port: 0, pages: 2 })());
    const slow = page(addressAt(url, 'events'), {}, false);
    const quick = page(addressAt(url, 'events'));
    await slow.until(() => slow.isAnswered);
    await quick.until(() => quick.isAnswered);
    const isFull = async () => (await statusOf(addressAt(url, 'events'))) === 503;
    expect(await isFull()).toBe(true);
    let sent = 0;
    do {
      source.grow(10);
      sent += 10;
      const last = sent;
      await quick.until(() => numbers(quick).at(-1) === last);
    } while (sent < 2_000 && (await isFull()));
    expect(sent).toBeLessThan(2_000);
    expect(numbers(quick)).toEqual(upTo(sent));
    expect(quick.isClosed).toBe(false);
  });

  test('end with the inspector, and its port is free again', async () => {
    const { url, close } = await inspected();
    const one = page(addressAt(url, 'events'));
    const half = connect(Number(new URL(url).port), '127.0.0.1');
    const halfClosed = new Promise((resolve) => half.on('error', () => {}).on('close', resolve));
    half.write('GET / HTTP/1.1\r\n');
    await one.until(() => one.events.length > 0);
    await close();
    await one.closed();
    await halfClosed;
    const { port } = new URL(url);
    const again = await serveInspector(new GrowingSource(1), { port: Number(port) })();
    expect(new URL(opened(again).url).port).toBe(port);
  });

  test('come in few batches, and one by one to nobody', async () => {
    const source = new GrowingSource(20_000);
    source.grow(20_000);
    const { url } = opened(await serveInspector(source, { port: 0 })());
    const one = page(addressAt(url, 'events'));
    await one.until(() => numbers(one).length === 20_000);
    expect(one.events.map(({ event }) => event)).toEqual([
      'hello',
      ...Array.from({ length: 80 }, () => 'entries'),
    ]);
  });

  test('end with the user agent, by an entry that says so, and the port is free again', async () => {
    const { url, peer, scheduler, userAgent } = await inspected();
    const one = page(addressAt(url, 'events'));
    await one.until(() => one.data('hello').length > 0);
    peer.send(requestText({ method: 'OPTIONS' }));
    scheduler.advance(10);
    await userAgent.close();
    await one.closed();
    const entries = one.data<Entry>('entries');
    expect(entries.map(({ kind }) => kind)).toContain('message');
    expect(entries.slice(-2)).toMatchObject([
      { kind: 'input', input: 'close' },
      { kind: 'input', input: 'ended' },
    ]);
    expect(one.events.at(-1)?.event).toBe('closed');
    await expect(get(url)).rejects.toThrow('ECONNREFUSED');
  });

  test('end with the user agent though a page has not read any of them', async () => {
    const { url, peer, scheduler, userAgent, close } = await inspected();
    const one = page(addressAt(url, 'events'), {}, false);
    await one.until(() => one.isAnswered);
    for (let request = 0; request < 2_000; request++) peer.send(requestText({ method: 'OPTIONS' }));
    scheduler.advance(10);
    await userAgent.close();
    await close();
    await expect(get(url)).rejects.toThrow('ECONNREFUSED');
  });

  test('are for 16 pages', async () => {
    const { url } = opened(await serveInspector(new GrowingSource(1), { port: 0, pages: 1 })());
    const one = page(addressAt(url, 'events'));
    await one.until(() => one.events.length > 0);
    expect((await get(addressAt(url, 'events'))).status).toBe(503);
  });
});

describe('what is refused', () => {
  test.each([
    ['a page of another origin', { Origin: 'http://example.com' }],
    ['a page of no origin', { Origin: 'null' }],
    ['a page of another port', { Origin: 'http://127.0.0.1:1' }],
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }],
    ['a name that somebody points here', { Host: 'evil.example:8060' }],
    ['this host with another port', { Host: '127.0.0.1:1' }],
    ['a name without a port', { Host: 'localhost' }],
  ])('%s', async (_, headers) => {
    const { url } = await inspected();
    for (const path of ['', 'events', 'messages.pcapng', 'charts/bye.svg'])
      expect((await get(addressAt(url, path), { headers })).status).toBe(403);
  });

  test('nothing of its own', async () => {
    const { url } = await inspected();
    const { port } = new URL(url);
    for (const Host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
      expect((await get(url, { headers: { Host, Origin: `http://${Host}` } })).status).toBe(200);
  });

  test.each([{}, { token: 'a&b' }, { token: '' }, { host: '0.0.0.0' }])(
    'every URL without the token, which is in the one that is given: %j',
    async (options) => {
      const { url } = await inspected(options);
      const { port, searchParams } = new URL(url);
      const token = searchParams.get('token') ?? '';
      if (options.token) expect(token).toBe(options.token);
      else expect(token).toMatch(/^[\w-]{24}$/);
      const base = `http://127.0.0.1:${port}/`;
      for (const path of ['', 'events', 'messages.pcapng', 'recording.jsonl', 'charts/bye.svg', 'nothing']) {
        for (const search of ['', '?token=', '?token=abd', `?token=${token.slice(1)}`, `?Token=${token}`]) {
          const { status, body } = await get(`${base}${path}${search}`);
          expect(status).toBe(403);
          expect(body.toString()).toBe(
            'the token is missing or wrong; open the URL that the inspector printed\n',
          );
        }
      }
      expect((await get(addressAt(base + url.slice(url.indexOf('?')), 'charts/bye.svg'))).status).toBe(200);
    },
  );

  test('all that tells of a user agent to who has but the cookie of the page', async () => {
    const { url } = await inspected({ recording: () => Readable.from(['secret']) });
    const { origin, port } = new URL(url);
    const [set = ''] = (await get(url)).headers['set-cookie'] ?? [];
    expect(set).toMatch(/^sipchart-inspector-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    const [cookie = ''] = set.split(';');
    const asked = async (path: string, Cookie: string) =>
      (await get(`${origin}/${path}`, { headers: { Cookie } })).status;
    for (const path of ['', 'charts/bye.svg']) {
      expect(await asked(path, `a=b; ${cookie}; c=d`)).toBe(200);
      for (const other of ['', `${cookie}x`, cookie.replace(port, '1'), `x${cookie}`])
        expect(await asked(path, other)).toBe(403);
    }
    for (const path of ['events', 'recording.jsonl', 'messages.pcapng'])
      expect(await asked(path, cookie)).toBe(403);
  });

  test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])('%s', async (method) => {
    const { url } = await inspected();
    const { status, headers } = await get(url, { method });
    expect(status).toBe(405);
    expect(headers.allow).toBe('GET');
  });

  test.each([
    '/nothing',
    '/charts/nothing.svg',
    '/../package.json',
    '/assets/../../../package.json',
    '/charts/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '//etc/passwd',
    '/recording.jsonl',
  ])('a path that there is none of: %s', async (path) => {
    const { url } = await inspected();
    const { search } = new URL(url);
    const { status, body } = await get(url, { path: path + search });
    expect(status).toBe(404);
    expect(body.toString()).not.toContain('"name"');
  });

  test('what is no URL', async () => {
    const { url } = await inspected();
    expect((await get(url, { path: 'http://[' })).status).toBe(400);
  });
});

test('what fails is answered with 500, and its process goes on', async () => {
  class FailingSource extends GrowingSource {
    override message(): never {
      throw new RangeError('too far');
    }
  }
  const source = new FailingSource(1);
  source.grow(1);
  const { url } = opened(await serveInspector(source, { port: 0 })());
  const { status, body } = await get(addressAt(url, 'messages.pcapng'));
  expect([status, body.toString()]).toEqual([500, 'too far\n']);
});

test('every answer protects the page', async () => {
  const { url } = await inspected({ token: 'abc' });
  const base = url.slice(0, url.indexOf('?'));
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const paths = [
    '?token=abc',
    '',
    'nothing?token=abc',
    'charts/bye.svg?token=abc',
    'messages.pcapng?token=abc',
  ];
  for (const path of paths) {
    const { headers } = await get(`${base}${path}`);
    expect(headers).toMatchObject({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  }
});

test('the page is there, or how to build it', async () => {
  const { url } = await inspected();
  const { headers, body } = await get(url);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(body.toString()).toMatch(/<script[^>]+src=|npm run build/);
});

test('the picture of every machine is there', async () => {
  const { url } = await inspected();
  const { headers, body } = await get(addressAt(url, 'charts/invite-uas.svg'));
  expect(headers['content-type']).toBe('image/svg+xml');
  expect(body.toString()).toContain('data-arrow=');
});

test('the recording is there where one is kept', async () => {
  const { url } = await inspected({ recording: () => Readable.from(['{"a":1}\n']) });
  expect((await get(addressAt(url, 'recording.jsonl'))).body.toString()).toBe('{"a":1}\n');
});

test('a user agent that is closed is not shown, and the sentence says why', async () => {
  const there = await stage();
  await there.userAgent.close();
  await expect(startInspector(there.userAgent, { port: 0 })).rejects.toThrow(
    'inspector: the user agent is closed; start the inspector before that',
  );
});

test('a port that is taken is named, with the remedy', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const there = await stage();
  await expect(startInspector(there.userAgent, { port })).rejects.toThrow(
    `inspector 127.0.0.1:${port} is in use by another process; name another port, or 0 for a free one`,
  );
  other.close();
});

test('no byte that leaves has a secret in it', async () => {
  const secrets = [
    secret,
    '6629fae49393a05397450978507c4ef1',
    'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1c',
    'asd88fgpdd777uzjYhagZg',
  ];
  const { url, peer, scheduler } = await inspected();
  for (const method of ['MESSAGE', 'REFER', 'OPTIONS'])
    peer.send(
      requestText({
        method,
        lines: [
          'Contact: <sip:alice@192.0.2.2>',
          `Refer-To: <sip:carol@192.0.2.3?Authorization=Digest%20response%3D${secrets[1]}>`,
          `Authorization: Digest username="alice", response="${secrets[1]}"`,
          `Proxy-Authorization: Digest username="alice",\r\n response="${secrets[1]}"`,
          'Content-Type: application/sdp',
        ],
        body: `v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${secrets[2]}\r\na=ice-pwd:${secrets[3]}\r\n`,
      }),
    );
  for (const text of secretRequests()) peer.send(text);
  scheduler.advance(1_000);
  const one = page(addressAt(url, 'events'));
  await one.until(() => one.text.includes('referUAS') && one.data('entries').length > 10);
  const capture = (await get(addressAt(url, 'messages.pcapng'))).body.toString('latin1');
  expect(capture).toContain('Authorization: ***');
  expect(one.text).toContain('Authorization: ***');
  for (const secret of secrets) {
    expect(one.text).not.toContain(secret);
    expect(capture).not.toContain(secret);
  }
});

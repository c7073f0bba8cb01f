import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { addressAt, get, Page } from '../inspect/pages.js';
import { isBuilt, RunningCommand, unlessBuilt } from '../support/command.js';
import { requestText } from '../support/peer.js';

const running: RunningCommand[] = [];
const pages: Page[] = [];
const folder = mkdtempSync(join(tmpdir(), 'sipchart-'));

const run = (...words: readonly string[]) => {
  const command = new RunningCommand(words);
  running.push(command);
  return command;
};

const urlOf = async (command: RunningCommand) =>
  (await command.line(/^inspector http/)).slice('inspector '.length);

const file = (text: string) => {
  const path = join(folder, 'file.jsonl');
  writeFileSync(path, text);
  return path;
};

afterEach(() => {
  for (const page of pages.splice(0)) page.close();
  for (const command of running.splice(0)) command.kill();
  rmSync(join(folder, 'file.jsonl'), { force: true });
});

describe.skipIf(!isBuilt)(`sipchart serve --inspect${unlessBuilt}`, () => {
  test('prints where a browser finds the inspector, which shows what comes', async () => {
    const command = run('serve', '--quiet', '--udp', '127.0.0.1:0', '--inspect', '127.0.0.1:0');
    const url = await urlOf(command);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{24}$/);
    const page = new Page(addressAt(url, 'events'));
    pages.push(page);
    await page.until(() => page.events.length > 0);
    const socket = createSocket('udp4');
    socket.send(requestText({ method: 'OPTIONS' }), await command.port('udp'), '127.0.0.1');
    await page.until(() => page.data('entries').length > 4);
    socket.close();
    command.signal('SIGTERM');
    expect(await command.finished).toMatchObject({ status: 0, complaint: '' });
  });

  test('fails where the port that is named is taken', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { status, complaint } = await run(
      ...['serve', '--quiet', '--udp', '127.0.0.1:0', '--inspect', `127.0.0.1:${port}`],
    ).finished;
    other.close();
    expect(status).toBe(1);
    expect(complaint).toBe(
      `sipchart serve: inspector 127.0.0.1:${port} is in use by another process; name another port, or 0 for a free one\n`,
    );
  });
});

describe.skipIf(!isBuilt)(`sipchart inspect${unlessBuilt}`, () => {
  test('shows what a page has exported until a signal comes', async () => {
    const path = file(
      '{"type":"sipchart entries","version":1}\n{"n":1,"at":1,"cause":1,"kind":"input","input":"drained"}\n',
    );
    const command = run('inspect', path, '--inspect', '127.0.0.1:0');
    const url = await urlOf(command);
    const page = new Page(addressAt(url, 'events'));
    pages.push(page);
    await page.until(() => page.data('entries').length > 0);
    expect(page.data('hello')).toMatchObject([{ live: false, first: 1, next: 2 }]);
    expect((await get(addressAt(url, 'charts/bye.svg'))).status).toBe(200);
    command.signal('SIGINT');
    expect(await command.finished).toMatchObject({ status: 0, complaint: '' });
  });

  test('wants a file', async () => {
    const { status, complaint } = await run('inspect').finished;
    expect(status).toBe(2);
    expect(complaint).toMatch(/^sipchart inspect: it takes a recording/);
  });
});

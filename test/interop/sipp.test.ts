import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const scenario = (name: string) => fileURLToPath(new URL(`${name}.xml`, import.meta.url));

const hasSipp = (() => {
  try {
    execFileSync('sipp', ['-v'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ENOENT';
  }
})();

const missing = hasSipp
  ? existsSync(command)
    ? undefined
    : 'not built: npm run build'
  : 'sipp is not installed';

describe(`sipp against the command${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const ports: Record<string, string> = {};
  const commands: ChildProcess[] = [];

  beforeAll(async () => {
    if (missing !== undefined) return;
    for (const refer of ['accept', 'deny']) {
      const serve = spawn(process.execPath, [
        command,
        ...['serve', '--udp', '127.0.0.1:0', '--tcp', '127.0.0.1:0', '--refer', refer, '--quiet'],
      ]);
      commands.push(serve);
      for await (const line of createInterface(serve.stdout)) {
        const [, protocol, port] = /^listening (\w+) 127\.0\.0\.1:(\d+)$/.exec(line) ?? [];
        ports[`${refer} ${protocol}`] = port ?? '';
        if (protocol === 'tcp') break;
      }
    }
  });

  afterAll(() => {
    for (const serve of commands) serve.kill();
  });

  test.skipIf(missing !== undefined).each([
    ['referral', 'accept', 'udp'],
    ['referral', 'accept', 'tcp'],
    ['retransmission', 'accept', 'udp'],
    ['unsubscription', 'accept', 'udp'],
    ['unsubscription', 'accept', 'tcp'],
    ['refusal', 'deny', 'udp'],
    ['refusal', 'deny', 'tcp'],
    ['options', 'deny', 'udp'],
    ['options', 'deny', 'tcp'],
    ['extension', 'deny', 'udp'],
  ])('%s with --refer %s over %s', { timeout: 30_000 }, async (name, refer, protocol) => {
    const calls = 5;
    const target = `127.0.0.1:${ports[`${refer} ${protocol}`]}`;
    const { stdout } = await promisify(execFile)('sipp', [
      ...[target, '-sf', scenario(name), '-s', 'bob', '-t', protocol === 'tcp' ? 't1' : 'u1', '-nr'],
      ...['-i', '127.0.0.1', '-p', `${await freePort()}`, '-m', `${calls}`, '-r', '20'],
      ...['-nostdin', '-timeout', '25', '-timeout_error', '-default_behaviors', 'none'],
    ]);
    expect(stdout).toMatch(new RegExp(`Successful call +\\| +\\d+ +\\| +${calls} `));
  });
});

const freePort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  return port;
};

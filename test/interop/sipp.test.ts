import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
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

  /** A scenario, how the command treats REFER, and whom it calls. */
  const scenarios: readonly (readonly [name: string, refer: string, user: string])[] = [
    ['referral', 'accept', 'bob'],
    ['unsubscription', 'accept', 'bob'],
    ['refusal', 'deny', 'bob'],
    ['options', 'deny', 'bob'],
    ['extension', 'deny', 'bob'],
    ['call', 'deny', 'bob'],
    ['call-without-offer', 'deny', 'bob'],
    ['hang-up', 'deny', 'hangup'],
    ['cancellation', 'deny', 'ring'],
    ['busy', 'deny', 'busy'],
    ['lost-ack', 'deny', 'bob'],
    ['reliable-provisional', 'deny', 'bob'],
    ['re-invitation', 'deny', 'bob'],
    ['update', 'deny', 'bob'],
    ['info', 'deny', 'bob'],
    ['referral-in-call', 'accept', 'bob'],
    ['two-referrals-in-call', 'accept', 'bob'],
    ['hang-up-during-referral', 'accept', 'bob'],
    ['message', 'deny', 'bob'],
    ['presence', 'deny', 'bob'],
    ['publication', 'deny', 'bob'],
    ['registration', 'deny', 'bob'],
  ];

  /** Over TCP no caller repeats a request. */
  const datagramScenarios: typeof scenarios = [
    ['retransmission', 'accept', 'bob'],
    ['invite-retransmission', 'deny', 'bob'],
  ];

  test
    .skipIf(missing !== undefined)
    .concurrent.each([
      ...[...scenarios, ...datagramScenarios].map((row) => ['udp', ...row] as const),
      ...scenarios.map((row) => ['tcp', ...row] as const),
    ])('over %s: %s with --refer %s calls %s', async (protocol, name, refer, user) => {
    const calls = 3;
    const target = `127.0.0.1:${ports[`${refer} ${protocol}`]}`;
    const { stdout } = await promisify(execFile)('sipp', [
      ...[target, '-sf', scenario(name), '-s', user, '-t', protocol === 'tcp' ? 't1' : 'u1', '-nr'],
      ...['-i', '127.0.0.1', '-p', `${nextPort()}`, '-m', `${calls}`, '-r', '20'],
      ...['-nostdin', '-timeout', '100', '-timeout_error', '-default_behaviors', 'abortunexp'],
    ]);
    expect(stdout).toMatch(new RegExp(`Successful call +\\| +\\d+ +\\| +${calls} `));
  });
});

/** Each caller its own port, below those that the system gives out by itself. */
const nextPort = (() => {
  let port = 20_000 + ((process.pid * 64) % 10_000);
  return () => port++;
})();

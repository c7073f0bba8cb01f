import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isBuilt, unlessBuilt } from './support/command.js';

const [, program = ''] =
  /```ts\n(.*?)```/s.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? [];

/** The README's first program, on a port of 127.0.0.1, as its reader runs it. */
const run = (port: number) => {
  const library = fileURLToPath(new URL('../dist/src/index.js', import.meta.url));
  const source = program.replace("'sipchart'", JSON.stringify(library)).replace('5060', `${port}`);
  return spawn(process.execPath, ['--input-type=module', '--eval', source]);
};

describe.skipIf(!isBuilt)(`the README's first program${unlessBuilt}`, () => {
  test('prints where it listens, and goes on', async () => {
    const child = run(0);
    const [printed] = await once(child.stdout.setEncoding('utf8'), 'data');
    expect(printed).toMatch(/protocol: 'UDP', host: '127\.0\.0\.1', port: \d+/);
    child.kill();
  });

  test('fails where its port is taken, and says so', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const child = run(port);
    const closed = once(child, 'close');
    const [printed, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await closed;
    other.close();
    expect([child.exitCode, printed]).toEqual([1, '']);
    expect(complaint).toContain(
      `ListenError: UDP 127.0.0.1:${port} is in use by another process; name another port`,
    );
  });
});

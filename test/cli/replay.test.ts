import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readReplayOptions } from '../../src/cli/options.js';
import { isBuilt, RunningCommand, runCommand, unlessBuilt } from '../support/command.js';

const directory = mkdtempSync(join(tmpdir(), 'sipchart-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe.skipIf(!isBuilt)(`sipchart replay${unlessBuilt}`, () => {
  test('says that what serve has recorded is the same, and where it is not, what differs', async () => {
    const path = join(directory, 'a.jsonl');
    const serving = new RunningCommand([
      ...['serve', '--udp', '127.0.0.1:0', '--demo', '--refer', 'accept'],
      ...['--record', path, '--record-effects'],
    ]);
    await serving.line(/NOTIFY.*terminated|NOTIFY/);
    serving.signal('SIGTERM');
    expect((await serving.finished).status).toBe(0);
    const same = await runCommand('replay', path);
    expect([same.status, same.output]).toEqual([
      0,
      expect.stringMatching(/inputs, \d+ effects, each the same\n$/),
    ]);

    const changed = join(directory, 'b.jsonl');
    writeFileSync(changed, readFileSync(path, 'utf8').replace('"type":"accept"', '"type":"reject"'));
    const other = await runCommand('replay', changed, '--engine', 'actor');
    expect([other.status, other.output]).toEqual([
      1,
      expect.stringMatching(/line \d+: order reject\nmachine \d+, /),
    ]);
  });

  test('ends with 2 where there is no recording, and says why', async () => {
    const path = join(directory, 'c.jsonl');
    writeFileSync(path, 'nothing\n');
    for (const [file, complaint] of [
      [path, 'This is no recording'],
      [join(directory, 'missing'), 'no such file'],
    ] as const) {
      const finished = await runCommand('replay', file);
      expect([finished.status, finished.complaint]).toEqual([2, expect.stringContaining(complaint)]);
    }
  });

  test('and serve --record ends with 1 where the file can not be opened', async () => {
    const finished = await runCommand('serve', '--udp', '127.0.0.1:0', '--record', directory);
    expect([finished.status, finished.complaint]).toEqual([1, expect.stringContaining('--record: EISDIR')]);
  });
});

test.each([
  ['', 'name the file'],
  ['a b', 'one file'],
  ['a --engine slow', '--engine is compiled or actor'],
])('sipchart replay %s is misuse', (line, sentence) => {
  expect(readReplayOptions(line.split(' ').filter((word) => word !== ''))).toEqual({
    _tag: 'Left',
    left: expect.stringContaining(sentence),
  });
});

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
      3,
      expect.stringMatching(/line \d+: order reject\nmachine \d+, /),
    ]);
  });

  const recordingOf = async (name: string) => {
    const path = join(directory, name);
    const serving = new RunningCommand(['serve', '--quiet', '--udp', '127.0.0.1:0', '--record', path]);
    await serving.line(/^listening/);
    serving.signal('SIGTERM');
    await serving.finished;
    return readFileSync(path, 'utf8');
  };

  test('replays what is whole of a file that is cut off, and says so', async () => {
    const recording = await recordingOf('d.jsonl');
    const path = join(directory, 'e.jsonl');
    writeFileSync(path, recording.slice(0, -10));
    expect(await runCommand('replay', path)).toEqual({
      status: 0,
      output: `${path}: 2 inputs, 0 effects, each the same; line 4, the last, is cut off and left out\n`,
      complaint: '',
    });
  });
});

describe.skipIf(!isBuilt)(`a file that can not be used${unlessBuilt}`, () => {
  const write = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  test.each([
    ['is not there', () => join(directory, 'missing'), ' is not there; name a file that is'],
    ['is a folder', () => directory, ' is a folder; name a file'],
    [
      'is beyond a file',
      () => join(write('f', ''), 'g'),
      ' leads through what is no folder; name another file',
    ],
    ['is empty', () => write('h', ''), ': There is nothing in it.'],
    [
      'is something else',
      () => write('i', 'nothing\n'),
      ': This is no recording: its first line is no header. Make one with sipchart serve --record FILE',
    ],
    [
      'is cut off in its first line',
      () => write('j', '{"sipchart":"recording","ver'),
      ': It is cut off in its first line, so nothing can be replayed',
    ],
  ])('because it %s has one sentence and status 1 in replay and inspect', async (_, path, sentence) => {
    const file = path();
    for (const words of [['replay'], ['inspect', '--inspect', '127.0.0.1:0']])
      expect(await runCommand(...words, file)).toEqual({
        status: 1,
        output: '',
        complaint: `sipchart ${words[0]}: ${file}${sentence}\n`,
      });
  });

  test.each([
    ['a folder', () => directory, ' is a folder; name a file'],
    [
      'in no folder',
      () => join(directory, 'none', 'k'),
      ' is in a folder that is not there; make that, or name another file',
    ],
  ])('for a recording, since it is %s, likewise', async (_, path, sentence) => {
    const file = path();
    expect(await runCommand('serve', '--udp', '127.0.0.1:0', '--record', file)).toEqual({
      status: 1,
      output: '',
      complaint: `sipchart serve: --record: ${file}${sentence}\n`,
    });
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

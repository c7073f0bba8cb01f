import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileRecording } from '../../src/inspect/file-recording.js';
import { memoryRecording } from '../../src/inspect/memory-recording.js';
import { type RecordingSink, recorder } from '../../src/inspect/recorder.js';
import { callStage } from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { requestText } from '../support/peer.js';
import { replayed, sameOnBoth } from './recorded.js';

const refer = async (sink: RecordingSink, waiting?: number) => {
  const there = await callStage({
    record: recorder(sink, waiting === undefined ? {} : { waiting }),
    onRefer: (referral) => void referral.accept(),
  });
  for (let count = 0; count < 20; count++) {
    there.peer.send(requestText());
    there.scheduler.advance(10_000);
    await settled();
  }
  await there.userAgent.close();
  await settled();
  return there;
};

describe('a sink that can not keep up', () => {
  test('ends the recording with a line that says so, and the application is told', async () => {
    const recording = memoryRecording({ size: 5_000 });
    const { errors } = await refer(recording);
    expect(errors).toHaveLength(1);
    expect(`${errors[0]}`).toContain('The recording has stopped');
    expect(recording.text.length).toBeLessThan(10_000);
    const last = JSON.parse(recording.text.trimEnd().split('\n').at(-1) as string);
    expect(last).toMatchObject({ end: 'stopped', reason: expect.stringContaining('keep up') });
    expect(replayed(recording.text)).toMatchObject({ isSame: true, end: { end: 'stopped' } });
  });

  test('may hold as much as is allowed', async () => {
    const recording = memoryRecording();
    const sink = { write: recording.write, writableLength: 1_000 };
    expect((await refer(sink, 1_000)).errors).toEqual([]);
    expect((await refer(sink, 999)).errors).toHaveLength(1);
  });

  test('or throws ends the recording, and the user agent goes on', async () => {
    const sink = {
      write: () => {
        throw new Error('disk full');
      },
    };
    const { errors, peer } = await refer(sink);
    expect(errors.map(String)).toEqual(['Error: The recording has stopped: disk full']);
    expect(peer.responses.filter(({ status }) => status === 200)).toHaveLength(20);
  });
});

test('a recorder records one user agent', () => {
  const record = recorder(memoryRecording());
  const stage = () => callStage({ record });
  return stage().then(() => expect(stage()).rejects.toThrow('make one for each'));
});

test('a recording in a file is whole when it is closed, and its owner alone may read it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sipchart-'));
  try {
    const path = join(directory, 'a.jsonl');
    writeFileSync(path, 'for all to read', { mode: 0o644 });
    const file = fileRecording(path);
    const there = await refer(file);
    expect(there.errors).toEqual([]);
    await file.close();
    const recording = readFileSync(path, 'utf8');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(replayed(recording).end).toMatchObject({ end: 'closed' });
    expect(sameOnBoth(recording).every((result) => result.isSame)).toBe(true);
    expect(() => fileRecording(directory)).toThrow('EISDIR');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

import type { EngineKind } from '../../src/endpoint/engines.js';
import { memoryRecording } from '../../src/inspect/memory-recording.js';
import { type RecorderOptions, recorder } from '../../src/inspect/recorder.js';
import { type ReplayResult, replay } from '../../src/inspect/replay.js';
import { type CallOptions, type CallStage, callStage } from '../support/caller.js';
import { settled } from '../support/core-stage.js';

export interface RecordedStage extends CallStage {
  /** The recording until now, once what is under way has settled. */
  recorded(): Promise<string>;
}

/** A call stage whose user agent is recorded. */
export const recordedStage = async ({
  recording: options,
  ...others
}: CallOptions & { readonly recording?: RecorderOptions } = {}): Promise<RecordedStage> => {
  const recording = memoryRecording();
  const there = await callStage({ ...others, record: recorder(recording, { now: () => 0, ...options }) });
  return {
    ...there,
    recorded: async () => {
      await settled();
      return recording.text;
    },
  };
};

export const engines: readonly EngineKind[] = ['compiled', 'actor'];

/** Replays what can be. */
export const replayed = (recording: string, engine: EngineKind = 'compiled'): ReplayResult => {
  const result = replay(recording, { engine });
  if (result._tag === 'Left') throw new Error(`line ${result.left.line}: ${result.left.message}`);
  return result.right;
};

/** That every effect is the same on both engines, and how many inputs there were. */
export const sameOnBoth = (recording: string) =>
  engines.map((engine) => {
    const { isSame, inputs, difference } = replayed(recording, engine);
    return isSame ? { engine, isSame, inputs } : { engine, difference };
  });

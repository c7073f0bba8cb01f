import { check, isLimit, optionsOf } from '../options/rules.js';
import type { RecordingSink } from './recorder.js';

/** A recording that stays in this process. */
export interface MemoryRecording extends RecordingSink {
  /** What was recorded until now, for `replay`. */
  readonly text: string;
}

export interface MemoryRecordingOptions {
  /** Bytes; one that has more stops. 16 Mi by default. */
  readonly size?: number;
}

/** Keeps a recording in memory: `createUserAgent({ record: recorder(recording) })`, later `replay(recording.text)`. */
export const memoryRecording = (options: MemoryRecordingOptions = {}): MemoryRecording => {
  check('memoryRecording', options, optionsOf<MemoryRecordingOptions>({ size: isLimit }));
  const { size = 16 * 1024 * 1024 } = options;
  const batches: Uint8Array[] = [];
  let length = 0;
  return {
    copies: true,
    get text() {
      const decoder = new TextDecoder();
      return batches.map((lines) => decoder.decode(lines, { stream: true })).join('');
    },
    get writableLength() {
      return length > size ? Number.POSITIVE_INFINITY : 0;
    },
    write: (lines) => {
      batches.push(lines.slice());
      length += lines.length;
    },
  };
};

import { createWriteStream, fchmodSync, fstatSync, openSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { check, isText, required } from '../options/rules.js';
import type { RecordingSink } from './recorder.js';

/** A recording in a file, which only its owner may read. */
export interface FileRecording extends RecordingSink {
  /** Writes what still waits; rejects where not all could be written. */
  close(): Promise<void>;
}

/** So much is written at once, or what has come in so many milliseconds: a write of its own for each line costs more than the line. */
const batchSize = 262_144;
const batchDelay = 100;
const mostFree = 4;

/** Writes to this file from its beginning. Throws where it can't be opened. */
export const fileRecording = (path: string): FileRecording => {
  check('fileRecording', path, required(isText, "fileRecording('calls.jsonl')"));
  const stream = createWriteStream(path, { fd: openForOwner(path), highWaterMark: batchSize });
  /** Batches that were written, to be filled again: fresh memory costs more than what is copied into it. */
  const free: Buffer[] = [];
  let batch: Buffer = Buffer.allocUnsafeSlow(batchSize);
  let used = 0;
  let timer: NodeJS.Timeout | undefined;
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (used === 0) return;
    const full = batch;
    stream.write(full.subarray(0, used), () => {
      if (free.length < mostFree) free.push(full);
    });
    batch = free.pop() ?? Buffer.allocUnsafeSlow(batchSize);
    used = 0;
  };

  return {
    copies: true,
    get writableLength() {
      return stream.writableLength + used;
    },
    write: (lines) => {
      if (failure !== undefined) throw failure;
      if (lines.length > batchSize - used) flush();
      if (lines.length > batchSize) {
        stream.write(lines.slice());
        return;
      }
      batch.set(lines, used);
      used += lines.length;
      timer ??= setTimeout(flush, batchDelay).unref();
    },
    close: async () => {
      flush();
      stream.end();
      await finished(stream);
    },
  };
};

/** A file that is there already keeps its mode otherwise; what is no file has none to be changed. */
const openForOwner = (path: string): number => {
  const file = openSync(path, 'w', 0o600);
  if (fstatSync(file).isFile()) fchmodSync(file, 0o600);
  return file;
};

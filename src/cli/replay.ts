import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { isLeft } from 'fp-ts/lib/Either.js';
import { type RecordedEffect, type ReplayDifference, type ReplayResult, replay } from '../inspect/index.js';
import { exitStatus, fail } from './complaint.js';
import { fileFailure } from './file-failure.js';
import type { ReplayOptions } from './options.js';
import { printable } from './styled-text.js';

/** Replays a recording, says what came of it, and gives the exit status. */
export function replayFile({ file, engine }: ReplayOptions): number {
  let lines: FileLines;
  try {
    lines = new FileLines(file);
  } catch (error) {
    return fail('sipchart replay', fileFailure(file, 'read', error));
  }
  try {
    const result = replay(lines, { engine });
    lines.endProgress();
    if (isLeft(result)) return fail('sipchart replay', `${file}: ${result.left.message}`);
    process.stdout.write(`${textOf(file, result.right)}\n`);
    return result.right.isSame ? exitStatus.done : exitStatus.differs;
  } finally {
    lines.close();
  }
}

/** Lines between two words of progress. */
const step = 100_000;

const chunkSize = 1 << 20;

/** A line that never ends is cut here. */
const longestLine = 1 << 27;

/** The lines of a file that need not fit into memory. */
class FileLines implements Iterable<string> {
  readonly #file: number;
  #lines = 0;

  /** Throws where the file can't be read. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
    // A folder opens, and fails when it is read.
    if (!fstatSync(this.#file).isDirectory()) return;
    closeSync(this.#file);
    throw Object.assign(new Error(path), { code: 'EISDIR' });
  }

  *[Symbol.iterator](): IterableIterator<string> {
    const chunk = Buffer.allocUnsafe(chunkSize);
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (let length = this.#read(chunk); length > 0; length = this.#read(chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.#progress();
        yield line;
      }
      if (rest.length > longestLine) break;
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
  }

  endProgress(): void {
    if (this.#lines >= step && process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(chunk: Buffer): number {
    return readSync(this.#file, chunk);
  }

  #progress(): void {
    if (++this.#lines % step === 0 && process.stderr.isTTY)
      process.stderr.write(`\r${this.#lines.toLocaleString('en')} inputs`);
  }
}

const textOf = (file: string, { inputs, effects, end, cutOff, difference }: ReplayResult): string => {
  const counted = `${file}: ${inputs.toLocaleString('en')} inputs, ${effects.toLocaleString('en')} effects`;
  if (difference !== undefined)
    return `${counted} before the first difference\n${differenceText(difference)}`;
  const same = `${counted}, each the same`;
  if (cutOff !== undefined) return `${same}; line ${cutOff}, the last, is cut off and left out`;
  if (end?.end === 'stopped')
    return `${same}; the recording stopped early: ${end.reason ?? 'nobody knows why'}`;
  return end === undefined ? `${same}; the recording has no end, as where its process was killed` : same;
};

const differenceText = ({
  line,
  input,
  message,
  machine,
  callId,
  expected,
  came,
}: ReplayDifference): string =>
  [
    `line ${line}: ${printable(input)}`,
    ...(machine === undefined ? [] : [`machine ${machine.number}, ${machine.id}`]),
    ...(callId === undefined ? [] : [`call ${printable(callId)}`]),
    message,
    ...(expected === undefined
      ? ['recorded: only a digest (serve --record-effects records the effects themselves)']
      : ['recorded:', ...expected.map(effectText)]),
    'replayed:',
    ...came.map(effectText),
  ].join('\n');

const effectText = ([machine, effect]: RecordedEffect) =>
  `  ${machine === 0 ? '' : `${machine} `}${printable(JSON.stringify(effect)).slice(0, 2_000)}`;

import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { isLeft } from 'fp-ts/lib/Either.js';
import { serveInspector } from '../inspect/inspector-server.js';
import { openText } from '../inspect/open-file.js';
import { complain } from './complaint.js';
import type { InspectOptions } from './options.js';
import { firstSignal } from './signals.js';

/** Shows a file to browsers until a signal comes, and gives the exit status. */
export async function inspect({ file, address }: InspectOptions): Promise<number> {
  const signalled = firstSignal();
  const fail = (sentence: string) => {
    complain('sipchart inspect', sentence);
    return 1;
  };
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return fail(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const opened = openText(text);
  if (isLeft(opened)) return fail(`${file}: ${opened.left}`);
  const { source, remark } = opened.right;
  if (remark !== undefined) complain('sipchart inspect', `${file}: ${remark}`);
  const inspector = await serveInspector(source, { ...address, recording: () => Readable.from([text]) })();
  if (isLeft(inspector)) return fail(inspector.left.message);
  process.stdout.write(`inspector ${inspector.right.url}\n`);
  await signalled;
  await inspector.right.close();
  return 0;
}

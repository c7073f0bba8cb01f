import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { isLeft } from 'fp-ts/lib/Either.js';
import { serveInspector } from '../inspect/inspector-server.js';
import { openText } from '../inspect/open-file.js';
import { complain, exitStatus, fail } from './complaint.js';
import { fileFailure } from './file-failure.js';
import type { InspectOptions } from './options.js';
import { firstSignal } from './signals.js';

/** Shows a file to browsers until a signal comes, and gives the exit status. */
export async function inspect({ file, address }: InspectOptions): Promise<number> {
  const signalled = firstSignal();
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return fail('sipchart inspect', fileFailure(file, 'read', error));
  }
  const opened = openText(text);
  if (isLeft(opened)) return fail('sipchart inspect', `${file}: ${opened.left}`);
  const { source, remark } = opened.right;
  if (remark !== undefined) complain('sipchart inspect', `${file}: ${remark}`);
  const inspector = await serveInspector(source, { ...address, recording: () => Readable.from([text]) })();
  if (isLeft(inspector)) return fail('sipchart inspect', inspector.left.message);
  process.stdout.write(`inspector ${inspector.right.url}\n`);
  await signalled;
  await inspector.right.close();
  return exitStatus.done;
}

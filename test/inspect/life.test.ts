import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { isBuilt, unlessBuilt } from '../support/command.js';
import { addressAt, Page } from './pages.js';

const program = fileURLToPath(new URL('life.mjs', import.meta.url));

test.skipIf(!isBuilt).each([
  ['nobody looks', 0, true],
  ['two pages look', 2, true],
  ['a page does not read', 1, false],
])(
  `a process ends by itself once its user agent is closed, though it has an inspector and %s${unlessBuilt}`,
  async (_, count, reads) => {
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    const ended = once(child, 'exit');
    const said = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
    const url = `${(await said.next()).value}`.trim();
    const pages = Array.from({ length: count }, () => new Page(addressAt(url, 'events'), {}, reads));
    for (const page of pages) await page.until(() => page.isAnswered);
    child.stdin.write('close\n');
    expect(await ended).toEqual([0, null]);
    expect((await said.next()).value).toBe('closed\n');
    for (const page of pages.filter(() => reads)) {
      await page.closed();
      expect(page.events.at(-1)?.event).toBe('closed');
    }
  },
);

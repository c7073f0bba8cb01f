import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const all = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts'));

const saying = (pattern: RegExp) => all.filter((path) => pattern.test(readFileSync(path, 'utf8')));

const browser = saying(/launchChromium/);
const interop = saying(/'(sipp|tshark)', \[/);
const flood = saying(/--max-old-space-size/);
const quick = all.filter((path) => ![...browser, ...interop, ...flood].includes(path));

/** One more than there are cores: the tests of the command wait for most of their time. */
const workers = availableParallelism() + 1;

/** Against what hangs, and never to judge by. */
const lastResort = 120_000;

export default defineConfig({
  test: {
    maxWorkers: workers,
    testTimeout: lastResort,
    hookTimeout: lastResort,
    expect: { poll: { timeout: lastResort } },
    setupFiles: ['test/support/fixed-seed.ts'],
    projects: [
      { extends: true, test: { name: 'quick', include: quick } },
      { extends: true, test: { name: 'browser', include: browser } },
      { extends: true, test: { name: 'interop', include: interop } },
      { extends: true, test: { name: 'flood', include: flood } },
    ],
  },
});

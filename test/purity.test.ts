import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Ambient time, chance and output, which the linter and the type fence do not see all of. */
const impure =
  /\b(Math\s*\.\s*random|Date\s*[.(]|new\s+Date|globalThis|setTimeout|setInterval|setImmediate|queueMicrotask|performance|crypto|console|process)\b/;

const filesOf = (room: string) =>
  readdirSync(`${root}${room}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${room}/${file}`);

const sources = ['machines', 'src/message'].flatMap(filesOf);

const codeOf = (file: string) =>
  readFileSync(`${root}${file}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(20);
});

test.each(sources)('%s uses no clock, no chance and no console', (source) => {
  expect(impure.exec(codeOf(source))?.[0]).toBeUndefined();
});

/** The time that something takes differs from machine to machine: work is counted, what happens is waited for, and timers run on a clock of the test's own. */
const clock =
  /(?<![.\w'])(setTimeout|setInterval)\b|\bperformance\s*\.\s*now|\bDate\s*\.\s*now|\bnew\s+Date\(\)|\b(hrtime|cpuUsage)\(|\.hrtime\.|\bvi\.wait(For|Until)\b/;

/** One names what is forbidden; the other's subject is the clock of the process. */
const exempt = ['test/purity.test.ts', 'test/endpoint/timer-wheel.test.ts'];

test('no test looks at a clock or sleeps', () => {
  const users = filesOf('test').filter((file) => clock.test(codeOf(file)));
  expect(users.filter((file) => !exempt.includes(file))).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Ambient time, chance and output, which the linter and the type fence do not see all of. */
const impure =
  /\b(Math\s*\.\s*random|Date\s*[.(]|new\s+Date|globalThis|setTimeout|setInterval|setImmediate|queueMicrotask|performance|crypto|console|process)\b/;

const sources = ['machines', 'src/message'].flatMap((room) =>
  readdirSync(`${root}${room}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${room}/${file}`),
);

test('there are sources to look at', () => {
  expect(sources.length).toBeGreaterThan(20);
});

test.each(sources)('%s uses no clock, no chance and no console', (source) => {
  const code = readFileSync(`${root}${source}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect(impure.exec(code)?.[0]).toBeUndefined();
});

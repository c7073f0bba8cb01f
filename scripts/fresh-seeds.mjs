// Runs the tests that have properties again and again, each round with a seed of its own. Takes the number of rounds.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const rounds = Number(process.argv[2] ?? 3);
const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((path) => `test/${path.replaceAll('\\', '/')}`)
  .filter(
    (path) => path.endsWith('.test.ts') && /fast-check|compareEngines/.test(readFileSync(path, 'utf8')),
  );

const failed = [];
for (let round = 1; round <= rounds; round++) {
  const seed = `${randomInt(2 ** 31)}`;
  console.log(`round ${round} of ${rounds}: PROPERTY_SEED=${seed}`);
  const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'quick', ...files], {
    stdio: 'inherit',
    env: { ...process.env, PROPERTY_SEED: seed },
  });
  if (status !== 0) failed.push(seed);
}

for (const seed of failed) console.error(`failed; shown again by: PROPERTY_SEED=${seed} npx vitest run`);
if (failed.length > 0) process.exitCode = 1;

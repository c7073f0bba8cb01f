import { expect, test } from 'vitest';
import { complaints } from '../../src/cli/complaint.js';

test('a command that goes on complains twenty times a minute at most, then says how many were left out', () => {
  const said: string[] = [];
  let now = 0;
  const report = complaints(
    'serve',
    (who, sentence) => void said.push(`${who}: ${sentence}`),
    () => now,
  );
  for (let index = 1; index <= 25; index++) report(`${index}`);
  expect(said).toEqual(Array.from({ length: 20 }, (_, index) => `serve: ${index + 1}`));
  now = 59_999;
  report('26');
  now = 60_000;
  report('27');
  expect(said.slice(20)).toEqual(['serve: 6 more complaints were left out', 'serve: 27']);
});

import { readFileSync } from 'node:fs';

const shown = 30;

/** The path of a CPU profile, and the functions that took most of the time themselves. */
export const hottest = (/** @type {string} */ path) => {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, 'utf8'));
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'} ${url === '' ? '' : `${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`}`,
    ]),
  );
  const times = new Map();
  for (const [at, id] of samples.entries()) {
    const name = names.get(id);
    if (!name.startsWith('(idle)')) times.set(name, (times.get(name) ?? 0) + timeDeltas[at]);
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const lines = [...times]
    .sort(([, first], [, second]) => second - first)
    .slice(0, shown)
    .map(([name, time]) => `${((100 * time) / total).toFixed(1).padStart(6)} %  ${name}`);
  return `${path}\n${lines.join('\n')}\n`;
};

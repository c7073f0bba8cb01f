import { type ShippedMachine, machines as shipped } from '../../machines/index.js';
import { chartOf, lineage } from '../draw/chart.js';
import { lightMermaid } from '../draw/mermaid.js';
import { readPicture } from '../draw/picture.js';
import { lightSVG } from '../draw/svg.js';
import { nearest } from '../options/nearest.js';
import { exitStatus, fail, misuse } from './complaint.js';
import type { DrawOptions } from './options.js';

/** Prints one picture or all, and gives the exit status. */
export async function draw({ machine, format, highlight }: DrawOptions): Promise<number> {
  const machines = shipped.filter(
    ({ name, machine: { id } }) => machine === undefined || machine === name || machine === id,
  );
  const [first] = machines;
  if (first === undefined) {
    const known = shipped.map(({ name }) => name).join(', ');
    const meant = nearest(
      machine ?? '',
      shipped.map(({ name }) => name),
    );
    const remedy = meant === undefined ? `it is one of ${known}` : `did you mean ${meant}?`;
    return misuse('sipchart draw', `there is no machine ${machine}; ${remedy}`);
  }
  const { states } = chartOf(first.machine);
  if (highlight !== undefined && !states.some(({ id }) => id === highlight)) {
    const known = states.map(({ id }) => id).join(', ');
    return misuse('sipchart draw', `${first.name} has no state ${highlight}; it is one of ${known}`);
  }
  const pictures = await Promise.all(machines.map(({ name }) => readPicture(name, format)));
  const missing = machines[pictures.indexOf(undefined)];
  if (missing !== undefined)
    return fail(
      'sipchart draw',
      `the ${format} picture of ${missing.name} is missing; in a checkout npm run draw makes it`,
    );
  const lit = pictures.map((picture = '') =>
    highlight === undefined ? picture : light(picture, format, first, highlight),
  );
  process.stdout.write(
    machine === undefined
      ? lit.map((picture, index) => `%% ${machines[index]?.name}\n${picture}`).join('\n')
      : `${lit[0]}`,
  );
  return exitStatus.done;
}

function light(
  picture: string,
  format: DrawOptions['format'],
  { machine }: ShippedMachine,
  state: string,
): string {
  const states = lineage(chartOf(machine), state);
  return format === 'svg' ? lightSVG(picture, states) : lightMermaid(picture, states);
}

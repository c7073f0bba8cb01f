import { machines } from '../../machines/index.js';
import { readPicture } from '../draw/picture.js';
import { complain } from './complaint.js';
import type { DrawOptions } from './options.js';

/** Prints one picture or all, and gives the exit status. */
export async function draw({ machine, format }: DrawOptions): Promise<number> {
  const names = machines
    .filter((shipped) => machine === undefined || machine === shipped.name || machine === shipped.machine.id)
    .map(({ name }) => name);
  if (names.length === 0) {
    const known = machines.map(({ name }) => name).join(', ');
    complain('sipchart draw', `there is no machine ${machine}; it is one of ${known}`);
    return 2;
  }
  const pictures = await Promise.all(names.map((name) => readPicture(name, format)));
  const missing = names[pictures.indexOf(undefined)];
  if (missing !== undefined) {
    complain(
      'sipchart draw',
      `the ${format} picture of ${missing} is missing; in a checkout npm run draw makes it`,
    );
    return 1;
  }
  process.stdout.write(
    machine === undefined
      ? pictures.map((picture, index) => `%% ${names[index]}\n${picture}`).join('\n')
      : `${pictures[0]}`,
  );
  return 0;
}

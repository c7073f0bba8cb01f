import { machines } from '../../machines/index.js';

/** One line a machine: the name of its file and picture, and the sections of its RFCs. */
export function listMachines(): string {
  const width = Math.max(...machines.map(({ name }) => name.length));
  return machines
    .map(({ name, machine }) => `${name.padEnd(width)}  ${machine.root.description ?? ''}\n`)
    .join('');
}

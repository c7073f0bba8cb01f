import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { nearest } from '../options/nearest.js';
import { exitStatus, misuse } from './complaint.js';
import { draw } from './draw.js';
import { help } from './help.js';
import { inspect } from './inspect.js';
import { listMachines } from './machine-list.js';
import {
  readDrawOptions,
  readInspectOptions,
  readMachinesOptions,
  readReplayOptions,
  readServeOptions,
} from './options.js';
import { replayFile } from './replay.js';
import { serve } from './serve.js';
import { version } from './version.js';

/** Runs the command and gives its exit status. */
export async function run(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (words.some((word) => word === '--version' || word === '-v')) return print(`sipchart ${version()}\n`);
  if (name === 'help' || words.some((word) => word === '--help' || word === '-h'))
    return explain(words.find((word) => word !== 'help' && !word.startsWith('-')));
  const command = commands.get(name ?? '');
  return command === undefined ? misuse('sipchart', noCommand(name)) : command(rest);
}

type Command = (words: readonly string[]) => number | Promise<number>;

/** A command by how its words are read, and what is done then. */
const commandOf =
  <Options>(
    name: string,
    read: (words: readonly string[]) => Either<string, Options>,
    run: (options: Options) => number | Promise<number>,
  ): Command =>
  (words) => {
    const options = read(words);
    return isLeft(options) ? misuse(`sipchart ${name}`, options.left) : run(options.right);
  };

const commands: ReadonlyMap<string, Command> = new Map([
  ['serve', commandOf('serve', readServeOptions, serve)],
  ['inspect', commandOf('inspect', readInspectOptions, inspect)],
  ['replay', commandOf('replay', readReplayOptions, replayFile)],
  ['draw', commandOf('draw', readDrawOptions, draw)],
  ['machines', commandOf('machines', readMachinesOptions, () => print(listMachines()))],
]);

/** The help about one command, or about all. */
const explain = (name: string | undefined): number =>
  name === undefined || commands.has(name) ? print(help(name)) : misuse('sipchart', noCommand(name));

function noCommand(name: string | undefined): string {
  const known = 'it is one of serve, inspect, replay, draw and machines';
  if (name === undefined) return `no command is named; ${known}`;
  const meant = nearest(name, [...commands.keys()]);
  return `there is no command ${name}; ${meant === undefined ? known : `did you mean ${meant}?`}`;
}

function print(text: string): number {
  process.stdout.write(text);
  return exitStatus.done;
}

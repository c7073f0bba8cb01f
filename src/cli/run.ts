import { isLeft } from 'fp-ts/lib/Either.js';
import { complain } from './complaint.js';
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

/** Runs the command and gives its exit status: 0, 1 where it failed, 2 where it was called wrongly. */
export async function run(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (words.includes('--version')) return print(`sipchart ${version()}\n`);
  if (words.includes('--help')) return print(help(name));
  switch (name) {
    case 'serve': {
      const options = readServeOptions(rest);
      return isLeft(options) ? misuse('sipchart serve', options.left) : serve(options.right);
    }
    case 'inspect': {
      const options = readInspectOptions(rest);
      return isLeft(options) ? misuse('sipchart inspect', options.left) : inspect(options.right);
    }
    case 'replay': {
      const options = readReplayOptions(rest);
      return isLeft(options) ? misuse('sipchart replay', options.left) : replayFile(options.right);
    }
    case 'draw': {
      const options = readDrawOptions(rest);
      return isLeft(options) ? misuse('sipchart draw', options.left) : draw(options.right);
    }
    case 'machines': {
      const options = readMachinesOptions(rest);
      return isLeft(options) ? misuse('sipchart machines', options.left) : print(listMachines());
    }
    case undefined:
      return misuse(
        'sipchart',
        'no command is named; it is one of serve, inspect, replay, draw and machines',
      );
    default:
      return misuse(
        'sipchart',
        `there is no command ${name}; it is one of serve, inspect, replay, draw and machines`,
      );
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function misuse(who: string, sentence: string): number {
  complain(who, `${sentence} (${who} --help tells more)`);
  return 2;
}

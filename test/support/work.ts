import { Session } from 'node:inspector';
import { countPassed } from './built-in-work.js';

/**
 * Counts work, where a clock would tell of the machine as well: how often V8 comes to each block of the code that is
 * measured, and what the built-in functions pass over for it. The same work has the same count, wherever and whenever.
 */
const session = new Session();
session.connect();
let isCounting = false;

/** Loads what is measured. It must be loaded so alone: V8 counts no blocks of what was compiled before. */
export async function countable<Module>(load: () => Promise<Module>): Promise<Module> {
  if (!isCounting) {
    ask('Profiler.enable');
    ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    isCounting = true;
  }
  return load();
}

function workOf(deed: () => unknown): number {
  takeBlocks();
  const passed = countPassed(deed);
  return passed + takeBlocks();
}

/** How many times the work of a small input one is that is so many times as large: linear work gives `times` at most. */
export function growth<Input>(
  make: (size: number) => Input,
  deed: (input: Input) => unknown,
  { small, times }: { readonly small: number; readonly times: number },
): number {
  const [less, more] = [make(small), make(small * times)].map((input) => workOf(() => deed(input)));
  return more! / less!;
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly isBlockCoverage: boolean;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** How often a block was come to since the last time. */
function takeBlocks(): number {
  const { result } = ask('Profiler.takePreciseCoverage') as Coverage;
  const scripts = result.filter(({ url }) => measured.test(url));
  let blocks = 0;
  for (const { url, functions } of scripts)
    for (const { functionName, isBlockCoverage, ranges } of functions) {
      const count = ranges.reduce((total, range) => total + range.count, 0);
      if (count > 0 && !isBlockCoverage)
        throw new Error(`${functionName} of ${url} was loaded before it was countable.`);
      blocks += count;
    }
  return blocks;
}

const measured = new RegExp(`^${new URL('../..', import.meta.url)}(machines|src|visualizations)/`);

function ask(method: string, parameters: object = {}): unknown {
  let answer: unknown;
  session.post(method, parameters, (error, result) => {
    if (error !== null) throw new Error(error.message);
    answer = result;
  });
  return answer;
}

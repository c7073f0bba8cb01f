import { printable } from './styled-text.js';

/** Writes one line on standard error: what complains, and a sentence that names cause and remedy. */
export function complain(who: string, sentence: string): void {
  process.stderr.write(`${who}: ${printable(sentence)}\n`);
}

/** What a command ends with. */
export const exitStatus = {
  done: 0,
  /** It was called rightly, and could not do it. */
  failed: 1,
  /** It was called wrongly, and has not begun. */
  misused: 2,
  /** What was replayed is not what was recorded. */
  differs: 3,
} as const;

/** Says that a command has failed, and gives its exit status. */
export function fail(who: string, sentence: string): number {
  complain(who, sentence);
  return exitStatus.failed;
}

/** Says that a command was called wrongly, and gives its exit status. */
export function misuse(who: string, sentence: string): number {
  complain(who, `${sentence} (${who} --help tells more)`);
  return exitStatus.misused;
}

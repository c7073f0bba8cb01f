import { printable } from './styled-text.js';

/** Writes one line on standard error: what complains, and a sentence that names cause and remedy. */
export function complain(who: string, sentence: string): void {
  process.stderr.write(`${who}: ${printable(sentence)}\n`);
}

/**
 * Complains in the name of a command that goes on: of so many things a minute, and then of how many more there were. What a peer
 * brings about can't fill the operator's disk.
 */
export function complaints(
  who: string,
  say = complain,
  now: () => number = Date.now,
): (sentence: string) => void {
  let from = Number.NEGATIVE_INFINITY;
  let said = 0;
  let left = 0;
  return (sentence) => {
    if (now() - from >= aMinute) {
      if (left > 0) say(who, `${left} more complaints were left out`);
      [from, said, left] = [now(), 0, 0];
    }
    if (said === mostAMinute) left++;
    else say(who, sentence);
    said = Math.min(said + 1, mostAMinute);
  };
}

const aMinute = 60_000;
const mostAMinute = 20;

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

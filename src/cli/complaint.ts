import { printable } from './styled-text.js';

/** Writes one line on standard error: what complains, and a sentence that names cause and remedy. */
export function complain(who: string, sentence: string): void {
  process.stderr.write(`${who}: ${printable(sentence)}\n`);
}

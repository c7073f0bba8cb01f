/**
 * The text as one run of memory of its own. A concatenation otherwise keeps the texts that it was made of, and what
 * these were sliced from, until it is first read.
 */
export function flat(text: string): string {
  // A read without a use is optimised away, and its effect with it.
  lastRead.code = text.charCodeAt(0);
  return text;
}

/** A copy that does not keep alive what the text was sliced from. */
export const copied = (text: string): string => flat(` ${text}`).slice(1);

const lastRead = { code: 0 };

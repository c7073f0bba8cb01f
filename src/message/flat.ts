/**
 * The text as one run of memory of its own. A concatenation otherwise keeps the texts that it was made of, and what
 * these were sliced from, until it is first read.
 */
export function flat(text: string): string {
  // A read without a use is optimised away, and its effect with it.
  lastRead.code = text.charCodeAt(0);
  return text;
}

const lastRead = { code: 0 };

/** Text as the wire has it: latin1, one character a byte of its UTF-8. */
export const toWire = (text: string): string =>
  isASCII(text) ? text : Buffer.from(text, 'utf8').toString('latin1');

/** What the bytes say as UTF-8; what is none becomes U+FFFD. */
export const fromWire = (text: string): string =>
  isASCII(text) ? text : Buffer.from(text, 'latin1').toString('utf8');

const isASCII = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

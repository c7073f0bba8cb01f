/** Text of the wire, one character a byte, as the UTF-8 that it is; what is none stands as �. */
export function decodeWire(text: string): string {
  if (/[^\x00-\xff]/.test(text)) return text;
  return decoder.decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Control characters but for line ends and tabs as pictures, and what reorders or hides text as �. */
export function visible(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[\x00-\x08\x0b-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/\x7f/g, '\u2421')
    .replace(/[\x80-\x9f\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

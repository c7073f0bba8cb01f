/** Classes of latin1 characters (RFC 3261 §25.1): `(classes[code]! & TOKEN) !== 0`. What is no latin1 is in none. */
export const TOKEN = 1;
export const DIGIT = 2;
/** hostname, and `_` as deployed names have it. */
export const HOST = 4;
/** user and password but for escapes, and `#`, which dial strings carry unescaped. */
export const USER = 8;
/** paramchar but for escapes. */
export const URI_PARAMETER = 16;
/** hname and hvalue but for escapes. */
export const URI_HEADER = 32;
/** An unquoted header parameter value: token, host, and `/` and `=`, which deployed tags and branches carry unquoted. */
export const VALUE = 64;
/** What a URI of any scheme may hold (RFC 3986 §2, and what it leaves out but for controls, space, quotes and angle brackets). */
export const URI_CHARACTER = 128;

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;

/** Linear white space: where it stands inside a header line, a CR or LF is part of a fold. */
export const isSpace = (code: number): boolean =>
  code === SPACE || code === TAB || code === CR || code === LF;

export const isHex = (code: number): boolean =>
  (classes[code]! & DIGIT) !== 0 || ((code | 32) >= 97 && (code | 32) <= 102);

/** Whether the text is one or more characters of a class. */
export function isAll(text: string, characterClass: number): boolean {
  for (let index = 0; index < text.length; index++) {
    if ((classes[text.charCodeAt(index)]! & characterClass) === 0) return false;
  }
  return text.length > 0;
}

export const classes = classify();
/** Each latin1 character's code in lower case, as ASCII has case. */
export const lowerCase = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= 65 && code <= 90 ? code + 32 : code,
);

function classify(): Uint8Array {
  const table = new Uint8Array(256);
  const add = (characterClass: number, characters: string) => {
    for (const character of characters) table[character.charCodeAt(0)]! |= characterClass;
  };
  const digits = '0123456789';
  const alphanum = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${digits}`;
  const unreserved = `${alphanum}-_.!~*'()`;
  const token = `${alphanum}-.!%*_+\`'~`;

  add(DIGIT, digits);
  add(TOKEN, token);
  add(HOST, `${alphanum}-._`);
  add(USER, `${unreserved}&=+$,;?/#`);
  add(URI_PARAMETER, `${unreserved}[]/:&+$`);
  add(URI_HEADER, `${unreserved}[]/?:+$`);
  add(VALUE, `${token}[]:/=`);
  for (let code = 0x21; code < 0x7f; code++) {
    const character = String.fromCharCode(code);
    if (!'"<>'.includes(character)) add(URI_CHARACTER, character);
  }
  return table;
}

import { classes, isAll, isSpace, TOKEN, VALUE } from './characters.js';
import { noParameters, type Scanner, Spans, unfold } from './scanner.js';
import { quoted } from './serialise.js';
import { formatURI, readURI, readWholeURI, type URI } from './uri.js';

/** A `name-addr` or `addr-spec` with the header's parameters (RFC 3261 §20.10, §25.1). */
export interface NameAddress {
  /** Without quotes and escapes. */
  readonly displayName?: string | undefined;
  readonly uri: URI;
  /** Names in lower case; values unquoted, '' for none. */
  readonly parameters: ReadonlyMap<string, string>;
  /** As written: with quotes where it came with them. */
  readonly tag?: string | undefined;
}

/** One value of a Contact (RFC 3261 §20.10). */
export interface Contact extends NameAddress {
  /** As written but for folds, without its expires parameter. */
  readonly text: string;
}

/** What `formatNameAddress` writes. */
export interface NameAddressParts {
  readonly displayName?: string | undefined;
  readonly uri: URI | string;
  readonly parameters?: ReadonlyMap<string, string> | undefined;
}

/** Always with angle brackets, so that no URI parameter can be taken for the header's. Throws a RangeError where a part can't be quoted. */
export function formatNameAddress({ displayName, uri, parameters = noParameters }: NameAddressParts): string {
  const address = typeof uri === 'string' ? uri : formatURI(uri);
  if (/[\0-\x20<>"]/.test(address)) throw new RangeError('A URI holds a space, quote or bracket.');
  let text = displayName === undefined ? `<${address}>` : `${quoted(displayName)} <${address}>`;
  for (const [name, value] of parameters) {
    if (!isAll(name, TOKEN)) throw new RangeError(`${JSON.stringify(name)} is no parameter name.`);
    text += value === '' ? `;${name}` : `;${name}=${isAll(value, VALUE) ? value : quoted(value)}`;
  }
  return text;
}

/** `( name-addr / addr-spec ) *( SEMI generic-param )` */
export function readNameAddress(scanner: Scanner, spans?: Spans): NameAddress | undefined {
  const displayName = readDisplayName(scanner);
  const isBracketed = scanner.peek() === OPENING_ANGLE;
  if (displayName !== undefined && !isBracketed) return scanner.fail('no < follows a display name');
  if (scanner.problem !== '') return undefined;
  const uri = isBracketed ? readBracketed(scanner) : readBare(scanner);
  if (uri === undefined) return undefined;
  const parameters = scanner.parameters(spans);
  if (parameters === undefined) return undefined;
  return { displayName, uri, parameters, tag: scanner.identity(parameters, 'tag') };
}

/** `( name-addr / addr-spec ) *( SEMI contact-params )` */
export function readContact(scanner: Scanner): Contact | undefined {
  const { text, position: start } = scanner;
  contactSpans.expires = undefined;
  const address = readNameAddress(scanner, contactSpans);
  if (address === undefined) return undefined;
  const { displayName, uri, parameters, tag } = address;
  const { expires } = contactSpans as Spans;
  const end = scanner.position;
  const written =
    expires === undefined
      ? text.slice(start, end)
      : text.slice(start, expires.start) + text.slice(expires.end, end);
  return { displayName, uri, parameters, tag, text: unfold(written).trimEnd() };
}

/** One for all: no Contact is read inside another. */
const contactSpans = new Spans();

/** `name-addr *( SEMI rr-param )`: without brackets, `lr` would be the header's (RFC 3261 §20.30, §20.34). */
export function readRoute(scanner: Scanner): NameAddress | undefined {
  const { text, position } = scanner;
  const route = readNameAddress(scanner);
  if (route?.displayName === undefined && text.charCodeAt(position) !== OPENING_ANGLE) {
    return scanner.fail('a route has no angle brackets');
  }
  return route;
}

/** `display-name = *( token LWS ) / quoted-string`: stays where it is if no name comes before a `<`. */
function readDisplayName(scanner: Scanner): string | undefined {
  const { text, end } = scanner;
  if (scanner.peek() === QUOTE) {
    const quoted = scanner.quotedString();
    scanner.skipSpace();
    return quoted;
  }
  const start = scanner.position;
  let position = start;
  while (position < end && isDisplayCharacter(text.charCodeAt(position))) position++;
  if (position === start || position === end || text.charCodeAt(position) !== OPENING_ANGLE) return undefined;
  scanner.position = position;
  while (isSpace(text.charCodeAt(position - 1))) position--;
  return unfold(text.slice(start, position));
}

function readBracketed(scanner: Scanner): URI | undefined {
  scanner.position++;
  const uri = readURI(scanner);
  if (uri !== undefined && scanner.peek() !== CLOSING_ANGLE) return scanner.fail('no > follows the URI');
  scanner.position++;
  return uri;
}

/** A URI that ends where the header's parameters or the next value begin; one with a `?` wants brackets (RFC 3261 §20). */
function readBare(scanner: Scanner): URI | undefined {
  const { text, position: start, end } = scanner;
  let close = start;
  while (close < end && !endsBareURI(text.charCodeAt(close))) close++;
  if (close < end && text.charCodeAt(close) === QUESTION_MARK) {
    return scanner.fail('a URI with a ? has no angle brackets');
  }
  scanner.end = close;
  const uri = readWholeURI(scanner);
  scanner.end = end;
  return uri;
}

/** Tokens, white space and UTF-8. */
const isDisplayCharacter = (code: number): boolean =>
  code > 127 || isSpace(code) || (classes[code]! & TOKEN) !== 0;

const endsBareURI = (code: number): boolean =>
  code === SEMICOLON || code === COMMA || code === QUESTION_MARK || isSpace(code);

const QUOTE = 34;
const COMMA = 44;
const SEMICOLON = 59;
const OPENING_ANGLE = 60;
const CLOSING_ANGLE = 62;
const QUESTION_MARK = 63;

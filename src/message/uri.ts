import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { classes, DIGIT, HOST, isHex, URI_CHARACTER, URI_HEADER, URI_PARAMETER, USER } from './characters.js';
import {
  mostParameters,
  noParameters,
  type Parameters,
  parameterNameAt,
  Scanner,
  type Span,
  Spans,
  tooManyParameters,
} from './scanner.js';

/** A SIP or SIPS URI (RFC 3261 §19.1.1). */
export interface SIPURI {
  readonly scheme: 'sip' | 'sips';
  /** As written, escapes and all: `decodeUser` decodes it. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** In lower case; an IPv6 address stands without its brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  /** Names in lower case; values as written, '' for none. */
  readonly parameters: ReadonlyMap<string, string>;
  /** As written, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  /** What of it may be a Request-URI, as written: neither headers nor `method` (§19.1.1, Table 1). */
  readonly target: string;
}

/** A URI of any other scheme: tel, urn, http … (RFC 3986 §3). */
export interface OpaqueURI {
  /** In lower case. */
  readonly scheme: string;
  readonly text: string;
}

export type URI = SIPURI | OpaqueURI;

export interface URIError {
  readonly code: 'malformed';
  /** One sentence that names the cause. */
  readonly message: string;
}

export function parseURI(text: string): Either<URIError, URI> {
  const scanner = new Scanner(text, 0, text.length);
  const uri = readWholeURI(scanner);
  return uri === undefined
    ? left({ code: 'malformed', message: `In the URI, ${scanner.problem}.` })
    : right(uri);
}

export const isSIPURI = (uri: URI): uri is SIPURI => uri.scheme === 'sip' || uri.scheme === 'sips';

export function formatURI(uri: URI): string {
  if (!isSIPURI(uri)) return uri.text;
  let text = `${uri.scheme}:`;
  if (uri.user !== undefined)
    text += uri.password === undefined ? `${uri.user}@` : `${uri.user}:${uri.password}@`;
  text += uri.host.includes(':') ? `[${uri.host}]` : uri.host;
  if (uri.port !== undefined) text += `:${uri.port}`;
  for (const [name, value] of uri.parameters) text += value === '' ? `;${name}` : `;${name}=${value}`;
  uri.headers.forEach(([name, value], index) => {
    text += `${index === 0 ? '?' : '&'}${name}=${value}`;
  });
  return text;
}

/** The user, its escapes decoded once, as latin1 text: a user beyond ASCII is UTF-8 in it. */
export const decodeUser = (uri: SIPURI): string | undefined =>
  uri.user?.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );

/** Whether two URIs are equivalent (RFC 3261 §19.1.4); those of other schemes are where they are written alike. */
export function equalURI(one: URI, other: URI): boolean {
  if (!isSIPURI(one) || !isSIPURI(other)) {
    return one.scheme === other.scheme && afterScheme(one) === afterScheme(other);
  }
  return (
    one.scheme === other.scheme &&
    one.host === other.host &&
    one.port === other.port &&
    normal(one.user) === normal(other.user) &&
    normal(one.password) === normal(other.password) &&
    equalParameters(one.parameters, other.parameters) &&
    equalHeaders(one.headers, other.headers)
  );
}

/** A URI that goes on to the scanner's end. */
export function readWholeURI(scanner: Scanner): URI | undefined {
  const uri = readURI(scanner);
  return uri !== undefined && scanner.position < scanner.end ? scanner.fail(STRANGE_CHARACTER) : uri;
}

/** A URI that goes on as far as its characters do. */
export function readURI(scanner: Scanner): URI | undefined {
  const { text, position: start } = scanner;
  const scheme = readScheme(scanner);
  if (scheme === undefined) return undefined;
  if (scheme === 'sip' || scheme === 'sips') return readSIPURI(scanner, scheme, start);
  const rest = scanner.skip(URI_CHARACTER);
  if (scanner.position === rest) return scanner.fail('nothing follows the scheme');
  return { scheme, text: text.slice(start, scanner.position) };
}

/** `host = hostname / IPv4address / IPv6reference`, in lower case and without brackets. */
export function readHost(scanner: Scanner): string | undefined {
  const { text } = scanner;
  if (scanner.peek() !== OPENING_BRACKET) {
    const start = scanner.skip(HOST);
    return scanner.position > start
      ? lowerCase(text, start, scanner.position)
      : scanner.fail('a host is missing');
  }
  const start = scanner.position + 1;
  let end = start;
  let colons = 0;
  while (end < scanner.end && isAddressCharacter(text.charCodeAt(end))) {
    if (text.charCodeAt(end) === COLON) colons++;
    end++;
  }
  scanner.position = end;
  if (colons < 2 || scanner.peek() !== CLOSING_BRACKET) return scanner.fail('an IPv6 address is malformed');
  scanner.position++;
  return text.slice(start, end).toLowerCase();
}

/** Most hosts are in lower case already. */
function lowerCase(text: string, start: number, end: number): string {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code >= 65 && code <= 90) return text.slice(start, end).toLowerCase();
  }
  return text.slice(start, end);
}

/** `1*DIGIT`, a port that something can be sent to. */
export function readPort(scanner: Scanner): number | undefined {
  const port = scanner.number(65_535);
  return port === 0 ? scanner.fail('a port is 0') : port;
}

/** `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`, and its colon. */
function readScheme(scanner: Scanner): string | undefined {
  const { text, position: start } = scanner;
  let end = start;
  while (end < scanner.end && isSchemeCharacter(text.charCodeAt(end))) end++;
  if (
    end === start ||
    end === scanner.end ||
    text.charCodeAt(end) !== COLON ||
    !isLetter(text.charCodeAt(start))
  ) {
    return scanner.fail('the scheme is missing');
  }
  scanner.position = end + 1;
  if (text.startsWith('sip:', start)) return 'sip';
  return text.slice(start, end).toLowerCase();
}

/** `[ userinfo ] hostport uri-parameters [ headers ]` */
function readSIPURI(scanner: Scanner, scheme: 'sip' | 'sips', start: number): SIPURI | undefined {
  const { text } = scanner;
  let user: string | undefined;
  let password: string | undefined;
  const userinfo = scanner.skipEscaped(USER);
  let colon = -1;
  if (scanner.peek() === COLON) {
    colon = scanner.position++;
    scanner.skipEscaped(USER);
  }
  if (scanner.peek() === AT) {
    const end = scanner.position++;
    user = text.slice(userinfo, colon < 0 ? end : colon);
    if (colon >= 0) password = text.slice(colon + 1, end);
    if (user === '') return scanner.fail('the user is empty');
  } else {
    scanner.position = userinfo;
  }

  const host = readHost(scanner);
  if (host === undefined) return undefined;
  let port: number | undefined;
  if (scanner.peek() === COLON) {
    scanner.position++;
    port = readPort(scanner);
    if (port === undefined) return undefined;
  }
  uriSpans.method = undefined;
  const parameters = scanner.peek() === SEMICOLON ? readParameters(scanner) : noParameters;
  if (parameters === undefined) return undefined;
  const { position: end } = scanner;
  const { method } = uriSpans as Spans;
  const headers = scanner.peek() === QUESTION_MARK ? readHeaders(scanner) : noHeaders;
  if (headers === undefined) return undefined;
  const whole = text.slice(start, scanner.position);
  return {
    scheme,
    user,
    password,
    host,
    port,
    parameters,
    headers,
    text: whole,
    target:
      headers === noHeaders && method === undefined
        ? whole
        : without(text, start, method ?? { start: end, end }, end),
  };
}

/** `*( ";" uri-parameter )`; a name that comes twice is refused (RFC 3261 §19.1.1). */
function readParameters(scanner: Scanner): Parameters | undefined {
  const { text } = scanner;
  const parameters = new Map<string, string>();
  while (scanner.peek() === SEMICOLON) {
    const separator = scanner.position++;
    const start = scanner.skipEscaped(URI_PARAMETER);
    if (scanner.position === start) return scanner.fail('a URI parameter has no name');
    const name = parameterNameAt(text, start, scanner.position);
    let value = '';
    if (scanner.peek() === EQUALS) {
      scanner.position++;
      const valueStart = scanner.skipEscaped(URI_PARAMETER);
      value = text.slice(valueStart, scanner.position);
      if (value === '') return scanner.fail('a URI parameter has an empty value');
    }
    if (parameters.has(name)) return scanner.fail(`the URI parameter ${name} comes twice`);
    if (parameters.size === mostParameters) return scanner.fail(tooManyParameters);
    parameters.set(name, value);
    uriSpans.note(name, separator, scanner.position);
  }
  return parameters;
}

/** `"?" header *( "&" header )` */
function readHeaders(scanner: Scanner): SIPURI['headers'] | undefined {
  const { text } = scanner;
  const headers: (readonly [string, string])[] = [];
  do {
    scanner.position++;
    const start = scanner.skipEscaped(URI_HEADER);
    const nameEnd = scanner.position;
    if (nameEnd === start || scanner.peek() !== EQUALS)
      return scanner.fail('a URI header has no name and value');
    scanner.position++;
    const valueStart = scanner.skipEscaped(URI_HEADER);
    if (headers.length === mostParameters) return scanner.fail(tooManyParameters);
    headers.push([text.slice(start, nameEnd), text.slice(valueStart, scanner.position)]);
  } while (scanner.peek() === AMPERSAND);
  return headers;
}

/** A piece of text without a span of it. */
const without = (text: string, start: number, span: Span, end: number): string =>
  text.slice(start, span.start) + text.slice(span.end, end);

/** One for all: no URI is read inside another. */
const uriSpans = new Spans();

const afterScheme = (uri: URI): string => uri.text.slice(uri.scheme.length);

function equalParameters(one: Parameters, other: Parameters): boolean {
  for (const [name, value] of one) {
    const counterpart = other.get(name);
    if (counterpart === undefined ? neverIgnored.has(name) : !equalValue(value, counterpart)) return false;
  }
  for (const name of other.keys()) {
    if (neverIgnored.has(name) && !one.has(name)) return false;
  }
  return true;
}

/** The headers of each in any order. */
function equalHeaders(one: SIPURI['headers'], other: SIPURI['headers']): boolean {
  if (one.length !== other.length) return false;
  const sorted = (headers: SIPURI['headers']) =>
    headers.map(([name, value]) => `${normal(name).toLowerCase()}=${normal(value)}`).sort();
  const others = sorted(other);
  return sorted(one).every((header, index) => header === others[index]);
}

const equalValue = (one: string, other: string): boolean =>
  normal(one).toLowerCase() === normal(other).toLowerCase();

/** Escapes of what needs none decoded, the others in one case (RFC 3261 §19.1.4, RFC 3986 §6.2.2.2). */
const normal = (text: string | undefined): string =>
  text === undefined
    ? '\0'
    : text.replace(/%([0-9A-Fa-f]{2})/g, (escaped, digits: string) => {
        const character = String.fromCharCode(Number.parseInt(digits, 16));
        return /[\w.!~*'()-]/.test(character) ? character : escaped.toUpperCase();
      });

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
const isDigit = (code: number): boolean => (classes[code]! & DIGIT) !== 0;
const isSchemeCharacter = (code: number): boolean =>
  isLetter(code) || isDigit(code) || code === PLUS || code === HYPHEN || code === DOT;
const isAddressCharacter = (code: number): boolean => isHex(code) || code === COLON || code === DOT;

const noHeaders: SIPURI['headers'] = [];
/** What makes two URIs differ where only one has it. `transport` is one: §19.1.4 says so by example. */
const neverIgnored: ReadonlySet<string> = new Set(['user', 'ttl', 'method', 'maddr', 'transport']);

const STRANGE_CHARACTER = 'a character may not stand where it does';
const AMPERSAND = 38;
const PLUS = 43;
const HYPHEN = 45;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const EQUALS = 61;
const QUESTION_MARK = 63;
const AT = 64;
const OPENING_BRACKET = 91;
const CLOSING_BRACKET = 93;

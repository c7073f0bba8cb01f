import type { Address } from './message.js';
import { type Scanner, type Span, type Spans, wholeNumber } from './scanner.js';
import { readHost, readPort } from './uri.js';

/** One value of a Via header field (RFC 3261 §20.42, RFC 3581 §3). */
export interface Via {
  readonly protocol: string;
  readonly version: string;
  /** In upper case. */
  readonly transport: string;
  /** The sent-by host in lower case; an IPv6 address stands without its brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly branch?: string | undefined;
  /** True where it has no value. */
  readonly rport?: number | true | undefined;
  /** An IPv6 address without brackets. */
  readonly received?: string | undefined;
  readonly maddr?: string | undefined;
  readonly ttl?: number | undefined;
  /** All of them: names in lower case, values unquoted, '' for none. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** `sent-protocol LWS sent-by *( SEMI via-params )` */
export function readVia(scanner: Scanner, spans?: Spans): Via | undefined {
  const protocol = readProtocol(scanner);
  if (protocol === undefined) return undefined;
  scanner.skipSpace();
  const host = readHost(scanner);
  if (host === undefined) return undefined;
  let port: number | undefined;
  if (scanner.separator(COLON)) {
    port = readPort(scanner);
    if (port === undefined) return undefined;
  }
  const parameters = scanner.parameters(spans);
  if (parameters === undefined) return undefined;
  const rport = wholeNumber(parameters.get('rport'), 65_535);
  const ttl = wholeNumber(parameters.get('ttl'), 255);
  if (Number.isNaN(rport) || Number.isNaN(ttl)) return scanner.fail('rport or ttl is no such number');
  return {
    protocol: protocol.name,
    version: protocol.version,
    transport: protocol.transport,
    host,
    port,
    branch: parameters.get('branch'),
    rport: rport === undefined && parameters.has('rport') ? true : rport,
    received: withoutBrackets(parameters.get('received')),
    maddr: withoutBrackets(parameters.get('maddr')),
    ttl,
    parameters,
  };
}

interface Protocol {
  readonly name: string;
  readonly version: string;
  readonly transport: string;
}

/** `protocol-name SLASH protocol-version SLASH transport` */
function readProtocol(scanner: Scanner): Protocol | undefined {
  for (const known of protocols) {
    if (scanner.literal(known.text)) return known;
  }
  const name = scanner.token();
  if (name === undefined || !scanner.separator(SLASH)) return scanner.fail(BAD_PROTOCOL);
  const version = scanner.token();
  if (version === undefined || !scanner.separator(SLASH)) return scanner.fail(BAD_PROTOCOL);
  const transport = scanner.token();
  if (transport === undefined) return undefined;
  return { name: name.toUpperCase(), version, transport: transport.toUpperCase() };
}

/** The first value of a Via line, whatever the values after it are like. */
export function readTopVia(scanner: Scanner, spans?: Spans): Via | undefined {
  const via = readVia(scanner, spans);
  const isWhole = scanner.position === scanner.end || scanner.peek() === COMMA;
  return via !== undefined && !isWhole ? scanner.fail('something follows its first value') : via;
}

/** A Via line's value with a source in its first one. */
export interface Stamped {
  readonly via: Via;
  readonly text: string;
}

/**
 * Says in a request's top Via, which ends at `end` of its line's value, where the request came from: `received` where sent-by names
 * another host (RFC 3261 §18.2.1), `received` and `rport` where the client asks for both (RFC 3581 §4). What the
 * client wrote there itself is replaced. Undefined where there is nothing to say.
 */
export function stampVia(
  text: string,
  via: Via,
  end: number,
  spans: Spans,
  source: Address,
): Stamped | undefined {
  const { rport, received } = spans;
  const isReceived = rport !== undefined || via.host !== source.host;
  if (!isReceived && received === undefined) return undefined;

  const parameters =
    via.parameters.size === 0 ? new Map<string, string>() : (via.parameters as Map<string, string>);
  parameters.delete('received');
  let stamp = '';
  if (rport !== undefined) {
    parameters.set('rport', String(source.port));
    stamp = `;rport=${source.port}`;
  }
  if (isReceived) {
    parameters.set('received', source.host);
    stamp += `;received=${source.host}`;
  }
  const place = rport ?? { start: end, end };
  const stampedVia = {
    protocol: via.protocol,
    version: via.version,
    transport: via.transport,
    host: via.host,
    port: via.port,
    branch: via.branch,
    rport: rport && source.port,
    received: isReceived ? source.host : undefined,
    maddr: via.maddr,
    ttl: via.ttl,
    parameters,
  };
  return { via: stampedVia, text: replaced(text, place, stamp, received) };
}

/** The text with the stamp in its place and without what the client said it received from. */
function replaced(text: string, place: Span, stamp: string, received: Span | undefined): string {
  if (received === undefined) return text.slice(0, place.start) + stamp + text.slice(place.end);
  if (received.start < place.start) {
    return (
      text.slice(0, received.start) + text.slice(received.end, place.start) + stamp + text.slice(place.end)
    );
  }
  return (
    text.slice(0, place.start) + stamp + text.slice(place.end, received.start) + text.slice(received.end)
  );
}

const withoutBrackets = (host: string | undefined): string | undefined =>
  host?.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;

/** The usual ones, as they are usually written. */
const protocols = ['UDP', 'TCP', 'TLS', 'WSS', 'WS'].map((transport) => ({
  name: 'SIP',
  version: '2.0',
  transport,
  text: `SIP/2.0/${transport} `,
}));

const BAD_PROTOCOL = 'its protocol is not a name, a version and a transport';
const COMMA = 44;
const SLASH = 47;
const COLON = 58;

import { type Address, isSIPURI, parseURI, type Via } from '../message/index.js';
import type { Flow } from '../transports/transport.js';

const defaultPort = 5060;

/**
 * The way of a response (RFC 3261 §18.2.2, RFC 3581 §4), always by the transport that the request came by: the
 * connection itself, or over UDP the source address with the port that the top Via asks for.
 */
export const responseFlow = (via: Via, source: Flow): Flow => {
  if (source.transport.reliable) return source;
  const maddr = ignoresMaddr(via, source) ? undefined : via.maddr;
  const host = maddr ?? source.remote.host;
  const port =
    via.rport === undefined || maddr !== undefined ? (via.port ?? defaultPort) : source.remote.port;
  return host === source.remote.host && port === source.remote.port
    ? source
    : source.transport.flowTo({ host, port });
};

/**
 * Whether the top Via of a request wants its responses sent to a third party, neither a group nor the source: they
 * would be many times what came, and nobody there has asked.
 */
// Deviates from RFC 3261 §18.2.2: a maddr that is a unicast address other than the source is ignored.
export const ignoresMaddr = ({ maddr }: Via, { transport, remote }: Flow): boolean =>
  maddr !== undefined && !transport.reliable && maddr !== remote.host && !isMulticast(maddr);

/** RFC 5771 §3; RFC 4291 §2.7. */
const isMulticast = (host: string) =>
  /^(?:2(?:2[4-9]|3\d)(?:\.\d{1,3}){3}|ff[\da-f]{2}:[\da-f:.]*)$/i.test(host);

/** Where a response goes whose connection is gone: the source address and the sent-by's port (RFC 3261 §18.2.2). */
export const fallbackAddress = (via: Via, source: Address): Address => ({
  host: source.host,
  port: via.port ?? defaultPort,
});

/** An IPv4 address or an IPv6 one without brackets. */
export const isNumeric = (host: string) => host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);

/** A host as it stands in a URI or a Via (RFC 3261 §25.1, IPv6reference). */
export const hostText = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** Whether a text is a host as others may reach it: a name, an IPv4 address, or an IPv6 one without brackets. */
export const isHost = (text: string): boolean => {
  const uri = parseURI(`sip:${hostText(text)}`);
  return (
    uri._tag === 'Right' && isSIPURI(uri.right) && uri.right.host === text.toLowerCase() && !isWildcard(text)
  );
};

/** Whether it stands for every address. */
export const isWildcard = (host: string) => host === '0.0.0.0' || host === '::';

import type { Address, Via } from '../message/index.js';
import type { Flow } from '../transports/transport.js';

const defaultPort = 5060;

/**
 * The way of a response (RFC 3261 §18.2.2, RFC 3581 §4), always by the transport that the request came by: the
 * connection itself, or over UDP the source address with the port that the top Via asks for.
 */
export const responseFlow = (via: Via, source: Flow): Flow => {
  if (source.transport.reliable) return source;
  const multicast = via.maddr !== undefined && isNumeric(via.maddr) ? via.maddr : undefined;
  const host = multicast ?? source.remote.host;
  const port =
    via.rport === undefined || multicast !== undefined ? (via.port ?? defaultPort) : source.remote.port;
  return host === source.remote.host && port === source.remote.port
    ? source
    : source.transport.flowTo({ host, port });
};

/** Where a response goes whose connection is gone: the source address and the sent-by's port (RFC 3261 §18.2.2). */
export const fallbackAddress = (via: Via, source: Address): Address => ({
  host: source.host,
  port: via.port ?? defaultPort,
});

/** An IPv4 address or an IPv6 one without brackets. */
export const isNumeric = (host: string) => host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);

/** A host as it stands in a URI or a Via (RFC 3261 §25.1, IPv6reference). */
export const hostText = (host: string) => (host.includes(':') ? `[${host}]` : host);

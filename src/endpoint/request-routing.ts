import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { copied } from '../message/flat.js';
import { type Address, isSIPURI, parseURI, type Via } from '../message/index.js';
import type { Flow, Protocol, Transport, TransportError } from '../transports/transport.js';
import { hostText, isNumeric } from './routing.js';

const defaultPort = 5060;

/** Where a request goes next (RFC 3261 §8.1.2, RFC 3263 §4). */
export interface NextHop {
  readonly host: string;
  readonly port: number;
  /** As the URI orders it; undefined leaves the choice. */
  readonly protocol: Protocol | undefined;
}

export const readNextHop = (text: string): Either<TransportError, NextHop> => {
  const parsed = parseURI(text);
  if (parsed._tag === 'Left') return left({ code: 'unresolved', message: parsed.left.message });
  const uri = parsed.right;
  if (!isSIPURI(uri))
    return left({ code: 'unresolved', message: `a ${uri.scheme}: URI names no host to send to` });
  const secure = uri.scheme === 'sips';
  const wanted = uri.parameters.get('transport')?.toUpperCase();
  return right({
    host:
      uri.parameters
        .get('maddr')
        ?.replace(/^\[|\]$/g, '')
        .toLowerCase() ?? uri.host,
    port: uri.port ?? (secure || wanted === 'TLS' ? 5061 : defaultPort),
    protocol: secure ? 'TLS' : wanted === undefined ? undefined : (wanted as Protocol),
  });
};

/** Who sent a request: the last proxy on its way or, where there was none, the peer itself. */
export interface Neighbour {
  readonly transport: Transport;
  /** Where the flow leads that the request came by. */
  readonly remote: Address;
  /** What the neighbour calls itself. */
  readonly sentBy: Address;
}

/** By the request's top Via; over UDP it is reached at the port at which it awaits the response (RFC 3581 §4). */
export const neighbourOf = (via: Via, { transport, remote }: Flow): Neighbour => {
  const sentByPort = via.port ?? defaultPort;
  const port = transport.reliable || via.rport !== undefined ? remote.port : sentByPort;
  const source = port === remote.port ? remote : { host: remote.host, port };
  const isItself = via.host === source.host && sentByPort === source.port;
  return {
    transport,
    remote: source,
    sentBy: isItself ? source : { host: copied(via.host), port: sentByPort },
  };
};

/** The place of a flow among the targets of a request. */
export type Rank = 'only' | 'first' | 'last' | 'none';

/**
 * The place of the flow by which the neighbour's requests come, for a request in their dialog. Where the neighbour is the
 * next hop, its flow leads there, and over UDP to a numeric host there is no other way; a name may have other
 * addresses, and a connection may break. Elsewhere an open connection is better than nothing. A URI that orders another
 * transport is obeyed (RFC 3263 §4.1).
 */
export const rankOfFlow = (hop: NextHop, neighbour: Neighbour): Rank => {
  const { protocol, reliable } = neighbour.transport;
  if (hop.protocol !== undefined && hop.protocol !== protocol) return 'none';
  if (isNeighbour(hop, neighbour)) return reliable || !isNumeric(hop.host) ? 'first' : 'only';
  return reliable ? 'last' : 'none';
};

/**
 * Whether the next hop is the neighbour: by the address that it has, or by the one that it gives itself, which a NAT may
 * have changed on the way. The port of a connection is not the one that its peer listens at. A host of `.invalid` is
 * for those that know no address of their own (RFC 6761 §6.4, RFC 7118 Appendix B.1).
 */
const isNeighbour = (hop: NextHop, { transport, remote, sentBy }: Neighbour): boolean => {
  const isAt = ({ host, port }: Address) => host === hop.host && (transport.reliable || port === hop.port);
  return isAt(remote) || isAt(sentBy) || /(^|\.)invalid\.?$/.test(hop.host);
};

/** Why a request has no target, for people. */
export const noTransport = ({ host, port, protocol }: NextHop): string =>
  `no ${protocol === undefined ? '' : `${protocol} `}transport to ${hostText(host)}:${port}`;

/** Why the addresses of a name are none, for people. */
export const noAddress = (host: string, failure: TransportError['code'] = 'unresolved'): string =>
  failure === 'unresolved' ? `no address for ${host}` : `no address for ${host} (${failure})`;

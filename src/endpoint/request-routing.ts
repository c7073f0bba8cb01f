import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isSIPURI, parseURI } from '../message/index.js';
import type { Resolver } from '../transports/resolver.js';
import type { Protocol, TransportError } from '../transports/transport.js';
import { isNumeric } from './routing.js';

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
    return left({ code: 'unresolved', message: `A ${uri.scheme}: URI names no host to send to` });
  const secure = uri.scheme === 'sips';
  const wanted = uri.parameters.get('transport')?.toUpperCase();
  return right({
    host:
      uri.parameters
        .get('maddr')
        ?.replace(/^\[|\]$/g, '')
        .toLowerCase() ?? uri.host,
    port: uri.port ?? (secure || wanted === 'TLS' ? 5061 : 5060),
    protocol: secure ? 'TLS' : wanted === undefined ? undefined : (wanted as Protocol),
  });
};

/** The numeric host of a next hop: itself, or what the resolver gives first. */
export const numericHost =
  (host: string, resolver: Resolver): TaskEither<TransportError, string> =>
  async () => {
    if (isNumeric(host)) return right(host);
    const addresses = await resolver.resolve(host)();
    if (addresses._tag === 'Left') return addresses;
    const [first] = addresses.right;
    return first === undefined
      ? left({ code: 'unresolved', message: `${host} has no address` })
      : right(first);
  };

import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Address } from '../message/index.js';
import { addressText } from '../transports/transport-error.js';

/** Whether only this machine reaches an IP address. */
export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

export interface Access {
  /** As the socket is bound. */
  readonly bound: Address;
  /** What every URL must have, where anything. */
  readonly token: string | undefined;
}

/** A sentence about why a request is refused, if it is. */
export const refusalOf = (
  request: IncomingMessage,
  query: URLSearchParams,
  { bound, token }: Access,
): string | undefined => {
  const names = namesOf(request, bound);
  const host = request.headers.host ?? '';
  if (!names.has(host)) return `this is ${addressText(bound)}, and not ${host || 'a server without a name'}`;
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) return 'pages of another origin may not ask';
  const site = request.headers['sec-fetch-site'];
  const isNavigation = request.headers['sec-fetch-mode'] === 'navigate';
  if ((site === 'cross-site' || site === 'same-site') && !isNavigation)
    return 'pages of another origin may not ask';
  if (token !== undefined && !isSame(query.get('token') ?? '', token))
    return 'the token is missing or wrong; open the URL that the inspector printed';
  return undefined;
};

/** The names that a Host header may give this server: a name that somebody else's DNS has for it is none of them. */
const namesOf = (request: IncomingMessage, bound: Address): ReadonlySet<string> => {
  const { port } = bound;
  const { localAddress = bound.host } = request.socket;
  const own = localAddress.startsWith('::ffff:') ? localAddress.slice('::ffff:'.length) : localAddress;
  const names = [addressText(bound), addressText({ host: own, port })];
  if (isLoopback(own)) names.push(`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`);
  // Browsers leave out HTTP's own port.
  if (port === 80) names.push(...names.map((name) => name.replace(/:80$/, '')));
  return new Set(names);
};

const isSame = (one: string, other: string): boolean => {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
};

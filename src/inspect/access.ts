import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Address } from '../message/index.js';
import { addressText } from '../transports/transport-error.js';

/** Whether only this machine reaches an IP address. */
const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

export interface Access {
  /** As the socket is bound. */
  readonly bound: Address;
  /** What the URL of all that a user agent tells must have. */
  readonly token: string;
}

/** A sentence about why a request is refused, if it is. */
export const refusalOf = (
  request: IncomingMessage,
  { pathname, searchParams }: URL,
  access: Access,
): string | undefined => {
  const { bound, token } = access;
  const names = namesOf(request, bound);
  const host = request.headers.host ?? '';
  if (!names.has(host)) return `this is ${addressText(bound)}, and not ${host || 'a server without a name'}`;
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) return 'pages of another origin may not ask';
  const site = request.headers['sec-fetch-site'];
  const isNavigation = request.headers['sec-fetch-mode'] === 'navigate';
  if ((site === 'cross-site' || site === 'same-site') && !isNavigation)
    return 'pages of another origin may not ask';
  if (isSame(searchParams.get('token') ?? '', token)) return undefined;
  if (!telling.has(pathname) && isSame(passIn(request, access), passOf(token))) return undefined;
  return 'the token is missing or wrong; open the URL that the inspector printed';
};

/** What tells of a user agent; all else is the same for everybody who has this package. */
const telling: ReadonlySet<string> = new Set(['/events', '/recording.jsonl', '/messages.pcapng']);

/**
 * The Set-Cookie by which a browser gets the page's own files, and the page again when it is reloaded, without a token in
 * their URLs. It opens nothing else: browsers show a cookie to every port of a host.
 */
export const passCookie = ({ bound, token }: Access): string =>
  `${cookieName(bound)}=${passOf(token)}; HttpOnly; SameSite=Strict; Path=/`;

const cookieName = ({ port }: Address): string => `sipchart-inspector-${port}`;

const passOf = (token: string): string => createHmac('sha256', token).update('page').digest('base64url');

const passIn = (request: IncomingMessage, { bound }: Access): string => {
  const start = `${cookieName(bound)}=`;
  const cookies = (request.headers.cookie ?? '').split('; ');
  return cookies.find((cookie) => cookie.startsWith(start))?.slice(start.length) ?? '';
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

/** In a time that tells nothing of either, their lengths included. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other));

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

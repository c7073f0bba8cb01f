import { isIP } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { isHost } from '../endpoint/routing.js';
import type { Address } from '../index.js';

/**
 * `127.0.0.1:5060`, `[::1]:5060`, `0.0.0.0:0`; a port alone is one of this machine's loopback, as `localhost` is. Where it
 * is none, one sentence that says why.
 */
export function parseSocketAddress(text: string): Either<string, Address> {
  if (/^[0-9]+$/.test(text)) return withPort(loopback, text);
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  if (host === '' || isIP(text) === 6)
    return left(`"${text}" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone`);
  const numeric = numericHost(host);
  return numeric === undefined
    ? left(`"${host}" is no numeric address; write it as 127.0.0.1, [::1] or localhost`)
    : withPort(numeric, text.slice(colon + 1));
}

const withPort = (host: string, port: string): Either<string, Address> =>
  /^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535
    ? right({ host, port: Number(port) })
    : left(`"${port}" is no port; name one from 1 to 65535, or 0 for a free one`);

/** A name or an address at which others reach this machine; where it is none, one sentence that says why. */
export function parseHost(text: string): Either<string, string> {
  const host = numericHost(text) ?? text;
  return isHost(host)
    ? right(host)
    : left(
        `"${text}" is no host that others reach; name one without a port, as sip.example.com or 192.0.2.1`,
      );
}

const loopback = '127.0.0.1';

function numericHost(host: string): string | undefined {
  if (isIP(host) === 4) return host;
  if (host.toLowerCase() === 'localhost') return loopback;
  const inside = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : '';
  return isIP(inside) === 6 ? inside : undefined;
}

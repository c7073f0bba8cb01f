import { isIP } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Address } from '../index.js';

/** `127.0.0.1:5060`, `[::1]:5060`, `0.0.0.0:0`; where it is none, one sentence that says why. */
export function parseSocketAddress(text: string): Either<string, Address> {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  const port = text.slice(colon + 1);
  if (colon < 0 || host === '' || isIP(text) === 6)
    return left(`"${text}" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060`);
  const numeric = unbracketed(host);
  if (numeric === undefined) return left(`"${host}" is no numeric address; write it as 127.0.0.1 or [::1]`);
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535)
    return left(`"${port}" is no port; name one from 1 to 65535, or 0 for a free one`);
  return right({ host: numeric, port: Number(port) });
}

function unbracketed(host: string): string | undefined {
  if (isIP(host) === 4) return host;
  const inside = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : '';
  return isIP(inside) === 6 ? inside : undefined;
}

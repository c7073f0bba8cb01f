import { isText, required, wholeNumber } from '../options/rules.js';

/** An IPv4 address that a dual-stack socket names in IPv6 form (RFC 4291 §2.5.5.2) as itself; any other as it is. */
export function unmappedHost(host: string): string {
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice('::ffff:'.length) : host;
}

/** How an IPv6 socket names the host: the inverse of `unmappedHost`. */
export function mappedHost(host: string): string {
  return host.includes(':') ? host : `::ffff:${host}`;
}

/** What a socket's host and port may be. Whether the host is an address of this machine shows when it is opened. */
export const addressRules = (example: string) => ({
  host: required(isText, example),
  port: required(wholeNumber(0, 65_535), example),
});

/** An IPv4 address that a dual-stack socket names in IPv6 form (RFC 4291 §2.5.5.2) as itself; any other as it is. */
export function unmappedHost(host: string): string {
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice('::ffff:'.length) : host;
}

/** How an IPv6 socket names the host: the inverse of `unmappedHost`. */
export function mappedHost(host: string): string {
  return host.includes(':') ? host : `::ffff:${host}`;
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 65_535;
}

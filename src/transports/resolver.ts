import { Resolver as DnsResolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { TransportError } from './transport.js';

/** Names to numeric addresses, best first and never none; fails with `unresolved` or `timeout`. */
export interface Resolver {
  resolve(host: string): TaskEither<TransportError, readonly string[]>;
}

export interface NodeResolverOptions {
  /** Milliseconds for one name; 5,000 by default. */
  readonly timeLimit?: number;
  /** Name servers as `192.0.2.1` or `192.0.2.1:5353`; those of the system by default. */
  readonly servers?: readonly string[];
}

/** Asks for A and AAAA records at once. `localhost` (RFC 6761 §6.3) and numeric hosts are never asked for. */
export function nodeResolver({ timeLimit = 5_000, servers = [] }: NodeResolverOptions = {}): Resolver {
  return {
    resolve: (host) => async () => {
      if (isIP(host) !== 0) return right([host]);
      if (isLocalhost(host.toLowerCase())) return right(['127.0.0.1', '::1']);
      return query(host, timeLimit, servers);
    },
  };
}

async function query(
  host: string,
  timeLimit: number,
  servers: readonly string[],
): Promise<Either<TransportError, readonly string[]>> {
  const resolver = new DnsResolver();
  if (servers.length > 0) resolver.setServers(servers);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    resolver.cancel();
  }, timeLimit);
  const [a, aaaa] = await Promise.all([
    resolver.resolve4(host).catch(() => []),
    resolver.resolve6(host).catch(() => []),
  ]);
  clearTimeout(limit);
  if (a.length + aaaa.length > 0) return right([...a, ...aaaa]);
  return left(
    late
      ? { code: 'timeout', message: `${host} was not resolved within ${timeLimit} ms` }
      : {
          code: 'unresolved',
          message: `${host} has no address; name a host that the domain name system knows`,
        },
  );
}

function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

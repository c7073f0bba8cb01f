import { Resolver as DnsResolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { check, isText, listOf, optionsOf, wholeNumber } from '../options/rules.js';
import type { TransportError } from './transport.js';

/** Names to numeric addresses, best first and never none; fails with `unresolved` or `timeout`, and always ends. */
export interface Resolver {
  resolve(host: string): TaskEither<TransportError, readonly string[]>;
}

export interface NodeResolverOptions {
  /** Milliseconds for one name; 5,000 by default. */
  readonly timeLimit?: number;
  /** Name servers as `192.0.2.1` or `192.0.2.1:5353`; those of the system by default. */
  readonly servers?: readonly string[];
}

/**
 * Asks for A and AAAA records at once. An answer is remembered as long as its records live, from 5 seconds to an hour;
 * that there is none, for 10 seconds. Lookups of one name are joined, at most 100 run at once, and 10,000 names are
 * remembered or waited for: beyond that a lookup fails with `overflow`. Numeric hosts, `localhost` (RFC 6761 §6.3) and
 * names of `.invalid` (§6.4) are never asked for.
 */
export function nodeResolver(options: NodeResolverOptions = {}): Resolver {
  check('nodeResolver', options, resolverRule);
  const { timeLimit = 5_000, servers = [] } = options;
  const lookups = new Lookups(timeLimit, servers);
  return {
    resolve: (host) => async () => {
      const name = host.toLowerCase().replace(/\.$/, '');
      if (isIP(host) !== 0) return right([host]);
      if (isOf(name, 'localhost')) return right(['127.0.0.1', '::1']);
      if (isOf(name, 'invalid')) return left(unresolved(host));
      return lookups.of(name);
    },
  };
}

const resolverRule = optionsOf<NodeResolverOptions>({
  timeLimit: wholeNumber(1, 2 ** 31 - 1, 'milliseconds'),
  servers: listOf(isText),
});

const mostAtOnce = 100;
const mostNames = 10_000;
const shortestMemory = 5_000;
const longestMemory = 3_600_000;
const memoryOfFailure = 10_000;

type Addresses = Either<TransportError, readonly string[]>;

interface Lookup {
  readonly addresses: Promise<Addresses>;
  /** Milliseconds on the clock of `performance`; undefined while it waits for its answer. */
  until: number | undefined;
}

/** The lookups of names, each until it is forgotten. */
class Lookups {
  readonly #timeLimit: number;
  readonly #dns: DnsResolver;
  /** Oldest first. */
  readonly #byName = new Map<string, Lookup>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(timeLimit: number, servers: readonly string[]) {
    this.#timeLimit = timeLimit;
    // The second try waits twice as long as the first.
    this.#dns = new DnsResolver({ timeout: Math.ceil(timeLimit / 3), tries: 2 });
    if (servers.length > 0) this.#dns.setServers(servers);
  }

  of(name: string): Promise<Addresses> {
    const known = this.#byName.get(name);
    if (known !== undefined && (known.until ?? Number.POSITIVE_INFINITY) > performance.now())
      return known.addresses;
    this.#byName.delete(name);
    if (!this.#makeRoom()) return Promise.resolve(left(overflow(name)));
    const lookup: Lookup = {
      addresses: this.#ask(name).then(({ addresses, memory }) => {
        lookup.until = performance.now() + memory;
        return addresses;
      }),
      until: undefined,
    };
    this.#byName.set(name, lookup);
    return lookup.addresses;
  }

  /** Forgets the oldest answer where there are too many; false where all of them are still waited for. */
  #makeRoom(): boolean {
    if (this.#byName.size < mostNames) return true;
    for (const [name, { until }] of this.#byName) if (until !== undefined) return this.#byName.delete(name);
    return false;
  }

  #ask(name: string): Promise<Answer> {
    const late = failed(timeout(name, this.#timeLimit));
    let limit: NodeJS.Timeout | undefined;
    let isLate = false;
    const end = new Promise<Answer>((resolve) => {
      limit = setTimeout(() => {
        isLate = true;
        resolve(late);
      }, this.#timeLimit);
    });
    const answer = this.#inTurn(() => (isLate ? Promise.resolve(late) : query(this.#dns, name)));
    return Promise.race([end, answer]).finally(() => clearTimeout(limit));
  }

  async #inTurn(ask: () => Promise<Answer>): Promise<Answer> {
    if (this.#running >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    const answer = await ask();
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
    return answer;
  }
}

interface Answer {
  readonly addresses: Addresses;
  /** For how many milliseconds. */
  readonly memory: number;
}

const query = async (dns: DnsResolver, name: string): Promise<Answer> => {
  const [a, aaaa] = await Promise.all([
    dns.resolve4(name, { ttl: true }).catch(() => []),
    dns.resolve6(name, { ttl: true }).catch(() => []),
  ]);
  const records = [...a, ...aaaa];
  if (records.length === 0) return failed(unresolved(name));
  const life = 1_000 * Math.min(...records.map(({ ttl }) => ttl));
  return {
    addresses: right(records.map(({ address }) => address)),
    memory: Math.min(Math.max(life, shortestMemory), longestMemory),
  };
};

const failed = (error: TransportError): Answer => ({ addresses: left(error), memory: memoryOfFailure });

const unresolved = (host: string): TransportError => ({
  code: 'unresolved',
  message: `${host} has no address; name a host that the domain name system knows`,
});

const timeout = (host: string, limit: number): TransportError => ({
  code: 'timeout',
  message: `${host} was not resolved within ${limit} ms`,
});

const overflow = (host: string): TransportError => ({
  code: 'overflow',
  message: `${host} was not looked up, since ${mostNames} other names are`,
});

const isOf = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`);

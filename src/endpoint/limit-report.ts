import type { ConnectionLimit } from '../transports/transport.js';
import type { Holdings } from './sources.js';

/** What is limited: what the live machines hold, and what the connections do. */
export type LimitName = keyof Holdings | 'subscriptionsPerDialog' | ConnectionLimit;

/** That a limit was reached. */
export interface LimitReached {
  readonly limit: LimitName;
  /** Whose share it is (an IPv4 address, or an IPv6 network as `2001:db8:0:0::/64`); undefined where it is the limit in all. */
  readonly source: string | undefined;
  /** The limit, or the share of it. */
  readonly most: number;
  /** How many requests were answered 503, or connections closed, because of it since the last report. */
  readonly refused: number;
  /** One line that names the cause and the remedy. */
  readonly message: string;
}

/** Who is told that a limit was reached, and how often that may be. */
export type Limited = (limit: LimitName, most: number, source: string | undefined) => void;

/** Counts what limits have refused, and tells of each limit once a minute at most. */
export class LimitReports {
  readonly refused: Record<LimitName, number> = {
    transactions: 0,
    dialogs: 0,
    subscriptions: 0,
    subscriptionsPerDialog: 0,
    bytes: 0,
    connections: 0,
    buffered: 0,
  };
  readonly #tell: (report: LimitReached) => void;
  readonly #now: () => number;
  /** By limit, of a source or in all. */
  readonly #last = new Map<string, { at: number; refused: number }>();

  constructor(tell: (report: LimitReached) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  readonly add: Limited = (limit, most, source) => {
    this.refused[limit]++;
    const kind = `${limit} ${source === undefined}`;
    const now = this.#now();
    const last = this.#last.get(kind);
    if (last !== undefined && now - last.at < betweenReports) {
      last.refused++;
      return;
    }
    const refused = 1 + (last?.refused ?? 0);
    this.#last.set(kind, { at: now, refused: 0 });
    this.#tell({ limit, source, most, refused, message: sentence(limit, most, source, refused) });
  };
}

const betweenReports = 60_000;

const sentence = (limit: LimitName, most: number, source: string | undefined, refused: number): string => {
  const consequence = `${refused} ${limit === 'connections' || limit === 'buffered' ? 'closed' : 'answered 503'}`;
  const holder = holders[limit];
  if (holder !== undefined)
    return `${holder} has ${most} ${nouns[limit]}, the most it may: ${consequence}; raise limits.${limit}`;
  return source === undefined
    ? `All ${most} ${nouns[limit]} are in use: ${consequence}; raise limits.${limit}`
    : `${source} has its share of ${most} ${nouns[limit]}: ${consequence}; trust it by isTrusted, or raise limits.perSource.${limit}`;
};

const holders: Partial<Record<LimitName, string>> = { subscriptionsPerDialog: 'A dialog' };

const nouns: Readonly<Record<LimitName, string>> = {
  transactions: 'live transactions',
  dialogs: 'dialogs',
  subscriptions: 'subscriptions',
  subscriptionsPerDialog: 'subscriptions',
  bytes: 'bytes',
  connections: 'connections',
  buffered: 'bytes that wait in connections',
};

import type { Entry, Standing } from '../../src/inspect/entry.js';
import { addressOf } from './address.js';

/** What a feed says first on each connection. */
export interface Hello {
  readonly version: number;
  /** Another where the server's process is another. */
  readonly start: string;
  /** False for a recording, which does not grow. */
  readonly live: boolean;
  readonly now: number;
  /** The first entry that it still has, and the one that comes next. */
  readonly first: number;
  readonly next: number;
  readonly size: number;
  readonly machines: readonly Standing[];
  /** The names of all pictures. */
  readonly charts: readonly string[];
}

export interface FeedListener {
  hello(hello: Hello): void;
  entries(entries: readonly Entry[]): void;
  /** Entries before `first` were dropped, because they were read too slowly. */
  gap(first: number): void;
  connected(isConnected: boolean): void;
  /** The user agent has closed: no more will come. */
  closed(): void;
  /** The server has refused, with a sentence where it said one, and the browser does not ask again. */
  refused(sentence: string | undefined): void;
}

/** Reads the server's events; the browser reconnects, and asks for what comes after the last entry that it got. */
export function openFeed(listener: FeedListener, after?: string): { close(): void } {
  const address = addressOf('events', after === undefined ? {} : { after });
  const source = new EventSource(address);
  const on = (type: string, take: (data: string) => void) =>
    source.addEventListener(type, (event) => take(`${(event as MessageEvent<unknown>).data}`));
  source.addEventListener('open', () => listener.connected(true));
  source.addEventListener('error', () => {
    listener.connected(false);
    if (source.readyState === EventSource.CLOSED) void refusalAt(address).then(listener.refused);
  });
  on('hello', (data) => listener.hello(JSON.parse(data) as Hello));
  on('entries', (data) => listener.entries(JSON.parse(data) as readonly Entry[]));
  on('gap', (data) => listener.gap((JSON.parse(data) as { readonly first: number }).first));
  on('closed', () => {
    source.close();
    listener.closed();
  });
  return { close: () => source.close() };
}

/** An EventSource does not tell why it was refused. */
async function refusalAt(address: string): Promise<string | undefined> {
  const asking = new AbortController();
  const response = await fetch(address, { signal: asking.signal }).catch(() => undefined);
  const sentence = response === undefined || response.ok ? undefined : await response.text();
  asking.abort();
  return sentence?.trim();
}

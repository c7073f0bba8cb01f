import type { Address } from '../message/index.js';
import { sourceKey } from '../transports/source-key.js';
import { SteadyMap } from './steady-map.js';

/** What is limited, in all and for each source. */
export interface Holdings {
  /** Live transactions, of both kinds together. */
  readonly transactions: number;
  /** Dialogs, and the requests that may still make one. */
  readonly dialogs: number;
  /** Subscriptions, and the requests that may still make one. */
  readonly subscriptions: number;
  /** Bytes that the live machines are taken to hold: themselves, and the texts that they keep. */
  readonly bytes: number;
}

/** What the requests from one source hold of an endpoint, from the first machine that it starts until the last of them has ended. */
export class Source implements Holdings {
  transactions = 0;
  dialogs = 0;
  subscriptions = 0;
  bytes = 0;

  constructor(
    readonly name: string,
    private readonly sources: Sources,
  ) {}

  /** Takes so many bytes more, or gives them back. */
  take(bytes: number): void {
    if (bytes === 0) return;
    if (this.bytes === 0) this.sources.add(this);
    this.bytes += bytes;
    this.sources.bytes += bytes;
    if (this.bytes === 0) this.sources.delete(this);
  }
}

/** The sources that hold something. */
export class Sources {
  bytes = 0;
  readonly #sources = new SteadyMap<string, Source>();

  get size(): number {
    return this.#sources.size;
  }

  /** Who sends from that address. */
  of({ host }: Address): Source {
    const name = sourceKey(host);
    return this.#sources.get(name) ?? new Source(name, this);
  }

  add(source: Source): void {
    this.#sources.set(source.name, source);
  }

  delete(source: Source): void {
    this.#sources.delete(source.name);
  }
}

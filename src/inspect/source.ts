import type { Address } from '../message/index.js';
import type { Entry, MessageEntry, Standing } from './entry.js';

/** What an inspector shows: a running user agent's feed, or what was kept of one. */
export interface Source {
  /** Another for each: numbers of one say nothing of those of another, as of a process that was started anew. */
  readonly start: string;
  /** Whether more may come. */
  readonly live: boolean;
  /** When no more will come, where that can be. */
  readonly over?: Promise<void>;
  /** How many entries are kept at most. */
  readonly size: number;
  /** The oldest entry's number; `next` where there is none. */
  readonly first: number;
  /** What the next entry's number will be. */
  readonly next: number;
  /** The present, as in `Entry.at`. */
  now(): number;
  /** `undefined` where it is not kept, or not yet there. */
  entry(n: number): Entry | undefined;
  /** The first number from one on that has an entry, where some may be missing in between; `next` where none has. */
  present?(n: number): number;
  /** An entry, where it is a message. */
  message(n: number): MessageEntry | undefined;
  /** The machines that are live, and those that the entries speak of. */
  standings(): readonly Standing[];
  /** The address at which messages by this protocol came and left, where it is known. */
  localAddress(protocol: string, remote: Address): Address | undefined;
  /** The first page has come, or the last has gone. */
  watch?(isWatched: boolean): void;
}

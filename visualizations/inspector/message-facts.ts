import { summarise } from '../../src/cli/message-summary.js';
import type { Segment } from '../../src/cli/styled-text.js';
import type { MessageEntry } from '../../src/inspect/entry.js';
import { header, type Message, type NameAddress, parse, topVia } from '../../src/message/index.js';
import { readNameAddress } from '../../src/message/name-address.js';
import { Scanner } from '../../src/message/scanner.js';
import { decodeWire, visible } from './wire-text.js';

/** What the page reads in a message. */
export interface MessageFacts {
  /** What a line says of it. */
  readonly segments: readonly Segment[];
  readonly branch: string | undefined;
  readonly from: Party | undefined;
  readonly to: Party | undefined;
  readonly method: string | undefined;
}

export interface Party {
  /** The display name, or the URI's user, or the URI. */
  readonly name: string;
  readonly uri: string;
}

const known = new WeakMap<MessageEntry, MessageFacts>();

export function factsOf(entry: MessageEntry): MessageFacts {
  const before = known.get(entry);
  if (before !== undefined) return before;
  const facts = { segments: summarise(entry.text).segments, ...identityOf(entry.text) };
  known.set(entry, facts);
  return facts;
}

/** The top Via's branch of a message's text. */
export const branchOf = (text: string): string | undefined => identityOf(text).branch;

function identityOf(text: string): Omit<MessageFacts, 'segments'> {
  const parsed = parse(text);
  if (parsed._tag === 'Left') return { branch: undefined, from: undefined, to: undefined, method: undefined };
  const message = parsed.right;
  const via = topVia(message);
  const cseq = header(message, 'CSeq');
  return {
    branch: via._tag === 'Left' ? undefined : via.right.branch,
    from: party(message, 'From'),
    to: party(message, 'To'),
    method: cseq._tag === 'Left' ? undefined : cseq.right.method,
  };
}

function party(message: Message, name: 'From' | 'To'): Party | undefined {
  const read = header(message, name);
  return read._tag === 'Left' ? undefined : named(read.right);
}

/** Who stands in the value of a From or To. */
export function partyOf(value: string | undefined): Party | undefined {
  if (value === undefined) return undefined;
  const read = readNameAddress(new Scanner(value, 0, value.length));
  return read && named(read);
}

function named({ displayName, uri }: NameAddress): Party {
  const user = 'user' in uri ? uri.user : undefined;
  return {
    name: visible(decodeWire(displayName || user || uri.text)),
    uri: visible(decodeWire(uri.text)),
  };
}

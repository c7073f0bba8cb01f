import { isRight } from 'fp-ts/lib/Either.js';
import type { Input } from '../endpoint/journal.js';
import { header, type Message, parse } from '../message/index.js';
import type { Flow } from '../transports/transport.js';
import { addressText } from '../transports/transport-error.js';
import { callIdOfMessage } from './machine-facts.js';
import { kinds, type Ring } from './ring.js';

/** What a list of messages shows of one. */
export interface MessageSummary {
  readonly callId?: string | undefined;
  /** `INVITE`, or `200 INVITE`. */
  readonly label: string;
}

/** Reads what a text says of itself; one that is no message has its first word for a label. */
export const readMessage = (text: string): MessageSummary => {
  const parsed = parse(text);
  const message = isRight(parsed) ? parsed.right : parsed.left.request;
  if (message === undefined) return { label: /^\S{1,32}/.exec(text)?.[0] ?? 'empty' };
  return { callId: callIdOfMessage(message), label: labelOf(message) };
};

const labelOf = (message: Message): string => {
  if (message.type === 'request') return message.method;
  const cseq = header(message, 'CSeq');
  return isRight(cseq) ? `${message.status} ${cseq.right.method}` : `${message.status}`;
};

/** Which messages of a ring went the same way before. It is made while somebody reads, up to where they have read. */
export class MessageIndex {
  /** The last number of each text, and of each way it went; what was last seen longest ago comes first. */
  readonly #texts = new Map<string, { n: number; readonly ways: Map<string, number> }>();
  readonly #retransmissions = new Set<number>();
  #next = 1;

  constructor(private readonly ring: Ring) {}

  isRetransmission(n: number): boolean {
    this.#forget();
    for (let each = Math.max(this.#next, this.ring.first); each <= n; each++) this.#note(each);
    this.#next = Math.max(this.#next, n + 1);
    return this.#retransmissions.has(n);
  }

  clear(): void {
    this.#texts.clear();
    this.#retransmissions.clear();
    this.#next = 1;
  }

  #note(n: number): void {
    const found = messageAt(this.ring, n);
    if (found === undefined) return;
    const { text, direction, flow } = found;
    const way = `${direction} ${flow.transport.protocol} ${addressText(flow.remote)}`;
    const known = this.#texts.get(text) ?? { n, ways: new Map<string, number>() };
    for (const [old, last] of known.ways) {
      if (last >= this.ring.first) break;
      known.ways.delete(old);
    }
    if (known.ways.delete(way)) this.#retransmissions.add(n);
    known.n = n;
    known.ways.set(way, n);
    this.#texts.delete(text);
    this.#texts.set(text, known);
  }

  /** Lets go what has left the ring. */
  #forget(): void {
    for (const [text, { n }] of this.#texts) {
      if (n >= this.ring.first) break;
      this.#texts.delete(text);
    }
    for (const n of this.#retransmissions) {
      if (n >= this.ring.first) break;
      this.#retransmissions.delete(n);
    }
  }
}

const messageAt = (ring: Ring, n: number) => {
  const [one, flow] = ring.content(n);
  if (ring.kind(n) === kinds.sent) return { text: one as string, direction: 'sent', flow: flow as Flow };
  if (ring.kind(n) !== kinds.input) return undefined;
  const input = one as Input;
  return input.type === 'received'
    ? { text: input.text, direction: 'received', flow: input.flow }
    : undefined;
};

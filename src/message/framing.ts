import { copied } from './flat.js';
import { type Fault, readHead } from './head.js';
import { defaultLimits, type Limits } from './limits.js';

export interface FramingError {
  readonly code: Fault['code'] | 'tooLarge';
  /** One sentence that names the cause. */
  readonly message: string;
}

/** What a stream is cut into. */
export type Frame =
  | { readonly type: 'message'; readonly text: string }
  /** A double CRLF between messages (RFC 5626 §3.5.1). */
  | { readonly type: 'ping' }
  /** Where the next message begins can't be known: the text since the last one. Nothing follows this frame. */
  | { readonly type: 'unframed'; readonly text: string; readonly error: FramingError };

/** Cuts a stream into messages by their Content-Length (RFC 3261 §18.3). */
export interface Framer {
  /** Takes what has arrived, as latin1 text, and gives what is whole, in order. */
  push(chunk: string): readonly Frame[];
  /** The number of bytes that wait for the rest of their message. */
  readonly pending: number;
}

export const createFramer = (limits: Partial<Limits> = {}): Framer =>
  new StreamFramer({ ...defaultLimits, ...limits });

class StreamFramer implements Framer {
  readonly #limits: Limits;
  #waiting = new Waiting();
  /** How long the message that waits is to be, once its head is there. */
  #wanted: number | undefined = undefined;
  #isLost = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  push(chunk: string): readonly Frame[] {
    const frames: Frame[] = [];
    let text = this.#isLost || chunk === '' ? undefined : this.#gather(chunk);
    while (text !== undefined) text = this.#cut(text, frames);
    return frames;
  }

  /** All that waits and the chunk, once that can be enough for a frame; each byte is searched and joined once. */
  #gather(chunk: string): string | undefined {
    const waiting = this.#waiting;
    if (waiting.length === 0) return chunk;
    const endsHead = waiting.add(chunk);
    const isEnough = this.#wanted === undefined ? endsHead : waiting.length >= this.#wanted;
    if (!isEnough && waiting.length <= this.#limits.message) return undefined;
    this.#waiting = new Waiting();
    return waiting.join();
  }

  /** Cuts the first frames off a text that begins between two messages, and gives what is to be cut next. */
  #cut(text: string, frames: Frame[]): string | undefined {
    let start = 0;
    for (; text.startsWith(HEAD_END, start); start += HEAD_END.length) frames.push(ping);
    const isHalfPing = text.length - start < HEAD_END.length && HEAD_END.startsWith(text.slice(start));
    if (!isHalfPing && text.startsWith('\r\n', start)) start += 2;
    const message = text.slice(start);
    if (message === '') return undefined;
    if (!message.includes(HEAD_END)) {
      if (message.length > this.#limits.message) return this.#lose(message, frames, this.#tooLarge());
      return this.#wait(message, undefined);
    }

    const head = readHead(message, this.#limits);
    const { contentLength } = head;
    if (!head.isComplete) return this.#lose(message, frames, head.fault!);
    if (contentLength === undefined) return this.#lose(message, frames, missingLength);
    if (Number.isNaN(contentLength)) return this.#lose(message, frames, badLength);
    const wanted = head.end + 2 + contentLength;
    if (wanted > this.#limits.message) return this.#lose(message, frames, this.#tooLarge());
    if (message.length < wanted) return this.#wait(message, wanted);
    // A copy, since a message that is kept would keep all that arrived with it.
    frames.push({ type: 'message', text: wanted === text.length ? text : copied(message.slice(0, wanted)) });
    return message.length === wanted ? undefined : message.slice(wanted);
  }

  #wait(text: string, wanted: number | undefined): undefined {
    this.#waiting.add(text);
    this.#wanted = wanted;
  }

  #lose(text: string, frames: Frame[], error: FramingError): undefined {
    frames.push({ type: 'unframed', text, error });
    this.#isLost = true;
  }

  #tooLarge(): FramingError {
    return { code: 'tooLarge', message: `A message is over ${this.#limits.message} bytes.` };
  }
}

/** Chunks that wait to be joined. */
class Waiting {
  length = 0;
  #chunks: string[] = [];
  #joined = 0;
  #tail = '';

  /** Whether the chunk, with what was there, ends a head. */
  add(chunk: string): boolean {
    this.length += chunk.length;
    this.#chunks.push(chunk);
    this.#compact();
    const searched = this.#tail + chunk;
    this.#tail = searched.slice(1 - HEAD_END.length);
    return searched.includes(HEAD_END);
  }

  join(): string {
    return this.#chunks.join('');
  }

  /** Keeps a byte at a time from costing a chunk each: joined when that copies at most 64 bytes a chunk. */
  #compact(): void {
    if (this.#chunks.length < 64 || this.#chunks.length * 64 < this.#joined) return;
    this.#chunks = [this.join()];
    this.#joined = this.length;
  }
}

const HEAD_END = '\r\n\r\n';
const ping: Frame = { type: 'ping' };
const missingLength: FramingError = {
  code: 'contentLength',
  message: 'A message on a stream has no Content-Length.',
};
const badLength: FramingError = {
  code: 'contentLength',
  message: 'Content-Length is no number of bytes, or two of them differ.',
};

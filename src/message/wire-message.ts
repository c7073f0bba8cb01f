import { type Head, readHead } from './head.js';
import { noLimits } from './limits.js';
import type { Message, Request, Response } from './message.js';

/** A message as text; where its header fields stand is found out once it is asked. */
abstract class WireMessage {
  readonly text: string;
  #head: Head | undefined;

  constructor(text: string, head: Head | undefined) {
    this.text = text;
    this.#head = head;
  }

  static headOf(message: object): Head | undefined {
    if (!(#head in message)) return undefined;
    message.#head ??= readHead(message.text, noLimits);
    return message.#head;
  }

  static forget(message: object): void {
    if (#head in message) message.#head = undefined;
  }

  get body(): string {
    const head = WireMessage.headOf(this)!;
    return head.isComplete ? this.text.slice(head.end + 2) : '';
  }

  toJSON(): string {
    return this.text;
  }
}

export class WireRequest extends WireMessage implements Request {
  readonly type = 'request';
  readonly method: string;
  readonly uri: string;
  readonly version: string;

  constructor(method: string, uri: string, version: string, text: string, head?: Head) {
    super(text, head);
    this.method = method;
    this.uri = uri;
    this.version = version;
  }
}

export class WireResponse extends WireMessage implements Response {
  readonly type = 'response';
  readonly status: number;

  constructor(status: number, text: string, head?: Head) {
    super(text, head);
    this.status = status;
  }

  get version(): string {
    return this.text.slice(0, this.text.indexOf(' ')).toUpperCase();
  }

  get reason(): string {
    const start = this.text.indexOf(' ') + 5;
    return this.text.slice(start, Math.max(start, this.text.indexOf('\r\n')));
  }
}

/** Lets go of what reading its header fields gave: they are read anew where somebody asks. */
export const forgetFields = (message: Message): void => WireMessage.forget(message);

/** Where the header fields of a message stand. */
export const headOf = (message: Message): Head =>
  WireMessage.headOf(message) ?? readHead(message.text, noLimits);

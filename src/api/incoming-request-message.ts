import { isRight } from 'fp-ts/lib/Either.js';
import type { HeaderField } from '../../machines/effects.js';
import {
  createRequest,
  field,
  fields,
  header,
  isSIPURI,
  type NameAddress,
  parse,
  parseURI,
  type Request,
  type SIPURI,
  topVia,
} from '../message/index.js';
import { readNameAddress } from '../message/name-address.js';
import { Scanner } from '../message/scanner.js';
import { fromWire, toWire } from './wire-text.js';

/**
 * A request as the compatible classes have it: text is Unicode. A poor one has its method and branch only, and what it
 * lacks is left out of its responses. `IncomingRequestMessage.fromRequest` makes a rich one of a parsed `Request`.
 *
 * Deviates from SIP.js: it is not changed once it is made, header values are read with the functions of the message
 * room, and `viaBranch` is that of the first Via value where a line holds several (RFC 3261 §17.2.3).
 */
export interface IncomingRequestMessage {
  readonly method: string;
  readonly viaBranch: string | undefined;
  readonly callId?: string | undefined;
  readonly cseq?: number | undefined;
  readonly fromTag?: string | undefined;
  readonly toTag?: string | undefined;
  readonly from?: NameAddress | undefined;
  readonly to?: NameAddress | undefined;
  readonly referTo?: NameAddress | undefined;
  /** Undefined where the Request-URI is neither sip nor sips. */
  readonly ruri?: SIPURI | undefined;
  readonly body?: string | undefined;
  /** The whole text. */
  readonly data?: string | undefined;
  /** The first line's value. */
  getHeader?(name: string): string | undefined;
  /** The value of each line. */
  getHeaders?(name: string): string[];
  hasHeader?(name: string): boolean;
}

export const IncomingRequestMessage = {
  fromRequest: (request: Request): RichRequestMessage => new RichRequestMessage(request),
};

class RichRequestMessage implements IncomingRequestMessage {
  readonly method: string;
  readonly viaBranch: string | undefined;
  readonly #request: Request;

  constructor(request: Request) {
    const via = topVia(request);
    this.method = request.method;
    this.viaBranch = isRight(via) ? via.right.branch : undefined;
    this.#request = request;
  }

  get callId(): string | undefined {
    return this.getHeader('Call-ID');
  }

  get cseq(): number | undefined {
    const cseq = header(this.#request, 'CSeq');
    return isRight(cseq) ? cseq.right.sequence : undefined;
  }

  get fromTag(): string | undefined {
    return this.from?.tag;
  }

  get toTag(): string | undefined {
    return this.to?.tag;
  }

  get from(): NameAddress | undefined {
    return this.#address('From');
  }

  get to(): NameAddress | undefined {
    return this.#address('To');
  }

  get referTo(): NameAddress | undefined {
    return this.#address('Refer-To');
  }

  get ruri(): SIPURI | undefined {
    const uri = parseURI(this.#request.uri);
    return isRight(uri) && isSIPURI(uri.right) ? uri.right : undefined;
  }

  get body(): string {
    return fromWire(this.#request.body);
  }

  get data(): string {
    return fromWire(this.#request.text);
  }

  getHeader(name: string): string | undefined {
    const value = field(this.#request, name);
    return value === undefined ? undefined : fromWire(value);
  }

  getHeaders(name: string): string[] {
    return fields(this.#request, name).map(fromWire);
  }

  hasHeader(name: string): boolean {
    return field(this.#request, name) !== undefined;
  }

  toString(): string {
    return this.data;
  }

  #address(name: 'From' | 'To' | 'Refer-To'): NameAddress | undefined {
    const address = header(this.#request, name);
    if (!isRight(address)) return undefined;
    const { displayName } = address.right;
    return displayName === undefined
      ? address.right
      : { ...address.right, displayName: fromWire(displayName) };
  }
}

/** What a response repeats of its request (RFC 3261 §8.2.6), as far as the message has it; Timestamp is for a 100 alone. */
export const repeatedFields = (message: IncomingRequestMessage): readonly HeaderField[] => {
  const { method, cseq, callId = first(message, 'Call-ID') } = message;
  const sequence = first(message, 'CSeq') ?? (cseq === undefined ? undefined : `${cseq} ${method}`);
  const repeated: (readonly [name: string, value: string | undefined])[] = [
    ...all(message, 'Via').map((via) => ['Via', via] as const),
    ['From', first(message, 'From')],
    ['To', first(message, 'To')],
    ['CSeq', sequence],
    ['Call-ID', callId],
    ['Timestamp', first(message, 'Timestamp')],
  ];
  return repeated.flatMap(([name, value]) => (value === undefined ? [] : [[name, onOneLine(value)]]));
};

/** The tag of To: where the message does not say, as its To is written. */
export const toTagOf = (message: IncomingRequestMessage): string | undefined => {
  const to = message.toTag === undefined ? first(message, 'To') : undefined;
  return to === undefined ? message.toTag : readNameAddress(new Scanner(to, 0, to.length))?.tag;
};

/** The request that the machines want: the message's own text, or one of what can be had. */
export const requestOf = (message: IncomingRequestMessage): Request => {
  const parsed = message.data === undefined ? undefined : parse(toWire(message.data));
  if (parsed !== undefined && isRight(parsed) && parsed.right.type === 'request') return parsed.right;
  const headers = repeatedFields(message).map(([name, value]) => [name, toWire(value)] as const);
  return createRequest({ method: message.method, uri: unknownURI, headers });
};

const first = (message: IncomingRequestMessage, name: string): string | undefined =>
  message.getHeader?.(name) ?? message.getHeaders?.(name)[0];

const all = (message: IncomingRequestMessage, name: string): readonly string[] => {
  const only = message.getHeaders === undefined ? first(message, name) : undefined;
  return only === undefined ? (message.getHeaders?.(name) ?? []) : [only];
};

const onOneLine = (value: string): string => value.replace(/[\0\r\n]+[ \t]*/g, ' ');

const unknownURI = 'sip:unknown.invalid';

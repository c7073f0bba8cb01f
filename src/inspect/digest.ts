import type { Effect, ResponseDraft } from '../../machines/effects.js';
import type { Message } from '../message/index.js';
import type { Flow } from '../transports/transport.js';
import {
  isMessage,
  isSecretField,
  type MaskingOptions,
  maskBody,
  maskFieldValue,
  maskText,
} from './masking.js';
import { maskSecrets } from './secret-search.js';

/** 31 bits that depend on every effect of an input, in order, as it is once it is masked, and on every message that left. */
export class Digest {
  readonly #masking: MaskingOptions;
  #hash = basis;
  /** Messages are the same text in an event, in an effect and on the wire: the last two are remembered. */
  #lastText = '';
  #lastHash = 0;
  #otherText = '';
  #otherHash = 0;
  /** What came in is what the first effects are about. */
  #unmasked = '';
  #masked = '';

  constructor(masking: MaskingOptions) {
    this.#masking = masking;
  }

  /** The digest of what came since the last time. */
  take(): number {
    const hash = this.#hash;
    this.#hash = basis;
    // The texts are let go.
    this.#lastText = '';
    this.#otherText = '';
    this.#unmasked = '';
    this.#masked = '';
    return hash >>> 1;
  }

  /** A message's text as it is masked. */
  masked(text: string): string {
    if (text === this.#unmasked) return this.#masked;
    this.#unmasked = text;
    this.#masked = maskText(text, this.#masking);
    return this.#masked;
  }

  effect(machine: number, effect: Effect): void {
    this.#mix(machine);
    this.#name(effect.type);
    // The most frequent are taken apart by hand: the rest is several times the work.
    switch (effect.type) {
      case 'startTimer':
        this.#name(effect.timer);
        return this.#number(effect.delay);
      case 'stopTimer':
        return this.#name(effect.timer);
      case 'sendResponse':
        return this.#message(effect.response);
      case 'sendRequest':
        return this.#message(effect.request);
      case 'passToUser':
        return this.#message(effect.message);
      case 'respond':
        this.#draft(effect.response);
        this.#mix(effect.hasContact ? 1 : 2);
        return this.#value(effect.headers);
      case 'tellApplication':
        if (effect.event?.type === 'request') return this.#name('request');
        return this.#members(effect);
      default:
        return this.#members(effect);
    }
  }

  /** A message left: by the transport of that number. */
  sent(text: string, transport: number, { remote }: Flow): void {
    this.#mix(transport);
    this.#string(remote.host);
    this.#mix(remote.port);
    this.#text(text);
  }

  #draft({ status, reason, headers, body }: ResponseDraft): void {
    this.#mix(status);
    this.#value(reason);
    this.#value(headers);
    if (body !== undefined) this.#string(maskBody(body, this.#masking));
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string':
        return this.#string(maskSecrets(value));
      case 'number':
        return this.#number(value);
      case 'boolean':
        return this.#mix(value ? 1 : 2);
      case 'object':
        return value === null ? this.#mix(3) : this.#object(value);
      default:
        return this.#mix(3);
    }
  }

  #object(value: object): void {
    if (Array.isArray(value)) {
      this.#mix(value.length);
      if (isSecretField(value)) {
        this.#string(value[0]);
        return this.#string(maskFieldValue(value[1]));
      }
      for (let index = 0; index < value.length; index++) this.#value(value[index]);
    } else if (isMessage(value)) this.#message(value);
    else this.#members(value);
  }

  #members(value: object): void {
    for (const name in value) {
      const own = (value as Readonly<Record<string, unknown>>)[name];
      if (own === undefined || typeof own === 'function') continue;
      this.#name(name);
      if (name === 'body' && typeof own === 'string') this.#string(maskBody(own, this.#masking));
      else this.#value(own);
    }
  }

  /** An order that came out of a recording may have anything in the place of a message. */
  #message(message: Message): void {
    const text: unknown = message?.text;
    if (typeof text === 'string') this.#text(text);
    else this.#value(message);
  }

  #text(text: string): void {
    if (text !== this.#lastText) {
      const [otherText, otherHash] = [this.#lastText, this.#lastHash];
      this.#lastHash = text === this.#otherText ? this.#otherHash : hashOfLong(this.masked(text));
      this.#lastText = text;
      this.#otherText = otherText;
      this.#otherHash = otherHash;
    }
    this.#mix(this.#lastHash);
  }

  /** A word of the program's own, by its length and three of its letters. */
  #name(name: string): void {
    const { length } = name;
    this.#mix(
      Math.imul(
        name.charCodeAt(0) | (name.charCodeAt(length >> 1) << 8) | (name.charCodeAt(length - 1) << 16),
        length,
      ),
    );
  }

  #string(text: string): void {
    this.#mix(text.length);
    this.#mix(hashOf(text));
  }

  #number(value: number): void {
    if ((value | 0) === value) this.#mix(value);
    else this.#string(`${value}`);
  }

  #mix(value: number): void {
    const mixed = Math.imul(this.#hash ^ value, 0x9e3779b1);
    this.#hash = mixed ^ (mixed >>> 15);
  }
}

const basis = 0x811c9dc5 | 0;

/** A text of any length. */
const hashOf = (text: string): number => (text.length < shortest ? hashOfShort(text) : hashOfLong(text));

/** Below this many characters it is cheaper to take them one by one (FNV-1a). */
const shortest = 32;

const hashOfShort = (text: string): number => {
  let hash = basis;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
};

/** Four bytes of its UTF-8 at a time, in two lanes: a third of what its characters cost one by one. */
const hashOfLong = (text: string): number => {
  if (text.length <= portion) return hashOfPortion(text);
  let hash = basis;
  for (let start = 0; start < text.length; start += portion)
    hash = Math.imul(hash ^ hashOfPortion(text.slice(start, start + portion)), 0x01000193);
  return hash;
};

const hashOfPortion = (text: string): number => {
  const { written } = encoder.encodeInto(text, bytes);
  for (let index = written; (index & 7) !== 0; index++) bytes[index] = 0;
  let one = basis ^ written;
  let other = basis;
  const end = (written + 3) >> 2;
  for (let index = 0; index < end; index += 2) {
    one = Math.imul(one ^ words[index]!, 0x9e3779b1);
    one ^= one >>> 15;
    other = Math.imul(other ^ words[index + 1]!, 0x85ebca77);
    other ^= other >>> 13;
  }
  return one ^ Math.imul(other, 0xc2b2ae3d);
};

const portion = 1 << 16;

const encoder = new TextEncoder();

const bytes = new Uint8Array(3 * portion + 8);

const words = new Uint32Array(bytes.buffer);

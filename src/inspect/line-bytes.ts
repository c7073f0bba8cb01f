/**
 * Lines of JSON as bytes of UTF-8. They are written where they stay: as text they would be copied three times before a
 * file had them, and each time cost more than the machines' step that they tell of.
 */
export class LineBytes {
  #bytes = new Uint8Array(slabSize);
  /** Up to where they were taken. */
  #taken = 0;
  #used = 0;

  /** How many bytes wait to be taken. */
  get length(): number {
    return this.#used - this.#taken;
  }

  /** All that was written since the last time; they stay as they are unless they are for reuse. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(this.#taken, this.#used);
    this.#taken = this.#used;
    return bytes;
  }

  /** Nobody holds what was taken. */
  reuse(): void {
    if (this.#taken !== this.#used) return;
    this.#taken = 0;
    this.#used = 0;
  }

  /** Bytes that were made once. */
  add(constant: Uint8Array): void {
    const { length } = constant;
    this.#makeRoom(length);
    const bytes = this.#bytes;
    const used = this.#used;
    if (length > 64) bytes.set(constant, used);
    else for (let index = 0; index < length; index++) bytes[used + index] = constant[index]!;
    this.#used = used + length;
  }

  /** ASCII as it is. */
  ascii(text: string): void {
    const { length } = text;
    this.#makeRoom(length);
    const bytes = this.#bytes;
    const used = this.#used;
    for (let index = 0; index < length; index++) bytes[used + index] = text.charCodeAt(index);
    this.#used = used + length;
  }

  /** A number of any kind. */
  number(value: number): void {
    if (value >= 0 && (value | 0) === value) this.#digits(value);
    else this.ascii(`${value}`);
  }

  /** What `JSON.stringify` wrote. */
  json(text: string): void {
    this.add(encoder.encode(text));
  }

  /** A text as a JSON string. */
  string(text: string): void {
    const most = 3 * text.length;
    if (scratch.length < most) return this.json(JSON.stringify(text));
    const { written } = encoder.encodeInto(text, scratch);
    this.#makeRoom(6 * written + 2);
    const bytes = this.#bytes;
    let used = this.#used;
    bytes[used++] = QUOTE;
    for (let index = 0; index < written; index++) {
      const byte = scratch[index]!;
      if (byte > BACKSLASH || (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH)) {
        bytes[used++] = byte;
        continue;
      }
      bytes[used++] = BACKSLASH;
      if (byte === CR) bytes[used++] = LETTER_R;
      else if (byte === LF) bytes[used++] = LETTER_N;
      else if (byte >= SPACE) bytes[used++] = byte;
      else {
        bytes[used++] = LETTER_U;
        bytes[used++] = ZERO;
        bytes[used++] = ZERO;
        bytes[used++] = ZERO + (byte >> 4);
        bytes[used++] = hexadecimal.charCodeAt(byte & 15);
      }
    }
    bytes[used++] = QUOTE;
    this.#used = used;
  }

  #digits(value: number): void {
    this.#makeRoom(10);
    let count = 1;
    for (let power = 10; power <= value; power *= 10) count++;
    const bytes = this.#bytes;
    let rest = value;
    for (let index = this.#used + count - 1; index >= this.#used; index--) {
      const quotient = (rest / 10) | 0;
      bytes[index] = ZERO + rest - 10 * quotient;
      rest = quotient;
    }
    this.#used += count;
  }

  /** What was taken is not written over. */
  #makeRoom(size: number): void {
    if (this.#bytes.length - this.#used >= size) return;
    const waiting = this.#bytes.subarray(this.#taken, this.#used);
    const bytes = new Uint8Array(Math.max(slabSize, 2 * (waiting.length + size)));
    bytes.set(waiting);
    this.#bytes = bytes;
    this.#used = waiting.length;
    this.#taken = 0;
  }
}

const slabSize = 1 << 17;

const encoder = new TextEncoder();

const scratch = new Uint8Array(1 << 18);

const hexadecimal = '0123456789abcdef';

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const ZERO = 48;
const BACKSLASH = 92;
const LETTER_N = 110;
const LETTER_R = 114;
const LETTER_U = 117;

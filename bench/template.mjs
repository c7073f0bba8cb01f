const sequenceDigits = 10;
const branchMark = Buffer.from('branch=z9hG4bK');
const callIdMark = Buffer.from('Call-ID: ');

/** What stands in a template where a sequence number goes. */
export const sequencePlaceholder = '#'.repeat(sequenceDigits);

/** A message some of whose texts are a sequence number of fixed width, so that a new one is a copy with a few bytes changed. */
export class Template {
  constructor(/** @type {string[]} */ lines, body = '') {
    this.bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
    /** @type {number[]} */
    this.positions = [];
    for (
      let at = this.bytes.indexOf(sequencePlaceholder);
      at !== -1;
      at = this.bytes.indexOf(sequencePlaceholder, at + sequenceDigits)
    ) {
      this.positions.push(at);
    }
  }

  /** A buffer of its own, to be given sequence numbers. */
  copy() {
    return Buffer.from(this.bytes);
  }

  /** Makes a copy the message of that number. */
  number(/** @type {Buffer} */ bytes, /** @type {number} */ sequence) {
    for (const position of this.positions) {
      for (let at = position + sequenceDigits - 1, rest = sequence; at >= position; at -= 1) {
        bytes[at] = 48 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
  }
}

/** The sequence number in a message's first branch, NaN where there is none. */
export const branchSequence = (/** @type {Buffer} */ bytes) => sequenceAfter(bytes, branchMark);

/** The byte that follows the sequence number in a message's first branch. */
export const branchSuffix = (/** @type {Buffer} */ bytes) =>
  bytes[bytes.indexOf(branchMark) + branchMark.length + sequenceDigits];

/** The sequence number at the start of a message's Call-ID, NaN where there is none. */
export const callIdSequence = (/** @type {Buffer} */ bytes) => sequenceAfter(bytes, callIdMark);

const sequenceAfter = (/** @type {Buffer} */ bytes, /** @type {Buffer} */ mark) => {
  const start = bytes.indexOf(mark);
  if (start === -1) return Number.NaN;
  let sequence = 0;
  for (let at = start + mark.length; at < start + mark.length + sequenceDigits; at += 1) {
    sequence = sequence * 10 + (bytes[at] ?? Number.NaN) - 48;
  }
  return sequence;
};

const sequenceDigits = 10;
const sequencePlaceholder = '#'.repeat(sequenceDigits);
const branch = Buffer.from('branch=z9hG4bK');
const callId = Buffer.from('Call-ID: ');

/**
 * A REFER outside a dialog whose branch, From tag and Call-ID end in a sequence number of fixed width,
 * so that a new one is a copy with thirty bytes changed.
 */
export class ReferTemplate {
  /**
   * @param {number} serverPort
   * @param {number} clientPort
   * @param {{ subscription?: boolean }} [options] with a subscription there is no `Refer-Sub: false` (RFC 4488)
   */
  constructor(serverPort, clientPort, { subscription = false } = {}) {
    const lines = [
      `REFER sip:bench@127.0.0.1:${serverPort} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${clientPort};branch=z9hG4bK${sequencePlaceholder};rport`,
      'Max-Forwards: 70',
      `From: "A caller" <sip:caller@127.0.0.1:${clientPort}>;tag=${sequencePlaceholder}`,
      `To: <sip:bench@127.0.0.1:${serverPort}>`,
      `Call-ID: ${sequencePlaceholder}@127.0.0.1`,
      'CSeq: 1 REFER',
      `Contact: <sip:caller@127.0.0.1:${clientPort}>`,
      'Refer-To: <sip:target@127.0.0.1:5070>',
      ...(subscription ? [] : ['Refer-Sub: false']),
      'User-Agent: bench',
      'Content-Length: 0',
      '',
      '',
    ];
    this.bytes = Buffer.from(lines.join('\r\n'), 'latin1');
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

  /** Makes a copy the REFER of that number. */
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
export const branchSequence = (/** @type {Buffer} */ bytes) => sequenceAfter(bytes, branch);

/** The sequence number at the start of a message's Call-ID, NaN where there is none. */
export const callIdSequence = (/** @type {Buffer} */ bytes) => sequenceAfter(bytes, callId);

const sequenceAfter = (/** @type {Buffer} */ bytes, /** @type {Buffer} */ mark) => {
  const start = bytes.indexOf(mark);
  if (start === -1) return Number.NaN;
  let sequence = 0;
  for (let at = start + mark.length; at < start + mark.length + sequenceDigits; at += 1) {
    sequence = sequence * 10 + (bytes[at] ?? Number.NaN) - 48;
  }
  return sequence;
};

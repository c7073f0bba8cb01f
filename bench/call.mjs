import { branchSuffix, sequencePlaceholder, Template } from './template.mjs';

const toMark = Buffer.from('\r\nTo: ');
const tagMark = Buffer.from(';tag=');
const [B, I, CR, semicolon] = Buffer.from('BI\r;');

/** Of a tag until a server has given one: that of sipchart's. */
const usualTagLength = 16;

/**
 * The caller of one call after another: INVITE, ACK and BYE in buffers that are numbered anew for each. A call has a
 * Call-ID and a From tag of its own, each of its three messages a branch of its own, which ends in the method's letter.
 */
export class Caller {
  constructor(/** @type {number} */ serverPort, /** @type {number} */ clientPort) {
    this.ports = { serverPort, clientPort };
    this.sequence = 0;
    this.inviteTemplate = inviteTemplate(this.ports);
    this.invite = this.inviteTemplate.copy();
    this.makeRoom(usualTagLength);
  }

  /** Numbers the INVITE. */
  begin(/** @type {number} */ sequence) {
    this.sequence = sequence;
    this.inviteTemplate.number(this.invite, sequence);
  }

  /** Numbers ACK and BYE; they have the tag of the 200 to the INVITE. */
  establish(/** @type {Buffer | undefined} */ tag) {
    if (tag !== undefined && tag.length !== this.tagLength) this.makeRoom(tag.length);
    this.ackTemplate.number(this.ack, this.sequence);
    this.byeTemplate.number(this.bye, this.sequence);
    tag?.copy(this.ack, this.ackTagAt);
    tag?.copy(this.bye, this.byeTagAt);
  }

  /** Of another length, a tag needs other buffers. */
  makeRoom(/** @type {number} */ tagLength) {
    const tag = '~'.repeat(tagLength);
    this.tagLength = tagLength;
    this.ackTemplate = inDialogTemplate('ACK', 1, tag, this.ports);
    this.ack = this.ackTemplate.copy();
    this.ackTagAt = this.ack.indexOf(tag);
    this.byeTemplate = inDialogTemplate('BYE', 2, tag, this.ports);
    this.bye = this.byeTemplate.copy();
    this.byeTagAt = this.bye.indexOf(tag);
  }
}

/** The To tag of a response. */
export const toTag = (/** @type {Buffer} */ bytes) => {
  const to = bytes.indexOf(toMark);
  const mark = to === -1 ? -1 : bytes.indexOf(tagMark, to);
  if (mark === -1) throw new Error('a 200 to an INVITE has no To tag');
  const start = mark + tagMark.length;
  let end = start;
  while (end < bytes.length && bytes[end] !== CR && bytes[end] !== semicolon) end += 1;
  return bytes.subarray(start, end);
};

/** Whether a message is the BYE or is its response; otherwise it is the INVITE's. */
export const isOfBye = (/** @type {Buffer} */ bytes) => branchSuffix(bytes) === B;

/** Whether an echo is that of an INVITE or a BYE. */
export const isEchoOfCall = (/** @type {Buffer} */ bytes) => bytes[0] === I || bytes[0] === B;

/** @typedef {{ serverPort: number, clientPort: number }} Ports */

const via = (/** @type {string} */ method, /** @type {Ports} */ { clientPort }) =>
  `Via: SIP/2.0/UDP 127.0.0.1:${clientPort};branch=z9hG4bK${sequencePlaceholder}${method[0]};rport`;

const from = (/** @type {Ports} */ { clientPort }) =>
  `From: "A caller" <sip:caller@127.0.0.1:${clientPort}>;tag=${sequencePlaceholder}`;

/** A kilobyte, as a phone sends it. */
const inviteTemplate = (/** @type {Ports} */ ports) => {
  const body = description('caller', 20_000);
  return new Template(
    [
      `INVITE sip:bench@127.0.0.1:${ports.serverPort} SIP/2.0`,
      via('INVITE', ports),
      'Max-Forwards: 70',
      from(ports),
      `To: <sip:bench@127.0.0.1:${ports.serverPort}>`,
      `Call-ID: ${sequencePlaceholder}@127.0.0.1`,
      'CSeq: 1 INVITE',
      `Contact: <sip:caller@127.0.0.1:${ports.clientPort}>`,
      'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, REFER, NOTIFY, MESSAGE, SUBSCRIBE',
      'Supported: replaces, norefersub, 100rel',
      'Session-Expires: 1800',
      'Min-SE: 90',
      'Accept: application/sdp, multipart/mixed',
      'P-Preferred-Identity: "A caller" <sip:caller@127.0.0.1>',
      'User-Agent: bench',
      'Content-Type: application/sdp',
      `Content-Length: ${body.length}`,
    ],
    body,
  );
};

const inDialogTemplate = (
  /** @type {string} */ method,
  /** @type {number} */ cseq,
  /** @type {string} */ tag,
  /** @type {Ports} */ ports,
) =>
  new Template([
    `${method} sip:bench@127.0.0.1:${ports.serverPort} SIP/2.0`,
    via(method, ports),
    'Max-Forwards: 70',
    from(ports),
    `To: <sip:bench@127.0.0.1:${ports.serverPort}>;tag=${tag}`,
    `Call-ID: ${sequencePlaceholder}@127.0.0.1`,
    `CSeq: ${cseq} ${method}`,
    'User-Agent: bench',
    'Content-Length: 0',
  ]);

/** An audio call's SDP. */
const description = (/** @type {string} */ user, /** @type {number} */ port) =>
  [
    'v=0',
    `o=${user} 2890844526 2890844526 IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 9 0 8 101`,
    'a=rtpmap:9 G722/8000',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-16',
    'a=ptime:20',
    `a=rtcp:${port + 1}`,
    'a=sendrecv',
    '',
  ].join('\r\n');

/** What every server puts into its 200. */
export const sdpAnswer = description('bench', 30_000);

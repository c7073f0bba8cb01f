import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { isLeft } from 'fp-ts/lib/Either.js';
import {
  type Address,
  createFramer,
  createRequest,
  createResponse,
  field,
  header,
  isSuccess,
  type ListeningAddress,
  type Protocol,
  parse,
  type RequestParts,
} from '../index.js';
import { addressText } from '../transports/transport-error.js';

export interface Demo {
  close(): void;
}

/**
 * A caller on loopback who by turns sends a REFER and makes a call in which it sends one, to each of the addresses after
 * the other. It knows no machines: what it says next is written down, and taken from what it has just heard.
 */
export function startDemo(addresses: readonly ListeningAddress[]): Demo {
  const lines = addresses.map((address) => new Line(reachable(address)));
  let round = 0;
  let timer = setTimeout(call, firstCall);

  function call(): void {
    const line = lines[Math.floor(round / openings.length) % lines.length];
    const opening = openings[round % openings.length];
    round++;
    if (line !== undefined && opening !== undefined) line.use((local) => write(line, local, opening));
    timer = setTimeout(call, pause);
  }

  return {
    close() {
      clearTimeout(timer);
      for (const line of lines) line.close();
    },
  };
}

/** Milliseconds. */
const firstCall = 500;
const pause = 5_000;

/** Before the second of two things that are said to one message. */
const breath = 500;

const offer = [
  ...['v=0', 'o=alice 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
  ...['m=audio 9 RTP/AVP 0', 'a=inactive', ''],
].join('\r\n');

/** A request: as it begins a dialog, or with what its dialog knows. */
interface Utterance {
  readonly method: string;
  readonly headers?: RequestParts['headers'];
  readonly body?: string;
  readonly uri?: string | undefined;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly sequence?: number;
}

/** RFC 3515 §4.1 and RFC 3261 §24.2. */
const openings: readonly Utterance[] = [
  { method: 'REFER', headers: [['Refer-To', '<sip:carol@example.com>']] },
  { method: 'INVITE', headers: [['Content-Type', 'application/sdp']], body: offer },
];

const goodbye = { method: 'BYE', sequence: 3 } as const;

/** What is said when a message comes: the next request of a call takes its dialog from it. */
function replies(text: string): readonly (string | Utterance)[] {
  const parsed = parse(text);
  if (isLeft(parsed)) return [];
  const message = parsed.right;
  const said = (name: string) => field(message, name) ?? '';
  const callId = said('Call-ID');
  const contact = header(message, 'Contact');
  const uri = isLeft(contact) || contact.right === '*' ? undefined : contact.right[0]?.uri.text;
  if (message.type === 'response') {
    const inDialog = { from: said('From'), to: said('To'), callId, uri };
    if (said('CSeq') === '2 REFER' && message.status >= 300) return [{ ...inDialog, ...goodbye }];
    if (said('CSeq') !== '1 INVITE' || !isSuccess(message.status)) return [];
    return [
      { ...inDialog, method: 'ACK' },
      { ...inDialog, method: 'REFER', sequence: 2, headers: [['Refer-To', '<sip:dave@example.com>']] },
    ];
  }
  const answer = createResponse(message, ['NOTIFY', 'BYE'].includes(message.method) ? 200 : 501).text;
  const isLast = said('Event') === 'refer;id=2' && said('Subscription-State').startsWith('terminated');
  return isLast ? [answer, { from: said('To'), to: said('From'), callId, uri, ...goodbye }] : [answer];
}

function write({ remote, protocol }: Line, local: Address, utterance: Utterance): string {
  const caller = `sip:alice@${addressText(local)}${protocol === 'TCP' ? ';transport=tcp' : ''}`;
  const callee = `sip:bob@${addressText(remote)}`;
  const { method, uri = callee, headers = [], body } = utterance;
  const {
    from = `<${caller}>;tag=${token()}`,
    to = `<${callee}>`,
    callId = token(),
    sequence = 1,
  } = utterance;
  return createRequest({
    method,
    uri,
    headers: [
      ['Via', `SIP/2.0/${protocol} ${addressText(local)};branch=z9hG4bK${token()};rport`],
      ['Max-Forwards', '70'],
      ['From', from],
      ['To', to],
      ['Call-ID', callId],
      ['CSeq', `${sequence} ${method}`],
      ['Contact', `<${caller}>`],
      ...headers,
    ],
    body,
  }).text;
}

const token = () => randomBytes(8).toString('hex');

/** A socket bound to every address is reached on loopback. */
function reachable({ protocol, host, port }: ListeningAddress): ListeningAddress {
  const loopback = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { protocol, host: loopback, port };
}

interface Opened {
  readonly local: Address;
  send(text: string): void;
  close(): void;
}

/** The caller's own socket to one address; it is opened when it is first used, and again after it was lost. */
class Line {
  readonly protocol: Protocol;
  readonly remote: Address;
  #opened: Opened | undefined;
  #isClosed = false;

  constructor({ protocol, host, port }: ListeningAddress) {
    this.protocol = protocol;
    this.remote = { host, port };
  }

  /** Sends what is written for the local address. */
  use(compose: (local: Address) => string): void {
    if (this.#opened !== undefined) return this.#opened.send(compose(this.#opened.local));
    const open = this.protocol === 'UDP' ? openDatagrams : openConnection;
    open(this.remote, {
      opened: (opened) => {
        if (this.#isClosed) return opened.close();
        this.#opened = opened;
        opened.send(compose(opened.local));
      },
      received: (text) => {
        replies(text).forEach((reply, index) => {
          const send = () =>
            this.use((local) => (typeof reply === 'string' ? reply : write(this, local, reply)));
          if (index === 0) send();
          else setTimeout(send, breath).unref();
        });
      },
      lost: () => {
        this.#opened = undefined;
      },
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#opened?.close();
  }
}

interface LineListener {
  opened(opened: Opened): void;
  received(text: string): void;
  lost(): void;
}

function openDatagrams({ host, port }: Address, listener: LineListener): void {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.on('message', (bytes) => listener.received(bytes.toString('latin1')));
  socket.on('error', () => socket.close());
  socket.on('close', () => listener.lost());
  socket.on('connect', () => {
    const { address, port } = socket.address();
    listener.opened({
      local: { host: address, port },
      send: (text) => socket.send(Buffer.from(text, 'latin1'), () => {}),
      close: () => socket.close(),
    });
  });
  socket.connect(port, host);
}

function openConnection({ host, port }: Address, listener: LineListener): void {
  const socket = connect(port, host);
  const framer = createFramer();
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    for (const frame of framer.push(`${chunk}`)) if (frame.type === 'message') listener.received(frame.text);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => listener.lost());
  socket.on('connect', () => {
    listener.opened({
      local: { host: socket.localAddress ?? host, port: socket.localPort ?? 0 },
      send: (text) => socket.write(text, 'latin1'),
      close: () => socket.destroy(),
    });
  });
}

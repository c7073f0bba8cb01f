import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { isLeft } from 'fp-ts/lib/Either.js';
import {
  type Address,
  createFramer,
  createRequest,
  createResponse,
  type ListeningAddress,
  type Protocol,
  parse,
} from '../index.js';
import { addressText } from '../transports/transport-error.js';

export interface Demo {
  close(): void;
}

/**
 * A caller on loopback who sends a REFER now and then, to each of the addresses in turn, and answers every NOTIFY with
 * 200. It knows no machines: what it does is written down.
 */
export function startDemo(addresses: readonly ListeningAddress[]): Demo {
  const lines = addresses.map((address) => new Line(reachable(address)));
  let round = 0;
  let timer = setTimeout(call, firstCall);

  function call(): void {
    const line = lines[round % lines.length];
    const target = targets[round % targets.length];
    round++;
    line?.use((local) => refer(line, local, `sip:${target}@example.com`));
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
const pause = 4_000;

const targets = ['carol', 'dave', 'erin'];

/** RFC 3515 §4.1. */
function refer({ remote, protocol }: Line, local: Address, target: string): string {
  const caller = `sip:alice@${addressText(local)}${protocol === 'TCP' ? ';transport=tcp' : ''}`;
  const callee = `sip:bob@${addressText(remote)}`;
  return createRequest({
    method: 'REFER',
    uri: callee,
    headers: [
      ['Via', `SIP/2.0/${protocol} ${addressText(local)};branch=z9hG4bK${token()};rport`],
      ['Max-Forwards', '70'],
      ['From', `<${caller}>;tag=${token()}`],
      ['To', `<${callee}>`],
      ['Call-ID', token()],
      ['CSeq', '1 REFER'],
      ['Contact', `<${caller}>`],
      ['Refer-To', `<${target}>`],
    ],
  }).text;
}

/** The answer to what comes in, if it asks for one. */
function answerTo(text: string): string | undefined {
  const message = parse(text);
  if (isLeft(message) || message.right.type !== 'request') return undefined;
  return createResponse(message.right, message.right.method === 'NOTIFY' ? 200 : 501).text;
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
  use(write: (local: Address) => string): void {
    if (this.#opened !== undefined) return this.#opened.send(write(this.#opened.local));
    const open = this.protocol === 'UDP' ? openDatagrams : openConnection;
    open(this.remote, {
      opened: (opened) => {
        if (this.#isClosed) return opened.close();
        this.#opened = opened;
        opened.send(write(opened.local));
      },
      received: (text) => {
        const answer = answerTo(text);
        if (answer !== undefined) this.#opened?.send(answer);
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

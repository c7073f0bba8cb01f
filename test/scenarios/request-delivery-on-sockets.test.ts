import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { right } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test } from 'vitest';
import { createUserAgent, grant, type Resolver, tcp, udp } from '../../src/index.js';
import { field, parse } from '../../src/message/index.js';
import { requestText } from '../support/peer.js';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const loopback = { host: '127.0.0.1', port: 0 };

/** A user agent on the loopback that grants referrals, its ports, and the causes of its requests that failed. */
const listening = async (resolver?: Resolver) => {
  const userAgent = createUserAgent({
    transports: [udp(loopback), tcp(loopback)],
    policy: { refer: () => grant },
    on: { refer: (referral) => void referral.accept(), error: () => {} },
    ...(resolver === undefined ? {} : { resolver }),
  });
  closing.push(() => userAgent.close());
  const addresses = await userAgent.listen();
  const [{ port: udpPort }, { port: tcpPort }] = addresses as unknown as readonly [
    { readonly port: number },
    { readonly port: number },
  ];
  return { userAgent, udpPort, tcpPort };
};

/** The message that comes next of that first line. */
const waitFor = async (start: string, next: () => Promise<string>) => {
  for (;;) {
    const parsed = parse(await next());
    if (parsed._tag === 'Right' && parsed.right.text.startsWith(start)) return parsed.right;
  }
};

const udpPeer = async () => {
  const socket = createSocket('udp4');
  closing.push(() => socket.close());
  socket.bind(0, loopback.host);
  await once(socket, 'listening');
  const { port } = socket.address();
  const received: string[] = [];
  socket.on('message', (bytes) => received.push(bytes.toString('latin1')));
  const next = async () => {
    while (received.length === 0) await once(socket, 'message');
    return received.shift() ?? '';
  };
  return { port, next, send: (text: string, to: number) => socket.send(text, to, loopback.host) };
};

describe('on real sockets', () => {
  test('a peer by UDP whose Contact is .invalid hears at its source', async () => {
    const { udpPort } = await listening();
    const peer = await udpPeer();
    const via = `SIP/2.0/UDP a1b2.invalid;branch=z9hG4bKudp;rport`;
    const lines = ['Contact: <sip:alice@a1b2.invalid>', 'Refer-To: <sip:carol@192.0.2.3>'];
    peer.send(requestText({ via, lines }), udpPort);

    expect((await waitFor('NOTIFY', peer.next)).text).toContain('SIP/2.0 100 Trying');
  });

  test('a peer by TCP whose Contact is .invalid hears by its connection', async () => {
    const { tcpPort } = await listening();
    const socket = connect(tcpPort, loopback.host);
    closing.push(() => socket.destroy());
    await once(socket, 'connect');
    const via = 'SIP/2.0/TCP a1b2.invalid;branch=z9hG4bKtcp';
    const lines = ['Contact: <sip:alice@a1b2.invalid;transport=tcp>', 'Refer-To: <sip:carol@192.0.2.3>'];
    socket.write(requestText({ via, lines }));
    let text = '';
    while (!text.includes('SIP/2.0 100 Trying')) text += (await once(socket, 'data'))[0];

    expect(text).toContain('NOTIFY sip:alice@a1b2.invalid;transport=tcp SIP/2.0');
  });

  test('an IPv4 agent reaches a name whose first address is IPv6, and whose second the system sends nothing to', async () => {
    const peer = await udpPeer();
    const { udpPort } = await listening({
      resolve: () => async () => right(['2001:db8::1', '255.255.255.255', '127.0.0.1']),
    });
    const lines = [`Contact: <sip:alice@phone.example.com:${peer.port}>`, 'Refer-To: <sip:carol@192.0.2.3>'];
    peer.send(requestText({ lines, via: `SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bKname` }), udpPort);
    const notify = await waitFor('NOTIFY', peer.next);

    expect(field(notify, 'CSeq')).toBe('1 NOTIFY');
  });

  test('a connection that nobody takes is followed by the next address', async () => {
    const { tcpPort } = await listening({ resolve: () => async () => right(['127.0.0.2', '127.0.0.1']) });
    const { tcpPort: peerPort, userAgent: peer } = await listening();
    const heard: string[] = [];
    const notified = new Promise<void>((resolve) =>
      peer.watch(({ text, direction }) => {
        if (direction === 'received') heard.push(text.slice(0, text.indexOf(' ')));
        if (text.startsWith('NOTIFY')) resolve();
      }),
    );
    const socket = connect(tcpPort, loopback.host);
    closing.push(() => socket.destroy());
    const contact = `<sip:alice@phone.example.com:${peerPort};transport=tcp>`;
    const via = `SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bKnext`;
    socket.write(requestText({ via, lines: [`Contact: ${contact}`, 'Refer-To: <sip:carol@192.0.2.3>'] }));
    await notified;

    expect(heard).toEqual(['NOTIFY']);
  });
});

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { isBuilt, RunningCommand, unlessBuilt } from '../support/command.js';
import { requestText } from '../support/peer.js';

const running: RunningCommand[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const command of running.splice(0)) command.kill();
  for (const socket of sockets.splice(0)) socket.destroy();
});

const contact = 'Contact: <sip:alice@127.0.0.1:5060;transport=tcp>';
const lines = (line: string, count: number) => Array.from({ length: count }, () => line);
const uri = 'sip:ring@127.0.0.1';
const offer = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=x:${'x'.repeat(60_000)}\r\n`;
const described = [contact, 'Content-Type: application/sdp'];

/** Requests of some 60 kB that wait, or leave something that stays, and how many of them 256 MB could not hold. */
const floods = {
  'INVITEs with a large body': [4_000, { method: 'INVITE', uri, lines: described, body: offer }],
  'INVITEs with a large body that are refused, until their ACK': [
    4_000,
    { method: 'INVITE', uri: 'sip:busy@127.0.0.1', lines: described, body: offer },
  ],
  'INVITEs whose header fields are read into many records': [
    400,
    {
      method: 'INVITE',
      uri,
      lines: [contact, ...lines(`Record-Route: ${'<sip:b;lr>,'.repeat(700)}<sip:b;lr>`, 7)],
    },
  ],
  'INVITEs whose refusals repeat what they brought until their ACK': [
    6_000,
    {
      method: 'INVITE',
      uri: 'sip:busy@127.0.0.1',
      lines: [contact, ...lines(`Via: SIP/2.0/TCP host;branch=${'y'.repeat(7_900)}`, 7)],
    },
  ],
  'PUBLISHs with a large body': [
    6_000,
    {
      method: 'PUBLISH',
      lines: ['Event: presence', 'Content-Type: application/pidf+xml'],
      body: 'x'.repeat(60_000),
    },
  ],
} as const;

describe.skipIf(!isBuilt)(`sipchart serve in 256 MB of heap${unlessBuilt}`, () => {
  test.each(Object.entries(floods))('lives through %s, and answers others', async (_, [count, fields]) => {
    const command = new RunningCommand(['serve', '--quiet', '--tcp', '0.0.0.0:0'], {
      NODE_OPTIONS: '--max-old-space-size=256',
    });
    running.push(command);
    const port = await command.port('tcp');
    const flood = await connected(port, '127.0.0.1');
    for (let index = 0; index < count; index++) {
      const text = requestText({
        via: `SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKflood${index}`,
        callId: `flood-${index}`,
        ...fields,
        ...(fields.method === 'PUBLISH' ? { uri: `sip:user${index % 900}@127.0.0.1` } : {}),
      });
      flood.write(text, 'latin1');
      // It reads as fast as it writes: a megabyte that it leaves unread would have its connection closed.
      if (index % 10 === 9)
        expect(await answered(flood, question(`flood-${index}-read`))).toMatch(/^SIP\/2\.0 (200|503) /);
    }

    const other = await connected(port, '127.0.0.2');
    expect(await answered(other, question('other'))).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    command.signal('SIGTERM');
    expect((await command.finished).status).toBe(0);
  });
});

const connected = async (port: number, localAddress: string): Promise<Socket> => {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  sockets.push(socket);
  await once(socket.setEncoding('latin1'), 'connect');
  return socket;
};

const question = (callId: string) =>
  requestText({ method: 'OPTIONS', via: `SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK${callId}`, callId });

/** The response to a request, whatever comes before it. */
const answered = async (socket: Socket, text: string): Promise<string> => {
  const callId = /^Call-ID: .*\r\n/m.exec(text)?.[0] ?? '';
  let heard = '';
  socket.write(text, 'latin1');
  for (;;) {
    const [chunk] = await once(socket, 'data');
    heard += chunk;
    const found = heard.indexOf(callId);
    if (found >= 0 && heard.includes('\r\n\r\n', found))
      return heard.slice(heard.lastIndexOf('SIP/2.0 ', found));
  }
};

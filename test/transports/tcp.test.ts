import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { left } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Address } from '../../src/message/message.js';
import { type TcpLimits, tcp } from '../../src/transports/tcp.js';
import type { Transport } from '../../src/transports/transport.js';
import { settled } from '../support/core-stage.js';
import { FailureRecorder, opened, Recorder } from '../support/recorder.js';

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const closing: (() => unknown)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(closing.splice(0).map((close) => close()));
});

describe('TCP transport (RFC 3261 §18)', () => {
  test('is reliable and binds a real port', async () => {
    const { transport, address } = await endpoint();

    expect(transport).toMatchObject({ protocol: 'TCP', reliable: true });
    expect(address).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
    expect(address.port).toBeGreaterThan(0);
  });

  test('every byte of a message arrives, and its answer goes back on the same connection', async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(255 - byte)).join('');
    const one = await endpoint();
    const other = await endpoint();
    other.recorder.onText = (_, flow) => other.transport.send(message('answer'), flow, new FailureRecorder());

    one.transport.send(message(bytes), one.transport.flowTo(other.address), new FailureRecorder());
    await one.recorder.until(() => one.recorder.texts.length === 1);
    expect(other.recorder.texts).toEqual([message(bytes)]);
    expect(one.recorder.texts).toEqual([message('answer')]);
    expect(one.recorder.flows[0]!.remote).toEqual(other.address);
    expect(one.recorder.flows[0]!.transport).toBe(one.transport);
  });

  test('an open connection to an address and port is used again, from either end', async () => {
    const one = await endpoint();
    const other = await endpoint();
    const flow = one.transport.flowTo(other.address);

    expect(one.transport.hasFlowTo(other.address)).toBe(false);
    one.transport.send(message('first'), flow, new FailureRecorder());
    expect(one.transport.hasFlowTo(other.address)).toBe(true);
    expect(one.transport.flowTo(other.address)).toBe(flow);
    one.transport.send(message('second'), one.transport.flowTo(other.address), new FailureRecorder());
    await other.recorder.until(() => other.recorder.texts.length === 2);
    const [back] = other.recorder.flows;
    expect(other.recorder.flows[1]).toBe(back);
    expect(other.transport.flowTo(back!.remote)).toBe(back);
  });

  test('2,000 messages cut at random places arrive whole and in order', async () => {
    const { recorder, address } = await endpoint();
    const socket = await peer(address);
    const sent = Array.from({ length: 2_000 }, (_, index) => message(`${index}`.repeat(random(index) % 200)));
    const stream = sent.join('');

    for (let from = 0, cut = 0; from < stream.length; cut++) {
      const to = from + 1 + (random(cut) % 1_500);
      if (!socket.write(stream.slice(from, to), 'latin1')) await once(socket, 'drain');
      from = to;
    }
    await recorder.until(() => recorder.texts.length === sent.length);
    expect(recorder.texts).toEqual(sent);
  });

  test('messages that come byte by byte arrive whole', async () => {
    const { recorder, address } = await endpoint();
    const socket = await peer(address);
    for (const byte of message('one') + message('two')) {
      socket.write(byte);
      await settled();
    }

    await recorder.until(() => recorder.texts.length === 2);
    expect(recorder.texts).toEqual([message('one'), message('two')]);
  });

  test('a stream that can not be framed is shown, may be answered, and ends its connection once', async () => {
    const { transport, recorder, address } = await endpoint();
    recorder.onUnframed = (_, flow) =>
      transport.send('SIP/2.0 400 Bad Request\r\n\r\n', flow, new FailureRecorder());
    const socket = await peer(address);
    const answer = received(socket);

    socket.write(unframeable);
    socket.write(message('never read'));
    expect(await answer).toBe('SIP/2.0 400 Bad Request\r\n\r\n');
    await recorder.until(() => recorder.closedFlows.length > 0);
    expect(recorder.unframedTexts).toHaveLength(1);
    expect(recorder.texts).toEqual([]);
    expect(recorder.closedFlows).toHaveLength(1);
  });

  test('the end of a connection is told once, and its flow fails from then on', async () => {
    const one = await endpoint();
    const other = await endpoint();
    const flow = one.transport.flowTo(other.address);
    one.transport.send(message('hello'), flow, new FailureRecorder());
    await other.recorder.until(() => other.recorder.texts.length === 1);

    await other.transport.close();
    await one.recorder.until(() => one.recorder.closedFlows.length === 1);
    const sender = new FailureRecorder();
    one.transport.send(message('too late'), flow, sender);
    expect(sender.errors).toEqual([]);
    expect(await sender.failed()).toMatchObject({ code: 'closed' });
    expect(one.recorder.closedFlows).toEqual([flow]);
    expect(other.recorder.closedFlows).toEqual([other.recorder.flows[0]]);
    expect(one.transport.hasFlowTo(other.address)).toBe(false);
    expect(one.transport.flowTo(other.address)).not.toBe(flow);
  });

  test('a connection that the peer resets is told once', async () => {
    const { recorder, address } = await endpoint();
    const socket = await peer(address);
    socket.write(message('hello'));
    await recorder.until(() => recorder.texts.length === 1);

    socket.resetAndDestroy();
    await recorder.until(() => recorder.closedFlows.length === 1);
    expect(recorder.closedFlows).toEqual([recorder.flows[0]]);
  });

  test('a peer that ends its half still gets the answer to what it sent', async () => {
    const { transport, recorder, address } = await endpoint();
    recorder.onText = (_, flow) => transport.send(message('answer'), flow, new FailureRecorder());
    const socket = await peer(address);
    const answer = received(socket);

    socket.end(message('question'));
    expect(await answer).toBe(message('answer'));
    await recorder.until(() => recorder.closedFlows.length === 1);
  });

  test('a refused connection fails each message that waited for it, then closes', async () => {
    const { transport, recorder } = await endpoint();
    const remote = await unusedAddress();
    const flow = transport.flowTo(remote);
    const senders = [new FailureRecorder(), new FailureRecorder()];

    for (const sender of senders) transport.send(message('hello'), flow, sender);
    expect(senders.flatMap(({ errors }) => errors)).toEqual([]);
    await recorder.until(() => recorder.closedFlows.length === 1);
    const refused = { code: 'refused', message: `TCP 127.0.0.1:${remote.port} refuses connections` };
    expect(senders.map(({ errors }) => errors)).toEqual([[refused], [refused]]);
    expect(recorder.closedFlows).toEqual([flow]);
  });

  test.each([
    [{ host: '127.0.0.1', port: 65_536 }, 'TCP 127.0.0.1:65536 has no valid port; name one from 1 to 65535'],
    [
      { host: 'example.org', port: 5060 },
      'TCP example.org:5060 is no numeric address; name one, as 127.0.0.1',
    ],
  ])('sending to %o fails', async (remote, text) => {
    const { transport } = await endpoint();
    const sender = new FailureRecorder();

    transport.send(message('hello'), transport.flowTo(remote), sender);
    expect(sender.errors).toEqual([]);
    expect(await sender.failed()).toEqual({ code: 'addressNotAvailable', message: text });
  });

  test('sending before open and after close fails', async () => {
    const transport = tcp({ host: '127.0.0.1', port: 0 });
    const early = new FailureRecorder();
    transport.send(message('hello'), transport.flowTo({ host: '127.0.0.1', port: 5060 }), early);
    expect(await early.failed()).toEqual({ code: 'closed', message: 'TCP 127.0.0.1:0 is closed' });

    await opened(transport, new Recorder());
    await transport.close();
    const late = new FailureRecorder();
    transport.send(message('hello'), transport.flowTo({ host: '127.0.0.1', port: 5060 }), late);
    expect(await late.failed()).toMatchObject({ code: 'closed' });
  });

  test('a port in use is named together with the remedy, and a second attempt is free', async () => {
    const { transport, address } = await endpoint();
    const second = track(tcp(address));

    expect(await second.open(new Recorder())()).toEqual(
      left({
        code: 'addressInUse',
        message: `TCP 127.0.0.1:${address.port} is in use by another process; name another port`,
      }),
    );
    await transport.close();
    expect(await opened(second, new Recorder())).toEqual(address);
  });

  test.each([
    [{ host: '192.0.2.77', port: 0 }, 'TCP 192.0.2.77:0 is no address of this machine; name one of its own'],
    [{ host: 'localhost', port: 0 }, 'TCP localhost:0 is no numeric address; name one, as 127.0.0.1'],
  ])('%o cannot be opened', async (address, text) => {
    expect(await tcp(address).open(new Recorder())()).toEqual(
      left({ code: 'addressNotAvailable', message: text }),
    );
  });

  test('opening twice, or after close, fails', async () => {
    const { transport } = await endpoint();
    expect(await transport.open(new Recorder())()).toMatchObject(left({ code: 'failed' }));

    await transport.close();
    expect(await transport.open(new Recorder())()).toMatchObject(left({ code: 'closed' }));
  });

  test('close flushes what is queued, ends both ends, and may be repeated', async () => {
    const one = await endpoint();
    const other = await endpoint();
    for (let count = 0; count < 50; count++)
      one.transport.send(
        message(`${count}`.repeat(4_000)),
        one.transport.flowTo(other.address),
        new FailureRecorder(),
      );

    await Promise.all([one.transport.close(), one.transport.close()]);
    expect(one.recorder.closedFlows).toHaveLength(1);
    await other.recorder.until(() => other.recorder.closedFlows.length === 1);
    expect(other.recorder.texts).toHaveLength(50);
  });

  test('closing what was never opened is done at once', async () => {
    await tcp({ host: '127.0.0.1', port: 0 }).close();
  });

  describe.skipIf(!hasIPv6)('over IPv6 (skipped where there is no ::1)', () => {
    test('a message arrives from ::1', async () => {
      const one = await endpoint({}, '::1');
      const other = await endpoint({}, '::1');

      one.transport.send(message('hello'), one.transport.flowTo(other.address), new FailureRecorder());
      await other.recorder.until(() => other.recorder.texts.length === 1);
      expect(other.recorder.flows[0]!.remote.host).toBe('::1');
    });

    test('a socket on :: names IPv4 peers as themselves', async () => {
      const { recorder, address } = await endpoint({}, '::');
      const socket = await peer({ host: '127.0.0.1', port: address.port });
      socket.write(message('hello'));

      await recorder.until(() => recorder.texts.length === 1);
      expect(recorder.flows[0]!.remote).toEqual({ host: '127.0.0.1', port: socket.localPort });
    });
  });
});

describe('TCP keep-alive (RFC 5626 §3.5.1)', () => {
  test('a double CRLF between messages is answered by a CRLF, a single one is not', async () => {
    const { recorder, address } = await endpoint();
    const socket = await peer(address);
    const answers = received(socket);

    socket.end(`\r\n\r\n${message('one')}\r\n\r\n${message('two')}\r\n`);
    expect(await answers).toBe('\r\n\r\n');
    expect(recorder.texts).toEqual([message('one'), message('two')]);
  });

  test.each([
    ['\r\n', 0],
    ['\r\n\r', 0],
    ['OPTI', 1],
  ])('%j behind a message is part of a ping or begins a message, whose time runs', async (rest, timers) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { recorder, address } = await endpoint();
    const socket = await peer(address);

    socket.write(message('one') + rest);
    await recorder.until(() => recorder.texts.length === 1);
    expect(vi.getTimerCount()).toBe(timers);
  });
});

describe('TCP limits', () => {
  test('an idle connection is ended', async () => {
    const { recorder, address } = await endpoint({ idle: 20 });
    const socket = await peer(address);
    await once(socket.resume(), 'close');

    await recorder.until(() => recorder.closedFlows.length === 1);
  });

  test('a connection that was made lives on when the time to make it is over', async () => {
    const connecting = 20;
    const { transport } = await endpoint({ connecting });
    const server = await deafServer();

    transport.send(message('hello'), transport.flowTo(server.address), new FailureRecorder());
    await server.accepted();
    // Node ends timers of one length in the order in which they were last started: the second of these after the connection's.
    for (let turn = 0; turn < 2; turn++) await once(new Socket().setTimeout(connecting), 'timeout');
    expect(transport.hasFlowTo(server.address)).toBe(true);
  });

  test.skipIf(process.platform === 'win32')('a connection that is not answered fails in time', async () => {
    const { transport, recorder } = await endpoint({ connecting: 40 });
    const address = await stoppedServer();
    const sender = new FailureRecorder();

    transport.send(message('hello'), transport.flowTo(address), sender);
    expect(await sender.failed()).toEqual({
      code: 'timeout',
      message: `TCP 127.0.0.1:${address.port} does not answer`,
    });
    expect(sender.errors).toHaveLength(1);
    await recorder.until(() => recorder.closedFlows.length === 1);
  });

  test('a message that takes too long ends its connection, however it drips', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { recorder, address } = await endpoint({ unfinished: 40 });
    const socket = await peer(address);
    socket.on('error', () => {});
    socket.write(message('whole'));
    while (recorder.closedFlows.length === 0) {
      socket.write('REFER');
      await settled();
      vi.advanceTimersByTime(5);
    }

    expect(recorder.texts).toEqual([message('whole')]);
    expect(recorder.unframedTexts).toEqual([]);
  });

  test('a stream that is always within some message is not ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { recorder, address } = await endpoint({ unfinished: 40 });
    const socket = await peer(address);
    const text = message('whole');
    socket.write(text.slice(0, 20));
    for (let count = 1; count <= 20; count++) {
      socket.write(text.slice(20) + text.slice(0, 20));
      await recorder.until(() => recorder.texts.length === count);
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(30);
    }

    expect(recorder.closedFlows).toEqual([]);
  });

  test('a peer that ends its half and reads nothing is given up, beside a new connection to it', async () => {
    const { transport, recorder } = await endpoint({ flushing: 50, queued: 1e8, buffered: 1e9 });
    const server = await deafServer();
    const old = transport.flowTo(server.address);
    for (let count = 0; count < 200; count++)
      transport.send(message('x'.repeat(60_000)), old, new FailureRecorder());
    await server.accepted();

    server.endAll();
    while (transport.flowTo(server.address) === old) await settled();
    const flow = transport.flowTo(server.address);
    transport.send(message('hello'), flow, new FailureRecorder());
    await recorder.until(() => recorder.closedFlows.length === 1);
    expect(recorder.closedFlows).toEqual([old]);
    expect(transport.flowTo(server.address)).toBe(flow);
  });

  test('more waiting bytes than a slow reader may have fail as overflow and end the connection', async () => {
    const { transport, recorder } = await endpoint({ queued: 100_000 });
    const { address } = await deafServer();
    const flow = transport.flowTo(address);
    const senders: FailureRecorder[] = [];

    while (recorder.closedFlows.length === 0 && senders.length < 10_000) {
      const sender = new FailureRecorder();
      senders.push(sender);
      transport.send(message('x'.repeat(50_000)), flow, sender);
      await settled();
    }
    expect(recorder.closedFlows).toEqual([flow]);
    const overflows = senders.flatMap(({ errors }) => errors).filter(({ code }) => code === 'overflow');
    expect(overflows.length).toBeGreaterThan(0);
    expect(overflows[0]!.message).toContain('reads too slowly');
    for (const { errors } of senders) expect(errors.length).toBeLessThanOrEqual(1);
  });

  test('close does not wait for a slow reader for ever', async () => {
    const { transport, recorder } = await endpoint({ flushing: 30, queued: 1e8, buffered: 1e9 });
    const { address } = await deafServer();
    const sender = new FailureRecorder();
    const flow = transport.flowTo(address);
    for (let count = 0; count < 200; count++) transport.send(message('x'.repeat(60_000)), flow, sender);

    await transport.close();
    expect(recorder.closedFlows).toEqual([flow]);
    expect(sender.errors.length).toBeGreaterThan(0);
  });

  test('connections over the limit are not accepted while those that are there are in use', async () => {
    const { recorder, address } = await endpoint({ connections: 1 });
    const first = await peer(address);
    first.write(`${message('first')}OPTIONS sip:bob`);
    await recorder.until(() => recorder.texts.length === 1);

    const second = await peer(address);
    await once(second.resume(), 'close');
    expect(recorder.closedFlows.length).toBe(0);
    expect(recorder.limits).toEqual([['connections', 1, '127.0.0.1']]);

    first.destroy();
    await recorder.until(() => recorder.closedFlows.length === 1);
    (await peer(address)).write(message('third'));
    await recorder.until(() => recorder.texts.length === 2);
  });

  test('a connection over the limit takes the place of the idle one that was quiet longest', async () => {
    const { recorder, address } = await endpoint({ connections: 2 });
    const [first, second] = [await peer(address), await peer(address)];
    for (const [index, each] of [first, second, first].entries()) {
      each.write(message(`${index}`));
      await recorder.until(() => recorder.texts.length === index + 1);
    }

    const closed = once(second.resume(), 'close');
    (await peer(address)).write(message('third'));
    await closed;
    first.write(message('first again'));
    await recorder.until(() => recorder.texts.length === 5);
    expect(recorder.limits).toEqual([['connections', 2, '127.0.0.1']]);
  });

  test('a source has its share of the connections alone, and a trusted one all of them', async () => {
    const { recorder, address } = await endpoint({ connections: 8, connectionsPerSource: 1 });
    const first = await peer(address);
    await once((await peer(address)) && first.resume(), 'close');
    expect(recorder.limits).toEqual([['connections', 1, '127.0.0.1']]);

    recorder.trusts = () => true;
    const peers = [await peer(address), await peer(address)];
    for (const each of peers) each.write(message('hello'));
    await recorder.until(() => recorder.texts.length === 2);
    expect(recorder.limits.length).toBe(1);
  });

  test('a connection that brings no message in time is ended, whatever keep-alives it sends', async () => {
    const { address } = await endpoint({ silent: 50 });
    const silent = await peer(address);
    silent.write('\r\n\r\n');
    await once(silent.resume(), 'close');
  });

  test('a connection that has brought a message may be quiet after it', async () => {
    const { recorder, address } = await endpoint({ silent: 50 });
    const [first, silent] = [await peer(address), await peer(address)];
    first.write(message('first'));
    await once(silent.resume(), 'close');
    first.write(message('second'));
    await recorder.until(() => recorder.texts.length === 2);
  });

  test.each([
    [
      'a source has its share of what waits',
      { bufferedPerSource: 40_000 },
      ['buffered', 40_000, '127.0.0.1'],
    ],
    [
      'what waits in all connections is limited',
      { buffered: 40_000, bufferedPerSource: 1e6 },
      ['buffered', 40_000, undefined],
    ],
  ] as const)('%s, and a connection that brings more is closed', async (_, limits, reached) => {
    const { recorder, address } = await endpoint(limits);
    const part = message('x'.repeat(30_000)).slice(0, -1);
    const first = await peer(address);
    first.write(part);
    first.write('');
    const second = await peer(address);
    second.write(part);
    await recorder.until(() => recorder.closedFlows.length === 1);
    expect(recorder.limits).toEqual([reached]);
    expect(recorder.texts).toEqual([]);
  });

  test('connections over the limit are not made', async () => {
    const { transport } = await endpoint({ connections: 0 });
    const { address } = await deafServer();
    const sender = new FailureRecorder();

    transport.send(message('hello'), transport.flowTo(address), sender);
    expect(await sender.failed()).toMatchObject({ code: 'overflow' });
  });
});

const unframeable = 'OPTIONS sip:bob@example.org SIP/2.0\r\nContent-Length: none\r\n\r\n';

function message(body: string): string {
  return `OPTIONS sip:bob@example.org SIP/2.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Looks random and is not. */
function random(index: number): number {
  return Math.imul(index + 1, 0x9e3779b1) >>> 8;
}

async function endpoint(limits: Partial<TcpLimits> = {}, host = '127.0.0.1') {
  const transport = track(tcp({ host, port: 0, limits }));
  const recorder = new Recorder();
  return { transport, recorder, address: await opened(transport, recorder) };
}

function track(transport: Transport): Transport {
  closing.push(() => transport.close());
  return transport;
}

async function peer({ host, port }: Address): Promise<Socket> {
  const socket = connect({ host, port });
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** All that a socket gets until its peer ends. */
async function received(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
  return text;
}

/** Accepts connections and reads nothing. */
async function deafServer() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket.pause());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    address: { host: '127.0.0.1', port: bound.port },
    accepted: async () => sockets.length === 0 && (await once(server, 'connection')),
    endAll: () => {
      for (const socket of sockets) socket.end();
    },
  };
}

/** A server in a process that stands still, with a full queue of connections: one more is not answered. */
async function stoppedServer(): Promise<Address> {
  const program = `
    const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () =>
      process.stdout.write(server.address().port + '\\n', () => process.kill(process.pid, 'SIGSTOP')));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  closing.push(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  const address = { host: '127.0.0.1', port: Number(line) };
  const queued = Array.from({ length: 4 }, () => connect(address).on('error', () => {}));
  closing.push(() => queued.map((socket) => socket.destroy()));
  await Promise.race(queued.map((socket) => once(socket, 'connect')));
  return address;
}

async function unusedAddress(): Promise<Address> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return { host: '127.0.0.1', port: bound.port };
}

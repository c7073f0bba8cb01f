import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { left } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test } from 'vitest';
import type { Transport } from '../../src/transports/transport.js';
import { udp } from '../../src/transports/udp.js';
import { FailureRecorder, opened, Recorder } from '../support/recorder.js';

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const open: Transport[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});

describe('UDP transport (RFC 3261 §18)', () => {
  test('is unreliable and binds a real port', async () => {
    const { transport, address } = await endpoint();

    expect(transport).toMatchObject({ protocol: 'UDP', reliable: false });
    expect(address.host).toBe('127.0.0.1');
    expect(address.port).toBeGreaterThan(0);
  });

  test('every byte arrives as it was sent, with the address that it came from', async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(255 - byte)).join('');
    const one = await endpoint();
    const other = await endpoint();

    one.transport.send(bytes, one.transport.flowTo(other.address), new FailureRecorder());
    await other.recorder.until(() => other.recorder.texts.length === 1);
    expect(other.recorder.texts).toEqual([bytes]);
    expect(other.recorder.flows[0]!.remote).toEqual(one.address);
    expect(other.recorder.flows[0]!.transport).toBe(other.transport);
  });

  test('an answer on the flow of a datagram reaches its source', async () => {
    const one = await endpoint();
    const other = await endpoint();
    other.recorder.onText = (_, flow) => other.transport.send('answer', flow, new FailureRecorder());

    one.transport.send('question', one.transport.flowTo(other.address), new FailureRecorder());
    await one.recorder.until(() => one.recorder.texts.length === 1);
    expect(one.recorder.texts).toEqual(['answer']);
  });

  test('the datagrams of one peer share a flow', async () => {
    const one = await endpoint();
    const other = await endpoint();

    for (const text of ['first', 'second'])
      one.transport.send(text, one.transport.flowTo(other.address), new FailureRecorder());
    await other.recorder.until(() => other.recorder.texts.length === 2);
    expect(other.recorder.flows[0]).toBe(other.recorder.flows[1]);
    expect(other.transport.flowTo(one.address)).toBe(other.recorder.flows[0]);
    expect(other.transport.hasFlowTo(one.address)).toBe(false);
  });

  test('peers that differ in host or port have flows of their own', async () => {
    const { transport } = await endpoint();
    const remotes = [
      { host: '192.0.2.1', port: 5060 },
      { host: '192.0.2.2', port: 5060 },
      { host: '192.0.2.1', port: 5060 + 256 },
    ];

    for (const remote of [...remotes, ...remotes]) expect(transport.flowTo(remote).remote).toEqual(remote);
  });

  test.each([
    ['a double CRLF', Buffer.from('\r\n\r\n')],
    ['a CRLF', Buffer.from('\r\n')],
    ['a NUL', Buffer.from([0])],
    ['nothing', Buffer.alloc(0)],
    ['a STUN binding request (RFC 5626 §8)', Buffer.from('000100002112a442000102030405060708090a0b', 'hex')],
  ])('%s is dropped', async (_, bytes) => {
    const { recorder, address } = await endpoint();
    const socket = createSocket('udp4');

    socket.send(bytes, address.port, address.host);
    socket.send('OPTIONS', address.port, address.host);
    await recorder.until(() => recorder.texts.length > 0);
    socket.close();
    expect(recorder.texts).toEqual(['OPTIONS']);
  });

  test('the largest datagram passes, a larger message fails and names the remedy', async () => {
    const one = await endpoint();
    const other = await endpoint();
    const sender = new FailureRecorder();

    one.transport.send('x'.repeat(65_507), one.transport.flowTo(other.address), new FailureRecorder());
    one.transport.send('x'.repeat(65_508), one.transport.flowTo(other.address), sender);
    expect(sender.errors).toEqual([]);
    expect(await sender.failed()).toEqual({
      code: 'tooLarge',
      message: `UDP 127.0.0.1:${other.address.port} takes no datagram as large as this; send it by TCP`,
    });
    await other.recorder.until(() => other.recorder.texts.length === 1);
    expect(other.recorder.texts[0]).toHaveLength(65_507);
  });

  test.each([
    [{ host: '127.0.0.1', port: 0 }, 'UDP 127.0.0.1:0 has no valid port; name one from 1 to 65535'],
    [{ host: '127.0.0.1', port: 65_536 }, 'UDP 127.0.0.1:65536 has no valid port; name one from 1 to 65535'],
    [
      { host: 'example.org', port: 5060 },
      'UDP example.org:5060 cannot be reached from this socket; name an address of its family',
    ],
    [
      { host: '::1', port: 5060 },
      'UDP [::1]:5060 cannot be reached from this socket; name an address of its family',
    ],
  ])('sending to %o fails after send has returned', async (remote, message) => {
    const { transport } = await endpoint();
    const sender = new FailureRecorder();

    transport.send('OPTIONS', transport.flowTo(remote), sender);
    expect(sender.errors).toEqual([]);
    await sender.failed();
    expect(sender.errors).toEqual([{ code: 'addressNotAvailable', message }]);
  });

  test('what may not be sent to, a broadcast address, fails and names the remedy', async () => {
    const { transport } = await endpoint();
    const sender = new FailureRecorder();

    transport.send('OPTIONS', transport.flowTo({ host: '255.255.255.255', port: 5060 }), sender);
    expect(await sender.failed()).toEqual({
      code: 'permissionDenied',
      message:
        'UDP 255.255.255.255:5060 is a broadcast address, or one that a route prohibits; name the address of one host',
    });
  });

  test('a peer that nobody listens for any more fails nothing, neither what is sent to it nor what is sent to another (RFC 3261 §18.4)', async () => {
    const one = await endpoint();
    const other = await endpoint();
    const gone = await endpoint();
    await gone.transport.close();
    const sender = new FailureRecorder();

    for (let count = 1; count <= 3; count++) {
      one.transport.send('to nobody', one.transport.flowTo(gone.address), sender);
      one.transport.send('to another', one.transport.flowTo(other.address), sender);
      await other.recorder.until(() => other.recorder.texts.length === count);
      other.transport.send('answer', other.transport.flowTo(one.address), new FailureRecorder());
      await one.recorder.until(() => one.recorder.texts.length === count);
    }
    expect(sender.errors).toEqual([]);
  });

  test('sending before open and after close fails', async () => {
    const transport = udp({ host: '127.0.0.1', port: 0 });
    const early = new FailureRecorder();
    transport.send('OPTIONS', transport.flowTo({ host: '127.0.0.1', port: 5060 }), early);
    expect(await early.failed()).toEqual({ code: 'closed', message: 'UDP 127.0.0.1:0 is closed' });

    await opened(transport, new Recorder());
    await transport.close();
    const late = new FailureRecorder();
    transport.send('OPTIONS', transport.flowTo({ host: '127.0.0.1', port: 5060 }), late);
    expect(await late.failed()).toMatchObject({ code: 'closed' });
  });

  test('a port in use is named together with the remedy, and a second attempt is free', async () => {
    const { address } = await endpoint();
    const second = udp(address);
    open.push(second);

    expect(await second.open(new Recorder())()).toEqual(
      left({
        code: 'addressInUse',
        message: `UDP 127.0.0.1:${address.port} is in use by another process; name another port`,
      }),
    );
    await open.shift()!.close();
    expect(await opened(second, new Recorder())).toEqual(address);
  });

  test.each([
    [{ host: '192.0.2.77', port: 0 }, 'UDP 192.0.2.77:0 is no address of this machine; name one of its own'],
    [{ host: 'localhost', port: 0 }, 'UDP localhost:0 is no numeric address; name one, as 127.0.0.1'],
  ])('%o cannot be opened', async (address, message) => {
    expect(await udp(address).open(new Recorder())()).toEqual(left({ code: 'addressNotAvailable', message }));
  });

  test('opening twice, or after close, fails', async () => {
    const { transport } = await endpoint();
    expect(await transport.open(new Recorder())()).toMatchObject(left({ code: 'failed' }));

    await transport.close();
    expect(await transport.open(new Recorder())()).toMatchObject(left({ code: 'closed' }));
  });

  test('close flushes, frees the port, and may be repeated', async () => {
    const one = await endpoint();
    const other = await endpoint();
    for (let count = 0; count < 50; count++)
      one.transport.send(`${count}`.repeat(500), one.transport.flowTo(other.address), new FailureRecorder());

    await Promise.all([one.transport.close(), one.transport.close()]);
    await one.transport.close();
    await other.recorder.until(() => other.recorder.texts.length === 50);
    await opened(track(udp(one.address)), new Recorder());
  });

  test('closing what was never opened is done at once', async () => {
    await udp({ host: '127.0.0.1', port: 0 }).close();
  });

  describe.skipIf(!hasIPv6)('over IPv6 (skipped where there is no ::1)', () => {
    test('a message arrives from ::1', async () => {
      const one = await endpoint('::1');
      const other = await endpoint('::1');

      one.transport.send('OPTIONS', one.transport.flowTo(other.address), new FailureRecorder());
      await other.recorder.until(() => other.recorder.texts.length === 1);
      expect(other.recorder.flows[0]!.remote).toEqual(one.address);
    });

    test('a socket on :: speaks IPv4 and names IPv4 addresses as themselves', async () => {
      const one = await endpoint('::');
      const other = await endpoint('127.0.0.1');
      other.recorder.onText = (_, flow) => other.transport.send('answer', flow, new FailureRecorder());

      one.transport.send('question', one.transport.flowTo(other.address), new FailureRecorder());
      await one.recorder.until(() => one.recorder.texts.length === 1);
      expect(one.recorder.flows[0]!.remote).toEqual(other.address);
    });
  });
});

async function endpoint(host = '127.0.0.1') {
  const transport = track(udp({ host, port: 0 }));
  const recorder = new Recorder();
  return { transport, recorder, address: await opened(transport, recorder) };
}

function track(transport: Transport): Transport {
  open.push(transport);
  return transport;
}

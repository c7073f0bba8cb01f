import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createUserAgent, ListenError, tcp, udp } from '../../src/index.js';

const loopback = { host: '127.0.0.1', port: 0 };

describe('listen', () => {
  test('gives the addresses with their real ports', async () => {
    const userAgent = createUserAgent({ transports: [udp(loopback), tcp(loopback)] });
    const addresses = await userAgent.listen();
    await userAgent.close();
    expect(addresses).toEqual([
      { protocol: 'UDP', host: '127.0.0.1', port: expect.any(Number) },
      { protocol: 'TCP', host: '127.0.0.1', port: expect.any(Number) },
    ]);
    expect(addresses.every(({ port }) => port > 0)).toBe(true);
  });

  test('rejects with cause and remedy where a port is taken, and leaves no other open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const first = udp(loopback);
    const failure = await createUserAgent({ transports: [first, tcp({ ...loopback, port })] })
      .listen()
      .catch((error: unknown) => error);
    other.close();
    expect(failure).toBeInstanceOf(ListenError);
    expect(failure).toMatchObject({
      code: 'addressInUse',
      message: `TCP 127.0.0.1:${port} is in use by another process; name another port`,
    });
    const again = createUserAgent({ transports: [first] }).listen();
    await expect(again).rejects.toThrow('is closed');
  });
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { left, right } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test } from 'vitest';
import { nodeResolver } from '../../src/transports/resolver.js';

const closing: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const a = 1;
const aaaa = 28;

describe('resolver', () => {
  test('gives A and AAAA addresses, IPv4 first', async () => {
    const { servers } = await nameServer({
      [a]: [
        [192, 0, 2, 1],
        [192, 0, 2, 2],
      ],
      [aaaa]: [[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    });

    expect(await nodeResolver({ servers }).resolve('sip.example.org')()).toEqual(
      right(['192.0.2.1', '192.0.2.2', '2001:db8::1']),
    );
  });

  test('one kind of address is enough', async () => {
    const { servers } = await nameServer({ [a]: [[192, 0, 2, 1]] });

    expect(await nodeResolver({ servers }).resolve('sip.example.org')()).toEqual(right(['192.0.2.1']));
  });

  test('a name without addresses is unresolved', async () => {
    const { servers } = await nameServer({});

    expect(await nodeResolver({ servers }).resolve('sip.example.org')()).toEqual(
      left({
        code: 'unresolved',
        message: 'sip.example.org has no address; name a host that the domain name system knows',
      }),
    );
  });

  test.each(['', 'x'.repeat(64), 'a..b', 'a b\0'])('%j is unresolved', async (host) => {
    const { servers } = await nameServer({});

    expect(await nodeResolver({ servers }).resolve(host)()).toMatchObject(left({ code: 'unresolved' }));
  });

  test('a name server that keeps silent ends in time', async () => {
    const { servers } = await nameServer('silent');

    expect(await nodeResolver({ servers, timeLimit: 30 }).resolve('sip.example.org')()).toEqual(
      left({ code: 'timeout', message: 'sip.example.org was not resolved within 30 ms' }),
    );
  });

  test.each([
    ['192.0.2.1', ['192.0.2.1']],
    ['2001:db8::1', ['2001:db8::1']],
    ['localhost', ['127.0.0.1', '::1']],
    ['Pbx.LOCALHOST', ['127.0.0.1', '::1']],
  ])('%s is not asked for', async (host, addresses) => {
    const { servers, queries } = await nameServer({});

    expect(await nodeResolver({ servers }).resolve(host)()).toEqual(right(addresses));
    expect(queries()).toBe(0);
  });
});

/** A name server on the loopback that gives the same addresses for each name. */
async function nameServer(addresses: Readonly<Record<number, readonly (readonly number[])[]>> | 'silent') {
  const socket = createSocket('udp4');
  let queries = 0;
  socket.on('message', (query, { port, address }) => {
    queries++;
    if (addresses !== 'silent') socket.send(answer(query, addresses), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closing.push(() => socket.close());
  return { servers: [`127.0.0.1:${socket.address().port}`], queries: () => queries };
}

/** RFC 1035 §4.1: the header and question of the query, then a record for each address. */
function answer(query: Buffer, addresses: Readonly<Record<number, readonly (readonly number[])[]>>): Buffer {
  const endOfQuestion = query.indexOf(0, 12) + 5;
  const type = query.readUInt16BE(endOfQuestion - 4);
  const records = (addresses[type] ?? []).map((bytes) =>
    Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length, ...bytes]),
  );
  const header = Buffer.from([0x81, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0]);
  return Buffer.concat([query.subarray(0, 2), header, query.subarray(12, endOfQuestion), ...records]);
}

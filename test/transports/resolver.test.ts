import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { left, right } from 'fp-ts/lib/Either.js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { nodeResolver } from '../../src/transports/resolver.js';

const closing: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const a = 1;
const aaaa = 28;
/** Milliseconds: so many that no name is asked for twice. */
const unlimited = 600_000;

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
    ['localhost.', ['127.0.0.1', '::1']],
  ])('%s is not asked for', async (host, addresses) => {
    const { servers, queries } = await nameServer({});

    expect(await nodeResolver({ servers }).resolve(host)()).toEqual(right(addresses));
    expect(queries()).toBe(0);
  });

  test.each(['invalid', 'a1b2c3.invalid', 'A1B2C3.INVALID.'])(
    '%s has no address, unasked (RFC 6761 §6.4)',
    async (host) => {
      const { servers, queries } = await nameServer({ [a]: [[192, 0, 2, 1]] });

      expect(await nodeResolver({ servers }).resolve(host)()).toMatchObject(left({ code: 'unresolved' }));
      expect(queries()).toBe(0);
    },
  );
});

describe('many lookups', () => {
  const found = { [a]: [[192, 0, 2, 1]] };
  const names = (count: number) => Array.from({ length: count }, (_, index) => `h${index}.example.org`);

  test('of one name at once are one', async () => {
    const { servers, queries } = await nameServer(found);
    const resolver = nodeResolver({ servers });
    const answers = await Promise.all(
      ['sip.example.org', 'SIP.example.org', 'sip.example.org.'].map((host) => resolver.resolve(host)()),
    );

    expect(answers).toEqual([right(['192.0.2.1']), right(['192.0.2.1']), right(['192.0.2.1'])]);
    expect(queries()).toBe(2);
  });

  test.each([
    ['an answer as long as its records live', found, 60_000],
    ['for ten seconds that there is none', {}, 10_000],
  ])('remember %s', async (_what, addresses, memory) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    closing.push(() => vi.useRealTimers());
    const { servers, queries } = await nameServer(addresses);
    const resolver = nodeResolver({ servers, timeLimit: unlimited });
    const first = await resolver.resolve('sip.example.org')();
    vi.advanceTimersByTime(memory - 1);

    expect(await resolver.resolve('sip.example.org')()).toEqual(first);
    expect(queries()).toBe(2);
    vi.advanceTimersByTime(1);
    expect(await resolver.resolve('sip.example.org')()).toEqual(first);
    expect(queries()).toBe(4);
  });

  test('go a hundred at a time, through one socket', async () => {
    const { servers, ports, waiting, answerAll } = await nameServer(found, 'when told');
    const resolver = nodeResolver({ servers, timeLimit: unlimited });
    const answers = Promise.all(names(250).map((host) => resolver.resolve(host)()));
    for (const expected of [200, 200, 100]) {
      await expect.poll(waiting).toBe(expected);
      expect(ports.size).toBe(1);
      ports.clear();
      answerAll();
    }

    expect(await answers).toEqual(Array(250).fill(right(['192.0.2.1'])));
  });

  test('of more names than are kept fail at once, and the others in time', async () => {
    const { servers } = await nameServer('silent');
    const resolver = nodeResolver({ servers, timeLimit: 30 });
    const answers = names(10_000).map((host) => resolver.resolve(host)());

    expect(await resolver.resolve('sip.example.org')()).toMatchObject(left({ code: 'overflow' }));
    const codes = (await Promise.all(answers)).map((answer) => answer._tag === 'Left' && answer.left.code);
    expect(new Set(codes)).toEqual(new Set(['timeout']));
  });

  test('forget the oldest answer for a new one', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    closing.push(() => vi.useRealTimers());
    const { servers, queries } = await nameServer(found);
    const resolver = nodeResolver({ servers, timeLimit: unlimited });
    await Promise.all(names(10_000).map((host) => resolver.resolve(host)()));
    const before = queries();
    await resolver.resolve('sip.example.org')();
    await resolver.resolve('h1.example.org')();

    expect(queries()).toBe(before + 2);
    await resolver.resolve('h0.example.org')();
    expect(queries()).toBe(before + 4);
  });
});

/** A name server on the loopback that gives the same addresses for each name, at once or when it is told to. */
async function nameServer(
  addresses: Readonly<Record<number, readonly (readonly number[])[]>> | 'silent',
  when: 'at once' | 'when told' = 'at once',
) {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  const ports = new Set<number>();
  const waiting: (() => void)[] = [];
  let queries = 0;
  socket.on('message', (query, { port, address }) => {
    queries++;
    ports.add(port);
    if (addresses === 'silent') return;
    const send = () => socket.send(answer(query, addresses), port, address);
    if (when === 'at once') send();
    else waiting.push(send);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closing.push(() => socket.close());
  return {
    servers: [`127.0.0.1:${socket.address().port}`],
    queries: () => queries,
    ports,
    waiting: () => waiting.length,
    answerAll: () => {
      for (const send of waiting.splice(0)) send();
    },
  };
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

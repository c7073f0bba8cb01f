import fc from 'fast-check';
import { left } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';
import { createMemoryNetwork, type Fate, type MemoryNetworkOptions } from '../../src/transports/memory.js';
import { FailureRecorder, opened, Recorder } from '../support/recorder.js';

const alice = { host: '192.0.2.1', port: 5060 };
const bob = { host: '192.0.2.2', port: 5060 };

describe('memory network', () => {
  test.each(['UDP', 'TCP'] as const)(
    'a message over %s arrives through the scheduler, never within send',
    async (protocol) => {
      const { scheduler, send, bobHears } = await pair(protocol);

      send('OPTIONS');
      expect(bobHears.texts).toEqual([]);
      scheduler.advance(0);
      expect(bobHears.texts).toEqual(['OPTIONS']);
    },
  );

  test.each(['UDP', 'TCP'] as const)(
    'an answer on the flow of a message over %s goes back',
    async (protocol) => {
      const { scheduler, send, aliceHears, bobHears } = await pair(protocol);
      bobHears.onText = (_, flow) => flow.transport.send('answer', flow, new FailureRecorder());

      send('question');
      scheduler.advance(0);
      expect(aliceHears.texts).toEqual(['answer']);
    },
  );

  test.each(['UDP', 'TCP'] as const)(
    'a fixed delay over %s holds each message for as long',
    async (protocol) => {
      const { scheduler, send, bobHears } = await pair(protocol, { delay: 30 });

      send('OPTIONS');
      scheduler.advance(29);
      expect(bobHears.texts).toEqual([]);
      scheduler.advance(1);
      expect(bobHears.texts).toEqual(['OPTIONS']);
    },
  );

  test('port 0 takes a free one, and an address in use is refused with the remedy', async () => {
    const { network } = await pair('UDP');
    const one = await opened(
      network.transport({ protocol: 'UDP', address: { host: '192.0.2.1', port: 0 } }),
      new Recorder(),
    );
    const other = await opened(
      network.transport({ protocol: 'UDP', address: { host: '192.0.2.1', port: 0 } }),
      new Recorder(),
    );
    expect(one.port).not.toBe(other.port);

    expect(await network.transport({ protocol: 'UDP', address: alice }).open(new Recorder())()).toEqual(
      left({
        code: 'addressInUse',
        message: 'UDP 192.0.2.1:5060 is in use by another process; name another port',
      }),
    );
  });

  test.each(['UDP', 'TCP'] as const)(
    'sending over %s before open and after close fails',
    async (protocol) => {
      const { network, scheduler, transport } = await pair(protocol);
      const early = new FailureRecorder();
      const unopened = network.transport({ protocol, address: { host: '192.0.2.3', port: 5060 } });
      unopened.send('OPTIONS', unopened.flowTo(bob), early);

      const late = new FailureRecorder();
      await transport.close();
      await transport.close();
      transport.send('OPTIONS', transport.flowTo(bob), late);
      expect(late.errors).toEqual([]);
      scheduler.advance(0);
      expect([early, late].map(({ errors }) => errors.map(({ code }) => code))).toEqual([
        ['closed'],
        ['closed'],
      ]);
    },
  );

  test.each(['UDP', 'TCP'] as const)('opening over %s twice, or after close, fails', async (protocol) => {
    const { transport } = await pair(protocol);
    expect(await transport.open(new Recorder())()).toMatchObject(left({ code: 'addressInUse' }));

    await transport.close();
    expect(await transport.open(new Recorder())()).toMatchObject(left({ code: 'closed' }));
  });

  test('the fate of each message can be settled one by one', async () => {
    const { network, scheduler, send, bobHears } = await pair('UDP', { loss: 1 });
    const fates: Record<string, Fate> = {
      a: 'deliver',
      b: 'lose',
      c: 'duplicate',
      d: { delay: 5 },
      e: 'deliver',
    };
    const shown: number[] = [];
    network.on(({ number, protocol, from, to, text }) => {
      expect({ protocol, from, to }).toEqual({ protocol: 'UDP', from: alice, to: bob });
      shown.push(number);
      return fates[text];
    });

    for (const text of ['a', 'b', 'c', 'd', 'e', 'left to chance']) send(text);
    scheduler.advance(4);
    expect(bobHears.texts.filter((text) => text !== 'c')).toEqual(['a', 'e']);
    scheduler.advance(100);
    expect(bobHears.texts.toSorted()).toEqual(['a', 'c', 'c', 'd', 'e']);
    expect(shown).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('losing each message in turn loses that one alone', async () => {
    for (let lost = 1; lost <= 4; lost++) {
      const { network, scheduler, send, bobHears } = await pair('UDP');
      network.on(({ number }) => (number === lost ? 'lose' : 'deliver'));
      for (const text of ['1', '2', '3', '4']) send(text);

      scheduler.advance(0);
      expect(bobHears.texts).toEqual(['1', '2', '3', '4'].filter((text) => text !== `${lost}`));
    }
  });

  test('one seed gives one course of deliveries', async () => {
    await fc.assert(
      fc.asyncProperty(conditions, fc.integer(), fc.array(fc.nat(9)), async (options, seed, pauses) => {
        const [first, second] = [
          await course({ ...options, seed }, pauses),
          await course({ ...options, seed }, pauses),
        ];
        expect(first).toEqual(second);
      }),
      { numRuns: 60 },
    );
  });

  test('another seed gives another course', async () => {
    const courses = await Promise.all(
      [1, 2, 3].map((seed) =>
        course(
          { seed, loss: 0.5 },
          Array.from({ length: 40 }, () => 1),
        ),
      ),
    );
    expect(new Set(courses.map((lines) => lines.join())).size).toBe(3);
  });
});

describe('memory network, UDP', () => {
  test('a datagram to nobody is lost without a word', async () => {
    const { scheduler, transport } = await pair('UDP');
    const sender = new FailureRecorder();

    transport.send('OPTIONS', transport.flowTo({ host: '192.0.2.9', port: 5060 }), sender);
    scheduler.advance(1_000);
    expect(sender.errors).toEqual([]);
  });

  test('more than a datagram holds fails', async () => {
    const { scheduler, transport, bobHears } = await pair('UDP');
    const sender = new FailureRecorder();

    transport.send('x'.repeat(65_507), transport.flowTo(bob), new FailureRecorder());
    transport.send('x'.repeat(65_508), transport.flowTo(bob), sender);
    scheduler.advance(0);
    expect(sender.errors.map(({ code }) => code)).toEqual(['tooLarge']);
    expect(bobHears.texts).toHaveLength(1);
  });

  test('a send that is made to fail tells its sender and delivers nothing', async () => {
    const { network, scheduler, transport, bobHears } = await pair('UDP');
    const sender = new FailureRecorder();
    network.on(() => 'fail');

    transport.send('OPTIONS', transport.flowTo(bob), sender);
    expect(sender.errors).toEqual([]);
    scheduler.advance(0);
    expect(sender.errors).toEqual([{ code: 'failed', message: 'UDP 192.0.2.2:5060 is unreachable' }]);
    expect(bobHears.texts).toEqual([]);
  });

  test.each([
    ['loss', { loss: 0.25 }, 750],
    ['duplication', { duplication: 0.25 }, 1_250],
  ])('%s has about the share that was asked for', async (_, options, expected) => {
    const { scheduler, send, bobHears } = await pair('UDP', options);
    for (let count = 0; count < 1_000; count++) send(`${count}`);

    scheduler.advance(1_000);
    expect(Math.abs(bobHears.texts.length - expected)).toBeLessThan(60);
  });

  test('varying delay alone keeps the order and stays within its bounds', async () => {
    const { scheduler, send, bobHears } = await pair('UDP', { delay: [10, 60] });
    const sent = Array.from({ length: 50 }, (_, index) => `${index}`);
    for (const text of sent) send(text);

    scheduler.advance(9);
    expect(bobHears.texts).toEqual([]);
    scheduler.advance(51);
    expect(bobHears.texts).toEqual(sent);
  });

  test('reordering lets some datagrams be overtaken and loses none', async () => {
    const { scheduler, send, bobHears } = await pair('UDP', { reordering: 0.3 });
    const sent = Array.from({ length: 50 }, (_, index) => `${index}`);
    for (const text of sent) send(text);

    scheduler.advance(20);
    expect(bobHears.texts).not.toEqual(sent);
    expect(bobHears.texts.toSorted((a, b) => Number(a) - Number(b))).toEqual(sent);
  });

  test('datagrams under way outlive the transport that sent them', async () => {
    const { scheduler, send, transport, bobHears } = await pair('UDP', { delay: 10 });
    send('BYE');

    await transport.close();
    scheduler.advance(10);
    expect(bobHears.texts).toEqual(['BYE']);
  });
});

describe('memory network, TCP', () => {
  test('everything arrives once and in order, whatever the network does to datagrams', async () => {
    await fc.assert(
      fc.asyncProperty(conditions, fc.integer(), async (options, seed) => {
        const { scheduler, send, bobHears } = await pair('TCP', { ...options, seed });
        const sent = Array.from({ length: 20 }, (_, index) => `${index}`);
        for (const text of sent) send(text);

        scheduler.advance(10_000);
        expect(bobHears.texts).toEqual(sent);
      }),
      { numRuns: 60 },
    );
  });

  test('a message waits for the slower one before it', async () => {
    const { network, scheduler, send, bobHears } = await pair('TCP');
    network.on(({ text }) => (text === 'slow' ? { delay: 50 } : 'deliver'));
    send('slow');
    send('quick');

    scheduler.advance(49);
    expect(bobHears.texts).toEqual([]);
    scheduler.advance(1);
    expect(bobHears.texts).toEqual(['slow', 'quick']);
  });

  test('an open connection to an address is used again, from either end', async () => {
    const { scheduler, send, transport, bobsTransport, bobHears } = await pair('TCP');
    send('first');
    send('second');
    scheduler.advance(0);

    expect(bobHears.flows[0]).toBe(bobHears.flows[1]);
    expect(transport.hasFlowTo(bob)).toBe(true);
    expect(transport.flowTo(bob)).toBe(transport.flowTo(bob));
    expect(bobsTransport.flowTo(bobHears.flows[0]!.remote)).toBe(bobHears.flows[0]);
    expect(bobHears.flows[0]!.remote).not.toEqual(alice);
  });

  test('a connection to nobody is refused, then closed', async () => {
    const { scheduler, transport, aliceHears } = await pair('TCP');
    const sender = new FailureRecorder();
    const flow = transport.flowTo({ host: '192.0.2.9', port: 5060 });

    transport.send('OPTIONS', flow, sender);
    expect(sender.errors).toEqual([]);
    scheduler.advance(0);
    expect(sender.errors).toEqual([{ code: 'refused', message: 'TCP 192.0.2.9:5060 refuses connections' }]);
    expect(aliceHears.closedFlows).toEqual([flow]);
  });

  test('a cut closes both ends once, loses what is under way, and a new flow works', async () => {
    const { network, scheduler, transport, send, aliceHears, bobHears } = await pair('TCP', { delay: 10 });
    send('arrives');
    scheduler.advance(10);
    send('lost');
    const flow = transport.flowTo(bob);

    network.cut(bob, alice);
    network.cut(alice);
    const sender = new FailureRecorder();
    transport.send('too late', flow, sender);
    scheduler.advance(100);
    expect(transport.hasFlowTo(bob)).toBe(false);
    expect(aliceHears.closedFlows).toEqual([flow]);
    expect(bobHears.closedFlows).toEqual([bobHears.flows[0]]);
    expect(sender.errors.map(({ code }) => code)).toEqual(['closed']);

    send('again');
    scheduler.advance(100);
    expect(bobHears.texts).toEqual(['arrives', 'again']);
  });

  test('a connection that is closed and then cut is closed once', async () => {
    const { network, scheduler, transport, send, aliceHears, bobHears } = await pair('TCP', { delay: 10 });
    send('BYE');
    await transport.close();

    network.cut(bob);
    scheduler.advance(100);
    expect([aliceHears.closedFlows.length, bobHears.closedFlows.length]).toEqual([1, 1]);
    expect(bobHears.texts).toEqual([]);
  });

  test('a cut between two leaves the connections to others alone', async () => {
    const { network, scheduler, transport, send, aliceHears } = await pair('TCP');
    const carol = { host: '192.0.2.3', port: 5060 };
    await opened(network.transport({ protocol: 'TCP', address: carol }), new Recorder());
    send('to bob');
    transport.send('to carol', transport.flowTo(carol), new FailureRecorder());
    scheduler.advance(0);

    network.cut(alice, carol);
    scheduler.advance(0);
    expect(aliceHears.closedFlows.map(({ remote }) => remote)).toEqual([carol]);
  });

  test.each([
    ['lose', []],
    ['fail', ['closed']],
  ] as const)('the fate %s breaks the connection', async (fate, codes) => {
    const { network, scheduler, transport, aliceHears, bobHears } = await pair('TCP');
    const sender = new FailureRecorder();
    network.on(() => fate);

    transport.send('OPTIONS', transport.flowTo(bob), sender);
    scheduler.advance(0);
    expect([aliceHears.closedFlows.length, bobHears.closedFlows.length]).toEqual([1, 1]);
    expect(sender.errors.map(({ code }) => code)).toEqual(codes);
    expect(bobHears.texts).toEqual([]);
  });

  test('close lets what is under way arrive before the end of the connection', async () => {
    const { scheduler, transport, send, aliceHears, bobHears } = await pair('TCP', { delay: 10 });
    send('BYE');

    await transport.close();
    scheduler.advance(9);
    expect([aliceHears.closedFlows.length, bobHears.closedFlows.length]).toEqual([1, 0]);
    scheduler.advance(1);
    expect(bobHears.texts).toEqual(['BYE']);
    scheduler.advance(0);
    expect(bobHears.closedFlows).toHaveLength(1);
  });
});

const share = fc.nat(100).map((percent) => percent / 100);
const conditions = fc.record({
  loss: share,
  duplication: share,
  reordering: share,
  delay: fc.tuple(fc.nat(50), fc.nat(50)).map(([least, more]) => [least, least + more] as const),
});

async function pair(protocol: 'UDP' | 'TCP', options: Partial<MemoryNetworkOptions> = {}) {
  const scheduler = createVirtualScheduler();
  const network = createMemoryNetwork({ scheduler, seed: 1, ...options });
  const transport = network.transport({ protocol, address: alice });
  const bobsTransport = network.transport({ protocol, address: bob });
  const aliceHears = new Recorder();
  const bobHears = new Recorder();
  await opened(transport, aliceHears);
  await opened(bobsTransport, bobHears);
  const send = (text: string) => transport.send(text, transport.flowTo(bob), new FailureRecorder());
  return { scheduler, network, transport, bobsTransport, aliceHears, bobHears, send };
}

/** What bob hears and when, if alice sends after each of the pauses. */
async function course(options: Partial<MemoryNetworkOptions>, pauses: readonly number[]): Promise<string[]> {
  const { scheduler, send, bobHears } = await pair('UDP', options);
  const lines: string[] = [];
  bobHears.onText = (text) => lines.push(`${text} at ${scheduler.now()}`);
  pauses.forEach((pause, index) => {
    send(`${index}`);
    scheduler.advance(pause);
  });
  scheduler.advance(1_000);
  return lines;
}

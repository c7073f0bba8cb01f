import { describe, expect, test } from 'vitest';
import { localHost } from '../../src/api/local-host.js';
import { grant } from '../../src/api/policy.js';
import { createUserAgent, type WireMessage } from '../../src/api/user-agent.js';
import type { UserAgentOptions } from '../../src/api/user-agent-options.js';
import { hostText } from '../../src/endpoint/routing.js';
import { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';
import { field, parse } from '../../src/message/index.js';
import { createMemoryNetwork, type MemoryMessage } from '../../src/transports/memory.js';
import { Peer, type RequestFields, requestText } from '../support/peer.js';
import { countingEntropy, peerAddress, stage, userAgentAddress } from '../support/stage.js';

describe('the way of a response (RFC 3261 §18.2.2, RFC 3581 §4)', () => {
  const sentBy = 'SIP/2.0/UDP 203.0.113.5:7000;branch=z9hG4bKa';

  test.each<readonly [name: string, via: string, target: string]>([
    ['rport: the source port', 'SIP/2.0/UDP 203.0.113.5:7000;branch=z9hG4bKa;rport', '192.0.2.2:5060'],
    ['no rport: the port of the sent-by', 'SIP/2.0/UDP 192.0.2.2:7000;branch=z9hG4bKa', '192.0.2.2:7000'],
    ['no port: 5060', 'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKa', '192.0.2.2:5060'],
    ['another host: the source', 'SIP/2.0/UDP 203.0.113.5;branch=z9hG4bKa', '192.0.2.2:5060'],
    ['a name: the source', 'SIP/2.0/UDP pc.example.com;branch=z9hG4bKa', '192.0.2.2:5060'],
    ['maddr, the source itself', `${sentBy};maddr=192.0.2.2`, '192.0.2.2:7000'],
    ['maddr, the source itself, and rport', `${sentBy};maddr=192.0.2.2;rport`, '192.0.2.2:7000'],
    ['maddr, a group', `${sentBy};maddr=224.0.1.75`, '224.0.1.75:7000'],
    ['maddr, the first group', `${sentBy};maddr=224.0.0.0`, '224.0.0.0:7000'],
    ['maddr, the last group', `${sentBy};maddr=239.255.255.255`, '239.255.255.255:7000'],
    ['maddr, a group of IPv6', `${sentBy};maddr=[FF02::1]`, 'FF02::1:7000'],
    ...[
      '192.0.2.8',
      '223.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      '192.0.2.255',
      '127.0.0.1',
      '2240.0.1.75',
      '[2001:db8::ff02]',
      '[::ffff:224.0.1.75]',
      'third.example.com',
      'ff02.example.com',
      '"ff02:: x"',
    ].map((maddr) => [`maddr, ${maddr}`, `${sentBy};maddr=${maddr}`, '192.0.2.2:7000'] as const),
    ['maddr, a third party, and rport', `${sentBy};maddr=192.0.2.8;rport`, '192.0.2.2:5060'],
    ['maddr, empty', `${sentBy};maddr`, '192.0.2.2:7000'],
    ['another transport claimed', 'SIP/2.0/TCP 192.0.2.2;branch=z9hG4bKa', '192.0.2.2:5060'],
  ])('%s', async (_name, via, target) => {
    const { network, peer, scheduler } = await stage();
    const sent: MemoryMessage[] = [];
    network.on((message) => {
      sent.push(message);
      return 'deliver';
    });
    peer.send(requestText({ method: 'OPTIONS', via }));
    scheduler.advance(10);
    expect(sent.map(({ protocol, to }) => `${protocol} ${to.host}:${to.port}`)).toEqual([
      'UDP 192.0.2.1:5060',
      `UDP ${target}`,
    ]);
  });

  test('tells of the first maddr that is ignored, and counts all', async () => {
    const { peer, scheduler, errors, userAgent } = await stage();
    const send = (fields: RequestFields) => {
      peer.send(requestText(fields));
      scheduler.advance(10);
    };
    for (const [branch, maddr] of [
      '192.0.2.8',
      '224.0.1.75',
      '192.0.2.2',
      '192.0.2.8',
      'c.example.com',
    ].entries())
      send({ method: 'OPTIONS', via: `${sentBy}${branch};maddr=${maddr}` });
    send({ method: 'BYE', to: '<sip:bob@192.0.2.1>;tag=none', via: `${sentBy}5;maddr=192.0.2.9` });
    send({ method: 'OPTIONS', via: `${sentBy}0;maddr=192.0.2.8` });

    expect(errors).toEqual([
      new Error(
        'A request from 192.0.2.2:5060 names a third party in the maddr of its Via: the responses go to where it came from. More of the kind are only counted, as ignoredMaddrs',
      ),
    ]);
    expect(userAgent.counts().ignoredMaddrs).toBe(4);
  });

  test('over TCP is the connection, whatever maddr says, and nothing is told', async () => {
    const { peer, scheduler, errors, userAgent } = await stage({ protocol: 'TCP' });
    peer.send(requestText({ method: 'OPTIONS', via: `${sentBy.replace('UDP', 'TCP')};maddr=192.0.2.8` }));
    scheduler.advance(10);

    expect([peer.responses.length, errors, userAgent.counts().ignoredMaddrs]).toEqual([1, [], 0]);
  });

  test('names the source in the Via where the sent-by does not (§18.2.1)', async () => {
    const { peer, scheduler } = await stage();
    peer.send(requestText({ method: 'OPTIONS', via: 'SIP/2.0/UDP pc.example.com;branch=z9hG4bKa;rport' }));
    scheduler.advance(10);
    const via = field(peer.responses[0] as never, 'Via');
    expect(via).toContain(';received=192.0.2.2');
    expect(via).toContain(';rport=5060');
  });
});

describe('the way of a request (RFC 3261 §8.1.2, §18.1.1, RFC 3263 §4)', () => {
  /** The NOTIFY of a referral whose Contact is this, as it was sent. */
  const notify = async (
    contact: string,
    { reasons = [], ...options }: Parameters<typeof stage>[0] & { reasons?: string[] } = {},
  ) => {
    const { userAgent, peer, scheduler } = await stage({
      policy: { refer: () => grant },
      resolver: {
        resolve: () => async () => ({ _tag: 'Left', left: { code: 'unresolved', message: 'unknown' } }),
      },
      ...options,
      on: {
        refer: (referral) => {
          referral.listen({ ended: (reason) => reasons.push(reason) });
          referral.accept();
        },
      },
    });
    const sent: WireMessage[] = [];
    userAgent.watch((message) => {
      if (message.text.startsWith('NOTIFY')) sent.push(message);
    });
    peer.send(requestText({ lines: [`Contact: ${contact}`, 'Refer-To: <sip:carol@192.0.2.3>'] }));
    scheduler.advance(10);
    await new Promise(setImmediate);
    scheduler.advance(10);
    const target = sent.map(({ protocol, remote }) => `${protocol} ${remote.host}:${remote.port}`)[0];
    return { sent: target, text: sent[0]?.text };
  };

  test.each([
    ['a numeric host', '<sip:alice@192.0.2.7:5070>', 'UDP 192.0.2.7:5070'],
    ['the default port', '<sip:alice@192.0.2.7>', 'UDP 192.0.2.7:5060'],
    ['a transport parameter', '<sip:alice@192.0.2.7:5070;transport=tcp>', 'TCP 192.0.2.7:5070'],
    ['a name, by the resolver', '<sip:alice@pc.example.com>', 'UDP 192.0.2.99:5060'],
    ['more than 1,300 bytes by TCP', `<sip:${'a'.repeat(1_200)}@192.0.2.7>`, 'TCP 192.0.2.7:5060'],
  ])('%s', async (_name, contact, target) => {
    const { sent } = await notify(contact, {
      resolver: { resolve: () => async () => ({ _tag: 'Right', right: ['192.0.2.99'] }) },
    });
    expect(sent).toBe(target);
  });

  test.each([
    ['a name that has no address', '<sip:alice@nowhere.example.com>'],
    ['a transport that is not there', '<sips:alice@192.0.2.7>'],
  ])('%s ends the subscription, and its referral is told', async (_name, contact) => {
    const reasons: string[] = [];
    const { sent } = await notify(contact, { reasons });
    expect(sent).toBeUndefined();
    expect(reasons).toEqual(['transportError']);
  });

  test('more than 1,300 bytes go by UDP all the same where nobody takes a connection (§18.1.1)', async () => {
    const { userAgent, peer, scheduler } = await stage({
      policy: { refer: () => grant },
      on: { refer: (referral) => referral.accept() },
    });
    const sent: string[] = [];
    userAgent.watch(({ direction, protocol, text }) => {
      if (direction === 'sent' && text.startsWith('NOTIFY')) sent.push(protocol);
    });
    const contact = `Contact: <sip:${'a'.repeat(1_200)}@192.0.2.2>`;
    peer.send(requestText({ lines: [contact, 'Refer-To: <sip:carol@192.0.2.3>'] }));
    scheduler.advance(60_000);
    expect(sent).toEqual(['TCP', 'UDP']);
    expect(peer.requests).toHaveLength(1);
  });

  test('an open connection to the address and port is used (§18.1.1)', async () => {
    const { userAgent, peer, scheduler } = await stage({
      protocol: 'TCP',
      policy: { refer: () => grant },
      on: { refer: (referral) => referral.accept() },
    });
    const watched: WireMessage[] = [];
    userAgent.watch((message) => watched.push(message));
    const via = (branch: string) => `SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bK${branch}`;
    peer.send(requestText({ method: 'OPTIONS', via: via('one') }));
    scheduler.advance(10);
    const port = watched[0]?.remote.port;
    const lines = [`Contact: <sip:alice@192.0.2.2:${port}>`, 'Refer-To: <sip:carol@192.0.2.3>'];
    peer.send(requestText({ via: via('two'), lines }));
    scheduler.advance(10);
    const notify = watched.find(({ text }) => text.startsWith('NOTIFY'));
    expect(notify).toMatchObject({ protocol: 'TCP', remote: { host: '192.0.2.2', port } });
  });

  test('Via names the transport and a branch of its own', async () => {
    const { text } = await notify('<sip:alice@192.0.2.2:5060;transport=tcp>');
    const parsed = parse(text ?? '');
    if (parsed._tag === 'Left') throw new Error(parsed.left.message);
    expect(field(parsed.right, 'Via')).toMatch(
      /^SIP\/2\.0\/TCP 192\.0\.2\.1:5060;branch=z9hG4bKtoken\d+;rport$/,
    );
  });
});

describe('the host that Via and Contact name', () => {
  const told = async (options: Partial<UserAgentOptions>, address = userAgentAddress) => {
    const scheduler = createVirtualScheduler();
    const network = createMemoryNetwork({ seed: 1, scheduler });
    const userAgent = createUserAgent({
      scheduler,
      entropy: countingEntropy(),
      displayName: 'Bob "B" Builder',
      ...options,
      transports: [network.transport({ protocol: 'UDP', address })],
      policy: { refer: () => grant },
      on: { refer: (referral) => referral.accept() },
    });
    await userAgent.listen();
    const peer = new Peer(network, 'UDP', peerAddress, address);
    peer.send(requestText());
    scheduler.advance(10);
    const [notify] = peer.requests;
    const [response] = peer.responses;
    if (notify === undefined || response === undefined) throw new Error('no NOTIFY');
    const [, host] = /^SIP\/2\.0\/UDP (\S+):5060;/.exec(field(notify, 'Via') ?? '') ?? [];
    const contacts = [notify, response].map((message) => field(message, 'Contact'));
    expect(contacts).toEqual(Array(2).fill(`"Bob \\"B\\" Builder" <sip:bob@${host}:5060>`));
    return host;
  };

  const everywhere = { host: '0.0.0.0', port: 5060 };

  test.each([
    ['what the transport is bound to', userAgentAddress, {}, '192.0.2.1'],
    ['what is advertised for it', userAgentAddress, { advertisedHost: '198.51.100.1' }, '198.51.100.1'],
    ['a name', userAgentAddress, { advertisedHost: 'sip.example.com' }, 'sip.example.com'],
    ['an IPv6 address', userAgentAddress, { advertisedHost: '2001:db8::1' }, '[2001:db8::1]'],
    ['what is advertised for every address', everywhere, { advertisedHost: '198.51.100.1' }, '198.51.100.1'],
  ])('is %s', async (_, address, options, host) => {
    expect(await told(options, address)).toBe(host);
  });

  test('is one of this machine where the transport is bound to every address and nothing is advertised', async () => {
    expect(await told({}, everywhere)).toBe(hostText(localHost()));
  });
});

import { readFileSync } from 'node:fs';
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { accept } from '../../src/api/answer.js';
import { grant } from '../../src/api/policy.js';
import type { UserAgentHandlers } from '../../src/api/user-agent-options.js';
import type { Entropy } from '../../src/endpoint/entropy.js';
import type { MemoryMessage } from '../../src/transports/memory.js';
import { settled } from '../support/core-stage.js';
import { Peer, type RequestFields, requestText, toTag } from '../support/peer.js';
import { peerAddress, stage, userAgentAddress } from '../support/stage.js';

const thirdParty = '203.0.113.9';
const group = '224.0.1.75';
const manyThirdParties = Array.from({ length: 40 }, (_, index) => `203.0.113.${100 + index}`);

/** Tokens as long as the real ones, since bytes are counted. */
const realisticEntropy = (): Entropy => {
  let tokens = 0;
  const token = () => `${++tokens}`.padStart(16, '0');
  return { token, number: () => 0, tokenOf: token };
};

const accepting: UserAgentHandlers = {
  invite: (invitation) => invitation.accept({ headers: [['Content-Type', 'application/sdp']], body: sdp }),
  refer: (referral) => referral.accept(),
  subscribe: (subscription) => subscription.accept({ contentType: 'text/plain', body: 'open' }),
  message: () => accept(),
  publish: () => accept(),
  register: () => accept(),
};

/** A user agent, a peer that answers nothing, and what the user agent sends, whoever it is for. */
const silence = async (on: UserAgentHandlers = {}) => {
  const there = await stage({
    entropy: realisticEntropy(),
    policy: { refer: () => grant },
    resolver: { resolve: () => async () => right(manyThirdParties) },
    eventPackages: { presence: {} },
    on: { ...accepting, ...on },
  });
  const sent: MemoryMessage[] = [];
  there.network.on((message) => {
    if (message.from.host === userAgentAddress.host) sent.push(message);
    return undefined;
  });
  there.peer.answer = () => undefined;
  return { ...there, sent };
};

const sdp =
  'v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

const contact = (host: string) => `Contact: <sip:alice@${host}:5060>`;
const source = contact(peerAddress.host);
const other = contact(thirdParty);

const invite = (...lines: readonly string[]): RequestFields => ({ method: 'INVITE', lines });
const refer = (...lines: readonly string[]): RequestFields => ({
  method: 'REFER',
  lines: [...lines, 'Refer-To: <sip:carol@192.0.2.3>'],
});
const subscribe = (...lines: readonly string[]): RequestFields => ({
  method: 'SUBSCRIBE',
  lines: [...lines, 'Event: presence'],
});
const via = (parameter: string): string =>
  `SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK776asdhds;rport;${parameter}`;

type Row = readonly [name: string, request: RequestFields, on?: UserAgentHandlers];

const rows: readonly Row[] = [
  ['OPTIONS', { method: 'OPTIONS' }],
  ['a request of an unknown method', { method: 'TAKE' }],
  ['BYE in no dialog', { method: 'BYE', to: '<sip:bob@192.0.2.1>;tag=none' }],
  ['MESSAGE, accepted', { method: 'MESSAGE', lines: ['Content-Type: text/plain'], body: 'Hello' }],
  ['REGISTER, accepted', { method: 'REGISTER', lines: [source] }],
  [
    'PUBLISH, accepted',
    { method: 'PUBLISH', lines: ['Event: presence', 'Content-Type: text/plain'], body: 'open' },
  ],
  ['INVITE, refused', invite(source), { invite: (invitation) => invitation.reject(486) }],
  ['INVITE that the application leaves', invite(source), { invite: () => {} }],
  ['INVITE, rung for three minutes', invite(source), { invite: (invitation) => invitation.progress(180) }],
  [
    'INVITE, rung reliably',
    invite(source, 'Supported: 100rel'),
    { invite: (invitation) => invitation.progress(180, { reliable: true }) },
  ],
  ['INVITE, accepted', invite(source)],
  ['INVITE, accepted; a third party in Contact', invite(other)],
  ['INVITE, accepted; a third party in Record-Route', invite(`Record-Route: <sip:${thirdParty};lr>`, source)],
  ['INVITE, accepted; a third party in maddr', { ...invite(source), via: via(`maddr=${thirdParty}`) }],
  ['INVITE, accepted; a multicast group in maddr', { ...invite(source), via: via(`maddr=${group}`) }],
  ['INVITE, accepted; its own address in Contact', invite(contact(userAgentAddress.host))],
  ['REFER, refused', refer(source), { refer: (referral) => referral.reject(486) }],
  ['REFER, accepted', refer(source)],
  ['REFER, accepted; a third party in Contact', refer(other)],
  ['REFER, accepted; a multicast group in Contact', refer(contact(group))],
  ['REFER, accepted; a name of many third parties in Contact', refer(contact('many.example.com'))],
  ['SUBSCRIBE, accepted', subscribe(source)],
  ['SUBSCRIBE, accepted; a third party in Contact', subscribe(other)],
  ['SUBSCRIBE, accepted; its own address in Contact', subscribe(contact(userAgentAddress.host))],
];

/** A row of the table in the README. */
const measure = async ([name, request, on]: Row): Promise<string> => {
  const { peer, sent, scheduler } = await silence(on);
  const text = requestText({ branch: 'z9hG4bK776asdhds', callId: 'a84b4c76e66710', ...request });
  peer.send(text);
  scheduler.advance(0);
  // What a store gives back comes without the clock.
  await settled();
  scheduler.advance(600_000);
  const cells = [true, false].flatMap((isSource) => {
    const messages = sent.filter(({ to }) => (to.host === peerAddress.host) === isSource);
    const bytes = messages.reduce((sum, message) => sum + message.text.length, 0);
    return [`${messages.length}`, (bytes / text.length).toFixed(1)];
  });
  return `| ${[name, ...cells].join(' | ')} |`;
};

const heading = '## What a peer can make it send';

const documented = () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf(heading)).split('\n## ')[0] ?? '';
  return section.split('\n').filter((line) => line.startsWith('|'));
};

describe('one datagram, and nobody answers', () => {
  test('makes it send what the table in the README says, and no more', async () => {
    const measured: string[] = [];
    for (const row of rows) measured.push(await measure(row));

    expect(documented().slice(2)).toEqual(measured);
  });
});

describe('a host that only the peer names, and that answers nothing', () => {
  const inDialog = (fields: RequestFields, to: string, sequence: number): string =>
    requestText({
      ...fields,
      callId: 'a84b4c76e66710',
      to: `<sip:bob@192.0.2.1>;tag=${to}`,
      cseq: `${sequence} ${fields.method}`,
    });

  /** How many datagrams of each NOTIFY a host got, by their branches. */
  const notifiesTo = (host: string, sent: readonly MemoryMessage[]): readonly number[] => {
    const counts = new Map<string, number>();
    for (const { to, text } of sent) {
      const branch = text.match(/^NOTIFY .*\r\nVia: .*;branch=(.*?);/)?.[1];
      if (to.host === host && branch !== undefined) counts.set(branch, (counts.get(branch) ?? 0) + 1);
    }
    return [...counts.values()];
  };

  test('gets each NOTIFY three times, however many REFERs of one dialog name it', async () => {
    const { peer, sent, scheduler } = await silence();
    peer.send(requestText({ ...refer(other), callId: 'a84b4c76e66710' }));
    scheduler.advance(0);
    const tag = toTag(peer.responses[0]!);
    for (let sequence = 2; sequence <= 20; sequence++) {
      peer.send(inDialog(refer(contact(`203.0.113.${sequence + 100}`)), tag, sequence));
      scheduler.advance(0);
    }
    scheduler.advance(600_000);

    expect(notifiesTo(thirdParty, sent)).toEqual([3]);
    for (let sequence = 2; sequence <= 20; sequence++)
      expect(notifiesTo(`203.0.113.${sequence + 100}`, sent)).toEqual([3]);
  });

  test('gets no more NOTIFYs by refreshes and reports while the first is not answered', async () => {
    const { peer, sent, scheduler } = await silence({
      subscribe: (subscription) => {
        subscription.accept({ contentType: 'text/plain', body: 'open' });
        for (let count = 0; count < 20; count++)
          subscription.notify({ contentType: 'text/plain', body: `${count}` });
      },
    });
    peer.send(requestText({ ...subscribe(other), callId: 'a84b4c76e66710' }));
    scheduler.advance(0);
    const tag = toTag(peer.responses[0]!);
    for (let sequence = 2; sequence <= 20; sequence++) {
      peer.send(inDialog(subscribe(other), tag, sequence));
      scheduler.advance(1_000);
    }
    scheduler.advance(600_000);

    expect(notifiesTo(thirdParty, sent)).toEqual([3]);
  });

  test('gets each NOTIFY three times where the target moves there from a host that has answered', async () => {
    const { peer, network, sent, scheduler } = await silence();
    const home = new Peer(network, 'UDP', { host: '192.0.2.7', port: 5060 }, userAgentAddress);
    peer.send(requestText({ ...refer(contact('192.0.2.7')), callId: 'a84b4c76e66710' }));
    scheduler.advance(2_000);
    expect(home.requests).toHaveLength(1);
    peer.send(inDialog(refer(other), toTag(peer.responses[0]!), 2));
    scheduler.advance(600_000);

    expect(notifiesTo('192.0.2.7', sent)).toEqual([1]);
    expect(notifiesTo(thirdParty, sent)).toEqual([3, 3]);
  });
});

describe('a host that has shown itself, and then answers nothing', () => {
  test('gets a NOTIFY until Timer F once it has answered one', async () => {
    const { network, peer, sent, scheduler, userAgent } = await silence();
    const home = new Peer(network, 'UDP', { host: '192.0.2.7', port: 5060 }, userAgentAddress);
    peer.send(requestText(refer(contact('192.0.2.7'))));
    scheduler.advance(2_000);
    expect(home.requests).toHaveLength(1);
    home.answer = () => undefined;
    const before = sent.length;
    void userAgent.close({ drain: 60_000 });
    scheduler.advance(50_000);

    expect(sent.length - before).toBe(11);
  });

  test('gets a BYE until Timer F once it has sent the ACK, though the INVITE came by a proxy', async () => {
    const { network, peer, sent, scheduler, userAgent } = await silence();
    const phone = new Peer(network, 'UDP', { host: '192.0.2.7', port: 5060 }, userAgentAddress);
    phone.answer = () => undefined;
    peer.send(requestText({ ...invite(contact('192.0.2.7')), callId: 'a84b4c76e66710' }));
    scheduler.advance(10);
    const to = `<sip:bob@192.0.2.1>;tag=${toTag(peer.responses[0]!)}`;
    phone.send(requestText({ method: 'ACK', callId: 'a84b4c76e66710', to, cseq: '1 ACK' }));
    scheduler.advance(10);
    const before = sent.length;
    void userAgent.close({ drain: 60_000 });
    scheduler.advance(50_000);

    expect(sent.length - before).toBe(11);
  });
});

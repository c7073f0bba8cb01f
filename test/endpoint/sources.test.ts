import { describe, expect, test } from 'vitest';
import type { LimitReached } from '../../src/endpoint/limit-report.js';
import { sourceKey } from '../../src/transports/source-key.js';
import { callStage, nothing, remains } from '../support/caller.js';
import { Peer, requestText } from '../support/peer.js';
import { type Stage, stage, userAgentAddress } from '../support/stage.js';

const target = { lines: ['Refer-To: <sip:carol@192.0.2.3>'] };
const contact = 'Contact: <sip:alice@192.0.2.2:5060>';

type StageOptions = NonNullable<Parameters<typeof stage>[0]>;

/** A stage whose INVITEs and MESSAGEs are never answered, and a second peer at another address. */
const crowded = async (options: StageOptions) => {
  const reports: LimitReached[] = [];
  const there = await stage({
    ...options,
    on: {
      invite: () => {},
      message: () => new Promise(() => {}),
      limit: (report) => reports.push(report),
      ...options.on,
    },
  });
  const other = new Peer(there.network, 'UDP', { host: '192.0.2.9', port: 5060 }, userAgentAddress);
  return { ...there, other, reports };
};

const statuses = ({ responses }: Peer, method: string) =>
  responses
    .filter(({ status, text }) => status >= 200 && text.includes(` ${method}\r\n`))
    .map(({ status }) => status);

const send = ({ scheduler }: Stage, peer: Peer, count: number, fields: Parameters<typeof requestText>[0]) => {
  for (let index = 0; index < count; index++) {
    peer.send(requestText(fields));
    scheduler.advance(1);
  }
};

const invite = { method: 'INVITE', lines: [contact] };
const message = { method: 'MESSAGE', lines: ['Content-Type: text/plain'] };

describe('the share of one source', () => {
  test.each([
    ['transactions', { transactions: 8, perSource: { transactions: 2 } }, message],
    ['dialogs', { dialogs: 8, perSource: { dialogs: 2 } }, invite],
    ['subscriptions', { subscriptions: 8, perSource: { subscriptions: 2 } }, { method: 'REFER' }],
    ['bytes', { bytes: 1e6, perSource: { bytes: 11_000 } }, { ...message, body: 'x'.repeat(2_000) }],
  ] as const)(
    'of %s is answered 503 with Retry-After when it is used up, and others find room',
    async (limit, limits, fields) => {
      const there = await crowded({
        limits,
        policy: { refer: () => ({ type: 'grant' }) },
        on: { refer: () => {} },
      });
      send(there, there.peer, 4, fields);
      expect(statuses(there.peer, fields.method)).toEqual([503, 503]);
      expect(there.peer.responses.at(-1)?.text).toContain('\r\nRetry-After: 10\r\n');
      send(there, there.other, 1, {
        ...fields,
        via: 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKother',
        callId: 'other',
      });
      expect(statuses(there.other, fields.method)).toEqual([]);
      expect(there.userAgent.counts()).toMatchObject({ sources: 2, refused: { [limit]: 2 } });
      expect(there.reports).toEqual([
        {
          limit,
          source: '192.0.2.2',
          most: Object.values(limits.perSource)[0],
          refused: 1,
          message: expect.stringMatching(
            /^192\.0\.2\.2 has its share of .*: 1 answered 503; trust it by isTrusted, or raise/,
          ),
        },
      ]);
    },
  );

  test.each([['transactions'], ['dialogs'], ['subscriptions']] as const)(
    'of %s is a quarter, and 100 at least',
    async (limit) => {
      for (const [most, share] of [
        [1_000, 250],
        [300, 100],
        [50, 50],
      ] as const) {
        const there = await crowded({
          limits: { [limit]: most },
          policy: { refer: () => ({ type: 'grant' }) },
          on: { refer: () => {} },
        });
        send(there, there.peer, most + 1, limit === 'subscriptions' ? { method: 'REFER' } : invite);
        expect(there.userAgent.counts().userAgentServers).toBe(share);
      }
    },
  );

  test('is no bound for a source that is trusted, which is asked for when it has its share', async () => {
    const asked: string[] = [];
    const there = await crowded({
      limits: { transactions: 5, perSource: { transactions: 2 } },
      isTrusted: (source) => asked.push(source) > 0,
    });
    send(there, there.peer, 6, message);
    expect(statuses(there.peer, 'MESSAGE')).toEqual([503]);
    expect(asked).toEqual(['192.0.2.2', '192.0.2.2', '192.0.2.2']);
    expect(there.reports.map(({ source, message: sentence }) => [source, sentence])).toEqual([
      [undefined, 'All 5 live transactions are in use: 1 answered 503; raise limits.transactions'],
    ]);
  });

  test('leaves room for the BYE of a call and the CANCEL of an INVITE', async () => {
    const there = await callStage({
      limits: { perSource: { transactions: 2, bytes: 20_000 } },
      on: { limit: () => {} },
    });
    const call = there.caller.invite();
    there.scheduler.advance(10);
    there.caller.answer = () => undefined;
    call.request('INFO', { lines: ['Content-Type: application/sdp'], body: 'v=0' });
    there.scheduler.advance(10);
    call.request('OPTIONS');
    there.scheduler.advance(10);
    expect(call.last.status).toBe(503);
    const bye = call.bye();
    there.scheduler.advance(10);
    expect(bye.status).toBe(200);
    expect(there.userAgent.counts()).toMatchObject({ sessions: 0 });
  });

  test('comes back when what it was taken by is over', async () => {
    const there = await callStage({
      onInvite: () => {},
      limits: { perSource: { dialogs: 2 } },
      on: { limit: () => {} },
    });
    for (let round = 0; round < 3; round++) {
      const calls = [1, 2, 3].map(() => there.caller.invite());
      there.scheduler.advance(10);
      expect(calls.map(({ first }) => first.status)).toEqual([undefined, undefined, 503]);
      for (const call of calls) call.cancel();
      for (const invitation of there.invitations) invitation.reject(486);
      there.scheduler.advance(40_000);
    }
    expect(remains(there)).toEqual(nothing);
  });
});

describe('bytes', () => {
  test('are counted from a request to the last of what it began, and for what a response repeats', async () => {
    const there = await crowded({});
    const held = () => there.userAgent.counts().bytes;
    const long = 'x'.repeat(5_000);
    send(there, there.peer, 1, { ...message, body: long });
    expect(held()).toBeGreaterThan(5_000);
    send(there, there.peer, 1, { method: 'OPTIONS', from: `<sip:alice@192.0.2.2>;tag=alice;long=${long}` });
    expect(held()).toBeGreaterThan(10_000);
    there.scheduler.advance(70_000);
    expect(held()).toBe(0);
  });

  test('are counted for each parameter that a mandatory header field was read into', async () => {
    const there = await crowded({});
    send(there, there.peer, 1, message);
    const usual = there.userAgent.counts().bytes;
    send(there, there.peer, 1, {
      ...message,
      from: `<sip:alice@192.0.2.2>;tag=alice${Array.from({ length: 60 }, (_, index) => `;p${index}`).join('')}`,
    });
    expect(there.userAgent.counts().bytes - usual).toBeGreaterThan(60 * 64);
  });

  test('are counted for a dialog and for the target that it was moved to', async () => {
    const there = await callStage();
    const call = there.caller.invite();
    there.scheduler.advance(40_000);
    const before = there.userAgent.counts().bytes;
    call.request('INVITE', { contact: `<sip:alice@192.0.2.4;long=${'x'.repeat(3_000)}>` });
    there.scheduler.advance(100_000);
    expect(there.userAgent.counts().bytes - before).toBeGreaterThan(2_900);
    call.bye();
    expect(remains(there)).toEqual(nothing);
  });
});

describe('subscriptions of one dialog', () => {
  test('are 100 at most, those that wait to be decided among them', async () => {
    const there = await callStage({ onRefer: () => {}, on: { limit: () => {} } });
    const call = there.caller.invite();
    there.scheduler.advance(10);
    for (let index = 0; index < 102; index++) {
      call.request('REFER', target);
      there.scheduler.advance(1);
      if (index % 2 === 0) there.referrals[index]?.accept();
    }
    expect(call.exchanges.slice(-3).map(({ status }) => status)).toEqual([undefined, 503, 503]);
    expect(there.userAgent.counts().refused.subscriptionsPerDialog).toBe(2);
  });
});

describe('a report of a limit', () => {
  test('comes once a minute, with the number of those refused since the last', async () => {
    const there = await crowded({ limits: { transactions: 1 }, timers: { T1: 100_000 } });
    send(there, there.peer, 5, message);
    there.scheduler.advance(60_000);
    send(there, there.peer, 5, message);
    expect(there.reports.map(({ limit, source, refused }) => [limit, source, refused])).toEqual([
      ['transactions', undefined, 1],
      ['transactions', undefined, 4],
    ]);
    expect(there.userAgent.counts().refused.transactions).toBe(9);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s is a source of %s', (host, source) => {
  expect(sourceKey(host)).toBe(source);
});

import { describe, expect, test, vi } from 'vitest';
import { acceptPresence, Presence, presencePackage } from '../../src/cli/presence.js';
import { createMemoryNetwork, createUserAgent, createVirtualScheduler, field } from '../../src/index.js';
import { Peer, requestText, toTag } from '../support/peer.js';

/** A user agent with presence, and a peer at an address of its choice. */
const presenceStage = async (host = '127.0.0.1') => {
  const scheduler = createVirtualScheduler();
  const network = createMemoryNetwork({ seed: 1, scheduler });
  const presence = new Presence();
  const address = { host: '192.0.2.1', port: 5060 };
  const userAgent = createUserAgent({
    scheduler,
    transports: [network.transport({ protocol: 'UDP', address })],
    eventPackages: presencePackage,
    publications: { store: presence.store },
    on: { subscribe: (subscription) => presence.subscribe(subscription), publish: acceptPresence },
  });
  await userAgent.listen();
  const peer = new Peer(network, 'UDP', { host, port: 5070 }, address);
  const via = `SIP/2.0/UDP ${host}:5070`;
  let sequence = 0;
  return {
    peer,
    scheduler,
    async say(method: string, lines: readonly string[], body = '', to = '<sip:bob@192.0.2.1>') {
      sequence++;
      peer.send(
        requestText({
          method,
          via: `${via};branch=z9hG4bK${sequence}`,
          to,
          callId: method === 'SUBSCRIBE' ? 'watching' : `publication-${sequence}`,
          cseq: `${sequence} ${method}`,
          lines: ['Event: presence', ...lines],
          body,
        }),
      );
      await settled(scheduler);
      return peer.responses.at(-1);
    },
    /** What the NOTIFYs said. */
    heard: () =>
      peer.requests.map((notify) => {
        const state = field(notify, 'Subscription-State')?.split(';')[0];
        return `${state} ${/<basic>(\w+)</.exec(notify.body)?.[1]}`;
      }),
  };
};

/** A store answers in its own time, and NOTIFYs keep a second apart. */
const settled = async (scheduler: { advance(milliseconds: number): void }) => {
  scheduler.advance(10);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  scheduler.advance(2_000);
};

const contact = 'Contact: <sip:alice@127.0.0.1:5070>';
const type = 'Content-Type: application/pidf+xml';
const document = (basic: string) =>
  `<presence><tuple><status><basic>${basic}</basic></status></tuple></presence>`;

describe('presence', () => {
  test('is closed until something is published, and again once that is removed', async () => {
    const { say, heard } = await presenceStage();
    await say('SUBSCRIBE', [contact, 'Expires: 600']);
    const published = await say('PUBLISH', [type, 'Expires: 600'], document('open'));
    await say('PUBLISH', ['Expires: 0', `SIP-If-Match: ${published && field(published, 'SIP-ETag')}`]);
    expect(heard()).toEqual(['active closed', 'active open', 'active closed']);
  });

  test('tells a newcomer what was published last', async () => {
    const { say, heard } = await presenceStage();
    await say('PUBLISH', [type, 'Expires: 600'], document('closed'));
    await say('PUBLISH', [type, 'Expires: 600'], document('open'));
    await say('SUBSCRIBE', [contact, 'Expires: 600']);
    expect(heard()).toEqual(['active open']);
  });

  test('says nothing where a PUBLISH only refreshes', async () => {
    const { say, heard } = await presenceStage();
    await say('SUBSCRIBE', [contact, 'Expires: 600']);
    const published = await say('PUBLISH', [type, 'Expires: 600'], document('open'));
    await say('PUBLISH', ['Expires: 900', `SIP-If-Match: ${published && field(published, 'SIP-ETag')}`]);
    expect(heard()).toEqual(['active closed', 'active open']);
  });

  test('tells nobody who has unsubscribed', async () => {
    const { say, heard } = await presenceStage();
    const accepted = await say('SUBSCRIBE', [contact, 'Expires: 600']);
    const to = `<sip:bob@192.0.2.1>;tag=${accepted?.type === 'response' ? toTag(accepted) : ''}`;
    await say('SUBSCRIBE', [contact, 'Expires: 0'], '', to);
    await say('PUBLISH', [type, 'Expires: 600'], document('open'));
    expect(heard()).toEqual(['active closed', 'terminated closed']);
  });

  test('is closed again when what was published has expired', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { say, heard, scheduler } = await presenceStage();
      await say('SUBSCRIBE', [contact, 'Expires: 3600']);
      await say('PUBLISH', [type, 'Expires: 600'], document('open'));
      await vi.advanceTimersByTimeAsync(599_999);
      expect(heard()).toEqual(['active closed', 'active open']);
      await vi.advanceTimersByTimeAsync(1);
      await settled(scheduler);
      expect(heard()).toEqual(['active closed', 'active open', 'active closed']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('takes presence documents only', async () => {
    const { say } = await presenceStage();
    const answer = await say('PUBLISH', ['Content-Type: text/plain', 'Expires: 600'], 'here');
    expect(answer).toMatchObject({ status: 415 });
  });

  test('is for this machine only', async () => {
    const { say, heard } = await presenceStage('192.0.2.2');
    expect(await say('SUBSCRIBE', [contact, 'Expires: 600'])).toMatchObject({ status: 403 });
    expect(heard()).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { grant } from '../../src/api/policy.js';
import { requestText } from '../support/peer.js';
import { nobody, stage, userAgentAddress } from '../support/stage.js';

/** A REFER, sent again as a client transaction would (RFC 3261 §17.1.2.2), until its final response has come. */
const referral = async (options: Parameters<typeof stage>[0]) => {
  let handled = 0;
  const reasons: string[] = [];
  const there = await stage({
    policy: { refer: () => grant },
    ...options,
    on: {
      refer: (each) => {
        handled++;
        each.listen({ ended: (reason) => reasons.push(reason) });
        each.accept();
        each.progress(180);
        each.finish(200);
      },
    },
  });
  const text = requestText();
  there.peer.send(text);
  for (const interval of [500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000]) {
    there.scheduler.advance(interval);
    if (there.peer.responses.every(({ status }) => status < 200)) there.peer.send(text);
  }
  there.scheduler.advance(200_000);
  return { ...there, handled, reasons };
};

describe('a referral over UDP', () => {
  test.each([1, 2, 3, 4, 5, 6])('comes to the same end with message %i lost', async (number) => {
    const { peer, handled, reasons, userAgent, scheduler } = await referral({ lose: number });
    expect(handled).toBe(1);
    expect(reasons).toEqual(['noresource']);
    expect(peer.story).toContain('200 REFER');
    expect(peer.story.at(-1)).toBe('NOTIFY terminated;reason=noresource SIP/2.0 200 OK');
    expect(userAgent.counts()).toEqual(nobody);
    expect(scheduler.pending).toBe(0);
  });

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'ends with a loss of a third, seed %i',
    async (seed) => {
      const { handled, userAgent, scheduler, errors } = await referral({
        network: { seed, loss: 0.33, delay: [0, 400], duplication: 0.2, reordering: 0.2 },
      });
      expect(handled).toBeLessThanOrEqual(1);
      expect(userAgent.counts()).toEqual(nobody);
      expect(scheduler.pending).toBe(0);
      expect(errors).toEqual([]);
    },
  );
});

describe('a referral over TCP', () => {
  test('leaves nothing behind when its connection dies in the middle', async () => {
    const reasons: string[] = [];
    const { network, peer, scheduler, userAgent } = await stage({
      protocol: 'TCP',
      policy: { refer: () => grant },
      on: {
        refer: (each) => {
          each.listen({ ended: (reason) => reasons.push(reason) });
          each.accept();
        },
      },
    });
    peer.send(
      requestText({
        via: 'SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bKtcp',
        lines: ['Contact: <sip:alice@192.0.2.2:5060;transport=tcp>', 'Refer-To: <sip:carol@192.0.2.3>'],
      }),
    );
    scheduler.advance(100);
    expect(peer.story).toEqual(['200 REFER', 'NOTIFY active;expires=300 SIP/2.0 100 Trying']);
    network.cut(userAgentAddress);
    scheduler.advance(400_000);
    expect(userAgent.counts()).toEqual(nobody);
    expect(scheduler.pending).toBe(0);
    expect(reasons).toHaveLength(1);
  });
});

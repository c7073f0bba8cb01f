import { describe, expect, test } from 'vitest';
import { grant, pending } from '../../src/api/policy.js';
import type { Referral } from '../../src/api/referral.js';
import { field } from '../../src/message/index.js';
import { requestText, toTag } from '../support/peer.js';
import { nobody, stage } from '../support/stage.js';

const granted = { refer: () => grant };

describe('a referral out of a dialog (RFC 3515)', () => {
  test('is accepted, reported and ended, and leaves nothing behind', async () => {
    const reasons: string[] = [];
    const { peer, scheduler, userAgent } = await stage({
      policy: granted,
      on: {
        refer: (referral) => {
          referral.listen({ ended: (reason) => reasons.push(reason) });
          referral.accept();
          referral.progress(180);
          referral.finish(200);
        },
      },
    });
    peer.send(requestText());
    scheduler.advance(60_000);
    expect(peer.story).toEqual([
      '200 REFER',
      'NOTIFY active;expires=300 SIP/2.0 100 Trying',
      'NOTIFY terminated;reason=noresource SIP/2.0 200 OK',
    ]);
    expect(reasons).toEqual(['noresource']);
    expect(userAgent.counts()).toEqual(nobody);
    expect(scheduler.pending).toBe(0);
  });

  test('reports each change a second after the last at the earliest (RFC 3515 §3.10)', async () => {
    const { peer, scheduler } = await stage({
      policy: granted,
      on: { refer: (referral) => referral.accept() },
    });
    const times: number[] = [];
    peer.answer = () => {
      times.push(scheduler.now());
      return { status: 200 };
    };
    peer.send(requestText());
    scheduler.advance(5_000);
    expect(times).toHaveLength(1);
  });

  test('carries the dialog of the 2xx in its NOTIFYs (RFC 3515 §2.4.4)', async () => {
    const { peer, scheduler } = await stage({
      policy: granted,
      on: { refer: (referral) => referral.accept() },
    });
    peer.send(requestText({ callId: 'one', cseq: '93809823 REFER' }));
    scheduler.advance(10);
    const [response] = peer.responses;
    const [notify] = peer.requests;
    if (response === undefined || notify === undefined) throw new Error(`heard only ${peer.story}`);
    expect(field(response, 'Contact')).toBe('<sip:bob@192.0.2.1:5060>');
    expect(field(notify, 'From')).toBe(`<sip:bob@192.0.2.1>;tag=${toTag(response)}`);
    expect(field(notify, 'To')).toBe('<sip:alice@192.0.2.2>;tag=alice');
    expect(field(notify, 'Call-ID')).toBe('one');
    expect(field(notify, 'Event')).toBe('refer;id=93809823');
    expect(field(notify, 'Content-Type')).toBe('message/sipfrag');
    expect(notify.body).toBe('SIP/2.0 100 Trying\r\n');
    expect(notify.uri).toBe('sip:alice@192.0.2.2:5060');
  });

  test('waits for approval with a pending subscription, and goes on when it comes', async () => {
    const referrals: Referral[] = [];
    const { peer, scheduler } = await stage({
      policy: { refer: () => pending },
      on: { refer: (referral) => referrals.push(referral) },
    });
    peer.send(requestText());
    scheduler.advance(2_000);
    expect(referrals[0]?.accept()).toBe(true);
    expect(referrals[0]?.accept()).toBe(false);
    scheduler.advance(2_000);
    expect(referrals[0]?.finish(486)).toBe(true);
    scheduler.advance(2_000);
    expect(peer.story).toEqual([
      '200 REFER',
      'NOTIFY pending;expires=300 SIP/2.0 100 Trying',
      'NOTIFY active;expires=298 SIP/2.0 100 Trying',
      'NOTIFY terminated;reason=noresource SIP/2.0 486 Busy Here',
    ]);
  });

  test('refused after the 2xx ends with rejected and 603 (RFC 3515 §2.4.5)', async () => {
    const referrals: Referral[] = [];
    const { peer, scheduler } = await stage({
      policy: { refer: () => pending },
      on: { refer: (referral) => referrals.push(referral) },
    });
    peer.send(requestText());
    scheduler.advance(2_000);
    referrals[0]?.reject();
    scheduler.advance(2_000);
    expect(peer.story.at(-1)).toBe('NOTIFY terminated;reason=rejected SIP/2.0 603 Decline');
  });

  test('left undecided is accepted pending after 48·T1', async () => {
    const { peer, scheduler } = await stage({ policy: granted, on: { refer: () => {} } });
    peer.send(requestText());
    scheduler.advance(23_999);
    expect(peer.story).toEqual(['100 REFER']);
    scheduler.advance(100);
    expect(peer.story).toEqual(['100 REFER', '200 REFER', 'NOTIFY pending;expires=300 SIP/2.0 100 Trying']);
  });

  test('asks for no subscription by Refer-Sub: false and gets none (RFC 4488)', async () => {
    const { peer, scheduler, userAgent } = await stage({
      policy: granted,
      on: { refer: (referral) => referral.accept() },
    });
    peer.send(
      requestText({
        lines: ['Contact: <sip:alice@192.0.2.2:5060>', 'Refer-To: <sip:carol@192.0.2.3>', 'Refer-Sub: false'],
      }),
    );
    scheduler.advance(40_000);
    expect(peer.story).toEqual(['200 REFER']);
    expect(field(peer.responses[0] as never, 'Refer-Sub')).toBe('false');
    expect(userAgent.counts()).toEqual(nobody);
  });
});

describe('a referral that nobody grants', () => {
  test('is refused with 603 by default, without a policy or without a handler', async () => {
    for (const options of [{}, { on: { refer: () => {} } }, { policy: granted }]) {
      const { peer, scheduler, userAgent } = await stage(options);
      peer.send(requestText());
      scheduler.advance(40_000);
      expect(peer.story).toEqual(['603 REFER']);
      expect(userAgent.counts()).toEqual(nobody);
    }
  });
});

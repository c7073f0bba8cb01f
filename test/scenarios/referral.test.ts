import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../machines/effects.js';
import { grant, pending } from '../../src/api/policy.js';
import type { Referral, ReferralListener } from '../../src/api/referral.js';
import type { Sending } from '../../src/api/sending.js';
import { field } from '../../src/message/index.js';
import { requestText, toTag } from '../support/peer.js';
import { nobody, stage } from '../support/stage.js';

const granted = { refer: () => grant };

const noting = (told: unknown[]): ReferralListener => ({
  sent: ({ body }) => told.push(`sent ${body.trim()}`),
  replaced: ({ body }) => told.push(`replaced ${body.trim()}`),
  ended: (reason) => told.push(`ended ${reason}`),
});

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

  test('ordered all in one turn is told that its 180 is replaced, and none leaves', async () => {
    const told: unknown[] = [];
    const { peer, scheduler } = await stage({
      policy: granted,
      on: {
        refer: (referral) => {
          referral.listen(noting(told));
          told.push(referral.accept(), referral.progress(180), referral.finish(200), referral.progress(183));
        },
      },
    });
    peer.send(requestText());
    scheduler.advance(60_000);
    expect(told).toEqual([
      ...['replaced SIP/2.0 180 Ringing', 'sent', 'waits', 'waits', false],
      ...['sent SIP/2.0 200 OK', 'ended noresource'],
    ]);
    expect(peer.story.slice(1)).toEqual([
      'NOTIFY active;expires=300 SIP/2.0 100 Trying',
      'NOTIFY terminated;reason=noresource SIP/2.0 200 OK',
    ]);
  });

  test('ordered a few seconds apart is seen to ring and to be answered', async () => {
    const told: unknown[] = [];
    const referrals: Referral[] = [];
    const { peer, scheduler } = await stage({
      policy: granted,
      on: {
        refer: (referral) => {
          referrals.push(referral);
          referral.listen(noting(told));
          told.push(referral.accept());
        },
      },
    });
    peer.send(requestText());
    scheduler.advance(2_000);
    told.push(referrals[0]?.progress(180));
    scheduler.advance(2_000);
    told.push(referrals[0]?.finish(200));
    scheduler.advance(2_000);
    expect(told).toEqual(['sent', 'sent', 'sent', 'ended noresource']);
    expect(peer.story).toEqual([
      '200 REFER',
      'NOTIFY active;expires=300 SIP/2.0 100 Trying',
      'NOTIFY active;expires=298 SIP/2.0 180 Ringing',
      'NOTIFY terminated;reason=noresource SIP/2.0 200 OK',
    ]);
  });

  test('sends what it says is sent, in order, and nothing that it says is replaced or too late', async () => {
    const status = fc.integer({ min: 101, max: 199 });
    const steps = fc.array(fc.tuple(status, fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_000 }))), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (reports, ends) => {
        const sent: string[] = ['SIP/2.0 100 Trying'];
        const waiting = new Set<string>();
        const settle = (report: Report) => {
          expect(waiting.delete(report.body.trim())).toBe(true);
          return report.body.trim();
        };
        const referrals: Referral[] = [];
        const { peer, scheduler } = await stage({
          policy: granted,
          on: {
            refer: (referral) => {
              referrals.push(referral);
              referral.listen({
                sent: (report) => sent.push(settle(report)),
                replaced: (report) => settle(report),
              });
              referral.accept();
            },
          },
        });
        peer.send(requestText());
        const order = (text: string, give: (referral: Referral) => Sending) => {
          waiting.add(text);
          const sending = give(referrals[0] as Referral);
          if (sending !== 'waits') waiting.delete(text);
          if (sending === 'sent') sent.push(text);
        };
        scheduler.advance(10);
        for (const [index, [status, pause]] of reports.entries()) {
          order(`SIP/2.0 ${status} ${index}`, (referral) => referral.progress(status, `${index}`));
          scheduler.advance(pause);
        }
        if (ends) order('SIP/2.0 200 OK', (referral) => referral.finish(200));
        scheduler.advance(5_000);
        expect(peer.requests.map(({ body }) => body.trim())).toEqual(sent);
        expect(waiting.size).toBe(0);
      }),
    );
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
    expect(referrals[0]?.accept()).toBe('sent');
    expect(referrals[0]?.accept()).toBe(false);
    scheduler.advance(2_000);
    expect(referrals[0]?.finish(486)).toBe('sent');
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

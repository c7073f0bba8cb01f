import { describe, expect, test } from 'vitest';
import { grant } from '../../src/api/policy.js';
import type { Referral } from '../../src/api/referral.js';
import { field, type Response } from '../../src/message/index.js';
import { type RequestFields, requestText, toTag } from '../support/peer.js';
import { nobody, type Stage, stage } from '../support/stage.js';

/** A referral that has been accepted, and requests in its dialog. */
const accepted = async (options: Parameters<typeof stage>[0] = {}) => {
  const referrals: Referral[] = [];
  const reasons: string[] = [];
  const there = await stage({
    policy: { refer: () => grant },
    ...options,
    on: {
      refer: (referral) => {
        referrals.push(referral);
        referral.listen({ ended: (reason) => reasons.push(reason) });
        referral.accept();
      },
    },
  });
  there.peer.send(requestText({ callId: 'one', cseq: '10 REFER' }));
  there.scheduler.advance(2_000);
  const to = `<sip:bob@192.0.2.1>;tag=${toTag(there.peer.responses[0] as Response)}`;
  const send = (fields: RequestFields) => {
    there.peer.send(requestText({ callId: 'one', to, ...fields }));
    there.scheduler.advance(10);
  };
  return { ...there, referrals, reasons, send };
};

const subscribe = (sequence: number, expires: number | undefined, event = 'refer;id=10'): RequestFields => ({
  method: 'SUBSCRIBE',
  cseq: `${sequence} SUBSCRIBE`,
  lines: [
    `Event: ${event}`,
    'Contact: <sip:alice@192.0.2.2:5060>',
    ...(expires === undefined ? [] : [`Expires: ${expires}`]),
  ],
});

const lastResponse = ({ peer }: Stage) => peer.responses.at(-1) as Response;

describe("a referral's subscription (RFC 6665 §4.2, RFC 3515 §2.4.4)", () => {
  test('is refreshed by a SUBSCRIBE, never for longer than it asks', async () => {
    const there = await accepted();
    there.send(subscribe(11, 60));
    expect(field(lastResponse(there), 'Expires')).toBe('60');
    expect(there.peer.story.slice(-2)).toEqual([
      '200 SUBSCRIBE',
      'NOTIFY active;expires=60 SIP/2.0 100 Trying',
    ]);
  });

  test('is refreshed for as long as its own maximum where more is asked', async () => {
    const there = await accepted({ referExpires: 100 });
    there.send(subscribe(11, 3_600));
    expect(field(lastResponse(there), 'Expires')).toBe('100');
  });

  test('is ended by a SUBSCRIBE with Expires: 0, which leaves the referral running', async () => {
    const there = await accepted();
    there.send(subscribe(11, 0));
    expect(there.peer.story.slice(-2)).toEqual([
      '200 SUBSCRIBE',
      'NOTIFY terminated;reason=timeout SIP/2.0 100 Trying',
    ]);
    expect(there.reasons).toEqual(['timeout']);
    expect(there.referrals[0]?.finish(200)).toBe(false);
  });

  test('expires by itself, with a last NOTIFY', async () => {
    const there = await accepted({ referExpires: 60 });
    there.scheduler.advance(60_000);
    expect(there.peer.story.at(-1)).toBe('NOTIFY terminated;reason=timeout SIP/2.0 100 Trying');
    expect(there.reasons).toEqual(['timeout']);
  });

  test.each<[string, RequestFields, number, string | undefined]>([
    ['another id', subscribe(11, 60, 'refer;id=11'), 403, undefined],
    ['another package', subscribe(11, 60, 'presence'), 489, 'refer'],
    ['no Event', { method: 'SUBSCRIBE', cseq: '11 SUBSCRIBE', lines: [] }, 489, 'refer'],
  ])('is not found by a SUBSCRIBE with %s', async (_name, fields, status, allowEvents) => {
    const there = await accepted();
    there.send(fields);
    expect(lastResponse(there).status).toBe(status);
    expect(field(lastResponse(there), 'Allow-Events')).toBe(allowEvents);
  });

  test('is not made by a SUBSCRIBE: 403 (RFC 3515 §2.4.4)', async () => {
    const { peer, scheduler } = await stage();
    peer.send(requestText(subscribe(1, 60, 'refer')));
    scheduler.advance(10);
    expect(peer.story).toEqual(['403 SUBSCRIBE']);
  });

  test.each([
    [481, {}, 'refused'],
    [500, {}, 'refused'],
    [503, { 'Retry-After': '5' }, undefined],
  ])('whose NOTIFY is answered %i %j ends: %s', async (status, headers, reason) => {
    const there = await accepted();
    there.peer.answer = () => ({ status, headers: Object.entries(headers) });
    there.referrals[0]?.progress(180);
    there.scheduler.advance(2_000);
    expect(there.reasons).toEqual(reason === undefined ? [] : [reason]);
    const heard = there.peer.requests.length;
    there.peer.answer = () => ({ status: 200 });
    there.scheduler.advance(10_000);
    expect(there.peer.requests.length - heard).toBe(reason === undefined ? 1 : 0);
  });

  test('whose NOTIFY is never answered ends after 64·T1, and its referral goes on', async () => {
    const there = await accepted();
    there.peer.answer = () => undefined;
    there.referrals[0]?.progress(180);
    there.scheduler.advance(31_999);
    expect(there.reasons).toEqual([]);
    there.scheduler.advance(1);
    expect(there.reasons).toEqual(['timeout']);
    expect(there.peer.requests.filter(({ body }) => body.includes('180'))).toHaveLength(11);
    there.scheduler.advance(10_000);
    expect(there.userAgent.counts()).toEqual(nobody);
  });
});

describe('several subscriptions of one dialog (RFC 3515 §2.4.6, RFC 5057)', () => {
  test('are kept apart by id, and the dialog lasts as long as the last', async () => {
    const there = await accepted();
    there.send({ cseq: '11 REFER' });
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, subscriptions: 2 });
    there.referrals[0]?.finish(200);
    there.scheduler.advance(5_000);
    expect(field(there.peer.requests.at(-1) as never, 'Event')).toBe('refer;id=10');
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, subscriptions: 1 });
    there.referrals[1]?.finish(486);
    there.scheduler.advance(5_000);
    expect(field(there.peer.requests.at(-1) as never, 'Event')).toBe('refer;id=11');
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 0, subscriptions: 0 });
    const sequences = there.peer.requests.map((request) => field(request, 'CSeq'));
    expect(sequences).toEqual(['1 NOTIFY', '2 NOTIFY', '3 NOTIFY', '4 NOTIFY']);
  });
});

describe('a request in a dialog (RFC 3261 §12.2.2)', () => {
  test('whose CSeq is not higher than the last is answered 500', async () => {
    const there = await accepted();
    there.send({ method: 'OPTIONS', cseq: '9 OPTIONS', lines: [] });
    expect(lastResponse(there).status).toBe(500);
    there.send({ method: 'OPTIONS', cseq: '12 OPTIONS', lines: [] });
    expect(lastResponse(there).status).toBe(200);
  });

  test('refreshes the remote target', async () => {
    const there = await accepted();
    there.send({
      cseq: '11 REFER',
      lines: ['Contact: <sip:moved@192.0.2.2:5060>', 'Refer-To: <sip:carol@192.0.2.3>'],
    });
    expect(there.peer.requests.at(-1)?.uri).toBe('sip:moved@192.0.2.2:5060');
  });

  test('follows the Record-Route of the request that made the dialog (§12.1.1, §12.2.1.1)', async () => {
    const there = await stage({
      policy: { refer: () => grant },
      on: { refer: (referral) => referral.accept() },
    });
    there.peer.send(
      requestText({
        lines: [
          'Record-Route: <sip:192.0.2.2;lr>, <sip:proxy.example.com;lr>',
          'Contact: <sip:alice@198.51.100.7>',
          'Refer-To: <sip:carol@192.0.2.3>',
        ],
      }),
    );
    there.scheduler.advance(10);
    const [notify] = there.peer.requests;
    expect(notify?.uri).toBe('sip:alice@198.51.100.7');
    expect(field(notify as never, 'Route')).toBe('<sip:192.0.2.2;lr>');
    expect(field(there.peer.responses[0] as never, 'Record-Route')).toBe(
      '<sip:192.0.2.2;lr>, <sip:proxy.example.com;lr>',
    );
  });
});

describe('the end of a user agent', () => {
  test('deactivates subscriptions, refuses new work, and is done when their last NOTIFYs are answered', async () => {
    const there = await accepted();
    let isClosed = false;
    const closing = there.userAgent.close({ drain: 10_000 }).then(() => {
      isClosed = true;
    });
    there.peer.send(requestText({ method: 'OPTIONS' }));
    expect(isClosed).toBe(false);
    there.scheduler.advance(10);
    await closing;
    expect(there.peer.story.slice(-2).toSorted()).toEqual([
      '503 OPTIONS',
      'NOTIFY terminated;reason=deactivated SIP/2.0 100 Trying',
    ]);
  });

  test('waits no longer than it is given', async () => {
    const there = await accepted();
    there.peer.answer = () => undefined;
    const closing = there.userAgent.close({ drain: 3_000 });
    there.scheduler.advance(3_000);
    await closing;
    expect(there.scheduler.pending).toBe(0);
  });

  test('may be asked for twice, and the shorter wait counts', async () => {
    const there = await accepted();
    there.peer.answer = () => undefined;
    const first = there.userAgent.close({ drain: 400_000 });
    await there.userAgent.close();
    await first;
    there.scheduler.advance(10);
    expect(there.userAgent.counts()).toEqual(nobody);
    expect(there.scheduler.pending).toBe(0);
  });

  test('deactivates a subscription that begins meanwhile', async () => {
    const referrals: Referral[] = [];
    const { peer, scheduler, userAgent } = await stage({
      policy: { refer: () => grant },
      on: { refer: (referral) => referrals.push(referral) },
    });
    peer.send(requestText());
    scheduler.advance(10);
    const closing = userAgent.close({ drain: 10_000 });
    referrals[0]?.accept();
    scheduler.advance(3_000);
    await closing;
    expect(peer.story.at(-1)).toBe('NOTIFY terminated;reason=deactivated SIP/2.0 100 Trying');
  });
});

describe('a REFER in a dialog that is refused (RFC 3261 §12.2.2)', () => {
  test('leaves the remote target as it was', async () => {
    const there = await accepted();
    there.send({ cseq: '11 REFER', lines: ['Contact: <sip:moved@192.0.2.2>', 'Refer-To: <a>, <b>'] });
    there.referrals[0]?.finish(200);
    there.scheduler.advance(2_000);
    expect(lastResponse(there).status).toBe(400);
    expect(there.peer.requests.at(-1)?.uri).toBe('sip:alice@192.0.2.2:5060');
  });
});

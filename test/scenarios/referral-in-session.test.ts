import { describe, expect, test } from 'vitest';
import { grant, type ReferRequest } from '../../src/api/policy.js';
import type { Referral } from '../../src/api/referral.js';
import { field } from '../../src/message/index.js';
import {
  type CallOptions,
  type CallStage,
  callStage,
  type Dialogue,
  nothing,
  remains,
} from '../support/caller.js';

const referTo = { lines: ['Refer-To: <sip:carol@192.0.2.3>'] };
const follow = (referral: Referral) => void referral.accept();

interface Referred extends CallStage {
  readonly dialog: Dialogue;
}

/** A call, and a REFER in it. */
const referred = async (options: CallOptions = {}): Promise<Referred> => {
  const there = await callStage({ onRefer: follow, ...options });
  const dialog = there.caller.invite();
  there.scheduler.advance(100);
  dialog.request('REFER', referTo);
  there.scheduler.advance(2_000);
  return { ...there, dialog };
};

const events = ({ caller }: CallStage) => [
  ...new Set(caller.requests.filter(({ method }) => method === 'NOTIFY').map((each) => field(each, 'Event'))),
];

describe('a REFER in a session (RFC 3515, RFC 5057)', () => {
  test('is followed, told of by NOTIFYs of the same dialog, and its end does not end the session', async () => {
    const asked: ReferRequest[] = [];
    const there = await referred({
      policy: {
        refer: (refer) => {
          asked.push(refer);
          return grant;
        },
      },
    });
    expect(asked.map(({ inDialog }) => inDialog)).toEqual([true]);
    there.referrals[0]?.progress(180);
    there.scheduler.advance(2_000);
    there.referrals[0]?.finish(200);
    there.scheduler.advance(2_000);
    expect(there.caller.heard).toEqual([
      'NOTIFY active;expires=300 SIP/2.0 100 Trying',
      'NOTIFY active;expires=298 SIP/2.0 180 Ringing',
      'NOTIFY terminated;reason=noresource SIP/2.0 200 OK',
    ]);
    expect(events(there)).toEqual(['refer;id=2']);
    expect(there.told).toEqual(['call acknowledged', 'referral ended noresource']);
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, sessions: 1, subscriptions: 0 });
    expect(there.invitations[0]?.session.hangUp()).toBe('sent');
    there.scheduler.advance(100);
    expect(field(there.caller.requests.at(-1) as never, 'CSeq')).toBe('4 BYE');
    expect(remains(there)).toEqual(nothing);
  });

  test('goes on after the BYE of its referrer, and the dialog lasts until the subscription ends', async () => {
    const there = await referred();
    there.dialog.bye();
    there.scheduler.advance(100);
    expect(there.told).toEqual(['call acknowledged', 'call ended bye']);
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, sessions: 0, subscriptions: 1 });
    expect(there.referrals[0]?.progress(180)).toBe('sent');
    there.scheduler.advance(2_000);
    expect(there.dialog.request('OPTIONS')).toBeDefined();
    there.scheduler.advance(100);
    expect(there.dialog.last.status).toBe(200);
    expect(there.referrals[0]?.finish(200)).toBe('sent');
    there.scheduler.advance(2_000);
    expect(there.caller.heard.at(-1)).toBe('NOTIFY terminated;reason=noresource SIP/2.0 200 OK');
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 0 });
    expect(remains(there)).toEqual(nothing);
  });

  test('goes on after our own BYE', async () => {
    const there = await referred();
    there.invitations[0]?.session.hangUp();
    there.scheduler.advance(100);
    expect(there.referrals[0]?.finish(486)).toBe('sent');
    there.scheduler.advance(2_000);
    expect(there.caller.heard).toEqual([
      'NOTIFY active;expires=300 SIP/2.0 100 Trying',
      'BYE',
      'NOTIFY terminated;reason=noresource SIP/2.0 486 Busy Here',
    ]);
    expect(remains(there)).toEqual(nothing);
  });

  test('has no second BYE once the session is over: 481 (RFC 5057 §4)', async () => {
    const there = await referred();
    there.dialog.bye();
    there.scheduler.advance(100);
    for (const method of ['BYE', 'INFO', 'UPDATE', 'INVITE']) {
      const exchange = there.dialog.request(method);
      there.scheduler.advance(100);
      expect([method, exchange.status]).toEqual([method, 481]);
    }
    expect(there.referrals[0]?.finish(200)).toBe('sent');
    expect(remains(there)).toEqual(nothing);
  });

  test('is kept apart from another by its id (RFC 3515 §2.4.6)', async () => {
    const there = await referred();
    there.dialog.request('REFER', referTo);
    there.scheduler.advance(2_000);
    expect(events(there)).toEqual(['refer;id=2', 'refer;id=3']);
    there.referrals[1]?.finish(200);
    there.scheduler.advance(2_000);
    expect(there.told).toEqual(['call acknowledged', 'referral 2 ended noresource']);
    there.dialog.request('SUBSCRIBE', { lines: ['Event: refer;id=2', 'Expires: 0'] });
    there.scheduler.advance(2_000);
    expect(there.told.at(-1)).toBe('referral ended timeout');
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, sessions: 1, subscriptions: 0 });
    there.dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test.each([
    [481, { counts: 1, last: 'refused' }],
    [500, { counts: 1, last: 'refused' }],
    [404, { counts: 0, last: 'dialogEnded' }],
    [604, { counts: 0, last: 'dialogEnded' }],
  ])(
    'whose NOTIFY is answered %i leaves the session or ends the dialog (RFC 5057 §5.1)',
    async (status, { counts, last }) => {
      const there = await callStage({ onRefer: follow });
      const dialog = there.caller.invite();
      there.scheduler.advance(100);
      there.caller.answer = ({ method }) => ({ status: method === 'NOTIFY' ? status : 200 });
      dialog.request('REFER', referTo);
      there.scheduler.advance(100);
      expect(there.told).toContain('referral ended refused');
      expect(there.userAgent.counts()).toMatchObject({ dialogs: counts, sessions: counts });
      expect(there.told.at(-1)).toBe(
        last === 'refused' ? 'referral ended refused' : 'call ended dialogEnded',
      );
      dialog.bye();
      there.scheduler.advance(100);
      expect(dialog.last.status).toBe(counts === 1 ? 200 : 481);
      expect(remains(there)).toEqual(nothing);
    },
  );

  test('that is refused leaves the session as it was', async () => {
    const there = await referred({ onRefer: (referral) => referral.reject(603) });
    expect(there.dialog.last.status).toBe(603);
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, sessions: 1, subscriptions: 0 });
    there.dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });
});

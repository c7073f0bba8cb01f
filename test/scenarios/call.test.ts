import { describe, expect, test } from 'vitest';
import { accept as answerWith, reject } from '../../src/api/answer.js';
import type { Invitation, ReInvitation } from '../../src/api/invitation.js';
import { grant } from '../../src/api/policy.js';
import type { Sending } from '../../src/api/sending.js';
import { field, header, type Response } from '../../src/message/index.js';
import {
  accept,
  answer,
  Caller,
  type CallOptions,
  type CallStage,
  callStage,
  type Dialogue,
  description,
  nothing,
  offer,
  remains,
  type Wish,
} from '../support/caller.js';
import { requestText, toTag } from '../support/peer.js';
import { userAgentAddress } from '../support/stage.js';

interface Call extends CallStage {
  readonly dialog: Dialogue;
}

const described = { lines: description, body: offer };

/** A call whose INVITE has come, and a little while after it. */
const calling = async (options: CallOptions = {}, wish: Wish = described): Promise<Call> => {
  const there = await callStage(options);
  const dialog = there.caller.invite(wish);
  there.scheduler.advance(100);
  return { ...there, dialog };
};

const ringing = (invitation: Invitation) => void invitation.progress();

const final = (dialog: Dialogue) => dialog.last.final as Response;

/** Sends a request in the dialog and gives back its final status. */
const ask = ({ dialog, scheduler }: Call, method: string, wish: Wish = {}): number | undefined => {
  const exchange = dialog.request(method, wish);
  scheduler.advance(100);
  return exchange.status;
};

describe.each(['compiled', 'actor'] as const)('a call, %s (RFC 3665 §3)', (engine) => {
  test('rings, is answered and is ended by the caller (§3.1)', async () => {
    const there = await calling({ engine, onInvite: ringing });
    expect(there.dialog.first.statuses).toEqual([180]);
    expect(there.invitations[0]?.session.state).toBe('early');
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(100);
    expect(there.dialog.first.statuses).toEqual([180, 200]);
    expect(there.dialog.first.final?.body).toBe(answer);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
    expect(ask(there, 'BYE')).toBe(200);
    expect(there.told).toEqual(['call acknowledged', 'call ended bye']);
    expect(there.invitations[0]?.session.state).toBeUndefined();
    expect(remains(there)).toEqual(nothing);
  });

  test('makes one dialog: the tag and Contact of every response are the same, the 2xx tells what is allowed', async () => {
    const there = await calling({ engine, onInvite: ringing });
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(100);
    const { responses } = there.dialog.first;
    expect(new Set(responses.map(toTag)).size).toBe(1);
    expect(responses.map((response) => field(response, 'Contact'))).toEqual([
      '<sip:bob@192.0.2.1:5060>',
      '<sip:bob@192.0.2.1:5060>',
    ]);
    expect(field(final(there.dialog), 'Allow')).toContain('INVITE, ACK, BYE');
    expect(field(final(there.dialog), 'Supported')).toBe('norefersub, 100rel, replaces');
  });

  test('is ended by the callee', async () => {
    const there = await calling({ engine });
    expect(there.invitations[0]?.session.hangUp()).toBe('sent');
    expect(there.invitations[0]?.session.hangUp()).toBe(false);
    there.scheduler.advance(100);
    expect(there.caller.heard).toEqual(['BYE']);
    const [bye] = there.caller.requests;
    expect(bye && [field(bye, 'From'), field(bye, 'To'), field(bye, 'CSeq'), bye.uri]).toEqual([
      `<sip:bob@192.0.2.1>;tag=${there.dialog.tag}`,
      '<sip:alice@192.0.2.4>;tag=alice',
      '1 BYE',
      'sip:alice@192.0.2.4:5060',
    ]);
    expect(there.told).toEqual(['call acknowledged', 'call ended hungUp']);
    expect(remains(there)).toEqual(nothing);
  });

  test('not answered is cancelled: 200 and 487 with one tag (§3.8)', async () => {
    const there = await calling({ engine, onInvite: ringing });
    there.dialog.cancel();
    there.scheduler.advance(100);
    const [invite, cancel] = there.dialog.exchanges;
    expect([invite?.statuses, cancel?.statuses]).toEqual([[180, 487], [200]]);
    expect(toTag(cancel?.final as Response)).toBe(toTag(invite?.final as Response));
    expect(there.told).toEqual(['call ended refused', 'call cancelled']);
    expect(there.invitations[0]?.accept()).toBe(false);
    expect(remains(there)).toEqual(nothing);
  });

  test.each<[string, number, (invitation: Invitation) => Sending]>([
    ['busy (§3.9)', 486, (invitation) => invitation.reject(486)],
    ['temporarily unavailable (§3.11)', 480, (invitation) => invitation.reject(480)],
    ['ringing, then declined', 603, (invitation) => invitation.progress() && invitation.reject(603)],
    ['redirected (§3.6)', 302, (invitation) => invitation.redirect(['sip:carol@192.0.2.3'])],
    ['moved while it rang', 301, (invitation) => invitation.redirect(['sip:c@x'], { status: 301 })],
  ])('%s is answered %i, once its ACK has come', async (_name, status, decide) => {
    const there = await calling({ engine, onInvite: decide });
    expect(final(there.dialog).status).toBe(status);
    expect(field(final(there.dialog), 'Contact')).toBe(
      { 302: '<sip:carol@192.0.2.3>', 301: '<sip:c@x>' }[status],
    );
    there.scheduler.advance(20_000);
    expect(there.caller.count(`SIP/2.0 ${status}`)).toBe(1);
    expect(remains(there)).toEqual(nothing);
  });

  test('answered by nobody expires as its Expires says: 487 (RFC 3261 §13.3.1)', async () => {
    const there = await calling({ engine, onInvite: ringing }, { lines: ['Expires: 30'] });
    there.scheduler.advance(29_800);
    expect(there.dialog.first.statuses).toEqual([180]);
    there.scheduler.advance(200);
    expect(there.dialog.first.status).toBe(487);
    expect(there.told).toEqual(['call ended refused', 'call undecided']);
    expect(remains(there)).toEqual(nothing);
  });

  test('answered by nobody is given up after 180 s: 480 (§3.10)', async () => {
    const there = await calling({ engine, onInvite: ringing }, { lines: ['Expires: 3600'] });
    there.scheduler.advance(179_800);
    expect(there.caller.count('SIP/2.0 180')).toBe(3);
    expect(there.dialog.first.statuses).toEqual([180]);
    there.scheduler.advance(200);
    expect(there.dialog.first.status).toBe(480);
    expect(remains(there)).toEqual(nothing);
  });

  test('without an offer has its answer in the ACK', async () => {
    const there = await callStage({ engine });
    const dialog = there.caller.invite({});
    dialog.acknowledgement = { lines: description, body: answer };
    there.scheduler.advance(100);
    expect(there.told).toEqual(['call acknowledged with a description']);
    dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('the user agent is silent about for 200 ms is answered 100', async () => {
    const there = await calling({ engine, onInvite: () => {} });
    expect(there.dialog.first.statuses).toEqual([]);
    there.scheduler.advance(100);
    expect(there.dialog.first.statuses).toEqual([100]);
    there.scheduler.advance(10_000);
    expect(there.caller.count('SIP/2.0 100')).toBe(1);
  });
});

describe('the 2xx to an INVITE (RFC 3261 §13.3.1.4)', () => {
  test('is repeated until its ACK, over UDP and TCP, and ends in BYE without one', async () => {
    for (const protocol of ['UDP', 'TCP'] as const) {
      const there = await callStage({ protocol });
      there.caller.acknowledges.success = false;
      there.caller.invite();
      there.scheduler.advance(31_999);
      expect(there.caller.count('SIP/2.0 200')).toBe(11);
      expect(there.caller.heard).toEqual([]);
      there.scheduler.advance(100);
      expect(there.caller.heard).toEqual(['BYE']);
      expect(there.told).toEqual(['call ended unacknowledged']);
      expect(remains(there)).toEqual(nothing);
    }
  });

  test('is repeated no more once its ACK has come', async () => {
    const there = await calling();
    there.scheduler.advance(40_000);
    expect(there.caller.count('SIP/2.0 200')).toBe(1);
  });

  test('lets no BYE leave before the ACK (§15)', async () => {
    const there = await callStage();
    there.caller.acknowledges.success = false;
    there.caller.invite();
    there.scheduler.advance(100);
    expect(there.invitations[0]?.session.hangUp()).toBe('waits');
    there.scheduler.advance(1_000);
    expect(there.caller.heard).toEqual([]);
    there.caller.acknowledges.success = true;
    there.scheduler.advance(10_000);
    expect(there.caller.heard).toEqual(['BYE']);
    expect(there.told).toEqual(['call acknowledged', 'call ended hungUp']);
    expect(remains(there)).toEqual(nothing);
  });

  test('is repeated until 64·T1 even after a BYE that overtakes the ACK (§13.3.1.4)', async () => {
    const there = await callStage();
    there.caller.acknowledges.success = false;
    const dialog = there.caller.invite();
    there.scheduler.advance(100);
    expect(dialog.bye()).toBeDefined();
    there.scheduler.advance(10_000);
    expect(dialog.last.status).toBe(200);
    expect(there.caller.count('SIP/2.0 200')).toBe(6);
    there.scheduler.advance(30_000);
    expect(there.caller.count('SIP/2.0 200')).toBe(12);
    expect(there.told).toEqual(['call ended bye']);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a refusal of an INVITE (RFC 3261 §17.2.1)', () => {
  test('is repeated until its ACK and no longer than 64·T1, and the application hears that none came', async () => {
    const there = await callStage({ onInvite: (invitation) => invitation.reject(486) });
    there.caller.acknowledges.refusal = false;
    there.caller.invite();
    there.scheduler.advance(32_100);
    expect(there.caller.count('SIP/2.0 486')).toBe(11);
    expect(there.told).toEqual(['call failed timeout']);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a BYE in an early dialog (RFC 3261 §15.1.2)', () => {
  test('is answered 200, and the INVITE 487', async () => {
    const there = await calling({ onInvite: ringing });
    expect(ask(there, 'BYE')).toBe(200);
    expect(there.dialog.first.status).toBe(487);
    expect(there.told).toContain('call ended bye');
    expect(remains(there)).toEqual(nothing);
  });

  test('that crosses a lost 2xx leaves it repeated until the ACK (§13.3.1.4): the INVITE has its answer', async () => {
    const there = await calling({ onInvite: ringing });
    there.network.on(({ text }) =>
      text.startsWith('SIP/2.0 200') && text.includes('INVITE') ? 'lose' : 'deliver',
    );
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(10);
    there.network.on(() => 'deliver');
    expect(ask(there, 'BYE')).toBe(200);
    there.scheduler.advance(10_000);
    expect(there.dialog.first.status).toBe(200);
    expect(there.caller.count('SIP/2.0 200 OK')).toBe(2);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a reliable provisional response (RFC 3262)', () => {
  const supported = { lines: [...description, 'Supported: 100rel'], body: offer };
  const withDescription = (invitation: Invitation) =>
    void invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: answer });

  test('is sent where it has a body, and has its PRACK', async () => {
    const there = await calling({ onInvite: withDescription }, supported);
    const [invite, prack] = there.dialog.exchanges;
    expect(invite?.statuses).toEqual([183]);
    expect(invite?.responses.map((each) => [field(each, 'RSeq'), field(each, 'Require')])).toEqual([
      ['1', '100rel'],
    ]);
    expect([prack?.method, prack?.status]).toEqual(['PRACK', 200]);
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(10_000);
    expect(there.caller.count('SIP/2.0 183')).toBe(1);
    expect(there.told).toEqual(['call acknowledged']);
    there.dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('is repeated until its PRACK, and ends in 504 after 64·T1 without one (§3)', async () => {
    const there = await callStage({ onInvite: withDescription });
    there.caller.acknowledges.provisional = false;
    const dialog = there.caller.invite(supported);
    there.scheduler.advance(31_999);
    expect(there.caller.count('SIP/2.0 183')).toBe(7);
    expect(dialog.first.status).toBeUndefined();
    there.scheduler.advance(100);
    expect(dialog.first.status).toBe(504);
    expect(there.told).toEqual(['call ended refused', 'call undecided']);
    expect(remains(there)).toEqual(nothing);
  });

  test('comes one at a time, and the 2xx waits for the PRACK of a description', async () => {
    const there = await callStage({
      onInvite: (invitation) => {
        withDescription(invitation);
        invitation.progress(180, { reliable: true });
        accept(invitation);
      },
    });
    there.caller.acknowledges.provisional = false;
    const dialog = there.caller.invite(supported);
    there.scheduler.advance(1_000);
    expect(dialog.first.statuses).toEqual([183]);
    there.caller.acknowledges.provisional = true;
    there.scheduler.advance(10_000);
    expect(dialog.first.statuses.at(-1)).toBe(200);
    dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('that has its PRACK already is not acknowledged again: 481 (§3)', async () => {
    const there = await calling({ onInvite: withDescription }, supported);
    expect(ask(there, 'PRACK', { lines: ['RAck: 1 1 INVITE'] })).toBe(481);
    expect(ask(there, 'PRACK', { lines: ['RAck: 7 1 INVITE'] })).toBe(481);
  });

  test('is not sent to who does not support it, and always to who requires it', async () => {
    const plain = await calling({ onInvite: withDescription });
    expect(plain.dialog.first.responses.map((each) => field(each, 'RSeq'))).toEqual([undefined]);
    const required = await calling({ onInvite: ringing }, { lines: ['Require: 100rel'] });
    expect(required.dialog.first.responses.map((each) => field(each, 'RSeq'))).toEqual(['1']);
    expect(required.dialog.last.status).toBe(200);
  });

  test.each<[string, (there: Call) => void, number]>([
    ['CANCEL', ({ dialog }) => dialog.cancel(), 487],
    ['BYE', ({ dialog }) => dialog.bye(), 487],
    ['a refusal', ({ invitations: [invitation] }) => invitation?.reject(486), 486],
  ])('without its PRACK does not stand in the way of %s', async (_name, end, status) => {
    const there = await callStage({
      onInvite: (invitation) => {
        withDescription(invitation);
        accept(invitation);
      },
    });
    there.caller.acknowledges.provisional = false;
    const call = { ...there, dialog: there.caller.invite(supported) };
    there.scheduler.advance(100);
    end(call);
    there.scheduler.advance(10_000);
    expect(call.dialog.first.status).toBe(status);
    expect(ask(call, 'PRACK', { lines: ['RAck: 1 1 INVITE'] })).toBe(481);
    expect(there.caller.count('SIP/2.0 183')).toBe(1);
    expect(remains(there)).toEqual(nothing);
  });

  test('has its PRACK before the 2xx leaves (§3)', async () => {
    const there = await callStage({
      onInvite: (invitation) => {
        invitation.progress(180, { reliable: true });
        accept(invitation);
      },
    });
    there.network.on(({ text }) => (text.startsWith('PRACK') ? { delay: 400 } : 'deliver'));
    const dialog = there.caller.invite(supported);
    there.scheduler.advance(2_000);
    expect(dialog.exchanges.map(({ method, status }) => [method, status])).toEqual([
      ['INVITE', 200],
      ['PRACK', 200],
    ]);
    dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('with the answer lets an UPDATE change the session before the 2xx (RFC 3311)', async () => {
    const there = await calling({ onInvite: withDescription, on: { update: () => answerWith() } }, supported);
    expect(ask(there, 'UPDATE', described)).toBe(200);
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(100);
    expect(there.told).toEqual(['call acknowledged']);
    there.dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('with an offer has the answer in its PRACK, and one offer more is the handler’s to answer (§5)', async () => {
    const bodies: string[] = [];
    const there = await callStage({
      onInvite: withDescription,
      on: {
        prack: ({ request }) => {
          bodies.push(request.body);
          return answerWith({ headers: [['Content-Type', 'application/sdp']], body: answer });
        },
      },
    });
    there.caller.acknowledges.provisional = false;
    const call = { ...there, dialog: there.caller.invite(supported) };
    there.scheduler.advance(100);
    const lines = [...description, 'RAck: 1 1 INVITE'];
    expect(ask(call, 'PRACK', { lines, body: offer })).toBe(200);
    expect(final(call.dialog).body).toBe(answer);
    expect(bodies).toEqual([offer]);
    there.caller.acknowledges.provisional = true;
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(100);
    expect(call.dialog.first.status).toBe(200);
    call.dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a request in a session', () => {
  const update = { lines: description, body: offer };

  test.each<[string, CallOptions['on'], string, Wish, number]>([
    ['UPDATE without an offer', {}, 'UPDATE', {}, 200],
    ['UPDATE that nobody handles', {}, 'UPDATE', update, 488],
    ['UPDATE that is accepted', { update: () => answerWith() }, 'UPDATE', update, 200],
    ['UPDATE that is refused', { update: () => reject(488) }, 'UPDATE', update, 488],
    ['UPDATE without a Contact', {}, 'UPDATE', { contact: undefined }, 400],
    ['INFO without a body', {}, 'INFO', {}, 200],
    ['INFO that nobody handles', {}, 'INFO', { lines: description, body: offer }, 415],
    ['INFO that is handled', { info: () => answerWith() }, 'INFO', update, 200],
    ['INFO of an unknown package', {}, 'INFO', { lines: ['Info-Package: dtmf'] }, 469],
    ['OPTIONS', {}, 'OPTIONS', {}, 200],
    ['MESSAGE that is handled', { message: () => answerWith() }, 'MESSAGE', {}, 200],
    ['MESSAGE that nobody handles', {}, 'MESSAGE', {}, 405],
    ['NOTIFY that nobody asked for', {}, 'NOTIFY', { lines: ['Event: refer'] }, 481],
    ['PRACK of nothing', {}, 'PRACK', { lines: ['RAck: 1 1 INVITE'] }, 481],
    ['request whose CSeq is as high as the last', {}, 'OPTIONS', { sequence: 1 }, 500],
    ['method that nobody knows', {}, 'PING', {}, 501],
  ])('%s', async (_name, on, method, wish, status) => {
    const there = await calling({ ...(on && { on }) });
    expect(ask(there, method, wish)).toBe(status);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
    expect(ask(there, 'BYE')).toBe(200);
    expect(ask(there, method, wish)).toBe(481);
    expect(remains(there)).toEqual(nothing);
  });

  test('finds its session', async () => {
    let found: unknown;
    const there = await calling({
      on: {
        info: (request) => {
          found = request.inSession;
          return answerWith();
        },
      },
    });
    ask(there, 'INFO');
    expect(found).toEqual({ _tag: 'Some', value: there.invitations[0]?.session });
  });

  test.each<[string, Wish]>([
    ['INVITE', described],
    ['UPDATE', update],
    ['INFO', {}],
    ['MESSAGE', {}],
    ['OPTIONS', {}],
    ['REFER', { lines: ['Refer-To: <sip:carol@192.0.2.3>'] }],
    ['SUBSCRIBE', { lines: ['Event: presence'] }],
  ])('that still waits at the BYE is answered 487 (RFC 3261 §15.1.2): %s', async (method, wish) => {
    const forever = () => new Promise<never>(() => {});
    const there = await calling({
      eventPackages: { presence: {} },
      on: { info: forever, update: forever, message: forever, options: forever, subscribe: () => {} },
      onReInvite: () => {},
    });
    const waiting = there.dialog.request(method, wish);
    there.scheduler.advance(100);
    expect(waiting.status).toBeUndefined();
    expect(ask(there, 'BYE')).toBe(200);
    expect(waiting.status).toBe(487);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a re-INVITE (RFC 3261 §14)', () => {
  const moved = { ...described, contact: '<sip:moved@192.0.2.4:5060>' };
  const target = (there: Call) => {
    there.invitations[0]?.session.hangUp();
    there.scheduler.advance(100);
    return there.caller.requests.find(({ method }) => method === 'BYE')?.uri;
  };

  test('that is accepted goes on with the session and its new target', async () => {
    const there = await calling();
    expect(ask(there, 'INVITE', moved)).toBe(200);
    expect(there.told).toEqual(['call acknowledged', 're-INVITE acknowledged']);
    expect(there.userAgent.counts()).toMatchObject({ sessions: 1, dialogs: 1 });
    expect(target(there)).toBe('sip:moved@192.0.2.4:5060');
    expect(remains(there)).toEqual(nothing);
  });

  test.each<[string, CallOptions]>([
    ['refused', { onReInvite: (invitation) => invitation.reject(488) }],
    ['refused without a status', { onReInvite: (invitation) => invitation.reject() }],
    ['not handled', { on: { reInvite: undefined } as never }],
    [
      'ringing, then refused',
      { onReInvite: (invitation) => void (invitation.progress() && invitation.reject(488)) },
    ],
    ['left undecided', { onReInvite: () => {}, patience: 1 }],
  ])('%s leaves the session and its target as they were', async (_name, options) => {
    const there = await calling(options);
    const exchange = there.dialog.request('INVITE', moved);
    there.scheduler.advance(2_000);
    expect(exchange.status).toBe(488);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
    expect(ask(there, 'UPDATE')).toBe(200);
    expect(target(there)).toBe('sip:alice@192.0.2.4:5060');
    expect(remains(there)).toEqual(nothing);
  });

  test('whose 2xx is repeated takes the target back from no later request', async () => {
    const there = await calling();
    there.caller.acknowledges.success = false;
    ask(there, 'INVITE', moved);
    expect(ask(there, 'UPDATE', { contact: '<sip:later@192.0.2.4:5060>' })).toBe(200);
    there.scheduler.advance(1_000);
    there.caller.acknowledges.success = true;
    there.scheduler.advance(4_000);
    expect(there.told).toContain('re-INVITE acknowledged');
    expect(target(there)).toBe('sip:later@192.0.2.4:5060');
  });

  test('whose 2xx has no ACK ends the session', async () => {
    const there = await calling();
    there.caller.acknowledges.success = false;
    ask(there, 'INVITE', moved);
    there.scheduler.advance(32_000);
    expect(there.told.at(-1)).toBe('call ended unacknowledged');
    expect(there.caller.heard).toEqual(['BYE']);
    expect(remains(there)).toEqual(nothing);
  });

  test('is ended by CANCEL alone, and the session stays', async () => {
    const there = await calling({ onReInvite: ringing as (invitation: ReInvitation) => void });
    const exchange = there.dialog.request('INVITE', moved);
    there.scheduler.advance(100);
    there.dialog.cancel(exchange);
    there.scheduler.advance(100);
    expect([exchange.status, there.dialog.last.method, there.dialog.last.status]).toEqual([
      487,
      'CANCEL',
      200,
    ]);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
    expect(there.told.at(-1)).toBe('re-INVITE cancelled');
    expect(ask(there, 'INVITE', described)).toBeUndefined();
    expect(ask(there, 'BYE')).toBe(200);
    expect(remains(there)).toEqual(nothing);
  });

  test.each<[string, CallOptions, (there: Call) => void, string, number]>([
    ['while another waits', { onReInvite: () => {} }, (there) => ask(there, 'INVITE', moved), 'INVITE', 500],
    [
      'while an UPDATE waits',
      { on: { update: () => new Promise(() => {}) } },
      (there) => ask(there, 'UPDATE', described),
      'INVITE',
      500,
    ],
    ['before the ACK of the call', {}, () => {}, 'INVITE', 491],
  ])('%s is answered 500 or 491', async (_name, options, before, method, status) => {
    const there = await callStage(options);
    if (status === 491) there.caller.acknowledges.success = false;
    const dialog = there.caller.invite();
    there.scheduler.advance(100);
    const call = { ...there, dialog };
    before(call);
    expect(ask(call, method, moved)).toBe(status);
    expect(field(final(dialog), 'Retry-After')).toBe(status === 500 ? '0' : undefined);
    there.caller.acknowledges.success = true;
    there.scheduler.advance(5_000);
    expect(ask(call, 'BYE')).toBe(200);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('an UPDATE that meets another offer (RFC 3311 §5.2)', () => {
  test.each<[string, Wish, number]>([
    ['the offer of the INVITE has no answer yet', described, 500],
    ['the offer of a reliable response has no answer yet', { lines: ['Require: 100rel'] }, 491],
  ])('%s', async (_name, wish, status) => {
    const there = await callStage({
      onInvite: (invitation) =>
        invitation.progress(
          183,
          wish.body === undefined ? { headers: [['Content-Type', 'application/sdp']], body: offer } : {},
        ),
    });
    there.caller.acknowledges.provisional = false;
    const dialog = there.caller.invite(wish);
    there.scheduler.advance(100);
    expect(ask({ ...there, dialog }, 'UPDATE', described)).toBe(status);
    dialog.cancel();
    expect(remains(there)).toEqual(nothing);
  });

  test('the offer of a PRACK has no answer yet', async () => {
    const there = await callStage({
      onInvite: (invitation) =>
        invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: answer }),
      on: { prack: () => new Promise<never>(() => {}) },
    });
    there.caller.acknowledges.provisional = false;
    const wish = { ...described, lines: [...description, 'Require: 100rel'] };
    const call = { ...there, dialog: there.caller.invite(wish) };
    there.scheduler.advance(100);
    expect(ask(call, 'PRACK', { lines: [...description, 'RAck: 1 1 INVITE'], body: offer })).toBeUndefined();
    expect(ask(call, 'UPDATE', described)).toBe(500);
    expect(field(final(call.dialog), 'Retry-After')).toBe('0');
    expect(ask(call, 'UPDATE')).toBe(200);
    call.dialog.cancel();
    expect(remains(there)).toEqual(nothing);
  });
});

describe('what crosses', () => {
  test('of two BYEs each is answered 200, and the session ends once', async () => {
    const there = await calling();
    there.network.on(() => ({ delay: 50 }));
    there.invitations[0]?.session.hangUp();
    there.dialog.bye();
    there.scheduler.advance(1_000);
    expect(there.dialog.last.status).toBe(200);
    expect(there.caller.heard).toEqual(['BYE']);
    expect(there.told).toEqual(['call acknowledged', 'call ended hungUp']);
    expect(remains(there)).toEqual(nothing);
  });

  test('of a CANCEL and a 2xx the 2xx stands: 200 to both, with one tag (RFC 3261 §9.2)', async () => {
    const there = await calling({ onInvite: ringing });
    there.network.on(() => ({ delay: 50 }));
    there.dialog.cancel();
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(1_000);
    expect(there.dialog.exchanges.map(({ method, status }) => [method, status])).toEqual([
      ['INVITE', 200],
      ['CANCEL', 200],
    ]);
    expect(toTag(final(there.dialog))).toBe(there.dialog.tag);
    expect(there.told).toEqual(['call acknowledged']);
    expect(ask(there, 'BYE')).toBe(200);
    expect(remains(there)).toEqual(nothing);
  });

  test('of our BYE and a re-INVITE that waits, the re-INVITE is answered 487', async () => {
    const there = await calling({ onReInvite: () => {} });
    const exchange = there.dialog.request('INVITE', described);
    there.scheduler.advance(100);
    there.invitations[0]?.session.hangUp();
    there.scheduler.advance(100);
    expect(exchange.status).toBe(487);
    expect(there.told).toEqual(['call acknowledged', 're-INVITE cancelled', 'call ended hungUp']);
    expect(remains(there)).toEqual(nothing);
  });

  test('of a re-INVITE and our BYE finds no session: 481', async () => {
    const there = await calling();
    there.caller.answer = () => undefined;
    there.invitations[0]?.session.hangUp();
    expect(ask(there, 'INVITE', described)).toBe(481);
    expect(ask(there, 'UPDATE', described)).toBe(481);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a request that belongs to nothing', () => {
  test.each<[string, Wish, number | undefined]>([
    ['BYE', {}, 481],
    ['INVITE', described, 481],
    ['UPDATE', {}, 481],
    ['CANCEL', {}, 481],
    ['ACK', {}, undefined],
  ])('%s to a tag that nobody gave', async (method, wish, status) => {
    const there = await callStage();
    const { first } = there.caller.open(method, { ...wish, to: '<sip:bob@192.0.2.1>;tag=unknown' });
    there.scheduler.advance(100);
    expect(first.status).toBe(status);
    expect(remains(there)).toEqual(nothing);
  });

  test('an INVITE that comes twice by two ways is one call: 482 (RFC 3261 §8.2.2.2)', async () => {
    const there = await calling({ onInvite: ringing });
    there.caller.send(there.dialog.first.text.replace(/branch=[^;]*/, 'branch=z9hG4bKother'));
    there.scheduler.advance(100);
    expect(there.caller.count('SIP/2.0 482')).toBe(1);
    expect(there.invitations).toHaveLength(1);
    there.dialog.cancel();
    expect(remains(there)).toEqual(nothing);
  });
});

describe('an application that hangs up as soon as it can', () => {
  test.each<[string, (there: Call) => void]>([
    [
      'when the ACK comes',
      ({ invitations: [invitation] }) =>
        invitation?.listen({ acknowledged: () => invitation.session.hangUp() }),
    ],
    ['before the ACK', ({ invitations: [invitation] }) => invitation?.session.hangUp()],
  ])('%s: one BYE', async (_name, decide) => {
    const there = await calling({ onInvite: ringing });
    decide(there);
    accept(there.invitations[0] as Invitation);
    there.invitations[0]?.session.hangUp();
    there.scheduler.advance(1_000);
    expect(there.caller.heard).toEqual(['BYE']);
    expect(there.told.at(-1)).toBe('call ended hungUp');
    expect(remains(there)).toEqual(nothing);
  });

  test('while it rings has no effect but by refusing', async () => {
    const there = await calling({ onInvite: ringing });
    expect(there.invitations[0]?.session.hangUp()).toBe(false);
    expect(there.invitations[0]?.reject(486)).toBe('sent');
    there.scheduler.advance(100);
    expect(there.dialog.first.status).toBe(486);
    expect(there.invitations[0]?.session.state).toBeUndefined();
    expect(remains(there)).toEqual(nothing);
  });
});

describe('an INVITE with Replaces (RFC 3891)', () => {
  const replacing = async (options: CallOptions, parameters = '') => {
    const there = await calling(options);
    const other = new Caller(
      there.network,
      there.scheduler,
      'UDP',
      { host: '192.0.2.5', port: 5060 },
      'carol',
    );
    const { callId, tag } = there.dialog;
    const replaces = `Replaces: ${callId};to-tag=${tag};from-tag=alice${parameters}`;
    const dialog = other.invite({ ...described, lines: [...description, replaces, 'Require: replaces'] });
    there.scheduler.advance(100);
    return { ...there, other, replacement: dialog };
  };

  test('that the policy grants takes the place of the session, which BYE ends', async () => {
    const asked: boolean[] = [];
    const there = await replacing({
      policy: {
        invite: ({ replaces }) => {
          asked.push(replaces);
          return grant;
        },
      },
    });
    expect(there.replacement.first.status).toBe(200);
    expect(there.caller.heard).toEqual(['BYE']);
    expect(there.other.heard).toEqual([]);
    expect(there.told).toContain('call ended hungUp');
    expect(there.userAgent.counts()).toMatchObject({ sessions: 1 });
    expect(asked).toEqual([false, true]);
    there.replacement.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('is refused 603 without a policy, and the session stays', async () => {
    const there = await replacing({});
    expect(there.replacement.first.status).toBe(603);
    expect(there.caller.heard).toEqual([]);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
    there.dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('is refused where it asks for an early dialog only (486) or names none (481)', async () => {
    const policy = { invite: () => grant };
    expect((await replacing({ policy }, ';early-only')).replacement.first.status).toBe(486);
    const { caller, scheduler } = await callStage({ policy });
    const dialog = caller.invite({ lines: ['Replaces: none;to-tag=1;from-tag=2'] });
    scheduler.advance(100);
    expect(dialog.first.status).toBe(481);
  });

  test.each(['OPTIONS', 'BYE', 'UPDATE'])('is for no %s: 400 (§3)', async (method) => {
    const there = await calling();
    expect(ask(there, method, { lines: ['Replaces: one;to-tag=1;from-tag=2'] })).toBe(400);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
  });

  test('finds the session of a caller without a tag by a tag of zero (§6.1)', async () => {
    const { userAgent, peer, invitations, scheduler } = await callStage({ policy: { invite: () => grant } });
    const contact = 'Contact: <sip:alice@192.0.2.2>';
    const untagged = requestText({ method: 'INVITE', callId: 'old', lines: [contact] });
    peer.send(untagged.replace(/^(From:.*);tag=.*$/m, '$1'));
    scheduler.advance(10);
    const replaces = `Replaces: old;to-tag=${toTag(peer.responses.at(-1)!)};from-tag=0`;
    peer.send(requestText({ method: 'INVITE', callId: 'new', lines: [contact, replaces] }));
    scheduler.advance(100);
    expect(invitations).toHaveLength(2);
    expect(invitations[0]?.session.state).toBeUndefined();
    expect(userAgent.counts()).toMatchObject({ sessions: 2 });
  });
});

describe('a call through proxies (RFC 3261 §12.1.1, §12.2.1.1)', () => {
  test.each([
    [
      'loose',
      ['<sip:192.0.2.4;lr>', '<sip:p2.example.com;lr>'],
      'sip:alice@198.51.100.7',
      ['<sip:192.0.2.4;lr>', '<sip:p2.example.com;lr>'],
    ],
    [
      'strict',
      ['<sip:192.0.2.4>', '<sip:p2.example.com>'],
      'sip:192.0.2.4',
      ['<sip:p2.example.com>', '<sip:alice@198.51.100.7>'],
    ],
  ])('that are %s routers sends its BYE by them', async (_name, routes, uri, written) => {
    const there = await calling(
      {},
      {
        ...described,
        contact: '<sip:alice@198.51.100.7>',
        lines: [...description, `Record-Route: ${routes.join(', ')}`],
      },
    );
    expect(header(final(there.dialog), 'Record-Route')).toMatchObject({ _tag: 'Right' });
    there.invitations[0]?.session.hangUp();
    there.scheduler.advance(100);
    const bye = there.caller.requests.find(({ method }) => method === 'BYE');
    expect(bye?.uri).toBe(uri);
    expect(
      bye?.text
        .split('\r\n')
        .filter((line) => line.startsWith('Route: '))
        .map((line) => line.slice(7)),
    ).toEqual(written);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('the Contact of a response', () => {
  const routed = (...lines: readonly string[]) => [...description, ...lines];

  test.each<[string, Wish, string]>([
    ['a sip Request-URI and Contact', {}, '<sip:bob@'],
    ['a sips Request-URI', { uri: 'sips:bob@192.0.2.1' }, '<sips:bob@'],
    ['a sips Contact', { contact: '<sips:alice@192.0.2.4>' }, '<sips:bob@'],
    ['a sips Record-Route', { lines: routed('Record-Route: <sips:p1;lr>, <sip:p2;lr>') }, '<sips:bob@'],
    [
      'a sips Contact behind a sip Record-Route',
      { contact: '<sips:alice@192.0.2.4>', lines: routed('Record-Route: <sip:p1;lr>, <sips:p2;lr>') },
      '<sip:bob@',
    ],
  ])('to %s is secure where RFC 3261 §12.1.1 has it so', async (_name, wish, start) => {
    const there = await calling({ onInvite: ringing }, { ...described, ...wish });
    accept(there.invitations[0] as Invitation);
    there.scheduler.advance(100);
    const contacts = there.dialog.first.responses.map((response) => field(response, 'Contact'));
    expect(new Set(contacts).size).toBe(1);
    expect(contacts[0]?.startsWith(start)).toBe(true);
  });
});

describe('a dialog ends with its BYE', () => {
  test.each([200, 481, 500, undefined])('answered %s', async (status) => {
    const there = await calling();
    there.caller.answer = () => (status === undefined ? undefined : { status });
    there.invitations[0]?.session.hangUp();
    expect(remains(there)).toEqual(nothing);
    expect(there.told.at(-1)).toBe('call ended hungUp');
    expect(there.caller.count('BYE')).toBe(status === undefined ? 11 : 1);
  });

  test('that could not be sent', async () => {
    const there = await calling();
    there.network.on(({ from, text }) =>
      from.host === userAgentAddress.host && text.startsWith('BYE') ? 'fail' : 'deliver',
    );
    there.invitations[0]?.session.hangUp();
    expect(remains(there)).toEqual(nothing);
    expect(there.told.at(-1)).toBe('call ended hungUp');
  });
});

import { describe, expect, test } from 'vitest';
import { refuse } from '../../src/api/policy.js';
import { isSIPURI } from '../../src/message/index.js';
import { type CallOptions, callStage, description, offer, type Wish } from '../support/caller.js';

/** The statuses that end the dialog at a peer that keeps to RFC 5057 §5.1, Table 1. */
const endingDialogs = [404, 410, 416, 482, 483, 484, 485, 502, 604];

/** Those that end the usage that their request belongs to, where it belongs to one. */
const endingUsages = [405, 480, 481, 489, 501];

const described = { lines: description, body: offer };

const strict: CallOptions = {
  policy: { invite: ({ replaces }) => (replaces ? refuse() : { type: 'grant' }) },
  isOurs: (uri) => isSIPURI(uri) && uri.user === 'bob',
};

describe('a refusal in a dialog ends no more than it means (RFC 5057 §5.1)', () => {
  test.each<[string, string, Wish, number, string]>([
    ['a Request-URI of another scheme', 'INFO', { uri: 'tel:+15551234' }, 200, 'the dialog says whose it is'],
    [
      'a Request-URI of somebody else',
      'INFO',
      { uri: 'sip:x@192.0.2.1' },
      200,
      'the dialog says whose it is',
    ],
    ['a method that is not known', 'DANCE', {}, 501, 'note 3: of no usage, so the transaction'],
    ['a method that is not handled', 'MESSAGE', {}, 405, 'note 3: of no usage, so the transaction'],
    ['an extension', 'INFO', { lines: ['Require: dance'] }, 420, 'the transaction'],
    ['a type of body', 'INFO', { lines: ['Content-Type: a/b'], body: 'x' }, 415, 'the transaction'],
    ['an INFO package', 'INFO', { lines: ['Info-Package: dance'] }, 469, 'as 400: the transaction'],
    ['a number that is not higher', 'INFO', { sequence: 1 }, 500, 'the transaction'],
    ['an offer by UPDATE', 'UPDATE', described, 488, 'the transaction'],
    ['an offer by INVITE', 'INVITE', described, 488, 'the transaction'],
    ['two Contacts', 'UPDATE', { contact: '<sip:a@x>, <sip:b@x>' }, 400, 'the transaction'],
    ['a REFER without a policy', 'REFER', { lines: ['Refer-To: <sip:c@x>'] }, 603, 'RFC 5057 §5.6'],
    ['a REFER to nobody', 'REFER', {}, 400, 'the transaction'],
    ['a PRACK of nothing', 'PRACK', { lines: ['RAck: 1 1 INVITE'] }, 481, 'RFC 3262 §3'],
    [
      'a NOTIFY of nothing',
      'NOTIFY',
      { lines: ['Event: refer', 'Subscription-State: active'] },
      481,
      'the subscription, which is not there (RFC 6665 §4.1.3)',
    ],
    [
      'an event package',
      'SUBSCRIBE',
      { lines: ['Event: dance'] },
      489,
      'the subscription, which is not there',
    ],
    ['an OPTIONS', 'OPTIONS', { uri: 'sip:x@192.0.2.1' }, 200, 'RFC 3261 §11'],
  ])('%s', async (_, method, wish, status, _clause) => {
    const there = await callStage({
      ...strict,
      on: { reInvite: (invitation) => invitation.reject() },
    });
    const { caller, scheduler } = there;
    const dialog = caller.invite();
    scheduler.advance(100);
    expect(dialog.first.status).toBe(200);
    const exchange = dialog.request(method, wish);
    scheduler.advance(100);
    expect(exchange.status).toBe(status);
    expect(endingDialogs).not.toContain(exchange.status);
    const belongsToSession = ['INVITE', 'UPDATE', 'INFO', 'BYE'].includes(method);
    if (belongsToSession) expect(endingUsages).not.toContain(exchange.status);
    expect(dialog.request('INFO').responses).toEqual([]);
    scheduler.advance(100);
    expect(dialog.last.status).toBe(200);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
  });

  test('an OPTIONS in a dialog is answered 200 whoever may call by then (RFC 3261 §11)', async () => {
    let isOpen = true;
    const there = await callStage({ policy: { invite: () => (isOpen ? { type: 'grant' } : refuse(404)) } });
    const dialog = there.caller.invite();
    there.scheduler.advance(100);
    isOpen = false;
    const inside = dialog.request('OPTIONS');
    const outside = there.caller.open('OPTIONS');
    there.scheduler.advance(100);
    expect([inside.status, outside.first.status]).toEqual([200, 404]);
  });
});

import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/api/subscription.js';
import type { UserAgentOptions } from '../../src/api/user-agent-options.js';
import { field, type Message, type Response } from '../../src/message/index.js';
import { requestText, toTag } from '../support/peer.js';
import { stage } from '../support/stage.js';

const contact = 'Contact: <sip:alice@192.0.2.2>';
const sdp = 'Content-Type: application/sdp';
const statuses = (responses: readonly Response[]) => responses.map(({ status }) => status);

describe('an INVITE whose Accept takes no answer (RFC 3261 §20.1, RFC 4475 §3.3.15)', () => {
  const invited = async (lines: readonly string[], body: string, policy?: UserAgentOptions['policy']) => {
    const there = await stage({
      ...(policy && { policy }),
      accept: ['application/sdp', 'application/x-own'],
      on: {
        invite: (invitation) => invitation.accept(),
        reInvite: (invitation) => invitation.accept(),
        update: () => ({ status: 200 }),
      },
    });
    there.peer.send(requestText({ method: 'INVITE', callId: 'call', lines: [contact, ...lines], body }));
    there.scheduler.advance(10);
    return there;
  };

  test.each([
    [['Accept: text/nobodyKnowsThis', sdp], 'v=0', 406],
    [['Accept: text/nobodyKnowsThis'], '', 406],
    [['Accept:'], '', 406],
    [['Accept: application/sdp;q=0, */*', sdp], 'v=0', 406],
    [['Accept: text/html', 'Accept: image/*'], '', 406],
    [[sdp], 'v=0', 200],
    [['Accept: application/sdp', sdp], 'v=0', 200],
    [['Accept: text/html', 'Accept: application/SDP;level=1'], '', 200],
    [['Accept: application/*'], '', 200],
    [['Accept: */*'], '', 200],
    [['Accept: ;'], '', 200],
    [['Accept: application/x-own', 'Content-Type: application/x-own'], 'own', 200],
    [['Accept: application/x-own'], '', 406],
  ])('%j with the body %j: %i', async (lines, body, status) => {
    const { peer } = await invited(lines, body);
    expect(statuses(peer.responses)).toEqual([status]);
    const [response] = peer.responses;
    expect(field(response as Message, 'Warning')).toBe(
      status === 406 ? '399 - "The Accept does not take application/sdp."' : undefined,
    );
  });

  test.each([
    ['INVITE', 'v=0', [406]],
    ['INVITE', '', [406]],
    ['UPDATE', 'v=0', [406]],
    ['UPDATE', '', [200]],
  ])('in a session: %s with the body %j', async (method, body, expected) => {
    const { peer, scheduler, userAgent } = await invited([], '');
    const to = `<sip:bob@192.0.2.1>;tag=${toTag(peer.responses[0] as Response)}`;
    peer.send(requestText({ method: 'ACK', callId: 'call', to, cseq: '1 ACK' }));
    const lines = [contact, 'Accept: text/html', ...(body === '' ? [] : [sdp])];
    peer.send(requestText({ method, callId: 'call', to, cseq: `2 ${method}`, lines, body }));
    scheduler.advance(10);
    expect(statuses(peer.responses).slice(1)).toEqual(expected);
    expect(userAgent.counts().sessions).toBe(1);
  });
});

describe('a SUBSCRIBE whose Accept takes no type of the package (RFC 6665 §3.1.3, §5.4.5)', () => {
  const pidf = { contentType: 'application/pidf+xml', body: '<presence/>' };
  const subscribed = async (
    accepts: readonly string[],
    packages: UserAgentOptions['eventPackages'] = {
      presence: { contentTypes: ['Application/pidf+xml', 'text/plain'], neutral: pidf },
    },
  ) => {
    const seen: Subscription[] = [];
    const there = await stage({
      eventPackages: packages,
      on: {
        subscribe: (subscription) => {
          seen.push(subscription);
          subscription.suspend();
        },
      },
    });
    const send = (cseq: number, to: string | undefined, ...lines: readonly string[]) => {
      there.peer.send(
        requestText({
          method: 'SUBSCRIBE',
          callId: 'one',
          cseq: `${cseq} SUBSCRIBE`,
          ...(to === undefined ? {} : { to }),
          lines: [contact, 'Event: presence', ...lines],
        }),
      );
      there.scheduler.advance(10);
    };
    send(1, undefined, ...accepts);
    const [response] = there.peer.responses;
    const again = (cseq: number, ...lines: readonly string[]) =>
      send(cseq, `<sip:bob@192.0.2.1>;tag=${toTag(response as Response)}`, ...lines);
    return { ...there, seen, again };
  };

  test.each([
    [[], 200, 'application/pidf+xml'],
    [['Accept: */*'], 200, 'application/pidf+xml'],
    [['Accept: text/*'], 200, 'text/plain'],
    [['Accept: text/plain, application/pidf+xml;q=0.5'], 200, 'text/plain'],
    [['Accept: image/png', 'Accept: TEXT/plain'], 200, 'text/plain'],
    [['Accept: text'], 200, 'application/pidf+xml'],
    [['Accept: image/png'], 406, undefined],
    [['Accept:'], 406, undefined],
    [['Accept: */*;q=0'], 406, undefined],
    [['Accept: image/png', 'Expires: 0'], 406, undefined],
  ])('%j: %i, and the application sees %s', async (accepts, status, contentType) => {
    const { peer, seen } = await subscribed(accepts);
    expect(statuses(peer.responses)).toEqual([status]);
    expect(seen.map((subscription) => subscription.contentType)).toEqual(status === 200 ? [contentType] : []);
  });

  test('is told the neutral state only where that is of the type', async () => {
    const bodies = async (...accepts: readonly string[]) =>
      (await subscribed(accepts)).peer.requests.map(({ body }) => body);
    expect(await bodies()).toEqual([pidf.body]);
    expect(await bodies('Accept: text/plain')).toEqual(['']);
  });

  test('may ask for any where the package declares none, and for that of its neutral state by default', async () => {
    const any = await subscribed(['Accept: image/png'], { presence: {} });
    expect(statuses(any.peer.responses)).toEqual([200]);
    expect(any.seen[0]?.contentType).toBeUndefined();

    const neutral = { ...pidf, contentType: 'Application/PIDF+xml;charset=utf-8' };
    const usual = await subscribed([], { presence: { neutral } });
    expect(usual.seen[0]?.contentType).toBe('application/pidf+xml');
    expect(usual.peer.requests.map(({ body }) => body)).toEqual([pidf.body]);
    expect(
      statuses((await subscribed(['Accept: image/png'], { presence: { neutral } })).peer.responses),
    ).toEqual([406]);
  });

  test('may refresh without it, not with another, and may always end', async () => {
    const { peer, again, userAgent } = await subscribed(['Accept: text/plain']);
    again(2);
    again(3, 'Accept: text/*');
    again(4, 'Accept: application/pidf+xml');
    expect(userAgent.counts().subscriptions).toBe(1);
    again(5, 'Accept: application/pidf+xml', 'Expires: 0');
    expect(statuses(peer.responses)).toEqual([200, 200, 200, 406, 200]);
  });
});

test.each(['text', 'text/*', 'text/plain;charset=utf-8', ''])(
  'a package takes no content type %j, and says why',
  async (contentType) => {
    await expect(stage({ eventPackages: { x: { contentTypes: [contentType] } } })).rejects.toThrow(
      `eventPackages.x.contentTypes[0] is a media type without parameters, as "text/plain", not "${contentType}"`,
    );
  },
);

test('a referral’s subscription is refreshed by what takes sipfrag (RFC 3515 §2.4.5)', async () => {
  const { peer, scheduler } = await stage({
    policy: { refer: () => ({ type: 'grant' }) },
    on: { refer: (referral) => referral.accept() },
  });
  const lines = [contact, 'Refer-To: <sip:c@d>', 'Accept: application/sdp'];
  peer.send(requestText({ callId: 'one', lines }));
  scheduler.advance(10);
  const to = `<sip:bob@192.0.2.1>;tag=${toTag(peer.responses[0] as Response)}`;
  ['message/sipfrag;version=2.0', 'application/sdp'].forEach((type, index) => {
    const refresh = [contact, 'Event: refer', `Accept: ${type}`];
    const cseq = `${index + 2} SUBSCRIBE`;
    peer.send(requestText({ method: 'SUBSCRIBE', callId: 'one', to, cseq, lines: refresh }));
    scheduler.advance(10);
  });
  expect(statuses(peer.responses)).toEqual([200, 200, 406]);
});

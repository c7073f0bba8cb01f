import { describe, expect, test } from 'vitest';
import { grant } from '../../src/api/policy.js';
import { field, type Message, type Response } from '../../src/message/index.js';
import { requestText } from '../support/peer.js';
import { stage } from '../support/stage.js';

/** As deployed proxies and RFC 3261 §25.1 let them be, none of them as this library would write it. */
const routes = [
  'Record-Route: <sip:P1.Example.COM:05060;lr;X=Y>;x="";Y="a b"',
  'record-route:  "P 2"   <sip:192.0.2.2;lr=on> ;\r\n\tz , <SIP:192.0.2.2;LR>',
];
const contact = 'Contact: <sip:Alice@192.0.2.2:05060;X=Y;method=INVITE?a=b>';

const there = () =>
  stage({
    policy: { refer: () => grant },
    eventPackages: { presence: {} },
    on: {
      invite: (invitation) => {
        invitation.progress(180);
        invitation.progress(183);
        invitation.accept();
      },
      refer: (referral) => referral.accept(),
      subscribe: (subscription) => subscription.accept({ contentType: 'text/plain', body: 'open' }),
      reInvite: (invitation) => invitation.accept(),
    },
  });

/** The header lines of a name, folds and all. */
const linesOf = ({ text }: Message, name: string) =>
  text.split(/\r\n(?![ \t])/).filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));

describe('what is repeated is repeated as it came (RFC 3261 §12.1.1)', () => {
  test.each([
    ['INVITE', [contact, ...routes], [180, 183, 200]],
    ['SUBSCRIBE', [...routes, contact, 'Event: presence'], [200]],
    ['REFER', [contact, ...routes, 'Refer-To: <sip:c@d>'], [200]],
  ])('Record-Route in the responses to %s', async (method, lines, statuses) => {
    const { peer, scheduler } = await there();
    peer.send(requestText({ method, lines }));
    scheduler.advance(10);
    expect(peer.responses.map(({ status }) => status)).toEqual(statuses);
    for (const response of peer.responses) expect(linesOf(response, 'Record-Route')).toEqual(routes);
  });

  test.each(['REGISTER', 'OPTIONS', 'PUBLISH', 'MESSAGE', 'CANCEL'])(
    'but no Record-Route in those to %s, which makes no dialog (RFC 3903 §6)',
    async (method) => {
      const { peer, scheduler } = await there();
      peer.send(requestText({ method, lines: routes }));
      scheduler.advance(10);
      expect(peer.responses.flatMap((response) => linesOf(response, 'Record-Route'))).toEqual([]);
    },
  );

  test('nor in a refusal', async () => {
    const { peer, scheduler } = await stage({ on: { invite: (invitation) => invitation.reject(486) } });
    peer.send(requestText({ method: 'INVITE', lines: [contact, ...routes] }));
    scheduler.advance(10);
    expect(linesOf(peer.responses[0] as Response, 'Record-Route')).toEqual([]);
  });

  test('the URIs of the route set and of the target, but for what no Request-URI may hold (§12.2.1.1, Table 1)', async () => {
    const { peer, scheduler } = await there();
    const lines = [contact, 'Record-Route: <sip:192.0.2.2:05060;LR;X=y>', ...routes, 'Event: presence'];
    peer.send(requestText({ method: 'SUBSCRIBE', lines }));
    scheduler.advance(10);
    const [notify] = peer.requests;
    expect(notify?.uri).toBe('sip:Alice@192.0.2.2:05060;X=Y');
    expect(linesOf(notify as Message, 'Route')).toEqual([
      'Route: <sip:192.0.2.2:05060;LR;X=y>',
      'Route: <sip:P1.Example.COM:05060;lr;X=Y>',
      'Route: <sip:192.0.2.2;lr=on>',
      'Route: <SIP:192.0.2.2;LR>',
    ]);
  });

  test.each([
    ['presence', 'presence'],
    ['presence;id=7', 'presence;id=7'],
    ['presence ; ID = A-b ;other="x"', 'presence;id=A-b'],
    ['presence;id="7"', 'presence;id="7"'],
    ['presence;id="a \\"b"', 'presence;id="a \\"b"'],
  ])('the package and the id of Event: %s', async (event, repeated) => {
    const { peer, scheduler } = await there();
    const lines = ['Contact: <sip:alice@192.0.2.2>', `Event: ${event}`];
    peer.send(requestText({ method: 'SUBSCRIBE', lines }));
    scheduler.advance(10);
    expect(field(peer.requests[0] as Message, 'Event')).toBe(repeated);
  });

  test.each(['"Al" <sip:Alice@Home.Example>;x;tag=A.b-C', '<sip:al@h>;tag="Ab"', 'sip:al@H;tag=a'])(
    'the URI and the tag of From: %s',
    async (from) => {
      const { peer, scheduler } = await there();
      const lines = ['Contact: <sip:alice@192.0.2.2>', 'Event: presence'];
      peer.send(
        requestText({ method: 'SUBSCRIBE', from, to: '"B" <sip:Bob@Desk>;x=Y', callId: 'one', lines }),
      );
      scheduler.advance(10);
      const [, uri, tag] = /(sips?:[^;>]*).*(;tag=.*)/.exec(from) ?? [];
      const [notify] = peer.requests;
      expect(field(notify as Message, 'To')).toBe(`<${uri}>${tag}`);
      expect(field(notify as Message, 'From')).toMatch(/^<sip:Bob@Desk>;tag=/);
      expect(field(peer.responses[0] as Message, 'From')).toBe(from);

      const to = field(notify as Message, 'From') ?? '';
      peer.send(requestText({ method: 'SUBSCRIBE', from, to, callId: 'one', cseq: '2 SUBSCRIBE', lines }));
      scheduler.advance(10);
      expect(peer.responses.map(({ status }) => status)).toEqual([200, 200]);
    },
  );

  test('a tag in quotes that is no token inside them is malformed', async () => {
    const { peer, scheduler } = await there();
    for (const tag of ['"a b"', '""', '"a', 'a"', '"a;b"'])
      peer.send(requestText({ method: 'OPTIONS', from: `<sip:a@b>;tag=${tag}` }));
    scheduler.advance(10);
    expect(peer.responses.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
  });
});

import { describe, expect, test } from 'vitest';
import { accept } from '../../src/api/answer.js';
import { field, type Response } from '../../src/message/index.js';
import { type RequestFields, requestText, toTag } from '../support/peer.js';
import { nobody, stage } from '../support/stage.js';

const refer = ['Contact: <sip:alice@192.0.2.2:5060>', 'Refer-To: <sip:carol@192.0.2.3>'];
const subscriber = 'Contact: <sip:alice@192.0.2.2:5060>';
const allow = 'CANCEL, OPTIONS, REFER, SUBSCRIBE, NOTIFY';

describe('inspection of a request (RFC 3261 §8.2.1 to §8.2.5)', () => {
  test.each<[string, RequestFields & { text?: (text: string) => string }, number, Record<string, string>]>([
    ['another version', { text: (text) => text.replace('SIP/2.0\r\nVia', 'SIP/3.0\r\nVia') }, 505, {}],
    ['no To', { text: (text) => text.replace(/To: .*\r\n/, '') }, 400, {}],
    ['no Call-ID', { text: (text) => text.replace(/Call-ID: .*\r\n/, '') }, 400, {}],
    ['two From', { text: (text) => text.replace(/(From: .*\r\n)/, '$1$1') }, 400, {}],
    ['a CSeq that is no number', { cseq: 'one REFER' }, 400, {}],
    ['a CSeq of another method', { cseq: '1 OPTIONS' }, 400, {}],
    [
      'a datagram shorter than its Content-Length',
      { text: (text) => text.replace('th: 0', 'th: 9') },
      400,
      {},
    ],
    ['the To tag of an unknown dialog', { to: '<sip:bob@192.0.2.1>;tag=unknown' }, 481, {}],
    ['a method that is not allowed', { method: 'REGISTER' }, 405, { Allow: allow }],
    ['a method that is not known', { method: 'DANCE' }, 501, { Allow: allow }],
    ['a Request-URI of another scheme', { uri: 'tel:+15551234' }, 416, {}],
    ['a Request-URI that is none', { uri: 'sip:@@' }, 400, {}],
    [
      'an extension that is not supported',
      { lines: [...refer, 'Require: foo, norefersub, bar'] },
      420,
      { Unsupported: 'foo, bar' },
    ],
    [
      'content that is too large',
      { lines: [...refer, 'Content-Type: application/sdp'], body: 'x'.repeat(101) },
      413,
      {},
    ],
  ])('%s', async (_name, { text = (same) => same, ...fields }, status, headers) => {
    const { peer, scheduler, userAgent, errors } = await stage({ limits: { body: 100 } });
    peer.send(text(requestText(fields)));
    scheduler.advance(10);
    expect(peer.responses.map((response) => response.status)).toEqual([status]);
    const [response] = peer.responses;
    if (response === undefined) throw new Error('no response');
    for (const [name, value] of Object.entries(headers)) expect(field(response, name)).toBe(value);
    expect(userAgent.counts()).toEqual(nobody);
    expect(errors).toEqual([]);
  });

  test.each<[string, RequestFields, number, Record<string, string>]>([
    [
      'content of another type',
      { lines: [...refer, 'Content-Type: text/plain'], body: 'x' },
      415,
      {
        Accept: 'application/sdp, message/sipfrag, multipart/mixed',
        'Accept-Encoding': 'identity',
        'Accept-Language': '*',
      },
    ],
    [
      'content in another encoding',
      { lines: [...refer, 'Content-Type: application/sdp', 'Content-Encoding: gzip'], body: 'x' },
      415,
      { 'Accept-Encoding': 'identity' },
    ],
  ])('%s is judged by the user agent server (§8.2.3)', async (_name, fields, status, headers) => {
    const { peer, scheduler, userAgent } = await stage();
    peer.send(requestText(fields));
    scheduler.advance(10);
    expect(peer.responses.map((response) => response.status)).toEqual([status]);
    for (const [name, value] of Object.entries(headers))
      expect(field(peer.responses[0] as Response, name)).toBe(value);
    expect(userAgent.counts().serverTransactions).toBe(1);
  });

  test.each([
    [undefined, 603],
    [['de'], 400],
  ])('a malformed Content-Language matters where only some are taken: %j', async (languages, status) => {
    const { peer, scheduler } = await stage(languages && { languages });
    peer.send(
      requestText({
        lines: [...refer, 'Content-Type: application/sdp', 'Content-Language: ;'],
        body: 'x',
      }),
    );
    scheduler.advance(10);
    expect(peer.responses.map((response) => response.status)).toEqual([status]);
  });

  test.each<[string, readonly string[], number]>([
    ['PUBLISH', ['Event: winfo'], 489],
    ['PUBLISH', [], 489],
    ['PUBLISH', ['Event: presence', 'SIP-If-Match: a, b'], 400],
    ['PUBLISH', ['Event: presence', 'Expires: 1'], 423],
    ['PUBLISH', ['Event: presence'], 415],
    ['SUBSCRIBE', [subscriber, 'Event: winfo'], 489],
    ['SUBSCRIBE', [subscriber, 'Event: presence', 'Expires: 1'], 423],
    ['SUBSCRIBE', [subscriber, 'Event: presence'], 415],
    ['NOTIFY', ['Event: winfo'], 489],
    ['NOTIFY', ['Event: presence'], 481],
    ['REFER', [subscriber], 400],
    ['REGISTER', ['Contact: <<<'], 400],
    ['INVITE', [subscriber, 'Replaces: a;to-tag=b;from-tag=c'], 481],
  ])(
    '%s with %j and a strange body is answered for its own fields first: %i',
    async (method, own, status) => {
      const { peer, scheduler } = await stage({
        eventPackages: { presence: { minimum: 60 } },
        on: {
          publish: () => accept(),
          register: () => accept(),
          subscribe: (subscription) => subscription.reject(),
          invite: (invitation) => invitation.reject(),
        },
      });
      peer.send(requestText({ method, lines: [...own, 'Content-Type: x/y'], body: 'x' }));
      scheduler.advance(10);
      expect(peer.responses.map((response) => response.status)).toEqual([status]);
    },
  );

  test('answers statelessly with one and the same To tag (§8.2.7)', async () => {
    const { peer, scheduler } = await stage();
    const text = requestText({ method: 'REGISTER' });
    peer.send(text);
    peer.send(text);
    scheduler.advance(10);
    const tags = peer.responses.map(toTag);
    expect(tags[0]).not.toBe('');
    expect(tags).toEqual([tags[0], tags[0]]);
  });

  test.each<[string, RequestFields, number]>([
    [
      'a body that need not be understood',
      {
        lines: [...refer, 'Content-Type: text/plain', 'Content-Disposition: session;handling=optional'],
        body: 'x',
      },
      603,
    ],
    ['a Max-Forwards of 0', { lines: [...refer] }, 603],
    ['no Max-Forwards, as RFC 2543 had none', { lines: [...refer] }, 603],
    ['an extension that is supported', { lines: [...refer, 'Require: norefersub'] }, 603],
  ])('lets pass %s', async (name, fields, status) => {
    const { peer, scheduler } = await stage();
    const line = 'Max-Forwards: 70\r\n';
    const text = requestText(fields);
    peer.send(
      name.startsWith('a Max')
        ? text.replace('70', '0')
        : name.startsWith('no Max')
          ? text.replace(line, '')
          : text,
    );
    scheduler.advance(10);
    expect(peer.responses.map((response) => response.status)).toEqual([status]);
  });

  test('never answers an ACK', async () => {
    const { peer, scheduler } = await stage();
    for (const fields of [{}, { cseq: '1 INVITE' }, { uri: 'tel:1' }, { to: '<sip:b@x>;tag=1' }])
      peer.send(requestText({ method: 'ACK', ...fields }));
    scheduler.advance(1_000);
    expect(peer.story).toEqual([]);
  });

  test('answers a merged request 482, but not in a dialog and not a CANCEL (§8.2.2.2)', async () => {
    const { peer, scheduler } = await stage();
    peer.send(requestText({ callId: 'merged' }));
    peer.send(requestText({ callId: 'merged' }));
    peer.send(requestText({ callId: 'merged', method: 'CANCEL' }));
    scheduler.advance(10);
    expect(peer.story).toEqual(['603 REFER', '482 REFER', '481 CANCEL']);
  });

  test('refuses new work with 503 and Retry-After when there are too many transactions', async () => {
    const { peer, scheduler } = await stage({ limits: { transactions: 2 } });
    for (let count = 0; count < 3; count++) peer.send(requestText({ method: 'OPTIONS' }));
    scheduler.advance(10);
    expect(peer.story).toEqual(['200 OPTIONS', '200 OPTIONS', '503 OPTIONS']);
    expect(field(peer.responses[2] as never, 'Retry-After')).toBe('10');
  });
});

describe('the answer to OPTIONS (RFC 3261 §11.2)', () => {
  test('tells what is understood', async () => {
    const { peer, scheduler } = await stage({ server: 'sipchart test' });
    peer.send(requestText({ method: 'OPTIONS' }));
    scheduler.advance(10);
    const [response] = peer.responses;
    if (response === undefined) throw new Error('no response');
    expect(
      ['Allow', 'Accept', 'Accept-Encoding', 'Accept-Language', 'Supported', 'Server'].map((name) =>
        field(response, name),
      ),
    ).toEqual([
      allow,
      'application/sdp, message/sipfrag, multipart/mixed',
      'identity',
      '*',
      'norefersub',
      'sipchart test',
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accept } from '../../src/api/answer.js';
import { grant } from '../../src/api/policy.js';
import { namedHeader } from '../support/header-names.js';
import { requestText, toTag } from '../support/peer.js';
import { nobody, stage } from '../support/stage.js';

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });

/** A good request with pieces cut out, written twice or written over. */
const damaged = fc
  .record({
    method: fc.constantFrom(
      ...['REFER', 'OPTIONS', 'SUBSCRIBE', 'CANCEL', 'ACK', 'INVITE', 'BYE', 'PRACK', 'UPDATE', 'INFO'],
      ...['MESSAGE', 'NOTIFY', 'PUBLISH', 'REGISTER'],
    ),
    line: fc.constantFrom(
      'Event: refer;id=1',
      'Refer-Sub: false',
      'Require: a,b',
      'Record-Route: <sip:a;lr>, <sip:b>',
      'Expires: 5',
      'Content-Type: application/sdp',
      'Replaces: a;to-tag=b;from-tag=c',
      'Via: SIP/2.0/UDP x;;,;branch=1',
      'Contact: *',
      'Event: presence',
      'Require: 100rel',
      'RAck: 1 1 INVITE',
      'SIP-If-Match: x',
      'Supported: 100rel',
    ),
    edits: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.integer({ min: 0, max: 12 }),
        text: fc.oneof(latin1, fc.constantFrom('\r\n', ',', ';', '"', '<', '>', '\\', '%', '\0', ': ', '@')),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ method, line, edits }) => {
    const contact = ['Contact: <sip:alice@192.0.2.2:5060>', 'Refer-To: <sip:carol@192.0.2.3>', line];
    let text = requestText({ method, lines: contact });
    for (const { at, length, text: piece } of edits) {
      const start = Math.floor(at * text.length);
      text = text.slice(0, start) + piece + text.slice(start + length);
    }
    return text;
  });

describe('hostile input', () => {
  test('never throws out of the endpoint and never leaves a machine behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(damaged, latin1), { minLength: 1, maxLength: 6 }), async (texts) => {
        const { peer, scheduler, userAgent, errors } = await stage({
          policy: { refer: () => grant, invite: () => grant },
          on: {
            refer: (referral) => referral.accept(),
            invite: (invitation) => {
              invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: 'v=0\r\n' });
              invitation.accept();
            },
            reInvite: (invitation) => invitation.accept(),
            subscribe: (subscription) => subscription.accept({ contentType: 'text/plain', body: 'open' }),
            ...Object.fromEntries(
              ['update', 'prack', 'info', 'notify', 'message', 'publish', 'register', 'options'].map(
                (name) => [name, () => accept()],
              ),
            ),
          },
          eventPackages: { presence: { default: 30, maximum: 30 } },
          resolver: {
            resolve: () => async () => ({ _tag: 'Left', left: { code: 'unresolved', message: 'unknown' } }),
          },
          referExpires: 30,
        });
        for (const text of texts) peer.send(text);
        for (let second = 0; second < 100; second++) {
          scheduler.advance(1_000);
          await Promise.resolve();
        }
        expect(errors.filter((error) => error instanceof Error)).toEqual([]);
        expect(userAgent.counts()).toEqual(nobody);
        expect(scheduler.pending).toBe(0);
        expect(peer.responses.filter(({ status, reason }) => namedHeader(status, reason))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('in a dialog, in any order and with any number, leaves no machine behind', async () => {
    const inDialog = fc.record({
      method: fc.constantFrom(
        ...[
          'ACK',
          'BYE',
          'CANCEL',
          'INFO',
          'INVITE',
          'NOTIFY',
          'OPTIONS',
          'PRACK',
          'REFER',
          'SUBSCRIBE',
          'UPDATE',
        ],
      ),
      sequence: fc.constantFrom(0, 1, 1, 2, 3, 4, 5, 2 ** 31),
      rack: fc.constantFrom('1 1 INVITE', '1 2 INVITE', '2 1 INVITE', '1 1 PRACK'),
      expires: fc.constantFrom(0, 30),
      body: fc.constantFrom('', 'v=0\r\n'),
      pause: fc.constantFrom(0, 10, 700, 40_000),
    });
    const call = fc.record({
      reliability: fc.constantFrom('Supported: 100rel', 'Supported: none', 'Require: 100rel'),
      body: fc.constantFrom('', 'v=0\r\n'),
      rings: fc.boolean(),
      answers: fc.boolean(),
      requests: fc.array(inDialog, { minLength: 1, maxLength: 10 }),
    });
    const contact = 'Contact: <sip:alice@192.0.2.2:5060>';
    const type = 'Content-Type: application/sdp';
    await fc.assert(
      fc.asyncProperty(call, async ({ reliability, body, rings, answers, requests }) => {
        const there = await stage({
          policy: { refer: () => grant },
          on: {
            refer: (referral) => referral.accept(),
            invite: (invitation) => {
              if (rings)
                invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: 'v=0' });
              else invitation.progress();
              if (answers) invitation.accept();
            },
            reInvite: (invitation) => invitation.accept(),
            update: () => accept(),
          },
          referExpires: 30,
        });
        const { peer, scheduler, userAgent, errors } = there;
        peer.send(
          requestText({ method: 'INVITE', callId: 'one', lines: [contact, reliability, type], body }),
        );
        scheduler.advance(10);
        const [first] = peer.responses;
        const to = `<sip:bob@192.0.2.1>;tag=${first === undefined ? '' : toTag(first)}`;
        for (const { method, sequence, rack, expires, body, pause } of requests) {
          const lines = [contact, type, `RAck: ${rack}`, `Expires: ${expires}`, 'Event: refer;id=2'];
          if (method === 'REFER') lines.push('Refer-To: <sip:carol@192.0.2.3>');
          peer.send(requestText({ method, callId: 'one', to, cseq: `${sequence} ${method}`, lines, body }));
          scheduler.advance(pause);
        }
        scheduler.advance(400_000);
        expect(errors.filter((error) => error instanceof Error)).toEqual([]);
        expect(peer.responses.filter(({ status }) => status === 408)).toEqual([]);
        peer.send(requestText({ method: 'BYE', callId: 'one', to, cseq: '4294967295 BYE' }));
        scheduler.advance(100_000);
        expect(userAgent.counts()).toEqual(nobody);
        expect(scheduler.pending).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test('a handler or a policy that throws is told of, and its request is answered', async () => {
    const thrown = new Error('thrown by the application');
    const fail = () => {
      throw thrown;
    };
    for (const [options, status] of [
      [{ policy: { refer: () => grant }, on: { refer: fail } }, 500],
      [{ policy: { refer: fail }, on: { refer: () => {} } }, 603],
      [{ on: { options: fail } }, 500],
    ] as const) {
      const { peer, scheduler, errors } = await stage(options);
      peer.send(requestText({ method: 'policy' in options ? 'REFER' : 'OPTIONS' }));
      scheduler.advance(10);
      expect(peer.responses.map((response) => response.status)).toEqual([status]);
      expect(errors).toEqual([thrown]);
    }
  });

  test.each(['Contact', 'Via', 'Route', 'Require'])(
    '%s with a line break is refused when it is given',
    async (name) => {
      const { peer, scheduler, errors } = await stage({
        policy: { refer: () => grant },
        on: { refer: (referral) => referral.accept({ headers: [[name, 'a\r\nEvil: b']] }) },
      });
      peer.send(requestText());
      scheduler.advance(10);
      expect(errors).toMatchObject([{ name: 'RangeError' }]);
      expect(peer.story).toEqual(['500 REFER']);
    },
  );

  test.each([
    ['a From tag with a NUL', { from: '<sip:a@192.0.2.2>;tag="a\\\0b"' }, 400],
    ['a From tag that is a quoted string', { from: '<sip:a@192.0.2.2>;tag="a b;x=y"' }, 400],
    ['an empty From tag', { from: '<sip:a@192.0.2.2>;tag=' }, 400],
    [
      'a Contact that is no SIP URI',
      { lines: ['Contact: <tel:+1555>', 'Refer-To: <sip:carol@192.0.2.3>'] },
      400,
    ],
    [
      'a Record-Route that can not be read',
      {
        lines: [
          'Contact: <sip:alice@192.0.2.2>',
          'Refer-To: <sip:carol@192.0.2.3>',
          'Record-Route: <sip:@@>',
        ],
      },
      400,
    ],
  ])('%s is answered, and nothing stays', async (_name, fields, status) => {
    const { peer, scheduler, userAgent, errors } = await stage({
      policy: { refer: () => grant },
      on: { refer: (referral) => referral.accept() },
    });
    peer.send(requestText(fields));
    scheduler.advance(400_000);
    expect(peer.responses.map((response) => response.status)).toEqual([status]);
    expect(errors).toEqual([]);
    expect(userAgent.counts()).toEqual(nobody);
  });

  test('a policy that gives a promise or nothing grants nothing', async () => {
    for (const policy of [async () => grant, () => undefined, () => ({ type: 'refuse', status: 200 })]) {
      const { peer, scheduler, userAgent, errors } = await stage({
        policy: { refer: policy as never },
        on: { refer: (referral) => referral.accept() },
      });
      peer.send(requestText());
      scheduler.advance(40_000);
      expect(peer.story).toEqual(['603 REFER']);
      expect(errors).toHaveLength(1);
      expect(userAgent.counts()).toEqual(nobody);
    }
  });

  test('a handler whose promise is rejected has its request answered 500', async () => {
    const { peer, scheduler, errors } = await stage({
      policy: { refer: () => grant },
      on: { refer: () => Promise.reject(new Error('later')) },
    });
    peer.send(requestText());
    scheduler.advance(10);
    await Promise.resolve();
    scheduler.advance(10);
    expect(peer.story).toEqual(['500 REFER']);
    expect(errors).toHaveLength(1);
  });

  test('CANCELs that name nothing count as any transaction does', async () => {
    const { peer, scheduler, userAgent } = await stage({ limits: { transactions: 2 } });
    for (let count = 0; count < 10; count++) peer.send(requestText({ method: 'CANCEL' }));
    scheduler.advance(10);
    expect(userAgent.counts().serverTransactions).toBe(2);
    expect(peer.responses.map(({ status }) => status)).toEqual([481, 481, ...Array(8).fill(503)]);
  });

  test('REFERs that are not decided count as the subscriptions that they may become', async () => {
    const { peer, scheduler } = await stage({
      policy: { refer: () => grant },
      on: { refer: () => {} },
      limits: { subscriptions: 2 },
    });
    for (let count = 0; count < 4; count++) peer.send(requestText());
    scheduler.advance(10);
    expect(peer.story).toEqual(['503 REFER', '503 REFER']);
  });

  test('text beyond ASCII goes out as UTF-8', async () => {
    const { peer, scheduler } = await stage({
      displayName: '日本',
      policy: { refer: () => grant },
      on: { refer: (referral) => referral.accept({ reason: 'Größe' }) },
    });
    peer.send(requestText());
    scheduler.advance(10);
    const utf8 = Buffer.from(peer.responses[0]?.text ?? '', 'latin1').toString('utf8');
    expect(utf8).toContain('SIP/2.0 200 Größe');
    expect(utf8).toContain('Contact: "日本" <sip:bob@192.0.2.1:5060>');
  });
});

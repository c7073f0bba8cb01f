import { describe, expect, test } from 'vitest';
import { accept as answerWith } from '../../src/api/answer.js';
import { grant } from '../../src/api/policy.js';
import { masked } from '../../src/inspect/masked-observer.js';
import { maskBody, maskText, maskValue } from '../../src/inspect/masking.js';
import { memoryRecording } from '../../src/inspect/memory-recording.js';
import { recorder } from '../../src/inspect/recorder.js';
import { parse } from '../../src/message/index.js';
import { callStage, description } from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { requestText } from '../support/peer.js';
import { recordedStage, sameOnBoth } from './recorded.js';
import { secretRequests } from './secret-messages.js';

describe('a masked text', () => {
  test.each([
    ['Authorization: Digest secret\r\nTo: a\r\n', 'Authorization: *************\r\nTo: a\r\n'],
    ['pRoXy-AuThOrIzAtIoN \t:secret\r\n', 'pRoXy-AuThOrIzAtIoN \t:******\r\n'],
    ['Authorization: a\r\n  secret\r\n\tb\r\nTo: a', 'Authorization: *\r\n  ******\r\n\t*\r\nTo: a'],
    ['Authorization:\r\n secret\r\n', 'Authorization:\r\n ******\r\n'],
    ['Authorization: a\rsecret\nsecret\r\nTo: b', 'Authorization: *\r******\n******\r\nTo: b'],
    ['a=crypto:1 AES inline:secret\r\na=sendrecv', 'a=crypto:*******************\r\na=sendrecv'],
    ['a=ice-pwd:secret\na=ice-ufrag:u', 'a=ice-pwd:******\na=ice-ufrag:u'],
    ['k=clear:secret\r\na=key-mgmt:mikey secret', 'k=clear:******\r\na=key-mgmt:************'],
    ['Refer-To: <sip:c@d?Authorization=a%20b&To=c>', 'Refer-To: <sip:c@d?Authorization=*****&To=c>'],
    [
      'R: <sip:c?To=a&PROXY-%41uthorizatio%6e=s;t,u "v"\r\n w>;x',
      'R: <sip:c?To=a&PROXY-%41uthorizatio%6e=*;*,* "*"\r\n *>;x',
    ],
    ['From: sip:a@b?authorization=secret;tag=c', 'From: sip:a@b?authorization=******;tag=c'],
    [
      'Refer-To: <sip:a?body=a%3Dcrypto>\r\nTo: <sip:b?Body',
      'Refer-To: <sip:a?body=**********>\r\nTo: <sip:b?Body',
    ],
    ['Authorization-Info: a\r\nX-Authorization: b\r\n', 'Authorization-Info: a\r\nX-Authorization: b\r\n'],
    ['Authorization = secret\r\n', 'Authorization = ******\r\n'],
    ['a=crypto :1 AES inline:secret', 'a=crypto :*******************'],
    [' a = crypto: 1 secret', ' a = crypto:*********'],
    ['A=CRYPTO\t1 secret\na=cryptography', 'A=CRYPTO\t********\na=cryptography'],
    ['a=ice-pwd secret\r\nA=Key-Mgmt;secret', 'a=ice-pwd ******\r\nA=Key-Mgmt*******'],
    ['k=secret\r\nk = base64 :secret\r\nk=prompt', 'k=******\r\nk = base64 :******\r\nk=prompt'],
    ['{"sdp":"a=x:1 inline:secret|2^20|1:4\\r\\n"}', '{"sdp":"a=x:1 inline:******|2^20|1:4\\r\\n"}'],
  ])('%j is %j', (text, expected) => {
    const message = `OPTIONS sip:a SIP/2.0\r\n${text}`;
    const result = maskText(message);
    expect(result).toBe(`OPTIONS sip:a SIP/2.0\r\n${expected}`);
    expect(maskText(result)).toBe(result);
    expect(result.length).toBe(message.length);
  });

  test('without secrets is the same', () => {
    const text = requestText();
    expect(maskText(text)).toBe(text);
  });

  test.each([
    'sip:bob:secret@host',
    'SIPS:bob:secret@host;transport=tcp',
    '<sip:bob:secret@host;lr>',
    '"A" <sip:bob:secret@[2001:db8::1]:5061>;tag=1',
    'x:bob@host, <sip:bob:secret@host>,sip:carol:secret@host;x=y',
    '<sip:carol@host?Referred-By=%3Csip:bob:secret%40host%3E&To=a>',
    '<sip:carol@host?Route=%3csips%3abob%3asecret%40host%3B%6C%72%3e>',
    'sip:carol@host?Route=%253Csip%253Abob%253Asecret%2540host%253E',
    '<http://bob:secret@host/carol@host>',
    '<https://bob:secret@host:8080>;purpose=icon',
    '<msrp://bob:secret@host:2855/session;tcp>',
    '<xmpp:bob:secret@host>',
    'sip:bob@host.example:secret@proxy',
    '<contact entity="sip:bob:secret@host" by="carol@host">sip:bob:secret@host</contact>',
    '{"from":"sip:bob:secret@host","to":"carol@host"}',
    '<sip::secret@host>',
    '<sip:bob:secret',
    // Malformed ones.
    '<sip:bob:secret secret@host>',
    '<sip:bob:secret\r\n secret@host>',
    '<sip:bob:secret"secret@host>',
    '<sip:bob:secret@secret@host>',
    'sip:bob:secret@secret@host',
    'sip:bob:secret:secret@host',
    '<https://bob:secret:secret@host>',
  ])('has no password in %j, wherever that stands', (value) => {
    const masked = value.replaceAll(/secret(?=[\s\S]*(?:@|%40|%2540)(?:host|proxy|\[))/g, '******');
    for (const around of [
      ['INVITE ', ' SIP/2.0\r\nTo: a\r\n'],
      ['INVITE sip:a SIP/2.0\r\nContact: ', '\r\nTo: a\r\n'],
      ['INVITE sip:a SIP/2.0\r\nm:', ';q=1\r\nTo: a\r\n'],
      ['SIP/2.0 302 Moved\r\nContact: ', ''],
      ['OPTIONS sip:a SIP/2.0\r\nl: 99\r\n\r\nSIP/2.0 200 OK\r\nRefer-To: ', '\r\n'],
    ]) {
      const [before = '', after = ''] = around;
      expect(maskText(before + value + after)).toBe(before + masked + after);
    }
    expect(maskValue({ value: [value] })).toEqual({ value: [masked] });
  });

  test.each([
    'Call-ID: a:b:c@host',
    'Call-ID:a:b:c@host',
    'Contact: sip:host:5060,sip:carol@host',
    'Contact: sip:host:5060,mailto:carol@host',
    'Contact: sip:[2001:db8::1]:5060;x=carol@host',
    'Route: <sip:host:5060;lr>, <sip:carol@host>',
    'Call-Info: <http://host:8080/carol@host>, <http://[2001:db8::1]:80/?carol@host>',
    'To: <sip:bob%3Asecret@host>',
    'To: <sip:bob%40host.example@host:5060>;x="carol@host"',
    'To: <tel:+1;phone-context=carol@host>',
    'X: <name:space xmlns:x="carol@host">',
  ])('is the same where nothing is a password: %j', (line) => {
    const text = `OPTIONS sip:a SIP/2.0\r\n${line}\r\nTo: a`;
    expect(maskText(text)).toBe(text);
  });

  test('keeps what ends a part of a URI, and what is malformed', () => {
    const text = 'To: <sip:bob:s\xfc%41%zz{:@\r\n "x@host?body=a=%2b{;>';
    expect(maskText(text)).toBe('To: <sip:bob:*\xbf***^**^:@\r\n "*@host?body=*=***^;>');
  });

  test('has no body, where bodies are masked, whatever the blank line before it is', () => {
    for (const blank of ['\r\n\r\n', '\n\n', '\r\r'])
      expect(maskText(`\r\n\r\nOPTIONS sip:a SIP/2.0${blank}secret\r\n`, { bodies: true })).toBe(
        `\r\n\r\nOPTIONS sip:a SIP/2.0${blank}********`,
      );
  });

  test('reads as before, its Content-Length true', () => {
    const body = 'v=0\r\na=ice-pwd:secret\r\n';
    const text = requestText({ lines: ['Authorization: Digest secret'], body });
    for (const options of [{}, { bodies: true }]) {
      const result = parse(maskText(text, options));
      if (result._tag === 'Left') throw new Error(result.left.message);
      expect(result.right.body).toBe(maskBody(body, options));
      expect(result.right.body).toHaveLength(body.length);
    }
  });
});

test('a text that begins with a secret is masked', () => {
  for (const mask of [maskText, maskBody])
    expect(mask('Authorization: secret\r\nTo: a')).toBe('Authorization: ******\r\nTo: a');
});

test('a URI is masked wherever it stands in a value', () => {
  expect(maskValue({ target: 'sip:a@b?authorization=secret', routes: ['<sip:a?body=x>'] })).toEqual({
    target: 'sip:a@b?authorization=******',
    routes: ['<sip:a?body=*>'],
  });
});

test('a masked value has neither secret header fields nor keys, and its messages are text', () => {
  const request = parse(requestText({ lines: ['Authorization: secret'] }));
  expect(
    maskValue({
      type: 'answer',
      answer: { status: 200, headers: [['Proxy-Authorization', 'secret']], body: 'a=ice-pwd:secret' },
      left: undefined,
      request: request._tag === 'Right' ? request.right : undefined,
    }),
  ).toEqual({
    type: 'answer',
    answer: { status: 200, headers: [['Proxy-Authorization', '******']], body: 'a=ice-pwd:******' },
    request: expect.stringContaining('Authorization: ******'),
  });
});

const secrets = ['hunter2', 'SRTPKEY', 'ICEPASSWORD'];
const secretOffer = 'v=0\r\na=crypto:1 AES inline:SRTPKEY\r\na=ice-pwd:ICEPASSWORD\r\n';
const authorization = 'Authorization: Digest username="a",\r\n response="hunter2"';

const secretCall = async (bodies: boolean) => {
  const there = await recordedStage({
    recording: { effects: true, mask: { bodies } },
    onInvite: (invitation) =>
      invitation.accept({ headers: [['Content-Type', 'application/sdp']], body: secretOffer }),
    on: { message: () => answerWith({ headers: [['Proxy-Authorization', ' hunter2']] }) },
  });
  there.caller.open('MESSAGE');
  const dialog = there.caller.invite({
    lines: description,
    contact: '<sip:alice:hunter2@192.0.2.1?Authorization=hunter2>',
    body: secretOffer,
  });
  there.peer.send(requestText({ lines: [authorization, 'Refer-To: <sip:c@192.0.2.3>'] }));
  there.peer.send(requestText({ lines: ['Refer-To: <sip:c@192.0.2.3?Authorization=hunter2>'] }));
  there.peer.send('Authorization: hunter2');
  there.peer.send('Authorization:hunter2');
  there.peer.send(`SIP/2.0\n${authorization}\r\n\r\n`);
  for (const text of secretRequests()) there.peer.send(text);
  there.scheduler.advance(1_000);
  expect(dialog.first.final?.body).toBe(secretOffer);
  dialog.bye();
  there.scheduler.advance(60_000);
  return there.recorded();
};

test.each([false, true])('a recording has no secret and replays equal, bodies masked: %s', async (bodies) => {
  const recording = await secretCall(bodies);
  for (const secret of secrets) expect(recording).not.toContain(secret);
  expect(recording.includes('v=0')).toBe(!bodies);
  expect(sameOnBoth(recording)).toEqual([
    { engine: 'compiled', isSame: true, inputs: expect.any(Number) },
    { engine: 'actor', isSame: true, inputs: expect.any(Number) },
  ]);
});

test('a masked observer is told no secret, live or late', async () => {
  const there = await callStage({ policy: { refer: () => grant } });
  const told: string[] = [];
  const observe = () =>
    there.userAgent.inspect(
      masked(({ actorRef, ...event }) => told.push(JSON.stringify([event, actorRef.getSnapshot()]))),
    );
  observe();
  there.caller.invite({ lines: [...description, 'Authorization: hunter2'], body: secretOffer });
  for (const text of secretRequests()) there.peer.send(text);
  there.scheduler.advance(100);
  observe();
  expect(told.length).toBeGreaterThan(10);
  for (const secret of secrets) expect(told.join('')).not.toContain(secret);
});

test('a text beyond ASCII, with control characters and quotes, is recorded as it is', async () => {
  const recording = memoryRecording();
  const there = await callStage({ record: recorder(recording) });
  const text = `${Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')}"\\\r\n`;
  there.peer.send(text);
  there.scheduler.advance(10);
  await settled();
  const lines = recording.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1).text).toBe(text);
});

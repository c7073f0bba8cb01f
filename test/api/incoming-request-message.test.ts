import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { IncomingRequestMessage } from '../../src/api/core.js';
import { requestOf } from '../../src/api/incoming-request-message.js';
import { parse } from '../../src/message/index.js';

const text = [
  'REFER sip:bob@example.org;transport=tcp SIP/2.0',
  'Via: SIP/2.0/TCP one.example.com;branch=z9hG4bK1, SIP/2.0/UDP two.example.com;branch=z9hG4bK2',
  'v: SIP/2.0/UDP three.example.com;branch=z9hG4bK3',
  'From: "Zoë" <sip:alice@example.com>;tag=1',
  'To: <sip:bob@example.org>',
  'Call-ID: abc@example.com',
  'CSeq: 9 REFER',
  'r: "Ça va" <sip:carol@example.net>',
  'Subject: 世界',
  'Content-Length: 5',
  '',
  'é世',
].join('\r\n');

const requestFrom = (wire: string) => {
  const parsed = parse(Buffer.from(wire, 'utf8').toString('latin1'));
  if (!isRight(parsed) || parsed.right.type !== 'request') throw new Error('no request');
  return parsed.right;
};

describe('IncomingRequestMessage', () => {
  test('made of a request says in Unicode what that says in bytes', () => {
    const message = IncomingRequestMessage.fromRequest(requestFrom(text));

    expect(message.method).toBe('REFER');
    expect(message.viaBranch).toBe('z9hG4bK1');
    expect(message.callId).toBe('abc@example.com');
    expect(message.cseq).toBe(9);
    expect(message.fromTag).toBe('1');
    expect(message.toTag).toBeUndefined();
    expect(message.from?.displayName).toBe('Zoë');
    expect(message.to?.uri.text).toBe('sip:bob@example.org');
    expect(message.referTo).toMatchObject({ displayName: 'Ça va', uri: { text: 'sip:carol@example.net' } });
    expect(message.ruri).toMatchObject({ user: 'bob', host: 'example.org' });
    expect(message.body).toBe('é世');
    expect(message.data).toBe(text);
    expect(`${message}`).toBe(text);
    expect(message.getHeader('subject')).toBe('世界');
    expect(message.getHeader('s')).toBe('世界');
    expect(message.getHeaders('via')).toHaveLength(2);
    expect(message.hasHeader('Refer-To')).toBe(true);
    expect(message.hasHeader('Event')).toBe(false);
    expect(message.getHeader('Event')).toBeUndefined();
    expect(message.getHeaders('Event')).toEqual([]);
  });

  test('lacks what the request lacks or has wrong', () => {
    const message = IncomingRequestMessage.fromRequest(
      requestFrom('REFER tel:+1 SIP/2.0\r\nVia: nonsense\r\nCSeq: x\r\nTo: <\r\nRefer-To: a, b\r\n\r\n'),
    );

    expect(message.viaBranch).toBeUndefined();
    expect(message.cseq).toBeUndefined();
    expect(message.callId).toBeUndefined();
    expect(message.to).toBeUndefined();
    expect(message.toTag).toBeUndefined();
    expect(message.referTo).toBeUndefined();
    expect(message.ruri).toBeUndefined();
    expect(message.body).toBe('');
  });
});

describe('the request that a machine gets of a message', () => {
  test('is the one that the message was made of', () => {
    const request = requestFrom(text);

    expect(requestOf(IncomingRequestMessage.fromRequest(request)).text).toBe(request.text);
  });

  test.each([
    ['none', undefined],
    ['nonsense', 'nonsense'],
    ['a response', 'SIP/2.0 200 OK\r\n\r\n'],
  ])('has what can be had where the text is %s', (_what, data) => {
    const headers = new Map([
      ['Via', 'SIP/2.0/TCP a;branch=b'],
      ['To', 'Zoë\r\n <sip:b@c>'],
    ]);
    const request = requestOf({
      method: 'REFER',
      viaBranch: 'b',
      cseq: 7,
      callId: 'id',
      data,
      getHeader: (name) => headers.get(name),
    });

    expect(Buffer.from(request.text, 'latin1').toString('utf8').split('\r\n')).toEqual([
      'REFER sip:unknown.invalid SIP/2.0',
      'Via: SIP/2.0/TCP a;branch=b',
      'To: Zoë <sip:b@c>',
      'CSeq: 7 REFER',
      'Call-ID: id',
      'Content-Length: 0',
      '',
      '',
    ]);
  });
});

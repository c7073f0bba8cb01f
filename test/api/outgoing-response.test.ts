import fc from 'fast-check';
import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import {
  constructOutgoingResponse,
  IncomingRequestMessage,
  type ResponseOptions,
} from '../../src/api/core.js';
import { createRequest, fields, header, parse, reasonPhrase } from '../../src/message/index.js';

const request = (to = '<sip:bob@example.org>') =>
  createRequest({
    method: 'REFER',
    uri: 'sip:bob@example.org',
    headers: [
      ['CSeq', '9 REFER'],
      ['v', 'SIP/2.0/TCP one.example.com;branch=z9hG4bK1, SIP/2.0/UDP two.example.com;branch=z9hG4bK2'],
      ['Timestamp', '54.21'],
      ['Via', 'SIP/2.0/UDP three.example.com;branch=z9hG4bK3'],
      ['t', to],
      ['f', '"J\\"" <sip:alice@example.com;x=1>;tag=1'],
      ['Call-ID', 'abc@example.com'],
    ],
  });

const message = IncomingRequestMessage.fromRequest(request());

const repeated = [
  'Via: SIP/2.0/TCP one.example.com;branch=z9hG4bK1, SIP/2.0/UDP two.example.com;branch=z9hG4bK2',
  'Via: SIP/2.0/UDP three.example.com;branch=z9hG4bK3',
  'From: "J\\"" <sip:alice@example.com;x=1>;tag=1',
];

const theHeader = (name: string) => `the ${name}`;

const linesOf = (options: ResponseOptions, from: IncomingRequestMessage = message) =>
  constructOutgoingResponse(from, options).message.split('\r\n');

describe('constructOutgoingResponse', () => {
  test('has everything in one order', () => {
    const lines = linesOf({
      statusCode: 202,
      toTag: 'x',
      supported: ['outbound', 'norefersub'],
      userAgent: 'probe/1',
      extraHeaders: ['  X-One: 1 \r\n', 'X-Two : 2'],
      body: { contentDisposition: 'alert', contentType: 'text/plain', content: 'Grüße' },
    });

    expect(lines).toEqual([
      'SIP/2.0 202 Accepted',
      ...repeated,
      'To: <sip:bob@example.org>;tag=x',
      'CSeq: 9 REFER',
      'Call-ID: abc@example.com',
      'Supported: outbound, norefersub',
      'User-Agent: probe/1',
      'X-One: 1',
      'X-Two : 2',
      'Content-Type: text/plain',
      'Content-Disposition: alert',
      'Content-Length: 7',
      '',
      'Grüße',
    ]);
  });

  test('of a 100 repeats To as it is, and Timestamp (RFC 3261 §8.2.6)', () => {
    expect(linesOf({ statusCode: 100, toTag: 'x' })).toEqual([
      'SIP/2.0 100 Trying',
      ...repeated,
      'To: <sip:bob@example.org>',
      'CSeq: 9 REFER',
      'Call-ID: abc@example.com',
      'Timestamp: 54.21',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  test.each([
    ['a status above 100 without toTag gets a tag of its own', '<sip:bob@example.org>', /;tag=[0-9a-f]{16}$/],
    ['a To that has a tag keeps it', '<sip:bob@example.org>;tag=y', /^To: <sip:bob@example.org>;tag=y$/],
    [
      'a tag of the URI is none of To',
      '<sip:bob@example.org;tag=y>',
      /^To: <sip:bob@example.org;tag=y>;tag=[0-9a-f]{16}$/,
    ],
  ])('%s', (_what, to, expected) => {
    expect(linesOf({ statusCode: 180 }, IncomingRequestMessage.fromRequest(request(to)))[4]).toMatch(
      expected,
    );
  });

  test.each([
    ['getHeader alone', { getHeader: theHeader }],
    ['getHeaders alone', { getHeaders: (name: string) => [theHeader(name)] }],
  ])('takes from a poor message what it has: %s', (_what, getters) => {
    const poor: IncomingRequestMessage = { method: 'REFER', viaBranch: 'b', ...getters };

    expect(linesOf({ statusCode: 200, toTag: 'x' }, poor)).toEqual([
      'SIP/2.0 200 OK',
      'Via: the Via',
      'From: the From',
      'To: the To;tag=x',
      'CSeq: the CSeq',
      'Call-ID: the Call-ID',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  test('finds the tag of a poor message where its To is written', () => {
    const poor = {
      method: 'REFER',
      viaBranch: 'b',
      getHeader: (name: string) => (name === 'To' ? 'Bob <sip:b@c>;tag=y' : undefined),
    };

    expect(linesOf({ statusCode: 200, toTag: 'x' }, poor)[1]).toBe('To: Bob <sip:b@c>;tag=y');
  });

  test('brings a value that came on several lines onto one', () => {
    const folded = { method: 'REFER', viaBranch: 'b', getHeader: () => 'a\r\n  b\r\nc\nd\0e' };

    expect(linesOf({ statusCode: 100 }, folded)[1]).toBe('Via: a b c d e');
  });

  test('an empty Supported is written, an empty User-Agent is not', () => {
    const lines = linesOf({ statusCode: 200, supported: [], userAgent: '' });

    expect(lines).toContain('Supported: ');
    expect(lines.some((line) => line.startsWith('User-Agent'))).toBe(false);
  });

  test.each([
    ['application/sdp', 'session', undefined],
    ['Application/SDP; charset=x', 'session', undefined],
    ['application/sdp', 'render', 'Content-Disposition: render'],
    ['text/plain', 'render', undefined],
    ['text/plain', '', undefined],
    ['text/plain', 'session', 'Content-Disposition: session'],
    ['application/sdpfrag', 'session', 'Content-Disposition: session'],
  ])('a body of %s for %j is written with %s (RFC 3261 §20.11)', (contentType, contentDisposition, line) => {
    const lines = linesOf({ statusCode: 200, body: { contentType, contentDisposition, content: '' } });

    expect(lines.find((each) => each.startsWith('Content-Disposition'))).toBe(line);
  });

  test.each([
    [500, 'Internal Server Error'],
    [478, 'Unresolvable Destination'],
    [436, 'Bad Identity Info'],
    [437, 'Unsupported Certificate'],
    [299, ''],
    [555, ''],
    [300, 'Multiple Choices'],
    [606, 'Not Acceptable'],
    [603, reasonPhrase(603)],
  ])('the phrase of %d is %j', (statusCode, phrase) => {
    expect(linesOf({ statusCode })[0]).toBe(`SIP/2.0 ${statusCode} ${phrase}`);
    expect(linesOf({ statusCode, reasonPhrase: '' })[0]).toBe(`SIP/2.0 ${statusCode} ${phrase}`);
  });

  test.each([99, 700, -1, 200.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'the status %d throws a TypeError',
    (statusCode) => {
      expect(() => linesOf({ statusCode })).toThrow(new TypeError(`Invalid statusCode: ${statusCode}`));
    },
  );

  const body = { contentDisposition: 'render', contentType: 'text/plain', content: '' };
  test.each([
    ['reasonPhrase', { reasonPhrase: 'a\rb' }],
    ['toTag', { toTag: 'a;b' }],
    ['toTag', { toTag: 'a\r\nX: y' }],
    ['Supported', { supported: ['a\nb'] }],
    ['User-Agent', { userAgent: 'a\r\nX: y' }],
    ['extraHeaders', { extraHeaders: ['X: a\r\nY: b'] }],
    ['extraHeaders', { extraHeaders: [''] }],
    ['extraHeaders', { extraHeaders: ['no header'] }],
    ['extraHeaders', { extraHeaders: [': no name'] }],
    ['extraHeaders', { extraHeaders: ['Content-Length: 7'] }],
    ['extraHeaders', { extraHeaders: ['l : 7'] }],
    ['Content-Type', { body: { ...body, contentType: 'a\r\nX: y' } }],
    ['Content-Disposition', { body: { ...body, contentDisposition: 'a\0' } }],
  ])('throws a RangeError that names %s: %j', (name, options) => {
    const construct = () => linesOf({ statusCode: 200, ...options });

    expect(construct).toThrow(RangeError);
    expect(construct).toThrow(name);
  });

  test('whatever the options, the text is one message of the status that was asked for, or there is none', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const options = fc.record(
      {
        reasonPhrase: text,
        toTag: text,
        userAgent: text,
        supported: fc.array(text, { maxLength: 3 }),
        extraHeaders: fc.array(
          fc.oneof(
            text,
            text.map((value) => `X-Extra: ${value}`),
          ),
          { maxLength: 3 },
        ),
        body: fc.record({ contentDisposition: text, contentType: text, content: text }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.integer({ min: 101, max: 699 }), options, (statusCode, others) => {
        let written: string;
        try {
          written = constructOutgoingResponse(message, { ...others, statusCode }).message;
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        const parsed = parse(Buffer.from(written, 'utf8').toString('latin1'));
        if (!isRight(parsed) || parsed.right.type !== 'response') throw new Error(written);
        expect(parsed.right.status).toBe(statusCode);
        expect(fields(parsed.right, 'Via')).toHaveLength(2);
        expect(isRight(header(parsed.right, 'To'))).toBe(true);
        expect(fields(parsed.right, 'X-Extra').length).toBeLessThanOrEqual(others.extraHeaders?.length ?? 0);
        expect(Buffer.from(parsed.right.body, 'latin1').toString('utf8')).toBe(
          Buffer.from(others.body?.content ?? '').toString(),
        );
      }),
    );
  });
});

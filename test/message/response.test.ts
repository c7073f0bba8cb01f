import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createResponse,
  field,
  fields,
  header,
  parse,
  type Request,
  revive,
} from '../../src/message/index.js';
import { heapHeldByEach } from '../support/heap.js';

describe('createResponse (RFC 3261 §8.2.6)', () => {
  test('copies Via, From, To, Call-ID and CSeq as they came, and nothing else', () => {
    const request = read([
      'v: SIP/2.0/UDP a.example;branch=z9hG4bK1,\r\n SIP/2.0/TCP b.example',
      'Max-Forwards: 70',
      'f : "A"\r\n  <sip:a@b>;tag=1',
      'To: <sip:c@d>;tag=2',
      'Timestamp: 54',
      'Via: SIP/2.0/UDP c.example',
      'i: call',
      'CSeq: 0007 REFER',
      'Contact: <sip:a@b>',
    ]);

    expect(createResponse(request, 200).text).toBe(
      [
        'SIP/2.0 200 OK',
        'v: SIP/2.0/UDP a.example;branch=z9hG4bK1,\r\n SIP/2.0/TCP b.example',
        'f : "A"\r\n  <sip:a@b>;tag=1',
        'To: <sip:c@d>;tag=2',
        'Via: SIP/2.0/UDP c.example',
        'i: call',
        'CSeq: 0007 REFER',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('carries the received and rport of the request', () => {
    const request = parse(refer.text, { source: { host: '192.0.2.9', port: 7 } });

    expect(request._tag === 'Right' && field(createResponse(request.right as Request, 200), 'Via')).toBe(
      'SIP/2.0/UDP a.example;rport=7;received=192.0.2.9;branch=z9hG4bK1',
    );
  });

  test('copies the Timestamp into a 100', () => {
    expect(field(createResponse(refer, 100), 'Timestamp')).toBe('54');
    expect(field(createResponse(refer, 180), 'Timestamp')).toBeUndefined();
  });

  test.each([
    ['a To without one', '<sip:c@d>', 200, '<sip:c@d>;tag=t'],
    ['a bare To', 'sip:c@d;x=1', 180, 'sip:c@d;x=1;tag=t'],
    ['a folded To', '<sip:c@d>\r\n ;x', 603, '<sip:c@d> ;x;tag=t'],
    ['no To that has one', '<sip:c@d>;tag=2', 200, '<sip:c@d>;tag=2'],
    ['no To that has one in capitals', '<sip:c@d>;TAG=2', 200, '<sip:c@d>;TAG=2'],
    ['no 100', '<sip:c@d>', 100, '<sip:c@d>'],
    ['no To that can not be read', '"c <sip:c@d>', 400, '"c <sip:c@d>'],
    ['a To whose URI has a tag', '<sip:c@d;tag=2>', 200, '<sip:c@d;tag=2>;tag=t'],
  ])('gives its tag to %s', (_, to, status, expected) => {
    const request = revive(refer.text.replace('To: <sip:c@d>', () => `To: ${to}`)) as Request;

    expect(field(createResponse(request, status, { toTag: 't' }), 'To')).toBe(expected);
  });

  test('takes a reason, headers and a body', () => {
    const response = createResponse(refer, 486, {
      reason: 'Not \xd0\xb6 now',
      headers: [
        ['Retry-After', '5'],
        ['Warning', ''],
      ],
      body: 'body',
    });

    expect(response).toMatchObject({ type: 'response', status: 486 });
    expect([response.reason, response.version, response.body]).toEqual([
      'Not \xd0\xb6 now',
      'SIP/2.0',
      'body',
    ]);
    expect(header(response, 'Retry-After')).toMatchObject({ right: 5 });
    expect(fields(response, 'Content-Length')).toEqual(['4']);
    expect(response.text).toMatch(/Retry-After: 5\r\nWarning: \r\nContent-Length: 4\r\n\r\nbody$/);
  });

  test('copies what there is of a request that can not be read', () => {
    const broken = parse(
      'REFER sip:a SIP/2.0\r\nVia: ;\r\nbad line\r\nFrom: "\r\nTo: <\r\nCall-ID: \r\nCSeq: x\r\nX: cut of',
    );

    expect(broken).toMatchObject({ left: { code: 'headerLine' } });
    expect(broken._tag === 'Left' && createResponse(broken.left.request!, 400, { toTag: 't' }).text).toBe(
      'SIP/2.0 400 Bad Request\r\nVia: ;\r\nFrom: "\r\nTo: <\r\nCall-ID: \r\nCSeq: x\r\nContent-Length: 0\r\n\r\n',
    );
    expect(createResponse(revive('REFER sip:a SIP/2.0\r\n\r\n') as Request, 400, { toTag: 't' }).text).toBe(
      'SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n',
    );
  });

  test.each([
    ['a status', [99, {}], /99/],
    ['a status', [700, {}], /700/],
    ['a status', [200.5, {}], /200.5/],
    ['a reason', [200, { reason: 'OK\r\nX: 1' }], /reason/],
    ['a To tag', [200, { toTag: 'a;b' }], /To tag/],
    ['a header', [200, { headers: [['X-Y', 'a\nb']] }], /X-Y/],
    ['a body', [200, { body: 'ж' }], /body/],
  ] as const)('refuses %s, by name', (_, [status, options], message) => {
    expect(() => createResponse(refer, status, options)).toThrow(message);
    expect(() => createResponse(refer, status, options)).toThrow(RangeError);
  });

  test('is a whole message, whatever lines the request has', () => {
    const line = fc.constantFrom(
      'Via: SIP/2.0/UDP a',
      'To: <sip:a>',
      'From: sip:b;tag=1',
      'X: 1',
      'CSeq: 1 A',
      'i: x\r\n ',
      't: "',
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const response = createResponse(read(lines), 200, { toTag: 't' });

        expect(revive(response.text)).toEqual(response);
        expect(fields(response, 'Via')).toEqual(fields(read(lines), 'Via'));
        expect(fields(response, 'X')).toEqual([]);
      }),
    );
  });

  test('keeps its own text and nothing of the request', () => {
    const respond = (number: number) => {
      const bytes = Buffer.from(
        refer.text.replace('\r\nTo', () => `\r\nX: ${'x'.repeat(4000)}${number}\r\nTo`),
        'latin1',
      );
      const request = parse(bytes.toString('latin1'), { source: { host: '192.0.2.9', port: number } });
      return request._tag === 'Right' && createResponse(request.right as Request, 200, { toTag: 'tag12345' });
    };
    const { length } = (respond(0) as { text: string }).text;

    expect(heapHeldByEach(20_000, respond) - length).toBeLessThan(200);
  });
});

const refer = read([
  'Via: SIP/2.0/UDP a.example;rport;branch=z9hG4bK1',
  'From: <sip:a@b>;tag=1',
  'To: <sip:c@d>',
  'Call-ID: call',
  'CSeq: 7 REFER',
  'Timestamp: 54',
]);

function read(lines: readonly string[]): Request {
  return revive(['REFER sip:c@d SIP/2.0', ...lines, '', ''].join('\r\n')) as Request;
}

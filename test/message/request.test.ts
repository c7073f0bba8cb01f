import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRequest, header, revive } from '../../src/message/index.js';
import { sizeOfRequest } from '../../src/message/request.js';

const parts = { method: 'NOTIFY', uri: 'sip:a@b', headers: [['To', '<sip:a@b>']] } as const;

describe('createRequest (RFC 3261 §7.1)', () => {
  test('writes the parts in order, and the Content-Length last', () => {
    const request = createRequest({ ...parts, headers: [...parts.headers, ['X', '1']], body: 'b\r\n\xff' });

    expect(request.text).toBe(
      'NOTIFY sip:a@b SIP/2.0\r\nTo: <sip:a@b>\r\nX: 1\r\nContent-Length: 4\r\n\r\nb\r\n\xff',
    );
    expect(request).toMatchObject({ type: 'request', method: 'NOTIFY', uri: 'sip:a@b', version: 'SIP/2.0' });
    expect(request.body).toBe('b\r\n\xff');
    expect(header(request, 'To')).toMatchObject({ right: { uri: { user: 'a' } } });
  });

  test('is what revive makes of its text', () => {
    expect(revive(JSON.parse(JSON.stringify(createRequest(parts))))).toEqual(createRequest(parts));
  });

  test.each([
    ['the method', { method: 'NO TIFY' }, /method/],
    ['an empty method', { method: '' }, /method/],
    ['the URI', { uri: 'sip:a b' }, /Request-URI/],
    ['an empty URI', { uri: '' }, /Request-URI/],
    ['a URI with a line end', { uri: 'sip:a\r\nX:1' }, /Request-URI/],
    ['a header name', { headers: [['X:', '1']] }, /"X:"/],
    ['a CR', { headers: [['Subject', 'a\rb']] }, /Subject/],
    ['an LF', { headers: [['Subject', 'a\nb']] }, /Subject/],
    ['a NUL', { headers: [['Subject', 'a\0b']] }, /Subject/],
    ['what is no byte', { headers: [['Subject', 'ж']] }, /Subject/],
    ['a body that is no bytes', { body: 'ж' }, /body/],
    ['a Content-Length', { headers: [['content-length', '0']] }, /Content-Length/],
    ['a compact Content-Length', { headers: [['L', '0']] }, /Content-Length/],
  ] as const)('refuses %s, by name', (_, change, message) => {
    expect(() => createRequest({ ...parts, ...change })).toThrow(message);
    expect(() => createRequest({ ...parts, ...change })).toThrow(RangeError);
  });
});

describe('sizeOfRequest', () => {
  test('is the length of the text that createRequest makes', () => {
    const word = fc.stringMatching(/^[a-zA-Z]{1,20}$/);
    const headers = fc.array(
      fc.tuple(
        word.map((name) => `X-${name}`),
        word,
      ),
    );
    const body = fc.option(fc.stringMatching(/^[a-z\r\n]{0,200}$/), { nil: undefined });
    fc.assert(
      fc.property(fc.record({ method: word, uri: word, headers, body }), (any) => {
        expect(sizeOfRequest(any)).toBe(createRequest(any).text.length);
      }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { acceptedType, mediaType } from '../../src/message/acceptance.js';
import { createRequest } from '../../src/message/index.js';

const request = (...accepts: readonly string[]) =>
  createRequest({
    method: 'SUBSCRIBE',
    uri: 'sip:bob@example.com',
    headers: accepts.map((accept) => ['Accept', accept] as const),
  });

const types = ['application/pidf+xml', 'text/plain'];

describe('the type that an Accept takes (RFC 3261 §20.1)', () => {
  test.each<[readonly string[], string | undefined]>([
    [[], 'application/pidf+xml'],
    [[''], undefined],
    [['', ''], undefined],
    [['text/plain'], 'text/plain'],
    [['TEXT/Plain ; charset="utf-8"'], 'text/plain'],
    [['text/html, text/plain'], 'text/plain'],
    [['text/html', 'text/plain'], 'text/plain'],
    [['', 'text/plain'], 'text/plain'],
    [['*/*'], 'application/pidf+xml'],
    [['text/*'], 'text/plain'],
    [['application/*'], 'application/pidf+xml'],
    [['application/pidf'], undefined],
    [['image/*, audio/basic'], undefined],
    [['text/plain, application/pidf+xml'], 'application/pidf+xml'],
    [['text/plain, application/pidf+xml;q=0.9'], 'text/plain'],
    [['text/plain;q=0.1, application/pidf+xml;q=0.01'], 'text/plain'],
    [['text/plain;q=0'], undefined],
    [['text/plain;q=0.000, */*'], 'application/pidf+xml'],
    [['application/pidf+xml;q=0', '*/*;q=0.1'], 'text/plain'],
    [['application/*;q=0, application/pidf+xml;q=0.1'], 'application/pidf+xml'],
    [['*/*;q=1, application/*;q=0.5, text/plain;q=0.7'], 'text/plain'],
    [['text/plain;q=high'], 'text/plain'],
    [['text/plain;q=0;level=1, text/plain;q=0.5'], 'text/plain'],
    // What can't be read is no reason to refuse (§8.2.2).
    [['nothing'], 'application/pidf+xml'],
    [['text/html', ';'], 'application/pidf+xml'],
  ])('Accept %j takes %s', (accepts, type) => {
    expect(acceptedType(request(...accepts), types)).toBe(type);
  });

  test('is none where there is none to choose', () => {
    expect(acceptedType(request(), [])).toBeUndefined();
    expect(acceptedType(request('*/*'), [])).toBeUndefined();
  });

  test.each([
    ['Application/SDP', 'application/sdp'],
    ['text/plain ; charset=utf-8', 'text/plain'],
    ['text/plain;charset=utf-8', 'text/plain'],
    ['', ''],
  ])('the media type of %j is %j', (text, type) => {
    expect(mediaType(text)).toBe(type);
  });
});

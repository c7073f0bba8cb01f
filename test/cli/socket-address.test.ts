import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { parseHost, parseSocketAddress } from '../../src/cli/socket-address.js';

describe('an address to listen on', () => {
  test.each([
    ['127.0.0.1:5060', '127.0.0.1', 5060],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['192.0.2.1:65535', '192.0.2.1', 65_535],
    ['[::1]:5060', '::1', 5060],
    ['[::]:0', '::', 0],
    ['[2001:db8::1]:05060', '2001:db8::1', 5060],
    ['localhost:5060', '127.0.0.1', 5060],
    ['LocalHost:0', '127.0.0.1', 0],
    ['5060', '127.0.0.1', 5060],
    ['0', '127.0.0.1', 0],
  ])('%s is read', (text, host, port) => {
    expect(parseSocketAddress(text)).toEqual(right({ host, port }));
  });

  test.each([
    ['', '"" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone'],
    [':5060', '":5060" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone'],
    ['127.0.0.1', '"127.0.0.1" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone'],
    ['localhost', '"localhost" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone'],
    ['::1', '"::1" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone'],
    ['::1:5060', '"::1:5060" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone'],
    ['-5060', '"-5060" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone'],
    [
      'sip.example.com:5060',
      '"sip.example.com" is no numeric address; write it as 127.0.0.1, [::1] or localhost',
    ],
    ['127.0.0.256:5060', '"127.0.0.256" is no numeric address; write it as 127.0.0.1, [::1] or localhost'],
    ['[127.0.0.1]:5060', '"[127.0.0.1]" is no numeric address; write it as 127.0.0.1, [::1] or localhost'],
    ['[::1:5060', '"[::1" is no numeric address; write it as 127.0.0.1, [::1] or localhost'],
    ['65536', '"65536" is no port; name one from 1 to 65535, or 0 for a free one'],
    ['127.0.0.1:', '"" is no port; name one from 1 to 65535, or 0 for a free one'],
    ['127.0.0.1:sip', '"sip" is no port; name one from 1 to 65535, or 0 for a free one'],
    ['127.0.0.1:65536', '"65536" is no port; name one from 1 to 65535, or 0 for a free one'],
    ['127.0.0.1:-1', '"-1" is no port; name one from 1 to 65535, or 0 for a free one'],
    ['127.0.0.1:5e3', '"5e3" is no port; name one from 1 to 65535, or 0 for a free one'],
  ])('%j is none: %s', (text, sentence) => {
    expect(parseSocketAddress(text)).toEqual(left(sentence));
  });
});

describe('a host that others reach', () => {
  test.each([
    ['sip.example.com', 'sip.example.com'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['localhost', '127.0.0.1'],
    ['pbx', 'pbx'],
  ])('%s is read', (text, host) => {
    expect(parseHost(text)).toEqual(right(host));
  });

  test.each([
    '',
    'sip.example.com:5060',
    '192.0.2.1:5060',
    '[::1]:5060',
    '0.0.0.0',
    '::',
    'a b',
    'a@b',
    'a;b',
    'sip:a',
  ])('%j is none', (text) => {
    expect(parseHost(text)).toEqual(
      left(
        `"${text}" is no host that others reach; name one without a port, as sip.example.com or 192.0.2.1`,
      ),
    );
  });
});

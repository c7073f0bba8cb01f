import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeUser,
  equalURI,
  formatURI,
  isSIPURI,
  parseURI,
  type SIPURI,
  type URI,
} from '../../src/message/index.js';

describe('a SIP URI (RFC 3261 §19.1.1)', () => {
  test('is read whole', () => {
    const text = 'sips:al%20ice;x=1:p%3Aw@Desk.Example:5061;Transport=TCP;lr;maddr=[::1]?Subject=a%20b&X=';

    expect(read(text)).toEqual({
      scheme: 'sips',
      user: 'al%20ice;x=1',
      password: 'p%3Aw',
      host: 'desk.example',
      port: 5061,
      parameters: new Map([
        ['transport', 'TCP'],
        ['lr', ''],
        ['maddr', '[::1]'],
      ]),
      headers: [
        ['Subject', 'a%20b'],
        ['X', ''],
      ],
      text,
      target: 'sips:al%20ice;x=1:p%3Aw@Desk.Example:5061;Transport=TCP;lr;maddr=[::1]',
    });
  });

  test.each([
    ['sip:Bob@Desk.Example:05061;X=Y', 'sip:Bob@Desk.Example:05061;X=Y'],
    ['SIP:Bob@Desk.Example:05061;Method=INVITE;X=Y?a=b', 'SIP:Bob@Desk.Example:05061;X=Y'],
    ['sip:a?b;method=c@h;x;method=BYE', 'sip:a?b;method=c@h;x'],
    ['sip:H?a=b&c=?', 'sip:H'],
    ['sip:h;methods=1', 'sip:h;methods=1'],
  ])('%s has the target %s, without headers and method (Table 1)', (text, target) => {
    expect(read(text)).toMatchObject({ target });
  });

  test.each([
    ['SIP:desk.example', { scheme: 'sip', host: 'desk.example', user: undefined }],
    ['sip:desk.example.', { host: 'desk.example.' }],
    ['sip:[2001:DB8::10]:5070', { host: '2001:db8::10', port: 5070 }],
    ['sip:192.0.2.1;maddr=10.0.0.1', { host: '192.0.2.1' }],
    ['sip:a:@b', { user: 'a', password: '' }],
    ['sip:&=+$,;?/#@b', { user: '&=+$,;?/#' }],
    ['sip:user;par=u%40example.net@example.com', { user: 'user;par=u%40example.net', host: 'example.com' }],
    ['sip:+1(555)0100;phone-context=x@gw.example;user=phone', { user: '+1(555)0100;phone-context=x' }],
    ['sip:a@b?Route=%3Csip:c%3E', { headers: [['Route', '%3Csip:c%3E']] }],
  ])('%s', (text, expected) => expect(read(text)).toMatchObject(expected));

  test.each([
    '',
    'sip',
    'sip:',
    ':a',
    '1sip:a',
    'sip:@b',
    'sip:a@',
    'sip:a@b@c',
    'sip:a b@c',
    'sip:a@b:',
    'sip:a@b:0',
    'sip:a@b:65536',
    'sip:a@b:5060x',
    'sip:[::1',
    'sip:[]',
    'sip:[g::1]',
    'sip:a@b;',
    'sip:a@b;;lr',
    'sip:a@b;x=',
    'sip:a@b;x=1;X=2',
    'sip:a@b?',
    'sip:a@b?x',
    'sip:a@b?=x',
    'sip:a@b?x=1&',
    'sip:a%4@b',
    'sip:a%4g@b',
    'sip:a@b;x=%',
    'sip:a@b?x=%2',
    'sip:a@b>',
    '<sip:a@b>',
    'sip:\xe9@b',
    'sip:a@b\u0100',
    'sip:a\0@b',
  ])('is not %j', (text) =>
    expect(parseURI(text)).toMatchObject({
      left: { code: 'malformed', message: expect.stringMatching(/\.$/) },
    }),
  );
});

describe('a URI of another scheme (RFC 3986 §3)', () => {
  test.each([
    ['tel:+1-201-555-0123', 'tel'],
    ['URN:service:sos', 'urn'],
    ['https://x.example/y?z=1#w', 'https'],
    ['soap.beep://192.0.2.103:3002', 'soap.beep'],
    ['nobodyKnowsThisScheme:totallyopaquecontent', 'nobodyknowsthisscheme'],
  ])('%s keeps its text', (text, scheme) => expect(read(text)).toEqual({ scheme, text }));

  test.each(['tel:', 'http://a b', 'http://a"b', 'http://a<b', 'a_b:c', 'http:\xe9'])('is not %j', (text) =>
    expect(parseURI(text)._tag).toBe('Left'),
  );
});

describe('formatURI', () => {
  test.each([
    'sip:desk.example',
    'sips:a%20b:c@desk.example:5061;transport=tcp;lr?x=1&y=',
    'sip:a@[2001:db8::1]:5060',
    'tel:+1-201-555-0123;ext=1',
  ])('writes %s as it was read', (text) => expect(formatURI(read(text))).toBe(text));

  test('is read as the same URI', () => {
    fc.assert(fc.property(uri, (text) => equalURI(read(text), read(formatURI(read(text))))));
  });
});

describe('decodeUser', () => {
  test.each([
    ['sip:%61lice@b', 'alice'],
    ['sip:sips%3Auser%40example.com@b', 'sips:user@example.com'],
    ['sip:a%2541@b', 'a%41'],
    ['sip:null-%00-null@b', 'null-\0-null'],
    ['sip:%D0%B6@b', '\xd0\xb6'],
    ['sip:b', undefined],
  ])('decodes the user of %s once', (text, user) => expect(decodeUser(read(text) as SIPURI)).toBe(user));
});

describe('equalURI (RFC 3261 §19.1.4)', () => {
  test.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:a%2fb@c', 'sip:a%2Fb@c'],
    ['TEL:+1', 'tel:+1'],
  ])('%s is equivalent to %s', (one, other) => expect(both(one, other)).toEqual([true, true]));

  test.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
    ['sip:bob@biloxi.com', 'sip:biloxi.com'],
    ['sip:bob@biloxi.com', 'sip:bob:@biloxi.com'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a@b;user=phone', 'sip:a@b'],
    ['sip:a@b;ttl=1', 'sip:a@b'],
    ['sip:a@b;method=INVITE', 'sip:a@b'],
    ['sip:a@b;maddr=c', 'sip:a@b'],
    ['sip:a@b?x=1&x=2', 'sip:a@b?x=1&x=1'],
    ['sip:a%2Fb@c', 'sip:a/b@c'],
    ['tel:+1', 'tel:+2'],
    ['tel:1', 'sip:1'],
  ])('%s is not equivalent to %s', (one, other) => expect(both(one, other)).toEqual([false, false]));

  const both = (one: string, other: string) => [
    equalURI(read(one), read(other)),
    equalURI(read(other), read(one)),
  ];
});

test('isSIPURI tells sip and sips from other schemes', () => {
  expect(['sip:a', 'SIPS:a', 'tel:1', 'sipx:a'].map((text) => isSIPURI(read(text)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test.each([
  ['parameters', ';', (index: number) => `p${index}`],
  ['headers', '?', (index: number) => `h${index}=x`],
])('a URI has 64 %s at most, since each takes much more memory than its text', (_, first, part) => {
  const uri = (count: number) =>
    `sip:a@b${first}${Array.from({ length: count }, (__, index) => part(index)).join(first === ';' ? ';' : '&')}`;
  expect(isSIPURI(read(uri(64)))).toBe(true);
  expect(parseURI(uri(65))).toMatchObject({ left: { message: 'In the URI, there are over 64 parameters.' } });
});

const part = fc.stringMatching(/^([A-Za-z0-9_.!~*'()-]|%[0-9A-F]{2}){1,8}$/);
const uri = fc
  .record({
    scheme: fc.constantFrom('sip', 'sips', 'SIP'),
    user: fc.option(part, { nil: undefined }),
    host: fc.constantFrom('Desk.example', '192.0.2.1', '[2001:DB8::1]'),
    port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
    parameters: fc.uniqueArray(part, { selector: (name) => name.toLowerCase() }),
    headers: fc.array(fc.tuple(part, part)),
  })
  .map(({ scheme, user, host, port, parameters, headers }) =>
    [
      `${scheme}:`,
      user === undefined ? '' : `${user}@`,
      host,
      port === undefined ? '' : `:${port}`,
      ...parameters.map((name) => `;${name}`),
      headers.length === 0 ? '' : `?${headers.map(([name, value]) => `${name}=${value}`).join('&')}`,
    ].join(''),
  );

function read(text: string): URI {
  const result = parseURI(text);
  if (result._tag === 'Left') throw new Error(`${text}: ${result.left.message}`);
  return result.right;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HeaderName, header, type Message, revive, topVia } from '../../src/message/index.js';

const none = new Map();

describe('Via (RFC 3261 §20.42, RFC 3581 §3)', () => {
  test('gives every value of every line, in order', () => {
    const message = withLines(
      'Via: SIP/2.0/UDP a.example;branch=1 , SIP/2.0/TCP b.example',
      'v:SIP/2.0/TLS c.example:5061',
    );

    expect(header(message, 'Via')).toMatchObject({
      right: [
        { transport: 'UDP', host: 'a.example', branch: '1' },
        { transport: 'TCP', host: 'b.example' },
        { transport: 'TLS', host: 'c.example', port: 5061 },
      ],
    });
    expect(topVia(message)).toMatchObject({ right: { transport: 'UDP', host: 'a.example', branch: '1' } });
  });

  test('is read whole', () => {
    expect(
      value(
        'Via',
        'sip / 2.0 / udp [2001:DB8::9:1] : 5060;branch=z9;rport=7;received=[::1];maddr=224.2.0.1;ttl=16;X="a;b"',
      ),
    ).toEqual([
      {
        protocol: 'SIP',
        version: '2.0',
        transport: 'UDP',
        host: '2001:db8::9:1',
        port: 5060,
        branch: 'z9',
        rport: 7,
        received: '::1',
        maddr: '224.2.0.1',
        ttl: 16,
        parameters: new Map([
          ['branch', 'z9'],
          ['rport', '7'],
          ['received', '[::1]'],
          ['maddr', '224.2.0.1'],
          ['ttl', '16'],
          ['x', 'a;b'],
        ]),
      },
    ]);
  });

  test('says where rport is asked for', () => {
    expect(value('Via', 'SIP/2.0/UDP a;rport')).toMatchObject([{ rport: true }]);
    expect(value('Via', 'SIP/2.0/UDP a')).toMatchObject([{ rport: undefined, parameters: none }]);
  });

  test.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0 UDP a.example',
    'SIP/2.0/UDP ;branch=1',
    'SIP/2.0/UDP a.example:',
    'SIP/2.0/UDP a.example:0',
    'SIP/2.0/UDP a.example:65536',
    'SIP/2.0/UDP [::1',
    'SIP/2.0/UDP []',
    'SIP/2.0/UDP [1:2]',
    'SIP/2.0/UDP a.example;;branch=1',
    'SIP/2.0/UDP a.example;branch=',
    'SIP/2.0/UDP a.example;branch=1;BRANCH=2',
    'SIP/2.0/UDP a.example;branch="1',
    'SIP/2.0/UDP a.example;rport=x',
    'SIP/2.0/UDP a.example;rport=65536',
    'SIP/2.0/UDP a.example;ttl=256',
    'SIP/2.0/UDP a.example b.example',
    'SIP/2.0/UDP a.example,',
    ', SIP/2.0/UDP a.example',
  ])('is malformed: %j', (text) => expect(code('Via', text)).toBe('malformed'));

  test('may be missing', () => {
    expect(header(withLines(), 'Via')).toMatchObject({ left: { code: 'missing', header: 'Via' } });
    expect(topVia(withLines())).toMatchObject({ left: { code: 'missing', header: 'Via' } });
  });

  test('is read at the top where a later value is malformed', () => {
    const message = withLines('Via: SIP/2.0/UDP a.example, nonsense');

    expect(topVia(message)._tag).toBe('Right');
    expect(header(message, 'Via')._tag).toBe('Left');
  });

  test.each(['SIP/2.0/UDP;a', 'SIP/2.0/UDP a b'])('is malformed at the top: %j', (text) =>
    expect(topVia(withLines(`Via: ${text}`))).toMatchObject({ left: { code: 'malformed' } }),
  );
});

describe('From, To, Refer-To, Referred-By (RFC 3261 §20.20, §20.39, RFC 3515 §2.1, RFC 3892 §3)', () => {
  const names = ['From', 'To', 'Refer-To', 'Referred-By'] as const;

  test.each(names)('%s has a name, a URI, a tag and parameters', (name) => {
    expect(value(name, '"A \\"B\\" \\\\" <sip:a@b.example;x=1> ; TAG = t1;y;z="q;,"')).toMatchObject({
      displayName: 'A "B" \\',
      uri: { scheme: 'sip', user: 'a', host: 'b.example', parameters: new Map([['x', '1']]) },
      tag: 't1',
      parameters: new Map([
        ['tag', 't1'],
        ['y', ''],
        ['z', 'q;,'],
      ]),
    });
  });

  test.each(['From', 'To'] as const)('%s keeps the quotes of its tag, which others compare', (name) => {
    expect(value(name, '<sip:a@b>;tag="t\\1"')).toMatchObject({
      tag: '"t\\1"',
      parameters: new Map([['tag', 't1']]),
    });
  });

  test('Contact is kept as written, but for its expires and its folds', () => {
    const texts = value(
      'Contact',
      '"a\r\n  b"\r\n <sip:b@h>;x="" \r\n ;Expires=60\r\n ;y ,  sip:C@h;q=0.50\r\n ',
    );

    expect(texts).toMatchObject([{ text: '"a b" <sip:b@h>;x="" ;y' }, { text: 'sip:C@h;q=0.50' }]);
  });

  test.each(names)('%s has one value on one line', (name) => {
    expect(code(name)).toBe('missing');
    expect(code(name, '<sip:a@b>', '<sip:a@b>')).toBe('repeated');
    expect(code(name, '<sip:a@b>, <sip:c@d>')).toBe('repeated');
    expect(code(name, 'sip:a@b,sip:c@d')).toBe('repeated');
    expect(code(name, '<sip:a@b> <sip:c@d>')).toBe('malformed');
    expect(code(name, '')).toBe('malformed');
  });

  test.each([
    ['tel:+1-201-555-0123;ext=1', 'tel:+1-201-555-0123'],
    ['http://www.ietf.org', 'http://www.ietf.org'],
    ['<https://x.example/y?z=1&w;v,u>', 'https://x.example/y?z=1&w;v,u'],
    ['<urn:service:sos>', 'urn:service:sos'],
    ['<mailto:a@b.example>', 'mailto:a@b.example'],
    ['<SIPS:a@b.example?Replaces=c%40d%3Bto-tag%3D1>', 'SIPS:a@b.example?Replaces=c%40d%3Bto-tag%3D1'],
  ])('take a URI of any scheme: %s', (text, uri) => {
    expect(value('Refer-To', text)).toMatchObject({ uri: { text: uri } });
  });

  test.each(['sip:a@b?Replaces=c', 'http://x.example/y?z=1'])(
    'take no ? outside angle brackets: %s',
    (text) =>
      expect(value('Refer-To', text)).toBe('Refer-To is malformed: a URI with a ? has no angle brackets.'),
  );

  test('leave what follows a bare URI to the header', () => {
    expect(value('From', 'sip:a@b;tag=1;lr')).toMatchObject({
      uri: { text: 'sip:a@b', parameters: none },
      tag: '1',
      parameters: new Map([
        ['tag', '1'],
        ['lr', ''],
      ]),
    });
  });
});

describe('Contact (RFC 3261 §20.10)', () => {
  test('is a list over all its lines', () => {
    expect(
      header(withLines('Contact: <sip:a@b>;q=0.5, "B, c" <sip:b@c;x>', 'm: sip:d@e'), 'Contact'),
    ).toMatchObject({
      right: [
        { uri: { user: 'a' }, parameters: new Map([['q', '0.5']]) },
        { displayName: 'B, c', uri: { user: 'b' } },
        { uri: { user: 'd' } },
      ],
    });
  });

  test('may be missing, or *', () => {
    expect(value('Contact')).toEqual([]);
    expect(value('Contact', '*')).toBe('*');
    expect(code('Contact', '*', '*')).toBe('repeated');
  });

  test.each(['', ',', '<sip:a@b>,', '*, <sip:a@b>', '<sip:a@b>;;', '* ;expires=0'])(
    'is malformed: %j',
    (text) => expect(code('Contact', text)).toBe('malformed'),
  );
});

describe('Route and Record-Route (RFC 3261 §20.30, §20.34)', () => {
  test.each(['Route', 'Record-Route'] as const)('%s is a list of addresses in angle brackets', (name) => {
    expect(value(name, '<sip:a;lr>, P <sip:b;lr>;x', '<sip:c>')).toMatchObject([
      { uri: { host: 'a', parameters: new Map([['lr', '']]) } },
      { displayName: 'P', uri: { host: 'b' } },
      { uri: { host: 'c' } },
    ]);
    expect(value(name)).toEqual([]);
    expect(code(name, 'sip:a;lr')).toBe('malformed');
    expect(code(name, '')).toBe('malformed');
  });
});

/** A header, what stands in it, and what `header` gives. */
const readings: readonly (readonly [HeaderName, string, unknown])[] = [
  ['Call-ID', 'a!%*_+`\'~()<>:\\"/[]?{}@1', 'a!%*_+`\'~()<>:\\"/[]?{}@1'],
  ['CSeq', '0009\r\n  INVITE', { sequence: 9, method: 'INVITE' }],
  ['CSeq', '4294967295 invite', { sequence: 4294967295, method: 'invite' }],
  ['Max-Forwards', '0068', 68],
  ['Max-Forwards', '255', 255],
  ['Require', 'a , b,\r\n c', ['a', 'b', 'c']],
  ['Proxy-Require', 'Gruu', ['Gruu']],
  ['Supported', '', []],
  ['Unsupported', '100rel', ['100rel']],
  ['Allow', 'INVITE, REFER', ['INVITE', 'REFER']],
  ['Allow', '', []],
  ['Allow-Events', 'refer, presence.winfo', ['refer', 'presence.winfo']],
  [
    'Accept',
    'Application/SDP;level=1, text/*;q=0.5;x="a,b", */*;q=0, a/b;q=x',
    [
      { range: 'application/sdp', quality: 1 },
      { range: 'text/*', quality: 0.5 },
      { range: '*/*', quality: 0 },
      { range: 'a/b', quality: 1 },
    ],
  ],
  ['Accept', '', []],
  ['Accept-Encoding', 'GZIP;q=1, *', ['gzip', '*']],
  ['Accept-Language', 'da, en-GB;q=0.8', ['da', 'en-gb']],
  ['Refer-Sub', 'False', false],
  ['Refer-Sub', 'TRUE;x=y', true],
  ['Replaces', 'a@b;to-tag=1;From-Tag=2', { callId: 'a@b', toTag: '1', fromTag: '2', earlyOnly: false }],
  [
    'Replaces',
    'a ; from-tag=2;early-only ;to-tag=1',
    { callId: 'a', toTag: '1', fromTag: '2', earlyOnly: true },
  ],
  ['Event', 'Dialog.X;ID=Ab', { package: 'Dialog.X', id: 'Ab', parameters: new Map([['id', 'Ab']]) }],
  ['Event', 'refer', { package: 'refer', id: undefined, parameters: none }],
  [
    'Subscription-State',
    'Terminated;Reason=NoResource;retry-after=5',
    { state: 'terminated', reason: 'noresource', retryAfter: 5, expires: undefined },
  ],
  [
    'Subscription-State',
    'active;expires=60',
    { state: 'active', expires: 60, reason: undefined, retryAfter: undefined },
  ],
  ['Expires', '4294967295', 4294967295],
  ['Min-Expires', '60', 60],
  ['Retry-After', '120 (in (a) meeting);duration=3600', 120],
  ['Retry-After', '120;duration=3600', 120],
  ['Content-Length', '0000', 0],
  [
    'Content-Type',
    'Message / SipFrag ; Version="2.0"',
    { type: 'message/sipfrag', parameters: new Map([['version', '2.0']]) },
  ],
  ['Content-Disposition', 'Session', { type: 'session', handling: 'required', parameters: none }],
  [
    'Content-Disposition',
    'icon;handling=Optional',
    { type: 'icon', handling: 'optional', parameters: new Map([['handling', 'Optional']]) },
  ],
  ['Content-Encoding', 'GZip, tar', ['gzip', 'tar']],
  ['Content-Language', 'EN', ['en']],
  ['Timestamp', '54.1  2', '54.1  2'],
  ['RAck', '776656\r\n 1 \t INVITE', { sequence: 776656, cseq: 1, method: 'INVITE' }],
  ['RAck', '4294967295 0 invite', { sequence: 4294967295, cseq: 0, method: 'invite' }],
  ['RSeq', '0988789', 988789],
  ['RSeq', '4294967295', 4294967295],
  ['SIP-ETag', 'Dx200xyz', 'Dx200xyz'],
  ['SIP-If-Match', "%-.!*_+`'~", "%-.!*_+`'~"],
  ['Info-Package', 'Conference', 'conference'],
  ['Info-Package', 'foo ; Bar = "x,y";z', 'foo'],
  ['Recv-Info', 'P;level=1,\r\n r', ['p', 'r']],
  ['Recv-Info', '', []],
];

const malformed: readonly (readonly [HeaderName, string])[] = [
  ['Call-ID', ''],
  ['Call-ID', 'a b'],
  ['Call-ID', 'a;b'],
  ['CSeq', '1'],
  ['CSeq', '1INVITE'],
  ['CSeq', 'INVITE'],
  ['CSeq', '-1 INVITE'],
  ['CSeq', '4294967296 INVITE'],
  ['CSeq', '1 INVITE x'],
  ['CSeq', '1 IN(VITE'],
  ['Max-Forwards', '256'],
  ['Max-Forwards', '70x'],
  ['Max-Forwards', ''],
  ['Require', ''],
  ['Require', 'a,,b'],
  ['Require', 'a b'],
  ['Supported', 'a,'],
  ['Allow', 'INVITE;REFER'],
  ['Accept', 'text'],
  ['Accept', 'text/plain;;q=1'],
  ['Refer-Sub', 'maybe'],
  ['Refer-Sub', ''],
  ['Replaces', 'a;to-tag=1'],
  ['Replaces', 'a;from-tag=1;to-tag'],
  ['Replaces', ';from-tag=1;to-tag=1'],
  ['Replaces', 'a;from-tag=1;to-tag=1;to-tag=2'],
  ['Event', ''],
  ['Event', 'refer id=1'],
  ['Event', 'refer;id=1;id=2'],
  ['Subscription-State', 'active;expires=x'],
  ['Subscription-State', ';expires=1'],
  ['Expires', '4294967296'],
  ['Expires', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['Retry-After', 'soon'],
  ['Content-Type', 'text'],
  ['Content-Type', 'text/plain;charset=a;charset=b'],
  ['Content-Disposition', ''],
  ['Content-Encoding', 'a b'],
  ['RAck', ''],
  ['RAck', '1'],
  ['RAck', '1 1'],
  ['RAck', '1 1INVITE'],
  ['RAck', '0 1 INVITE'],
  ['RAck', '1 4294967296 INVITE'],
  ['RAck', '4294967296 1 INVITE'],
  ['RAck', '1INVITE'],
  ['RAck', '1 1 INVITE x'],
  ['RSeq', '0'],
  ['RSeq', '4294967296'],
  ['RSeq', ''],
  ['RSeq', '1 2'],
  ['SIP-ETag', ''],
  ['SIP-ETag', '"a"'],
  ['SIP-If-Match', 'a b'],
  ['SIP-If-Match', 'a;b'],
  ['Info-Package', ''],
  ['Info-Package', 'foo;;'],
  ['Recv-Info', 'foo,'],
  ['Recv-Info', 'foo bar'],
];

const lists: readonly HeaderName[] = [
  'Require',
  'Proxy-Require',
  'Supported',
  'Unsupported',
  'Allow',
  'Allow-Events',
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Content-Encoding',
  'Content-Language',
  'Recv-Info',
];
const singles = [...new Set(readings.map(([name]) => name))].filter((name) => !lists.includes(name));

describe('the other headers (RFC 3261 §20, RFC 3262, RFC 3515, RFC 3891, RFC 3903, RFC 4488, RFC 6086, RFC 6665)', () => {
  test.each(readings)('%s: %j', (name, text, expected) => expect(value(name, text)).toEqual(expected));

  test.each(malformed)('%s is malformed: %j', (name, text) => expect(code(name, text)).toBe('malformed'));

  test.each(lists)('%s is empty where it is missing, and goes over lines', (name) => {
    const text = name === 'Accept' ? 'a/b' : 'a';
    const one = name === 'Accept' ? { range: 'a/b', quality: 1 } : 'a';

    expect(value(name)).toEqual([]);
    expect(value(name, text, text)).toEqual([one, one]);
  });

  test.each(singles)('%s may be missing, and comes once', (name) => {
    const text = readings.find(([reading]) => reading === name)![1];

    expect(code(name)).toBe('missing');
    if (name !== 'Content-Length') expect(code(name, text, text)).toBe('repeated');
  });

  test('are read once', () => {
    const message = withLines('Event: refer');

    expect(header(message, 'Event')).toBe(header(message, 'Event'));
    expect(header(message, 'To')).toBe(header(message, 'To'));
  });

  test('are read off any object that has the text of a message', () => {
    const message = withLines('Event: refer');
    const { type, text } = message;

    expect(header({ type, text } as Message, 'Event')).toEqual(header(message, 'Event'));
  });

  test('tell their error in a sentence', () => {
    for (const [name, text] of malformed) {
      expect(header(withLines(`${name}: ${text}`), name)).toMatchObject({
        left: { message: expect.stringMatching(/^[A-Z].+\.$/) },
      });
    }
  });
});

describe('quoted strings (RFC 3261 §25.1)', () => {
  test('are read as they were meant, whatever they hold', () => {
    const character = fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 20 }), (meant) => {
        fc.pre(!/[\r\n]/.test(meant));
        const quoted = `"${[...meant].map((one) => (/["\\]/.test(one) ? `\\${one}` : one)).join('')}"`;

        expect(value('From', `${quoted} <sip:a@b>;x=${quoted}`)).toMatchObject({
          displayName: meant,
          parameters: new Map([['x', meant]]),
        });
      }),
    );
  });

  test('have a space for a fold', () => {
    expect(value('From', '"a\r\n \t b" <sip:a@b>')).toMatchObject({ displayName: 'a b' });
  });
});

function withLines(...lines: readonly string[]): Message {
  return revive(['OPTIONS sip:a SIP/2.0', ...lines, '', ''].join('\r\n'));
}

/** What a header's reading gives where each of the texts has a line. */
function value(name: HeaderName, ...texts: readonly string[]): unknown {
  const result = header(withLines(...texts.map((text) => `${name}: ${text}`)), name);
  return result._tag === 'Right' ? result.right : result.left.message;
}

function code(name: HeaderName, ...texts: readonly string[]): string | undefined {
  const result = header(withLines(...texts.map((text) => `${name}: ${text}`)), name);
  return result._tag === 'Left' ? result.left.code : undefined;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultLimits,
  field,
  fields,
  header,
  type Message,
  type ParseError,
  parse,
  type Request,
  type Response,
  revive,
  topVia,
} from '../../src/message/index.js';

describe('a request (RFC 3261 §7.1)', () => {
  test('is its Request-Line, text and body', () => {
    const text = refer({ headers: ['Content-Length: 4'], body: 'body' });
    const request = read(text);

    expect(request).toMatchObject({
      type: 'request',
      method: 'REFER',
      uri: 'sip:bob@desk.example',
      version: 'SIP/2.0',
    });
    expect(request.text).toBe(text);
    expect(request.body).toBe('body');
  });

  test.each([
    ['SIP/7.0', 'SIP/7.0'],
    ['sip/2.0', 'SIP/2.0'],
    ['SIP/10.25', 'SIP/10.25'],
  ])('of version %s is read as %s', (written, version) => {
    expect(read(refer({ start: `REFER sip:bob@desk.example ${written}` }))).toMatchObject({ version });
  });

  test('keeps the case of its method', () => {
    expect(read(refer({ start: 'Refer sip:bob@desk.example SIP/2.0' }))).toMatchObject({ method: 'Refer' });
  });

  test.each([
    ['two spaces', 'REFER  sip:bob@desk.example SIP/2.0'],
    ['a space at its end', 'REFER sip:bob@desk.example SIP/2.0 '],
    ['a space in its URI', 'REFER sip:bob@desk.example; lr SIP/2.0'],
    ['no URI', 'REFER SIP/2.0'],
  ])('with %s is answerable, with the method it has', (_, start) => {
    const error = refusal(refer({ start }));

    expect(error.code).toBe('startLine');
    expect(error.request).toMatchObject({ method: 'REFER', version: 'SIP/2.0' });
  });

  test.each([
    'REFER',
    'REFER sip:bob@desk.example',
    'REFER sip:bob@desk.example HTTP/1.1',
    '@ sip:bob SIP/2.0',
    'R(E sip:b SIP/2.0',
    ': SIP/2.0',
  ])('is not begun by %j', (start) =>
    expect(refusal(refer({ start }))).toEqual({ code: 'startLine', message: expect.any(String) }),
  );
});

describe('a response (RFC 3261 §7.2)', () => {
  test.each([
    ['SIP/2.0 200 OK', 200, 'OK'],
    ['SIP/2.0 100 ', 100, ''],
    ['SIP/2.0 699', 699, ''],
    ['sip/2.0 183 \xd0\xb6 x', 183, '\xd0\xb6 x'],
  ])('that begins with %j', (start, status, reason) => {
    const response = read(refer({ start })) as Response;

    expect(response).toMatchObject({ type: 'response', status, reason, version: 'SIP/2.0' });
  });

  test.each([
    'SIP/2.0 99 x',
    'SIP/2.0 099 x',
    'SIP/2.0 700 x',
    'SIP/2.0 2000 OK',
    'SIP/2.0  200 OK',
    'SIP/2.0 20x OK',
    'SIP/2 200 OK',
    'SIP/2.0',
    'SIP/2.0x 200 OK',
  ])('is not begun by %j', (start) => expect(refusal(refer({ start })).code).toBe('startLine'));
});

describe('header fields (RFC 3261 §7.3)', () => {
  const request = read(
    refer({
      headers: [
        's:',
        'X-Folded: one\t \r\n \t two  three\r\n\t',
        'x-fOLDED  :four',
        'k : a',
        'SUPPORTED:b',
        '__proto__: odd',
        'X: 1',
      ],
    }),
  );

  test.each([
    ['Subject', ['']],
    ['x-folded', ['one two  three', 'four']],
    ['Supported', ['a', 'b']],
    ['k', ['a', 'b']],
    ['X', ['1']],
    ['X-Fold', []],
    ['__proto__', ['odd']],
    ['constructor', []],
    ['', []],
  ])('%s has the values %j', (name, values) => {
    expect(fields(request, name)).toEqual(values);
    expect(field(request, name)).toBe(values[0]);
  });

  const compactForms = [
    ['a', 'Accept-Contact'],
    ['b', 'Referred-By'],
    ['c', 'Content-Type'],
    ['d', 'Request-Disposition'],
    ['e', 'Content-Encoding'],
    ['f', 'From'],
    ['i', 'Call-ID'],
    ['j', 'Reject-Contact'],
    ['k', 'Supported'],
    ['m', 'Contact'],
    ['o', 'Event'],
    ['r', 'Refer-To'],
    ['s', 'Subject'],
    ['t', 'To'],
    ['u', 'Allow-Events'],
    ['v', 'Via'],
    ['x', 'Session-Expires'],
    ['y', 'Identity'],
  ] as const;

  test.each(compactForms)('%s is the compact form of %s', (letter, name) => {
    const message = read(
      `OPTIONS sip:a SIP/2.0\r\n${letter}: 1\r\n${letter.toUpperCase()} : 2\r\n${name}: 3\r\n\r\n`,
    );

    expect(fields(message, name)).toEqual(['1', '2', '3']);
    expect(fields(message, letter)).toEqual(['1', '2', '3']);
  });

  test.each([
    ['a line without a colon', 'Subject'],
    ['a line without a name', ': value'],
    ['a name that is no token', 'Sub ject: value'],
    ['a bare LF', 'Subject: a\nb'],
    ['a bare CR', 'Subject: a\rb'],
    ['a CR before the CRLF', 'Subject: a\r'],
  ])('with %s are refused, and the request can be answered', (_, line) => {
    const error = refusal(refer({ headers: [line] }));

    expect(error.code).toBe('headerLine');
    expect(error.request).toMatchObject({ method: 'REFER' });
  });

  test('that begin with a fold are refused', () => {
    expect(refusal(refer({ start: 'REFER sip:bob@desk.example SIP/2.0\r\n X: 1' })).code).toBe('headerLine');
  });

  test('keep a CR or LF from standing for the end of a line', () => {
    expect(refusal(refer().replaceAll('\r\n', '\n')).request).toBeUndefined();
    expect(refusal(refer().replaceAll('\r\n', '\r')).request).toBeUndefined();
  });

  test('without an end are refused, and the request can be answered', () => {
    expect(refusal(refer().slice(0, -2))).toMatchObject({ code: 'truncated', request: { method: 'REFER' } });
    expect(refusal(refer().slice(0, -1))).toMatchObject({ code: 'truncated', request: { method: 'REFER' } });
    expect(refusal(refer().slice(0, 60))).toEqual({ code: 'truncated', message: expect.any(String) });
  });

  test.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])(
    'without %s keep a bad request from being answered',
    (name) => {
      const text = refer({ headers: ['bad'] }).replace(new RegExp(`\r\n${name}:`), '\r\nX:');

      expect(refusal(text)).toEqual({ code: 'headerLine', message: expect.any(String) });
    },
  );
});

describe('the body of a datagram (RFC 3261 §18.3)', () => {
  test('is the rest where there is no Content-Length', () => {
    expect(read(refer({ body: 'a\r\n\r\n\0\xff' })).body).toBe('a\r\n\r\n\0\xff');
  });

  test('is cut to the Content-Length, and the text with it', () => {
    const request = read(refer({ headers: ['l: 4'], body: 'bodyOPTIONS' }));

    expect(request.body).toBe('body');
    expect(request.text).toBe(refer({ headers: ['l: 4'], body: 'body' }));
  });

  test.each([
    ['one byte more than there is', ['Content-Length: 5'], 'truncated'],
    ['2**32 - 1', ['Content-Length: 4294967295'], 'truncated'],
    ['2**32 + 1', ['Content-Length: 4294967297'], 'contentLength'],
    ['four hundred digits', [`Content-Length: ${'9'.repeat(400)}`], 'contentLength'],
    ['a negative number', ['Content-Length: -1'], 'contentLength'],
    ['a hexadecimal number', ['Content-Length: 0x4'], 'contentLength'],
    ['nothing', ['Content-Length:'], 'contentLength'],
    ['two numbers', ['Content-Length: 4, 4'], 'contentLength'],
    ['two numbers on two lines', ['Content-Length: 4', 'l: 3'], 'contentLength'],
  ])('with a Content-Length of %s is refused, and the request can be answered', (_, headers, code) => {
    expect(refusal(refer({ headers, body: 'body' }))).toMatchObject({ code, request: { method: 'REFER' } });
  });

  test('may have its Content-Length twice, and with zeros before it', () => {
    expect(read(refer({ headers: ['Content-Length: 4', 'l: 0004'], body: 'body' })).body).toBe('body');
  });
});

describe('line ends before a message (RFC 3261 §7.5)', () => {
  test('are left out', () => expect(read(`\r\n\r\n\r\n${refer()}`).text).toBe(refer()));

  test.each(['', '\r\n', '\r\n\r\n'])('alone are no message: %j', (text) =>
    expect(refusal(text)).toEqual({ code: 'empty', message: expect.any(String) }),
  );
});

describe('limits', () => {
  const lengths = refer()
    .split('\r\n')
    .map((line) => line.length);

  test.each([
    ['message', refer().length, 'tooLarge'],
    ['headers', 7, 'tooManyHeaders'],
    ['line', Math.max(...lengths.slice(1)), 'lineTooLong'],
    ['startLine', lengths[0]!, 'lineTooLong'],
  ] as const)('of %s: %i is allowed, one less is not', (name, limit, code) => {
    expect(parse(refer(), { limits: { [name]: limit } })._tag).toBe('Right');
    expect(refusal(refer(), { [name]: limit - 1 }).code).toBe(code);
  });

  test.each(['message', 'startLine'])('of %s leave a request that can be answered', (name) => {
    expect(refusal(refer(), { [name]: 10 }).request).toMatchObject({ method: 'REFER' });
  });

  test('count a fold as part of its line', () => {
    const folded = refer({ headers: [`X: ${'a\r\n '.repeat(defaultLimits.line / 4)}`] });

    expect(refusal(folded).code).toBe('lineTooLong');
  });

  test('keep a response that is too large from being read', () => {
    expect(refusal(refer({ start: 'SIP/2.0 200 OK' }), { message: 100 })).toEqual({
      code: 'tooLarge',
      message: expect.any(String),
    });
  });
});

describe('the source of a request (RFC 3261 §18.2.1, RFC 3581 §4)', () => {
  const source = { host: '192.0.2.1', port: 5070 };
  const stamped = (via: string) => {
    const text = refer().replace(/Via: .*/, via);
    const request = parse(text, { source });
    if (request._tag === 'Left') throw new Error(request.left.message);
    expect(request.right.text.replace(/Via: .*(\r\n .*)*/i, 'Via')).toBe(
      text.replace(/Via: .*(\r\n .*)*/i, 'Via'),
    );
    return request.right;
  };

  const vias: readonly (readonly [
    name: string,
    via: string,
    expected: string,
    rport: number | undefined,
    received: string | undefined,
  ])[] = [
    [
      'sent-by is the source',
      'Via: SIP/2.0/UDP 192.0.2.1;branch=b',
      'SIP/2.0/UDP 192.0.2.1;branch=b',
      undefined,
      undefined,
    ],
    [
      'sent-by is a name',
      'Via: SIP/2.0/UDP a.example;branch=b',
      'SIP/2.0/UDP a.example;branch=b;received=192.0.2.1',
      undefined,
      '192.0.2.1',
    ],
    [
      'sent-by is another address',
      'Via: SIP/2.0/UDP 10.0.0.1',
      'SIP/2.0/UDP 10.0.0.1;received=192.0.2.1',
      undefined,
      '192.0.2.1',
    ],
    [
      'rport is asked for',
      'Via: SIP/2.0/UDP 192.0.2.1;rport;branch=b',
      'SIP/2.0/UDP 192.0.2.1;rport=5070;received=192.0.2.1;branch=b',
      5070,
      '192.0.2.1',
    ],
    [
      'rport is asked for last',
      'Via: SIP/2.0/UDP a.example;branch=b ; RPORT',
      'SIP/2.0/UDP a.example;branch=b;rport=5070;received=192.0.2.1',
      5070,
      '192.0.2.1',
    ],
    [
      'the client claims an rport',
      'Via: SIP/2.0/UDP a.example;rport=1;branch=b',
      'SIP/2.0/UDP a.example;rport=5070;received=192.0.2.1;branch=b',
      5070,
      '192.0.2.1',
    ],
    [
      'the client claims both',
      'Via: SIP/2.0/UDP a.example;received=10.0.0.1;branch=b;rport=1',
      'SIP/2.0/UDP a.example;branch=b;rport=5070;received=192.0.2.1',
      5070,
      '192.0.2.1',
    ],
    [
      'the client claims both the other way',
      'Via: SIP/2.0/UDP a.example;rport=1;branch=b;received=10.0.0.1',
      'SIP/2.0/UDP a.example;rport=5070;received=192.0.2.1;branch=b',
      5070,
      '192.0.2.1',
    ],
    [
      'the client claims another received',
      'Via: SIP/2.0/UDP a.example;received=10.0.0.1;branch=b',
      'SIP/2.0/UDP a.example;branch=b;received=192.0.2.1',
      undefined,
      '192.0.2.1',
    ],
    [
      'the client claims a received without need',
      'Via: SIP/2.0/UDP 192.0.2.1;received=10.0.0.1',
      'SIP/2.0/UDP 192.0.2.1',
      undefined,
      undefined,
    ],
    [
      'another value follows',
      'Via: SIP/2.0/UDP a.example;branch=b, SIP/2.0/UDP c.example;rport',
      'SIP/2.0/UDP a.example;branch=b;received=192.0.2.1, SIP/2.0/UDP c.example;rport',
      undefined,
      '192.0.2.1',
    ],
    [
      'another line comes before',
      'X: 1\r\nVia: SIP/2.0/UDP a.example;branch=b',
      'SIP/2.0/UDP a.example;branch=b;received=192.0.2.1',
      undefined,
      '192.0.2.1',
    ],
    [
      'a quoted value looks like it',
      'Via: SIP/2.0/UDP a.example;x=";rport"',
      'SIP/2.0/UDP a.example;x=";rport";received=192.0.2.1',
      undefined,
      '192.0.2.1',
    ],
  ];

  test.each(vias)('where %s', (_, via, expected, rport, received) => {
    const request = stamped(via);
    const top = topVia(request);

    expect(field(request, 'Via')).toBe(expected);
    expect(top).toMatchObject({ _tag: 'Right', right: { rport, received } });
    expect(top).toEqual(topVia(revive(request.text)));
    expect(header(request, 'Via')).toMatchObject({
      right: expected.split(', ').map((_value, index) => (index === 0 ? { rport, received } : {})),
    });
    expect(header(request, 'To')._tag).toBe('Right');
    expect(request.body).toBe('');
  });

  test.each(['SIP/2.0/UDP;rport', 'SIP/2.0/UDP a.example;rport b', 'SIP/2.0/UDP a.example;rport;rport'])(
    'is not written into a Via that can not be read: %s',
    (via) => {
      const text = refer().replace(/Via: .*/, `Via: ${via}`);

      expect(parse(text, { source })).toMatchObject({ right: { text } });
    },
  );

  test('is not written into a response', () => {
    const text = refer({ start: 'SIP/2.0 200 OK' });

    expect(parse(text, { source })).toMatchObject({ right: { text } });
  });

  test('is written into a request that is refused', () => {
    const error = parse(refer({ headers: ['bad'] }), { source });

    expect(error).toMatchObject({
      left: { code: 'headerLine', request: { text: expect.stringContaining(';received=192.0.2.1') } },
    });
  });

  test('may be an IPv6 address', () => {
    const request = parse(refer(), { source: { host: '2001:db8::1', port: 5060 } });

    expect(request._tag === 'Right' && topVia(request.right)).toMatchObject({
      right: { received: '2001:db8::1' },
    });
    expect(request._tag === 'Right' && topVia(revive(request.right.text))).toMatchObject({
      right: { received: '2001:db8::1' },
    });
  });
});

describe('parse and serialise', () => {
  const blank = fc.constantFrom('', ' ', '\t', '  ', '\r\n ', ' \r\n\t');
  const name = fc.constantFrom(
    'Via',
    'v',
    'FROM',
    'tO',
    'Call-ID',
    'CSeq',
    'Contact',
    'X-Odd',
    "!%*_+`'~",
    '__proto__',
    'Refer-To',
    'r',
  );
  const piece = fc.oneof(
    fc.constantFrom(
      ' ',
      '\r\n ',
      '\r\n\t\t',
      '"',
      '\\',
      '<',
      '>',
      ';',
      ',',
      '=',
      ':',
      '@',
      '\0',
      '\xd0\xb6',
      '%41',
      'sip:a@b',
      'tag=x',
      '*',
    ),
    fc.string({
      unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 6,
    }),
  );
  const line = fc
    .tuple(name, fc.constantFrom('', ' ', '\t '), blank, fc.array(piece, { maxLength: 8 }))
    .map(([header, before, after, pieces]) => `${header}${before}:${after}${pieces.join('')}\r\n`);
  const start = fc.constantFrom(
    'REFER sip:bob@desk.example SIP/2.0',
    'sip:a tel:1 sip/3.0',
    'SIP/2.0 200 \xff',
    'SIP/2.0 404',
  );
  const body = fc.string({
    unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 30,
  });
  const message = fc
    .tuple(start, fc.array(line, { maxLength: 12 }), fc.option(fc.constantFrom('Content-Length', 'L')), body)
    .map(([first, lines, length, bytes]) => {
      const counted = length === null ? '' : `${length}: ${bytes.length}\r\n`;
      return `${first}\r\n${lines.join('')}${counted}\r\n${bytes}`;
    });

  test('are inverse: what is read is written as it was', () => {
    fc.assert(
      fc.property(message, (text) => {
        const result = parse(text);
        if (text.startsWith('sip:a')) return result._tag === 'Left';
        if (result._tag === 'Left') return false;
        const revived = revive(JSON.parse(JSON.stringify(result.right)));
        expect(result.right.text).toBe(text);
        expect(revived).toEqual(result.right);
        return text.endsWith(result.right.body);
      }),
      { numRuns: 2_000 },
    );
  });

  test('never throw, whatever the text and whichever header is asked for', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          message,
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        fc.nat(),
        piece,
        (text, at, noise) => {
          const place = at % (text.length + 1);
          const result = parse(text.slice(0, place) + noise + text.slice(place), {
            source: { host: '192.0.2.1', port: 1 },
          });
          const read = result._tag === 'Right' ? result.right : result.left.request;
          if (read === undefined) return;
          topVia(read);
          for (const header_ of ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Refer-To'] as const)
            header(read, header_);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('revive throws where there is no message', () => {
    expect(() => revive('hello')).toThrow(RangeError);
  });
});

function refer({
  start = 'REFER sip:bob@desk.example SIP/2.0',
  headers = [],
  body = '',
}: {
  start?: string;
  headers?: readonly string[];
  body?: string;
} = {}): string {
  return [
    start,
    'Via: SIP/2.0/UDP phone.example:5060;branch=z9hG4bK1',
    'Max-Forwards: 70',
    'From: <sip:alice@desk.example>;tag=a1',
    'To: <sip:bob@desk.example>',
    'Call-ID: c1@phone.example',
    'CSeq: 1 REFER',
    'Contact: <sip:alice@phone.example>',
    ...headers,
    '',
    body,
  ].join('\r\n');
}

function read(text: string): Message {
  const message = parse(text);
  if (message._tag === 'Left') throw new Error(message.left.message);
  return message.right;
}

function refusal(text: string, limits = {}): ParseError & { request?: Request | undefined } {
  const message = parse(text, { limits });
  if (message._tag === 'Right') throw new Error(`It was read: ${JSON.stringify(text)}`);
  return message.left;
}

/** What reading a torture message must come to: a fault of `parse`, or the headers that `header` refuses. */
export interface TortureMessage {
  readonly title: string;
  /** The clause of RFC 4475 that the message was written from. */
  readonly section: string;
  readonly text: string;
  readonly fault?: string;
  readonly malformed?: Readonly<Record<string, 'malformed' | 'missing' | 'repeated'>>;
}

const lines = (...parts: readonly string[]) => `${parts.join('\r\n')}\r\n`;

/** An ordinary request, some of whose lines are replaced. */
const request = (changes: Readonly<Record<string, string>> = {}, body = ''): string => {
  const ordinary: Readonly<Record<string, string>> = {
    start: 'OPTIONS sip:hall@desk.example SIP/2.0',
    via: 'Via: SIP/2.0/UDP kiosk.example:5070;branch=z9hG4bKk7',
    from: 'From: <sip:kiosk@desk.example>;tag=k1',
    to: 'To: <sip:hall@desk.example>',
    callId: 'Call-ID: k7@kiosk.example',
    cseq: 'CSeq: 7 OPTIONS',
    maxForwards: 'Max-Forwards: 70',
    ...changes,
  };
  return `${Object.values(ordinary).join('\r\n')}\r\n\r\n${body}`;
};

export const tortureMessages: readonly TortureMessage[] = [
  {
    title: 'folds and white space wherever they may stand',
    section: '§3.1.1.1',
    text: lines(
      'OPTIONS sip:hall@desk.example;odd SIP/2.0',
      'vIa\t :  SIP /  2.0\t/UDP ',
      '\t kiosk.example : 5070 ; branch =',
      '  z9hG4bKk7  ,  SIP / 2.0 / TCP far.example ; received = 192.0.2.7',
      'F :"K \\"7\\\\"  <sip:kiosk@desk.example> ',
      ' ;',
      '  tag  =  k1',
      't:',
      ' sip:hall@desk.example ',
      'I: k7@kiosk.example',
      'cSEQ : 0007',
      '\tOPTIONS',
      'MAX-forwards: 0070',
      's:',
      'X-Odd: ;;,,"',
      '',
      '',
    ).slice(0, -2),
  },
  {
    title: 'every character that a token and a user may hold',
    section: '§3.1.1.2',
    text: request({
      start: "Az09-.!%*_+`'~ sip:-_.!~*'()&=+$,;?/:&=+$,@desk.example SIP/2.0",
      from: 'From: "\\\0\\\x07\\\x7f" <sip:kiosk@desk.example>;tag=-.!%*_+`\'~;p="\xd1\x8f \\\\ \\""',
      callId: 'Call-ID: -.!%*_+`\'~()<>:\\"/[]?{}@-.!%*_+`\'~()<>:\\"/[]?{}',
      cseq: "CSeq: 7 Az09-.!%*_+`'~",
      odd: "-.!%*_+`'~: \xef\xbb\xbf",
    }),
  },
  {
    title: 'escapes that stand for NUL, @ and themselves',
    section: '§3.1.1.3, §3.1.1.4',
    text: request({
      start: 'OPTIONS sip:a%00b%40c%25@desk.example SIP/2.0',
      contact: 'Contact: <sip:%00@kiosk.example;p=%2Fx>, <sip:%00%00@kiosk.example>',
    }),
  },
  {
    title: 'a per cent sign where nothing is escaped',
    section: '§3.1.1.5',
    text: request({
      start: 'OPTI%4FNS sip:desk.example SIP/2.0',
      cseq: 'CSeq: 7 OPTI%4FNS',
      from: 'From: %K%37 <sip:kiosk@desk.example>;tag=%6B1',
      odd: 'Cont%61ct: nothing',
    }),
  },
  {
    title: 'no space before an angle bracket',
    section: '§3.1.1.6',
    text: request({
      from: 'From:kiosk<sip:kiosk@desk.example>;tag=k1',
      to: 'To:"hall"<sip:hall@desk.example>',
    }),
  },
  {
    title: 'long values',
    section: '§3.1.1.7',
    text: request({
      via: Array.from(
        { length: 40 },
        (_, hop) => `v: SIP/2.0/TCP hop${hop}.example;branch=${'z9hG4bK'.repeat(20)}`,
      ).join('\r\n'),
      from: `From: "${'very '.repeat(300)}long" <sip:${'kiosk'.repeat(200)}@desk.example>;tag=${'k1'.repeat(300)}`,
      [`x-${'long'.repeat(100)}`]: `X-${'Long'.repeat(100)}: ${'x'.repeat(4000)}`,
    }),
  },
  {
    title: 'another message after the Content-Length of a datagram',
    section: '§3.1.1.8',
    text: request({ length: 'Content-Length: 0' }, request()),
  },
  {
    title: 'parameters inside a user',
    section: '§3.1.1.9',
    text: request({ start: 'OPTIONS sip:hall;par=u%40desk@desk.example SIP/2.0' }),
  },
  {
    title: 'transports that nobody knows',
    section: '§3.1.1.10',
    text: request({ via: 'Via: SIP/2.0/PIGEON loft.example\r\nVia: SIP/2.0/tls-sctp far.example;x' }),
  },
  {
    title: 'a body of bytes',
    section: '§3.1.1.11',
    text: request({ type: 'Content-Type: multipart/mixed;boundary="a b"', length: 'l: 6' }, '\0\n\r\n\xff\0'),
  },
  {
    title: 'a reason phrase in another script, and none',
    section: '§3.1.1.12, §3.1.1.13',
    text: request({ start: 'SIP/2.0 183 \xd0\xb6\xd0\xb4\xd0\xb8' }),
  },
  {
    title: 'separators with nothing between them',
    section: '§3.1.2.1',
    text: request({
      via: 'Via: SIP/2.0/UDP kiosk.example;;,;,,',
      contact: 'Contact: "K" <sip:k@kiosk.example>;;;;',
    }),
    malformed: { Via: 'malformed', Contact: 'malformed' },
  },
  {
    title: 'a Content-Length beyond the datagram',
    section: '§3.1.2.2',
    text: request({ length: 'Content-Length: 5' }, 'four'),
    fault: 'truncated',
  },
  {
    title: 'a negative Content-Length',
    section: '§3.1.2.3',
    text: request({ length: 'Content-Length: -4' }, 'four'),
    fault: 'contentLength',
  },
  {
    title: 'numbers that overflow',
    section: '§3.1.2.4',
    text: request({
      cseq: 'CSeq: 4294967296 OPTIONS',
      maxForwards: 'Max-Forwards: 256',
      e: `Expires: ${'9'.repeat(400)}`,
    }),
    malformed: { CSeq: 'malformed', 'Max-Forwards': 'malformed', Expires: 'malformed' },
  },
  {
    title: 'a quote that is not closed',
    section: '§3.1.2.6',
    text: request({ to: 'To: "hall <sip:hall@desk.example>' }),
    malformed: { To: 'malformed' },
  },
  {
    title: 'white space in the Request-Line',
    section: '§3.1.2.8 to §3.1.2.10',
    text: request({ start: 'OPTIONS  sip:hall@desk.example; lr SIP/2.0 ' }),
    fault: 'startLine',
  },
  {
    title: 'a URI with headers and no angle brackets',
    section: '§3.1.2.13',
    text: request({ contact: 'Contact: sip:k@kiosk.example?Route=%3Csip:far.example%3E' }),
    malformed: { Contact: 'malformed' },
  },
  {
    title: 'spaces inside angle brackets',
    section: '§3.1.2.14',
    text: request({ to: 'To: "hall" < sip:hall@desk.example >' }),
    malformed: { To: 'malformed' },
  },
  {
    title: 'a display name that wants quotes',
    section: '§3.1.2.15',
    text: request({ from: 'From: Kiosk, Seven <sip:kiosk@desk.example>;tag=k1' }),
    malformed: { From: 'malformed' },
  },
  {
    title: 'a status with ten digits',
    section: '§3.1.2.19',
    text: request({ start: 'SIP/2.0 4294967301 wraps to 5' }),
    fault: 'startLine',
  },
  {
    title: 'mandatory headers that are missing',
    section: '§3.3.1',
    text: request({ from: 'X: 1', to: 'X: 2', callId: 'X: 3' }),
    malformed: { From: 'missing', To: 'missing', 'Call-ID': 'missing' },
  },
  {
    title: 'headers that come twice',
    section: '§3.3.8',
    text: request({
      more: 'To: <sip:other@desk.example>\r\ni: other\r\nf: <sip:x@y>;tag=2\r\nCSeq: 8 OPTIONS',
    }),
    malformed: { From: 'repeated', To: 'repeated', 'Call-ID': 'repeated', CSeq: 'repeated' },
  },
  {
    title: 'two Content-Lengths that differ',
    section: '§3.3.9',
    text: request({ length: 'Content-Length: 4\r\nl: 3' }, 'four'),
    fault: 'contentLength',
  },
  {
    title: 'a request of RFC 2543',
    section: '§3.4.1',
    text: request(
      { via: 'Via: SIP/2.0/UDP old.example', from: 'From: sip:old@old.example', maxForwards: 'X: 1' },
      'body',
    ),
  },
];

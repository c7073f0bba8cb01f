import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type HeaderName, header, parse, parseURI } from '../../src/message/index.js';
import { tortureMessages } from '../torture/messages.js';

const mandatory: readonly HeaderName[] = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];
const source = { host: '192.0.2.1', port: 5060 };

/** What reading a message comes to: a fault of `parse`, else the headers that are refused, and a bad Request-URI. */
function outcome(text: string): Readonly<Record<string, string>> {
  const message = parse(text, { source });
  if (message._tag === 'Left') {
    return message.left.request === undefined
      ? { fault: message.left.code }
      : { fault: message.left.code, answers: message.left.request.method };
  }
  const request = message.right;
  const refused: Record<string, string> = {};
  for (const name of readable) {
    const value = header(request, name);
    if (value._tag === 'Right') continue;
    if (value.left.code !== 'missing' || mandatory.includes(name)) refused[name] = value.left.code;
  }
  if (request.type === 'request' && parseURI(request.uri)._tag === 'Left') refused.uri = 'malformed';
  return refused;
}

const readable: readonly HeaderName[] = [
  ...mandatory,
  'Contact',
  'Max-Forwards',
  'Route',
  'Record-Route',
  'Require',
  'Proxy-Require',
  'Supported',
  'Unsupported',
  'Allow',
  'Accept',
  'Expires',
  'Retry-After',
  'Content-Type',
  'Content-Length',
  'Content-Encoding',
];

describe('torture messages of this project (RFC 4475)', () => {
  test.each(tortureMessages.map((message) => [message.section, message.title, message] as const))(
    '%s: %s',
    (_section, _title, { text, fault, malformed = {} }) => {
      const { answers, ...found } = outcome(text);

      expect(found).toEqual(fault === undefined ? malformed : { fault });
      expect(answers).toBe(fault === undefined || text.startsWith('SIP/') ? undefined : 'OPTIONS');
    },
  );
});

/** What each message of RFC 4475 that is not read whole comes to. */
const refusals: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  badinv01: { Via: 'malformed', Contact: 'malformed' },
  clerr: { fault: 'truncated', answers: 'INVITE' },
  ncl: { fault: 'contentLength', answers: 'INVITE' },
  scalar02: { CSeq: 'malformed', 'Max-Forwards': 'malformed', Expires: 'malformed' },
  scalarlg: { CSeq: 'malformed', 'Retry-After': 'malformed' },
  quotbal: { To: 'malformed' },
  ltgtruri: { uri: 'malformed' },
  lwsruri: { fault: 'startLine', answers: 'INVITE' },
  lwsstart: { fault: 'startLine', answers: 'INVITE' },
  trws: { fault: 'startLine', answers: 'OPTIONS' },
  regbadct: { Contact: 'malformed' },
  badaspec: { To: 'malformed' },
  baddn: { fault: 'truncated', answers: 'OPTIONS' },
  bigcode: { fault: 'startLine' },
  insuf: { From: 'missing', To: 'missing', 'Call-ID': 'missing' },
  multi01: {
    From: 'repeated',
    To: 'repeated',
    'Call-ID': 'repeated',
    CSeq: 'repeated',
    'Max-Forwards': 'repeated',
  },
  mcl01: { fault: 'contentLength', answers: 'OPTIONS' },
  test: { fault: 'startLine' },
};

interface Entry {
  readonly name: string;
  readonly file: string;
  readonly parser: string;
}

const corpus = new URL('../../../shared/torture/rfc4475/', import.meta.url);
const isThere = existsSync(corpus);
const entries: readonly Entry[] = isThere
  ? JSON.parse(readFileSync(new URL('index.json', corpus), 'utf8')).messages
  : [];
const read = ({ file }: Entry) => readFileSync(new URL(file, corpus), 'latin1');

describe.skipIf(!isThere)('the messages of RFC 4475 (skipped where ../shared/torture is not there)', () => {
  test('are all there', () => expect(entries).toHaveLength(50));

  test.each(entries.map((entry) => [entry.name, entry] as const))('%s', (name, entry) => {
    const found = outcome(read(entry));

    expect(found).toEqual(refusals[name] ?? {});
    if (entry.parser === 'accept') expect(found).toEqual({});
    if (entry.parser === 'reject') expect(found).not.toEqual({});
  });

  test.each(entries.map((entry) => [entry.name, entry] as const))('%s keeps its text', (name, entry) => {
    const text = read(entry);
    const message = parse(text);
    if (message._tag === 'Left') return;
    expect(message.right.text).toBe(
      name === 'dblreq' ? `${text.slice(0, text.indexOf('INVITE')).trimEnd()}\r\n\r\n` : text,
    );
  });
});

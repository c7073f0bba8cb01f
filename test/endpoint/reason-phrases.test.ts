import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { namedHeader } from '../support/header-names.js';
import { stage } from '../support/stage.js';
import { tortureMessages } from '../torture/messages.js';

const source = (folder: string) =>
  readdirSync(fileURLToPath(new URL(`../../${folder}/`, import.meta.url)), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [`${folder}/${name}`, readFileSync(`${root}${folder}/${name}`, 'utf8')] as const);

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every phrase that the source writes out, with the status beside it where there is one. */
const written = ['machines', 'src']
  .flatMap(source)
  .flatMap(([file, text]) =>
    [
      ...text.matchAll(/status: (\d+),\s+reason: '([^']*)'/g),
      ...text.matchAll(/()badRequest\(\s*'([^']*)'/g),
      ...(file.endsWith('request-inspection.ts') ? text.matchAll(/^ {2}()\w+: '([^']*)',$/gm) : []),
    ].map(([, status, phrase]) => [file, Number(status || 400), phrase ?? ''] as const),
  );

/** Those that hold a header field's name: deployed parsers, sipp's first, take `CSeq` in a status line for the header. */
const naming = (text: string) => {
  const [, status, phrase] = /^SIP\/2\.0 (\d{3}) (.*)\r\n/.exec(text) ?? [];
  return namedHeader(Number(status), phrase ?? '');
};

describe('reason phrases (RFC 3261 §7.2)', () => {
  test.each([
    [500, 'CSeq Out Of Order', 'cseq'],
    [400, 'Content-Length is no number of bytes.', 'content-length'],
    [400, 'invalid contact', 'contact'],
    [500, 'Server Internal Error', undefined],
    [489, 'Bad Event', undefined],
    [400, 'Contactless, Viable, Tone', undefined],
  ])('%i %s names %s', (status, phrase, name) => {
    expect(namedHeader(status, phrase)).toBe(name);
  });

  test('are found where the source writes them', () => {
    const phrases = written.map(([, , phrase]) => phrase);
    for (const known of ['No Decision', 'Malformed Tag', 'Invalid Bindings', 'Repeated Header Field'])
      expect(phrases).toContain(known);
  });

  test.each(written)('of %s: %i %s names no header field', (_file, status, phrase) => {
    expect(namedHeader(status, phrase)).toBeUndefined();
  });

  test.each(tortureMessages.map(({ title, text }) => [title, text]))(
    'of the answers to %s name none',
    async (_title, text) => {
      const { peer, scheduler, userAgent } = await stage();
      const sent: string[] = [];
      userAgent.watch((message) => message.direction === 'sent' && sent.push(message.text));
      peer.send(text);
      scheduler.advance(100);
      expect(sent.map(naming).filter(Boolean)).toEqual([]);
    },
  );
});

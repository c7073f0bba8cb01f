import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { endpointOf } from '../../src/api/user-agent.js';
import type { Entry } from '../../src/inspect/entry.js';
import { Batches } from '../../src/inspect/event-stream.js';
import { Feed } from '../../src/inspect/feed.js';
import { openText } from '../../src/inspect/open-file.js';
import { pcapngOf } from '../../src/inspect/pcapng.js';
import type { Source } from '../../src/inspect/source.js';
import { recordedStage } from './recorded.js';

const opened = (text: string) => {
  const result = openText(text);
  if (!isRight(result)) throw new Error(result.left);
  return result.right;
};

const entriesOf = (source: Source) =>
  Array.from(
    { length: source.next - source.first },
    (_, index) => source.entry(source.first + index) as Entry,
  );

/** A call that was recorded while a feed looked on. */
const recorded = async () => {
  const there = await recordedStage();
  const feed = new Feed({ now: () => there.scheduler.now() }, endpointOf(there.userAgent));
  const dialog = there.caller.invite();
  there.scheduler.advance(1_000);
  dialog.request('REFER', { lines: ['Refer-To: <sip:carol@192.0.2.3>'] });
  there.scheduler.advance(1_000);
  dialog.bye();
  there.scheduler.advance(40_000);
  return { feed, recording: await there.recorded() };
};

const exported = (entries: readonly unknown[]) =>
  [{ type: 'sipchart entries', version: 1 }, ...entries].map((each) => `${JSON.stringify(each)}\n`).join('');

describe('a recording', () => {
  test('gives the entries that its process gave', async () => {
    const { feed, recording } = await recorded();
    const { source, remark } = opened(recording);
    expect(remark).toBeUndefined();
    expect(source.live).toBe(false);
    const entries = entriesOf(source);
    expect(entries.length).toBeGreaterThan(30);
    expect(entries).toEqual(feed.read());
  });

  test('gives the machines as they stand at its end', async () => {
    const { feed, recording } = await recorded();
    const standing = (source: Source) =>
      source.standings().map(({ machine, chart, value, callId }) => ({ machine, chart, value, callId }));
    expect(standing(opened(recording).source)).toEqual(standing(feed));
  });

  test('that is not what its replay does is opened as far as it goes, with a remark', async () => {
    const { recording } = await recorded();
    const lines = recording.split('\n');
    const cut = [...lines.slice(0, 4), ...lines.slice(5)].join('\n');
    const { source, remark } = opened(cut);
    expect(remark).toMatch(/^the replay is not what was recorded from line \d+ on: /);
    expect(source.next).toBeGreaterThan(1);
  });
});

const first = '{"n":1,"at":1,"cause":1,"kind":"input","input":"drained"}';
const start = `{"type":"sipchart entries","version":1}\n${first}\n`;

describe('a file that is cut off', () => {
  test('is opened as far as it is whole, with a remark', async () => {
    const { feed, recording } = await recorded();
    for (const text of [recording.slice(0, -10), exported(feed.read(10)).slice(0, -10)]) {
      const { source, remark } = opened(text);
      expect(remark).toBe(`line ${text.trimEnd().split('\n').length}, the last, is cut off and left out`);
      expect(source.next).toBeGreaterThan(source.first);
    }
  });
});

describe('what a page has exported', () => {
  test('gives the same entries', async () => {
    const { feed } = await recorded();
    const { source } = opened(exported(feed.read(10)));
    expect(source.first).toBe(10);
    expect(entriesOf(source)).toEqual(feed.read(10));
    expect(source.now()).toBe(feed.read().at(-1)?.at);
  });

  test('after a page has missed some is what it had, and the rest is missing', async () => {
    const { feed } = await recorded();
    const kept = feed.read().filter(({ n }) => n < 10 || n > 20);
    const far = { n: Number.MAX_SAFE_INTEGER - 1, at: 1e300, cause: 1, kind: 'message' };
    const message = { direction: 'sent', protocol: 'UDP', remote: '::1:99999', text: 'a', label: 'a' };
    const last = { ...far, ...message, isRetransmission: false };
    const { source } = opened(exported([...kept, last]));
    const batches = new Batches(source);
    const batch = batches.from(source.first);
    expect(JSON.parse(batch?.text ?? '')).toEqual([...kept, last]);
    expect(batches.from(batch?.next ?? 0)).toBeUndefined();
    expect(source.entry(15)).toBeUndefined();
    expect(pcapngOf(source).length).toBeGreaterThan(100);
  });

  test('gives the machines as they stand', async () => {
    const { feed } = await recorded();
    const standing = (source: Source) =>
      source
        .standings()
        .map(({ machine, chart, value, since, at }) => ({ machine, chart, value, since, at }));
    expect(standing(opened(exported(feed.read())).source)).toEqual(standing(feed));
  });

  test.each([
    '{}',
    'nothing',
    '{"n":2,"at":1,"cause":2,"kind":"input","input":"toString"}',
    '{"n":2,"at":1,"cause":2,"kind":"input","input":"drained","callId":5}',
    '{"n":2,"at":1,"kind":"input","input":"drained"}',
    '{"n":2,"at":1,"cause":2,"kind":"constructor"}',
    '{"n":2,"at":1,"cause":2,"kind":"message","direction":"x\\"><script>","protocol":"UDP","remote":"a:1","text":"","label":"","isRetransmission":false}',
    `{"n":2,"at":1,"cause":2,"kind":"step","machine":1,"id":"a","chart":"a","to":${'{"a":'.repeat(4_000)}"b"${'}'.repeat(4_000)},"status":"done","arrows":[],"clauses":[],"effects":[]}`,
  ])('is refused where a line is none: %s', (line) => {
    expect(openText(`${start}${line}\n`)).toMatchObject({ left: 'line 3 is no entry; export it anew' });
  });

  test('is refused where a line does not come after the one before', () => {
    expect(openText(`${start}${first}\n`)).toMatchObject({
      left: 'line 3 does not come after the one before; export it anew',
    });
  });
});

test.each(['', 'hello', '{}', '[]', '\n\n'])('anything else is refused: %j', (text) => {
  expect(openText(text)).toMatchObject({ left: expect.stringMatching(/./) });
});

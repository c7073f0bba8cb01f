import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../src/inspect/entry.js';
import { callRows } from '../../../visualizations/inspector/call-rows.js';
import { ladderPicture } from '../../../visualizations/inspector/ladder-picture.js';
import { Ladder, type LadderRow } from '../../../visualizations/inspector/ladder-rows.js';
import { LogRows } from '../../../visualizations/inspector/log-rows.js';
import { Player } from '../../../visualizations/inspector/player.js';
import { readSearch } from '../../../visualizations/inspector/search.js';
import { Timeline } from '../../../visualizations/inspector/timeline.js';
import { observedStage, transfer } from './observed.js';

const there = await observedStage();
await transfer(there);
const entries = there.feed.read();
const timeline = new Timeline();
timeline.append(entries);

const ladderOf = (of: readonly Entry[]) => new Ladder(of, () => undefined, []).extend();

const told = (row: LadderRow): string => {
  switch (row.kind) {
    case 'message':
      return `${row.entry.direction} ${row.entry.label}${row.entry.isRetransmission ? ' again' : ''}`;
    case 'step':
      return `${row.layer}: ${row.name} ${row.text}`;
    case 'pass':
      return `${row.from} to ${row.to}: ${row.text}`;
    default:
      return `${row.kind}: ${row.text}`;
  }
};

describe('a ladder', () => {
  test('leads a REFER in a dialog from the wire to the application and back', () => {
    const rows = ladderOf(entries).rows.map(told);
    const start = rows.indexOf('received REFER');
    expect(rows.slice(start, rows.indexOf('sent 200 REFER') + 1)).toEqual([
      'received REFER',
      'transaction: REFER trying',
      'transaction to user agent: passToUser',
      'user agent: dialog request',
      'user agent: referUAS deciding',
      'user agent to application: request',
      'application to user agent: accept',
      'user agent: referUAS deciding → accepted',
      'user agent to transaction: respond 200',
      'user agent: dialog targetRefresh',
      'transaction: REFER trying → completed',
      'sent 200 REFER',
    ]);
  });

  test('tells a retransmission, a timer and a loss apart', async () => {
    const lossy = await observedStage({ lose: 2 });
    lossy.caller.invite();
    lossy.scheduler.advance(10_000);
    const rows = ladderOf(lossy.feed.read()).rows.map(told);
    expect(rows).toContain('received INVITE again');
    expect(rows.some((row) => row.startsWith('timer: '))).toBe(true);
    const failed: Entry = { n: 1, at: 0, cause: 1, kind: 'input', input: 'sendFailed', what: 'ECONNREFUSED' };
    expect(ladderOf([failed]).rows.map(told)).toEqual(['loss: not delivered: ECONNREFUSED']);
  });

  test('grows as its entries come', () => {
    const growing: Entry[] = [];
    const ladder = new Ladder(growing, () => undefined, []);
    for (const entry of entries) {
      growing.push(entry);
      ladder.extend();
    }
    expect(ladder.rows).toEqual(ladderOf(entries).rows);
  });

  test('is a picture by itself, whatever the messages hold', () => {
    const hostile = entries.map((entry) =>
      entry.kind === 'message'
        ? { ...entry, text: entry.text.replace(/sip:/g, 'sip:"<script>&\x01\xff') }
        : entry,
    );
    const picture = ladderPicture(ladderOf(hostile), 'Call </text><script>alert(1)</script>');
    expect(picture).not.toContain('<script');
    expect(picture).not.toMatch(/[\x00-\x08\x0b-\x1f]/);
    expect(picture.match(/<text/g)?.length).toBe(picture.match(/<\/text>/g)?.length);
  });
});

describe('the log', () => {
  test('puts everything under the entry that caused it', () => {
    const rows = new LogRows(timeline, timeline.entries).extend();
    let cause: number | undefined;
    for (const row of rows) {
      if (row.kind === 'gap') throw new Error('there is no gap');
      if (row.isCause) cause = row.n;
      expect([row.n, row.entry.cause]).toEqual([row.n, cause]);
    }
    expect(rows.length).toBe(entries.length);
  });

  test('of a machine shows each cause above what came of it', () => {
    const record = [...timeline.roster.machines.values()].find(({ id }) => id === 'referUAS')!;
    const rows = new LogRows(timeline, record.call.entries, record.number).extend();
    expect(
      rows.map((row) =>
        row.kind === 'gap'
          ? ''
          : row.entry.kind === 'message'
            ? row.entry.label
            : `${row.isCause} ${row.entry.kind}`,
      ),
    ).toEqual(['REFER', 'false step', 'true input', 'false step']);
  });

  test('shows where entries were missed', () => {
    const gappy = new Timeline();
    gappy.append([...entries.slice(0, 5), ...entries.slice(9, 12)]);
    expect(new LogRows(gappy, gappy.entries).extend().filter(({ kind }) => kind === 'gap')).toMatchObject([
      { missed: 4 },
    ]);
  });
});

describe('the list of calls', () => {
  const rows = (text: string, n = timeline.last) =>
    callRows(timeline, timeline.worldAt(n), { search: readSearch(text), isOpen: () => true });
  const ids = (text: string, n?: number) =>
    rows(text, n).flatMap((row) => (row.kind === 'machine' ? [row.record.id] : []));
  const branch = [...timeline.roster.machines.values()].find(({ id }) => id === 'referUAS')?.branch ?? '';

  test('puts a machine under what it was started for', () => {
    expect(
      rows('')
        .flatMap((row) => (row.kind === 'machine' ? [`${' '.repeat(row.depth)}${row.record.id}`] : []))
        .slice(0, 4),
    ).toEqual(['inviteServerTransaction', ' inviteUAS', '  dialog', '   session']);
  });

  test.each([
    ['a Call-ID', 'INVITE-alice', 'inviteUAS'],
    ['a branch', `branch:${branch}`, 'referUAS'],
    ['a user', 'user:alice', 'inviteUAS'],
    ['a method', 'method:refer', 'referUAS'],
    ['a state', 'state:terminated', 'session'],
    ['two words', 'alice notifier', 'notifier'],
  ])('is searched by %s', (_, text, id) => {
    expect(ids(text)).toContain(id);
  });

  test('finds by a state only who is in it', () => {
    expect(ids('state:confirmed.stable')).toEqual([]);
    const n = entries.findLast(
      (entry) => entry.kind === 'step' && entry.id === 'session' && entry.status === 'active',
    )?.n;
    expect(ids('state:confirmed.stable', n)).toEqual(['session']);
    expect(rows('nobody')).toEqual([]);
  });

  test('shows who has not started yet as such', () => {
    expect(
      rows('', 0).every((row) => (row.kind === 'call' ? row.isLater : row.condition === undefined)),
    ).toBe(true);
  });
});

describe('the player', () => {
  test('plays at the pace of the entries, and cuts a long silence', () => {
    const at = (n: number, ms: number) => ({ n, at: ms, cause: n, kind: 'input', input: 'drained' }) as const;
    const played = [at(1, 0), at(2, 300), at(3, 310), at(4, 60_000)];
    const player = new Player(0);
    expect(player.advance(played, 0, 0)).toBe(1);
    expect(player.advance(played, 1, 200)).toBe(1);
    expect(player.advance(played, 1, 150)).toBe(3);
    expect(player.advance(played, 3, 500)).toBe(3);
    expect(player.advance(played, 3, 999)).toBe(3);
    expect(player.advance(played, 3, 1)).toBe(4);
    expect(player.advance(played, 4, 1)).toBeUndefined();
  });
});

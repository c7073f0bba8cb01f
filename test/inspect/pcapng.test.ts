import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { endpointOf } from '../../src/api/user-agent.js';
import type { MessageEntry } from '../../src/inspect/entry.js';
import { Feed } from '../../src/inspect/feed.js';
import { pcapngOf } from '../../src/inspect/pcapng.js';
import type { Source } from '../../src/inspect/source.js';
import { callStage, description, offer } from '../support/caller.js';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const unlessTshark = hasTshark ? '' : ' (skipped: there is no tshark)';
const folder = mkdtempSync(join(tmpdir(), 'sipchart-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** The fields that tshark reads, a line a packet, and what it has to say against any. */
const dissect = (capture: Buffer, ...fields: readonly string[]) => {
  const file = join(folder, 'messages.pcapng');
  writeFileSync(file, capture);
  const checks = ['ip.check_checksum', 'udp.check_checksum', 'tcp.check_checksum'].flatMap((option) => [
    '-o',
    `${option}:TRUE`,
  ]);
  const read = (...words: readonly string[]) => {
    const { stdout, stderr, status } = spawnSync('tshark', ['-r', file, ...checks, ...words], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return stdout.split('\n').filter((line) => line !== '');
  };
  return {
    lines: read('-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])),
    faults: read('-Y', '_ws.malformed || _ws.expert.severity >= 0x600000'),
  };
};

const sipFields = ['sip.Method', 'sip.Status-Code', 'sip.CSeq.method'];

const call = async (protocol: 'UDP' | 'TCP') => {
  const there = await callStage({ protocol });
  const feed = new Feed(
    { now: () => 1_700_000_000_000 + there.scheduler.now() },
    endpointOf(there.userAgent),
  );
  const dialog = there.caller.invite({ lines: description, body: offer });
  there.scheduler.advance(1_500);
  dialog.bye();
  there.scheduler.advance(100);
  return { ...there, feed };
};

const expected = ['INVITE||INVITE', '|200|INVITE', 'ACK||ACK', 'BYE||BYE', '|200|BYE'];

/** Messages alone. */
const sourceOf = (messages: readonly Partial<MessageEntry>[]): Source => ({
  start: 'start',
  live: false,
  size: messages.length,
  first: 1,
  next: 1 + messages.length,
  now: () => 0,
  entry: () => undefined,
  standings: () => [],
  localAddress: () => undefined,
  message: (n) => {
    const message = messages[n - 1];
    return message === undefined
      ? undefined
      : {
          n,
          at: 1_000 * n,
          cause: n,
          kind: 'message',
          direction: 'received',
          protocol: 'UDP',
          remote: '192.0.2.2:5060',
          text: '',
          label: '',
          isRetransmission: false,
          ...message,
        };
  },
});

const options = (length: number) => {
  const head = `OPTIONS sip:bob@[2001:db8::1] SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::2];branch=z9hG4bK1\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nContent-Length: ${length}\r\n\r\n`;
  return head + 'x'.repeat(length);
};

test('a capture is of blocks of whole 32-bit words that tell their lengths twice', async () => {
  const { feed } = await call('UDP');
  const capture = pcapngOf(feed);
  const types: number[] = [];
  for (let at = 0; at < capture.length; ) {
    const length = capture.readUInt32LE(at + 4);
    expect(length % 4).toBe(0);
    expect(capture.readUInt32LE(at + length - 4)).toBe(length);
    types.push(capture.readUInt32LE(at));
    at += length;
  }
  expect(types).toEqual([0x0a0d0d0a, 1, 6, 6, 6, 6, 6]);
});

describe.skipIf(!hasTshark)(`tshark reads a capture${unlessTshark}`, () => {
  test('of a call over UDP: methods, statuses, addresses, times and checksums', async () => {
    const { feed } = await call('UDP');
    expect(dissect(pcapngOf(feed), ...sipFields)).toEqual({ lines: expected, faults: [] });
    const capture = pcapngOf(feed);
    expect(dissect(capture, 'ip.src', 'udp.srcport', 'ip.dst', 'udp.dstport').lines.slice(0, 2)).toEqual([
      '192.0.2.4|5060|192.0.2.1|5060',
      '192.0.2.1|5060|192.0.2.4|5060',
    ]);
    expect(dissect(capture, 'frame.time_epoch').lines[3]).toBe('1700000001.500000000');
    expect(dissect(capture, 'sip.Call-ID', 'sdp.version').lines[0]).toMatch(/^INVITE-alice-1\|0$/);
  });

  test('of a call over TCP: one stream, its sequence numbers running on', async () => {
    const { feed } = await call('TCP');
    const capture = pcapngOf(feed);
    expect(dissect(capture, ...sipFields)).toEqual({ lines: expected, faults: [] });
    expect(new Set(dissect(capture, 'tcp.stream').lines)).toEqual(new Set(['0']));
    expect(dissect(capture, 'tcp.analysis.flags').lines.join('')).toBe('');
  });

  test('of messages from and to IPv6', () => {
    const capture = pcapngOf(sourceOf([{ remote: '[2001:db8::2]:5062', text: options(1) }]));
    expect(dissect(capture, 'ipv6.src', 'udp.srcport', 'ipv6.dst', 'sip.Method')).toEqual({
      lines: ['2001:db8::2|5062|::1|OPTIONS'],
      faults: [],
    });
  });

  test('of the largest messages', () => {
    const text = options(65_000);
    const capture = pcapngOf(
      sourceOf([{ text }, { text: options(65_300), protocol: 'TCP' }, { text: options(3), protocol: 'TCP' }]),
    );
    expect(dissect(capture, 'sip.Method').lines.filter((line) => line !== '')).toEqual([
      'OPTIONS',
      'OPTIONS',
      'OPTIONS',
    ]);
  });

  test('of one call alone', async () => {
    const there = await call('UDP');
    there.caller.open('OPTIONS');
    there.scheduler.advance(100);
    expect(dissect(pcapngOf(there.feed, 'INVITE-alice-1'), ...sipFields).lines).toEqual(expected);
    expect(dissect(pcapngOf(there.feed), ...sipFields).lines).toHaveLength(7);
  });
});

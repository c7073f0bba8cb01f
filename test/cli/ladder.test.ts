import { describe, expect, test } from 'vitest';
import { notifier } from '../../machines/notifier.js';
import { Ladder } from '../../src/cli/ladder.js';
import { plain } from '../../src/cli/styled-text.js';
import { grant, type UserAgentOptions } from '../../src/index.js';
import { Caller } from '../support/caller.js';
import { requestText, toTag } from '../support/peer.js';
import { stage } from '../support/stage.js';

/** A stage with a ladder beside it, that begins at 14:03:20, in a terminal of 80 columns until it is resized. */
const watchedStage = async (options: Omit<Partial<UserAgentOptions>, 'transports'>) => {
  const staged = await stage(options);
  const lines: string[] = [];
  const terminal: { columns: number | undefined } = { columns: 80 };
  const ladder = new Ladder({
    write: (line) => lines.push(line),
    paint: plain,
    columns: () => terminal.columns,
    now: () => new Date(2026, 0, 1, 14, 3, 20, staged.scheduler.now()),
  });
  staged.userAgent.watch((message) => ladder.message(message));
  staged.userAgent.inspect((event) => ladder.inspect(event));
  return { ...staged, lines, terminal, ladder };
};

const granted: Omit<Partial<UserAgentOptions>, 'transports'> = {
  policy: { refer: () => grant },
  on: {
    refer: (referral) => {
      referral.accept();
      referral.finish(200);
    },
  },
};

/** The same of one who takes a call at once. */
const answering: Omit<Partial<UserAgentOptions>, 'transports'> = {
  ...granted,
  on: {
    ...granted.on,
    invite: (invitation) => {
      invitation.progress();
      invitation.accept();
    },
  },
};

describe.each(['compiled', 'actor'] as const)('the ladder of the %s engine', (engine) => {
  test('shows a referral from its REFER to the end of its last machine, in 80 columns', async () => {
    const { peer, scheduler, lines } = await watchedStage({ ...granted, engine });
    peer.send(requestText());
    scheduler.advance(60_000);
    expect(lines).toEqual([
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ───────► REFER to sip:carol@192.0.2.3  …',
      '             #1  nonInviteServerTransaction  ● trying',
      '             #1  referUAS                    ● deciding',
      '             #1  referUAS                    deciding → accepted ◉  accept',
      '             #1  nonInviteServerTransaction  trying → completed  response',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ◄─────── 200 OK (REFER)',
      '             #1  dialog                      ● early',
      '             #1  dialog  early → confirmed  confirm  RFC 3261 §12.1.1: the 2xx',
      '             #1  notifier                    ● active.notifying',
      '             #1  delivery                    ● numbering',
      '             #1  delivery  numbering → trying  numbered  RFC 3261 §12.2.1.1',
      '             #1  nonInviteClientTransaction  ● trying',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ◄─────── NOTIFY 100 Trying active 300 s  …',
      '             #1  notifier  active.notifying → ending.notifying  end',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ───────► 200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction  trying → completed  response',
      '             #1  delivery                    trying → terminated ◉  response',
      '             #1  notifier  ending.notifying → .spacing  requestAnswered',
      '14:03:21.000 #1  notifier  ending.spacing → .last  notifySpacing',
      '             #1  delivery                    ● numbering',
      '             #1  delivery  numbering → trying  numbered  RFC 3261 §12.2.1.1',
      '             #1  nonInviteClientTransaction  ● trying',
      '14:03:21.000 #1  UDP 192.0.2.2:5060 ◄─────── NOTIFY 200 OK terminated …',
      '14:03:21.000 #1  UDP 192.0.2.2:5060 ───────► 200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction  trying → completed  response',
      '             #1  delivery                    trying → terminated ◉  response',
      '             #1  notifier  ending.last → terminated ◉  requestAnswered',
      '             #1  dialog  confirmed → terminated ◉  usageEnded  RFC 5057 §4.1',
      '14:03:25.000 #1  nonInviteClientTransaction  completed → terminated ◉  timerK',
      '14:03:26.000 #1  nonInviteClientTransaction  completed → terminated ◉  timerK',
      '14:03:52.000 #1  nonInviteServerTransaction  completed → terminated ◉  timerJ',
    ]);
  });

  test('shows a call with a REFER in it, in 80 columns', async () => {
    const { peer, scheduler, lines } = await watchedStage({ ...answering, engine });
    const contact = 'Contact: <sip:alice@192.0.2.2:5060>';
    const dialog = { callId: 'call', lines: [contact] };
    peer.send(requestText({ ...dialog, method: 'INVITE' }));
    scheduler.advance(10);
    const [, answer] = peer.responses;
    const inDialog = { ...dialog, to: `<sip:bob@192.0.2.1>;tag=${answer && toTag(answer)}` };
    peer.send(requestText({ ...inDialog, method: 'ACK' }));
    scheduler.advance(10);
    const referTo = 'Refer-To: <sip:carol@192.0.2.3>';
    peer.send(requestText({ ...inDialog, cseq: '2 REFER', lines: [contact, referTo] }));
    scheduler.advance(1_500);
    peer.send(requestText({ ...inDialog, method: 'BYE', cseq: '3 BYE' }));
    scheduler.advance(10);
    expect(lines).toEqual([
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ───────► INVITE sip:bob@192.0.2.1',
      '             #1  inviteServerTransaction     ● proceeding',
      '             #1  inviteUAS                   ● proceeding.deciding',
      '             #1  inviteUAS  proceeding.deciding → .early  progress',
      '             #1  dialog                      ● early',
      '             #1  session                     ● early.negotiating',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ◄─────── 180 Ringing (INVITE)',
      '             #1  inviteUAS                   proceeding.early → accepted  accept',
      '             #1  inviteServerTransaction  proceeding → accepted  response  RFC …',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ◄─────── 200 OK (INVITE)',
      '             #1  session  early.negotiating → accepted  accepted  RFC 3261 …',
      '             #1  dialog  early → confirmed  confirm  RFC 3261 §12.1.1: the 2xx',
      '14:03:20.010 #1  UDP 192.0.2.2:5060 ───────► ACK sip:bob@192.0.2.1',
      '             #1  inviteUAS  accepted → acknowledged ◉  ack  RFC 3261 §13.3.1.4',
      '             #1  session  accepted → confirmed.stable  acknowledged',
      '14:03:20.020 #1  UDP 192.0.2.2:5060 ───────► REFER to sip:carol@192.0.2.3  …',
      '             #1  nonInviteServerTransaction  ● trying',
      '             #1  referUAS                    ● deciding',
      '             #1  referUAS                    deciding → accepted ◉  accept',
      '             #1  nonInviteServerTransaction  trying → completed  response',
      '14:03:20.020 #1  UDP 192.0.2.2:5060 ◄─────── 200 OK (REFER)',
      '             #1  notifier                    ● active.notifying',
      '             #1  delivery                    ● numbering',
      '             #1  delivery  numbering → trying  numbered  RFC 3261 §12.2.1.1',
      '             #1  nonInviteClientTransaction  ● trying',
      '14:03:20.020 #1  UDP 192.0.2.2:5060 ◄─────── NOTIFY 100 Trying active 300 s  …',
      '             #1  notifier  active.notifying → ending.notifying  end',
      '14:03:20.020 #1  UDP 192.0.2.2:5060 ───────► 200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction  trying → completed  response',
      '             #1  delivery                    trying → terminated ◉  response',
      '             #1  notifier  ending.notifying → .spacing  requestAnswered',
      '14:03:21.020 #1  notifier  ending.spacing → .last  notifySpacing',
      '             #1  delivery                    ● numbering',
      '             #1  delivery  numbering → trying  numbered  RFC 3261 §12.2.1.1',
      '             #1  nonInviteClientTransaction  ● trying',
      '14:03:21.020 #1  UDP 192.0.2.2:5060 ◄─────── NOTIFY 200 OK terminated …',
      '14:03:21.020 #1  UDP 192.0.2.2:5060 ───────► 200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction  trying → completed  response',
      '             #1  delivery                    trying → terminated ◉  response',
      '             #1  notifier  ending.last → terminated ◉  requestAnswered',
      '14:03:21.520 #1  UDP 192.0.2.2:5060 ───────► BYE sip:bob@192.0.2.1',
      '             #1  nonInviteServerTransaction  ● trying',
      '             #1  bye                         ● answered ◉',
      '             #1  nonInviteServerTransaction  trying → completed  response',
      '14:03:21.520 #1  UDP 192.0.2.2:5060 ◄─────── 200 OK (BYE)',
      '             #1  session  confirmed.stable → terminated ◉  bye  RFC 3261 §15.1.2',
      '             #1  dialog  confirmed → terminated ◉  usageEnded  RFC 5057 §4.1',
    ]);
  });
});

describe('the ladder', () => {
  test('shows the clause that orders a step where there is room', async () => {
    const { peer, scheduler, lines, terminal } = await watchedStage({});
    terminal.columns = 120;
    peer.send(requestText());
    scheduler.advance(10);
    expect(lines).toContain('             #1  referUAS                    ● rejected ◉  RFC 3515 §5.2');
  });

  test('counts the calls, and leaves nameless what names none', async () => {
    const { peer, scheduler, lines } = await watchedStage({});
    for (const callId of ['one', 'two', 'one']) peer.send(requestText({ method: 'OPTIONS', callId }));
    peer.send('nonsense');
    scheduler.advance(10);
    expect(lines.filter((line) => line.includes('►'))).toEqual([
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ───────► OPTIONS sip:bob@192.0.2.1',
      '14:03:20.000 #2  UDP 192.0.2.2:5060 ───────► OPTIONS sip:bob@192.0.2.1',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ───────► OPTIONS sip:bob@192.0.2.1',
      '14:03:20.000     UDP 192.0.2.2:5060 ───────► nonsense  No SIP message starts …',
    ]);
  });

  test('shows no line for a step that stays where it is', async () => {
    const { peer, scheduler, lines } = await watchedStage({});
    const text = requestText({ method: 'OPTIONS' });
    peer.send(text);
    scheduler.advance(10);
    const before = lines.length;
    peer.send(text);
    scheduler.advance(10);
    expect(lines.slice(before)).toEqual([
      '14:03:20.010 #1  UDP 192.0.2.2:5060 ───────► OPTIONS sip:bob@192.0.2.1',
      '14:03:20.010 #1  UDP 192.0.2.2:5060 ◄─────── 200 OK (OPTIONS)',
    ]);
  });

  test('draws arrows between the peer and the user agent, and the machines beside, in 160 columns', async () => {
    const { peer, scheduler, lines, terminal } = await watchedStage(granted);
    terminal.columns = 160;
    peer.send(requestText());
    scheduler.advance(10);
    expect(lines).toEqual([
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ──────── REFER to sip:carol@192.0.2.3 ───────────►│ sip:bob@192.0.2.1',
      '             #1                                                                       │ nonInviteServerTransaction  ● trying',
      '             #1                                                                       │ referUAS                    ● deciding',
      '             #1                                                                       │ referUAS                    deciding → accepted ◉  accept',
      '             #1                                                                       │ nonInviteServerTransaction  trying → completed  response',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ◄─────── 200 OK (REFER) ──────────────────────────│',
      '             #1                                                                       │ dialog                      ● early',
      '             #1                                                                       │ dialog  early → confirmed  confirm  RFC 3261 §12.1.1: the 2xx',
      '             #1                                                                       │ notifier                    ● active.notifying',
      '             #1                                                                       │ delivery                    ● numbering',
      '             #1                                                                       │ delivery  numbering → trying  numbered  RFC 3261 §12.2.1.1',
      '             #1                                                                       │ nonInviteClientTransaction  ● trying',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ◄─────── NOTIFY 100 Trying active 300 s ──────────│ sip:alice@192.0.2.2:5060',
      '             #1                                                                       │ notifier                    active.notifying → ending.notifying  end',
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ──────── 200 OK (NOTIFY) ────────────────────────►│',
      '             #1                                                                       │ nonInviteClientTransaction  trying → completed  response',
      '             #1                                                                       │ delivery                    trying → terminated ◉  response',
      '             #1                                                                       │ notifier                    ending.notifying → .spacing  requestAnswered',
    ]);
  });

  test('follows the width of the terminal, line by line', async () => {
    const { peer, scheduler, lines, terminal } = await watchedStage({});
    const text = requestText({ method: 'OPTIONS' });
    for (const columns of [100, 160, 200, undefined, 50]) {
      terminal.columns = columns;
      peer.send(text);
      scheduler.advance(10);
    }
    expect(lines.filter((line) => line.includes('OPTIONS sip'))).toEqual([
      '14:03:20.000 #1  UDP 192.0.2.2:5060 ───────► OPTIONS sip:bob@192.0.2.1',
      '14:03:20.010 #1  UDP 192.0.2.2:5060 ──────── OPTIONS sip:bob@192.0.2.1 ──────────────►│',
      '14:03:20.020 #1  UDP 192.0.2.2:5060 ──────── OPTIONS sip:bob@192.0.2.1 ────────────────────────────────────►│',
      '14:03:20.030 #1  UDP 192.0.2.2:5060 ───────► OPTIONS sip:bob@192.0.2.1',
    ]);
    expect(lines.at(-2)).toBe('14:03:20.040 #1  UDP 192.0.2.2:5060 ───────► …');
  });

  test('fits the columns of any terminal', async () => {
    const { peer, scheduler, lines, terminal } = await watchedStage(granted);
    for (let columns = 1; columns <= 300; columns++) {
      terminal.columns = columns;
      lines.length = 0;
      peer.send(requestText());
      scheduler.advance(1_500);
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
    }
  });

  test.each([
    ['127.0.0.1:40123', '127.0.0.1', 40_123],
    ['192.168.100.200:50600', '192.168.100.200', 50_600],
    ['[::1]:5060', '::1', 5060],
    ['[2001:db8…7334]:50600', '2001:db8:85a3:8d3:1319:8a2e:370d:7334', 50_600],
    ['[fe80::12…%eth0]:5060', 'fe80::1234:5678:9abc:def0:1:2:3:7%eth0', 5060],
  ])('writes the peer %s in its column', async (peer, host, port) => {
    const { lines, ladder, terminal } = await watchedStage({});
    const text = requestText({ method: 'OPTIONS' });
    for (const columns of [80, 160]) {
      terminal.columns = columns;
      ladder.message({ direction: 'received', protocol: 'TCP', remote: { host, port }, text });
    }
    const shaft = '─'.repeat(21 - peer.length);
    expect(lines.map((line) => line.slice(17, 45))).toEqual([
      `TCP ${peer} ${shaft}► `,
      `TCP ${peer} ${shaft}─ `,
    ]);
  });

  test.each([
    [
      80,
      [
        'peer ──► received  peer ◄── sent  #1 the call  ● a machine starts',
        '→ its state changes  . within the same  ◉ it is done  … left out',
      ],
    ],
    [
      160,
      [
        'peer ──► received  peer ◄── sent  #1 the call  ● a machine starts  → its state changes  . within the same  ◉ it is done  … left out  │ this user agent',
      ],
    ],
    [
      undefined,
      [
        'peer ──► received  peer ◄── sent  #1 the call  ● a machine starts  → its state changes  . within the same  ◉ it is done  … left out',
      ],
    ],
  ])('explains its signs in %j columns', async (columns, expected) => {
    const { lines, ladder, terminal } = await watchedStage({});
    terminal.columns = columns;
    ladder.explain();
    expect(lines).toEqual(expected);
  });

  test('explains every sign that it writes, in a terminal of any width', async () => {
    const { peer, scheduler, lines, terminal, ladder } = await watchedStage(granted);
    for (let columns = 40; columns <= 240; columns += 8) {
      terminal.columns = columns;
      lines.length = 0;
      ladder.explain();
      const explained = lines.join('');
      peer.send(requestText());
      scheduler.advance(60_000);
      const written = new Set(lines.join('').match(/[^\x20-\x7e§]/g));
      expect([...written].filter((sign) => !explained.includes(sign))).toEqual([]);
    }
  });

  test.each([112, 121, 134, 135, 159, 160, 161, 177, 178, 200, 240])(
    'leaves nothing out of a call with a REFER in it, in %i columns',
    async (columns) => {
      const { network, scheduler, lines, terminal } = await watchedStage(answering);
      terminal.columns = columns;
      const caller = new Caller(network, scheduler);
      const dialog = caller.invite({ lines: ['Supported: 100rel'] });
      scheduler.advance(100);
      dialog.request('REFER', { lines: ['Refer-To: <sip:carol@example.com>'] });
      scheduler.advance(3_000);
      dialog.request('BYE');
      scheduler.advance(60_000);
      expect(lines.length).toBeGreaterThan(40);
      expect(lines.filter((line) => line.includes('…') || line.length > columns)).toEqual([]);
    },
  );

  test('cuts between words: no clause, state or event is half there', async () => {
    const { peer, scheduler, lines, terminal } = await watchedStage(granted);
    terminal.columns = undefined;
    peer.send(requestText());
    scheduler.advance(60_000);
    const words = new Set(['', ...lines.flatMap((line) => line.split(/ +/))]);
    for (let columns = 50; columns < 112; columns++) {
      terminal.columns = columns;
      lines.length = 0;
      peer.send(requestText({ branch: `z9hG4bK${columns}` }));
      scheduler.advance(60_000);
      const machines = lines.filter((line) => !/[►◄]/.test(line)).map((line) => line.slice(17));
      const shown = machines.flatMap((line) => line.replace('…', '').split(/ +/));
      expect(shown.filter((word) => !words.has(word))).toEqual([]);
    }
  });

  test('says why something failed', async () => {
    const { lines, ladder, terminal } = await watchedStage({});
    terminal.columns = 120;
    const actorRef = {
      sessionId: 'x:1',
      id: 'notifier',
      logic: notifier,
      getSnapshot: () => undefined,
    };
    const step = (value: string, event: { readonly type: string }) =>
      ladder.inspect({
        ...{ type: '@xstate.snapshot', rootId: 'x:1', actorRef, event },
        snapshot: { value, context: {}, status: 'active' },
      });
    step('active', { type: 'xstate.init' });
    const cause = 'no address for nowhere.invalid\x1b';
    step('terminated', { type: 'requestFailed', ...{ failure: 'transportError', cause } });
    step('active', { type: 'requestFailed', ...{ failure: 'timeout' } });
    expect(lines.map((line) => line.slice(17).replace(/ +/g, ' '))).toEqual([
      'notifier ● active',
      'notifier active → terminated requestFailed: no address for nowhere.invalid␛',
      'notifier terminated → active requestFailed: timeout',
    ]);
  });

  test('never writes raw what a message holds', async () => {
    const { peer, scheduler, lines } = await watchedStage({});
    peer.send(requestText({ method: 'OPTIONS', uri: 'sip:\x1b[31mx@192.0.2.1', callId: '\x1b[2J' }));
    scheduler.advance(10);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
  });
});

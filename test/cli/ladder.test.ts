import { describe, expect, test } from 'vitest';
import { Ladder } from '../../src/cli/ladder.js';
import { plain } from '../../src/cli/styled-text.js';
import { grant, type UserAgentOptions } from '../../src/index.js';
import { requestText, toTag } from '../support/peer.js';
import { stage } from '../support/stage.js';

/** A stage with a ladder beside it, that begins at 14:03:20. */
const watchedStage = async (options: Omit<Partial<UserAgentOptions>, 'transports'>, columns = 80) => {
  const staged = await stage(options);
  const lines: string[] = [];
  const ladder = new Ladder({
    write: (line) => lines.push(line),
    paint: plain,
    columns: () => columns,
    now: () => new Date(2026, 0, 1, 14, 3, 20, staged.scheduler.now()),
  });
  staged.userAgent.watch((message) => ladder.message(message));
  staged.userAgent.inspect((event) => ladder.inspect(event));
  return { ...staged, lines };
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
      '14:03:20.000 #1  ← UDP 192.0.2.2:5060       REFER to sip:carol@192.0.2.3  sip:b…',
      '             #1  nonInviteServerTransaction ● trying',
      '             #1  referUAS                   ● deciding',
      '             #1  referUAS                   deciding → accepted ◉  accept',
      '             #1  nonInviteServerTransaction trying → completed  response',
      '14:03:20.000 #1  → UDP 192.0.2.2:5060       200 OK (REFER)',
      '             #1  dialog                     ● early',
      '             #1  dialog                     early → confirmed  confirm  RFC 326…',
      '             #1  notifier                   ● active.notifying',
      '             #1  nonInviteClientTransaction ● trying',
      '14:03:20.000 #1  → UDP 192.0.2.2:5060       NOTIFY 100 Trying active 300 s  sip…',
      '             #1  notifier                   active.notifying → ending.notifying…',
      '14:03:20.000 #1  ← UDP 192.0.2.2:5060       200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction trying → completed  response',
      '             #1  notifier                   ending.notifying → .spacing  reques…',
      '14:03:21.000 #1  notifier                   ending.spacing → .last  notifySpaci…',
      '             #1  nonInviteClientTransaction ● trying',
      '14:03:21.000 #1  → UDP 192.0.2.2:5060       NOTIFY 200 OK terminated noresource…',
      '14:03:21.000 #1  ← UDP 192.0.2.2:5060       200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction trying → completed  response',
      '             #1  notifier                   ending.last → terminated ◉  request…',
      '             #1  dialog                     confirmed → terminated ◉  usageEnde…',
      '14:03:25.000 #1  nonInviteClientTransaction completed → terminated ◉  timerK',
      '14:03:26.000 #1  nonInviteClientTransaction completed → terminated ◉  timerK',
      '14:03:52.000 #1  nonInviteServerTransaction completed → terminated ◉  timerJ',
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
      '14:03:20.000 #1  ← UDP 192.0.2.2:5060       INVITE sip:bob@192.0.2.1',
      '             #1  inviteServerTransaction    ● proceeding',
      '             #1  inviteUAS                  ● proceeding.deciding',
      '             #1  inviteUAS                  proceeding.deciding → .early  progr…',
      '             #1  dialog                     ● early',
      '             #1  session                    ● early.negotiating',
      '14:03:20.000 #1  → UDP 192.0.2.2:5060       180 Ringing (INVITE)',
      '             #1  inviteUAS                  proceeding.early → accepted  accept',
      '             #1  inviteServerTransaction    proceeding → accepted  response  RF…',
      '14:03:20.000 #1  → UDP 192.0.2.2:5060       200 OK (INVITE)',
      '             #1  session                    early.negotiating → accepted  accep…',
      '             #1  dialog                     early → confirmed  confirm  RFC 326…',
      '14:03:20.010 #1  ← UDP 192.0.2.2:5060       ACK sip:bob@192.0.2.1',
      '             #1  inviteUAS                  accepted → acknowledged ◉  ack  RFC…',
      '             #1  session                    accepted → confirmed.stable  acknow…',
      '14:03:20.020 #1  ← UDP 192.0.2.2:5060       REFER to sip:carol@192.0.2.3  sip:b…',
      '             #1  nonInviteServerTransaction ● trying',
      '             #1  referUAS                   ● deciding',
      '             #1  referUAS                   deciding → accepted ◉  accept',
      '             #1  nonInviteServerTransaction trying → completed  response',
      '14:03:20.020 #1  → UDP 192.0.2.2:5060       200 OK (REFER)',
      '             #1  notifier                   ● active.notifying',
      '             #1  nonInviteClientTransaction ● trying',
      '14:03:20.020 #1  → UDP 192.0.2.2:5060       NOTIFY 100 Trying active 300 s  sip…',
      '             #1  notifier                   active.notifying → ending.notifying…',
      '14:03:20.020 #1  ← UDP 192.0.2.2:5060       200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction trying → completed  response',
      '             #1  notifier                   ending.notifying → .spacing  reques…',
      '14:03:21.020 #1  notifier                   ending.spacing → .last  notifySpaci…',
      '             #1  nonInviteClientTransaction ● trying',
      '14:03:21.020 #1  → UDP 192.0.2.2:5060       NOTIFY 200 OK terminated noresource…',
      '14:03:21.020 #1  ← UDP 192.0.2.2:5060       200 OK (NOTIFY)',
      '             #1  nonInviteClientTransaction trying → completed  response',
      '             #1  notifier                   ending.last → terminated ◉  request…',
      '14:03:21.520 #1  ← UDP 192.0.2.2:5060       BYE sip:bob@192.0.2.1',
      '             #1  nonInviteServerTransaction ● trying',
      '             #1  bye                        ● answered ◉',
      '             #1  nonInviteServerTransaction trying → completed  response',
      '14:03:21.520 #1  → UDP 192.0.2.2:5060       200 OK (BYE)',
      '             #1  session                    confirmed.stable → terminated ◉  by…',
      '             #1  dialog                     confirmed → terminated ◉  usageEnde…',
    ]);
  });
});

describe('the ladder', () => {
  test('shows the clause that orders a step where there is room', async () => {
    const { peer, scheduler, lines } = await watchedStage({}, 120);
    peer.send(requestText());
    scheduler.advance(10);
    expect(lines).toContain('             #1  referUAS                   ● rejected ◉  RFC 3515 §5.2');
  });

  test('counts the calls, and leaves nameless what names none', async () => {
    const { peer, scheduler, lines } = await watchedStage({});
    for (const callId of ['one', 'two', 'one']) peer.send(requestText({ method: 'OPTIONS', callId }));
    peer.send('nonsense');
    scheduler.advance(10);
    expect(lines.filter((line) => line.includes('←'))).toEqual([
      '14:03:20.000 #1  ← UDP 192.0.2.2:5060       OPTIONS sip:bob@192.0.2.1',
      '14:03:20.000 #2  ← UDP 192.0.2.2:5060       OPTIONS sip:bob@192.0.2.1',
      '14:03:20.000 #1  ← UDP 192.0.2.2:5060       OPTIONS sip:bob@192.0.2.1',
      expect.stringMatching(/^14:03:20\.000 {5}← UDP 192\.0\.2\.2:5060 {7}nonsense {2}.{25}…$/),
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
      '14:03:20.010 #1  ← UDP 192.0.2.2:5060       OPTIONS sip:bob@192.0.2.1',
      '14:03:20.010 #1  → UDP 192.0.2.2:5060       200 OK (OPTIONS)',
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

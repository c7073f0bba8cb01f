import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replay } from '../../src/inspect/replay.js';
import { accept, answer, description, offer } from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { engines, recordedStage, replayed, sameOnBoth } from './recorded.js';

const referTo = ['Refer-To: <sip:carol@192.0.2.3>'];

/** A call with a reliable provisional response, and a REFER in it. */
const story = async (effects = false) => {
  const there = await recordedStage({
    recording: { effects },
    onInvite: (invitation) =>
      invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: answer }),
    onRefer: (referral) => {
      referral.accept();
      referral.progress(180);
    },
  });
  const dialog = there.caller.invite({ lines: [...description, 'Supported: 100rel'], body: offer });
  there.scheduler.advance(700);
  accept(there.invitations[0]!);
  there.scheduler.advance(100);
  dialog.request('REFER', { lines: referTo });
  there.scheduler.advance(3_000);
  there.referrals[0]?.finish(200);
  there.scheduler.advance(2_000);
  dialog.bye();
  there.scheduler.advance(100_000);
  await there.userAgent.close();
  return there.recorded();
};

const errorOf = (recording: string) => {
  const result = replay(recording);
  if (result._tag === 'Right') throw new Error('it was replayed');
  return result.left;
};

describe('what is no recording', () => {
  test.each([
    ['', 0, 'nothing in it'],
    ['SIP/2.0 200 OK', 1, 'no recording'],
    ['{"sipchart":"recording","ver', 1, 'cut off'],
    ['\n', 1, 'no recording'],
    ['{"a":1}\n{}', 1, '--record FILE'],
    ['{"sipchart":"recording","version":1}', 1, 'version 1, and this sipchart reads version 2'],
    ['{"sipchart":"recording","version":2}', 1, 'lacks'],
    ['null\nnull', 1, 'no recording'],
  ])('%j is refused at line %i', (text, line, message) => {
    expect(errorOf(text)).toEqual({ line, message: expect.stringContaining(message) });
  });

  test('a damaged line, one of another shape, and a second recording are named', async () => {
    const recording = await story();
    const lines = recording.trimEnd().split('\n');
    const { length } = lines;
    const changed = (at: number, line: string) => lines.with(at - 1, line).join('\n');
    expect(errorOf(changed(5, '{'))).toEqual({
      line: 5,
      message: expect.stringMatching(/^Line 5 is no JSON/),
    });
    expect(errorOf(changed(5, '{"input":"magic"}'))).toEqual({
      line: 5,
      message: expect.stringMatching(/^Line 5 is no input/),
    });
    expect(errorOf(recording + recording)).toEqual({
      line: length + 1,
      message: expect.stringContaining('two recordings'),
    });
  });

  test('a recording that is cut off anywhere replays as far as it is whole, and says which line is not', async () => {
    const lines = (await story()).trimEnd().split('\n');
    for (let whole = 1; whole < lines.length; whole++) {
      const [before, next = ''] = [lines.slice(0, whole), lines[whole]];
      for (const part of ['{', next.slice(0, next.length / 2), next.slice(0, -1)])
        expect(replayed([...before, part].join('\n')), `${whole} lines and ${part}`).toMatchObject({
          isSame: true,
          difference: undefined,
          cutOff: whole + 1,
        });
    }
  });

  test('what differs in a recording that is cut off is told all the same', async () => {
    const recording = (await story()).replace('"type":"accept"', '"type":"reject"').slice(0, -10);
    expect(replayed(recording)).toMatchObject({ isSame: false, cutOff: undefined });
  });

  test('a recording without its end replays, and says that it has none', async () => {
    const lines = (await story()).trimEnd().split('\n');
    expect(replayed(lines.slice(0, -1).join('\n'))).toMatchObject({ isSame: true, end: undefined });
    expect(replayed(lines.join('\n'))).toMatchObject({ isSame: true, end: { end: 'closed' } });
  });
});

describe('a changed recording', () => {
  /** Each change, at the first line that it finds something in from a place on. */
  const changes: Readonly<Record<string, (line: Record<string, never>) => boolean>> = {};
  const change = (name: string, apply: (line: Record<string, unknown>) => boolean) =>
    Object.assign(changes, { [name]: apply });
  const text = (from: string | RegExp, to: string) => (line: Record<string, unknown>) => {
    const before = line.text;
    if (typeof before !== 'string') return false;
    line.text = before.replace(from, to);
    return line.text !== before;
  };
  change('another CSeq', text(/CSeq: (\d+)/, 'CSeq: 9$1'));
  change('another method', text(/^BYE(.*CSeq: \d+ )BYE/s, 'INFO$1INFO'));
  change('another tag', text(/^(PRACK.*;tag=)token/s, '$1other'));
  change('another verdict', (line) => {
    const { answers } = line;
    if (!Array.isArray(answers) || !answers.includes('grant')) return false;
    line.answers = answers.map((each) => (each === 'grant' ? { type: 'refuse', status: 603 } : each));
    return true;
  });
  change('another token', (line) => {
    const { answers } = line;
    if (!Array.isArray(answers) || !answers.some((each) => /^token/.test(`${each}`))) return false;
    line.answers = answers.map((each) => (/^token/.test(`${each}`) ? 'x' : each));
    return true;
  });
  change('an answer too few', (line) => Array.isArray(line.answers) && line.answers.pop() !== undefined);
  change('an answer too many', (line) => Array.isArray(line.answers) && line.answers.push(1) > 0);
  change('another order', (line) => {
    if ((line.event as { type: string } | undefined)?.type !== 'accept') return false;
    line.event = { type: 'reject', answer: { status: 486 } };
    return true;
  });
  change('another body', (line) => {
    const event = line.event as { answer?: { body?: string } } | undefined;
    if (event?.answer?.body === undefined) return false;
    event.answer.body = `${event.answer.body}a=x\r\n`;
    return true;
  });
  change('another machine', (line) => {
    if (line.input !== 'order') return false;
    line.machine = 1;
    return true;
  });
  change('another timer', (line) => {
    if (line.input !== 'timerEnded') return false;
    line.timer = line.timer === 'timerJ' ? 'timerL' : 'timerJ';
    return true;
  });
  change('another time', (line) => {
    if (line.timer !== 'notifySpacing') return false;
    line.now = (line.now as number) + 5_000;
    return true;
  });

  test.each(Object.keys(changes))('by %s is found, and named where it is', async (name) => {
    for (const effects of [false, true]) {
      const lines = (await story(effects)).trimEnd().split('\n');
      const at = lines.findIndex((line) => changes[name]!(JSON.parse(line)));
      expect(at).toBeGreaterThan(0);
      const changed = JSON.parse(lines[at]!);
      changes[name]!(changed);
      const recording = lines.with(at, JSON.stringify(changed)).join('\n');
      for (const engine of engines) {
        const { isSame, difference } = replayed(recording, engine);
        expect(isSame).toBe(false);
        // A token shows in the first message that has it.
        expect(difference?.line).toBe(name === 'another token' ? at + 2 : at + 1);
        expect(difference?.expected !== undefined).toBe(effects);
      }
    }
  });

  test('by a line that is missing is found at it, or where it is first missed', async () => {
    const lines = (await story()).trimEnd().split('\n');
    const unnoticed: string[] = [];
    lines.forEach((line, at) => {
      const { input, effects } = JSON.parse(line);
      if (input === undefined || effects === 0) return;
      const result = replay(lines.toSpliced(at, 1).join('\n'));
      if (result._tag === 'Right' && result.right.isSame) unnoticed.push(line);
    });
    expect(unnoticed.filter((line) => !line.includes('timerEnded') && !line.includes('"ACK'))).toEqual([]);
  });

  test('names the machine, the call and the first effect', async () => {
    const lines = (await story(true)).trimEnd().split('\n');
    const at = lines.findIndex((line) => line.includes('"event":{"type":"accept","answer"'));
    const recording = lines.with(at, lines[at]!.replace('o=bob 1', 'o=bob 2')).join('\n');
    expect(replayed(recording).difference).toMatchObject({
      line: at + 1,
      input: 'order accept',
      machine: { id: 'inviteUAS' },
      callId: 'INVITE-alice-1',
      message: expect.stringMatching(/^Effect \d+ is not the same$/),
    });
  });
});

test('nothing is thrown, whatever a recording is', async () => {
  const lines = (await story(true)).trimEnd().split('\n');
  const values = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 1e308, '', [], {}, null, '\u0000', 'accept'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(lines.length - 1), fc.nat(30), values), { minLength: 1, maxLength: 4 }),
      async (edits) => {
        const edited = [...lines];
        for (const [at, path, value] of edits) {
          const line = JSON.parse(edited[at]!);
          edit(line, path, value);
          edited[at] = JSON.stringify(line);
        }
        const result = replay(edited.join('\n'));
        expect(['Left', 'Right']).toContain(result._tag);
      },
    ),
    { numRuns: 400 },
  );
  await settled();
});

/** Puts a value in one of the places of a JSON value. */
const edit = (value: unknown, place: number, other: unknown) => {
  const places: [Record<string, unknown>, string][] = [];
  const walk = (each: unknown) => {
    if (typeof each !== 'object' || each === null) return;
    for (const name of Object.keys(each)) {
      places.push([each as Record<string, unknown>, name]);
      walk((each as Record<string, unknown>)[name]);
    }
  };
  walk(value);
  const chosen = places[place % Math.max(1, places.length)];
  if (chosen !== undefined) chosen[0][chosen[1]] = other;
};

test('T1 that would never end is refused', async () => {
  const recording = await story();
  expect(errorOf(recording.replace('"T1":500', '"T1":0')).message).toContain('lacks');
});

test('random networks, steps and answers replay equal', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        protocol: fc.constantFrom('UDP' as const, 'TCP' as const),
        loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
        late: fc.nat(600),
        gap: fc.integer({ min: 1, max: 9_000 }),
        steps: fc.array(
          fc.constantFrom('INVITE', 'REFER', 'INFO', 'UPDATE', 'BYE', 'up', 'down', 'finish', 'cut'),
          {
            maxLength: 8,
          },
        ),
        drain: fc.constantFrom(0, 3_000),
      }),
      async ({ seed, protocol, loss, late, gap, steps, drain }) => {
        const there = await recordedStage({
          protocol,
          network: { seed, loss, delay: [0, late], duplication: 0.2, reordering: 0.2 },
          onInvite: (invitation) => void invitation.progress(183, { reliable: true }),
          onRefer: (referral) => {
            referral.accept();
            referral.progress(180);
          },
        });
        const dialog = there.caller.invite({ lines: [...description, 'Supported: 100rel'], body: offer });
        for (const step of steps) {
          there.scheduler.advance(gap);
          if (step === 'up') for (const each of there.invitations) accept(each);
          else if (step === 'down') for (const each of there.invitations) each.session.hangUp();
          else if (step === 'finish') for (const each of there.referrals) each.finish(200);
          else if (step === 'cut') there.network.cut({ host: '192.0.2.1', port: 5060 });
          else dialog.request(step, { lines: step === 'REFER' ? referTo : description });
        }
        there.scheduler.advance(gap);
        const closed = there.userAgent.close({ drain });
        there.scheduler.advance(100_000);
        await closed;
        for (const result of sameOnBoth(await there.recorded()))
          expect(result).toMatchObject({ isSame: true });
      },
    ),
    { numRuns: 60 },
  );
});

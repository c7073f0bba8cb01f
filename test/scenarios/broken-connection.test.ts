import { describe, expect, test } from 'vitest';
import { type Answer, accept as answerWith } from '../../src/api/answer.js';
import type { Invitation } from '../../src/api/invitation.js';
import {
  accept,
  type CallOptions,
  type CallStage,
  callStage,
  type Dialogue,
  nothing,
  remains,
} from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { userAgentAddress } from '../support/stage.js';

interface Broken extends CallStage {
  readonly dialog: Dialogue;
}

/** A call over TCP whose connection dies when it has come so far. */
const broken = async (
  isBack: boolean,
  { acknowledges = true, ...options }: CallOptions & { readonly acknowledges?: boolean },
  before: (there: Broken) => void = () => {},
): Promise<Broken> => {
  const there = await callStage({ protocol: 'TCP', ...options });
  there.caller.acknowledges.success = acknowledges;
  const dialog = there.caller.invite();
  there.scheduler.advance(300);
  before({ ...there, dialog });
  there.network.cut(userAgentAddress);
  if (!isBack) there.caller.leave();
  there.scheduler.advance(300);
  there.caller.acknowledges.success = true;
  return { ...there, dialog };
};

const pickUp = ({ invitations: [invitation], scheduler }: CallStage) => {
  accept(invitation as Invitation);
  scheduler.advance(1_000);
};

const phases: Readonly<Record<string, CallOptions & { readonly acknowledges?: boolean }>> = {
  'before an answer': { onInvite: () => {} },
  'after the 180': { onInvite: (invitation) => invitation.progress() },
  'after the 2xx and before the ACK': { acknowledges: false },
  'after the ACK': {},
};

describe.each(Object.entries(phases))('a connection that dies %s', (name, options) => {
  const isOpen = name.startsWith('before an answer') || name.startsWith('after the 180');

  test('is made anew to the address of the Via, and the call goes on (RFC 3261 §18.2.2)', async () => {
    const there = await broken(true, options);
    if (isOpen) pickUp(there);
    there.scheduler.advance(10_000);
    expect(there.dialog.first.status).toBe(200);
    expect(there.told).toEqual(['call acknowledged']);
    there.dialog.bye();
    there.scheduler.advance(100);
    expect(there.dialog.last.status).toBe(200);
    expect(there.told).toEqual(['call acknowledged', 'call ended bye']);
    expect(remains(there)).toEqual(nothing);
  });

  test('leaves nothing behind where nobody is at the other end any more', async () => {
    const there = await broken(false, options);
    if (isOpen) pickUp(there);
    there.scheduler.advance(40_000);
    there.invitations[0]?.session.hangUp();
    expect(remains(there)).toEqual(nothing);
    expect(there.told.at(-1)).toMatch(/^call ended (unacknowledged|hungUp)$/);
  });

  test('leaves nothing behind where nobody is at either end', async () => {
    const there = await broken(false, options);
    if (name !== 'after the ACK') {
      expect(remains(there)).toEqual(nothing);
      return;
    }
    await there.userAgent.close({ drain: 0 });
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a connection that dies', () => {
  test('before the ACK of a refusal leaves nothing behind, and the application hears of it', async () => {
    const there = await callStage({ protocol: 'TCP', onInvite: (invitation) => invitation.reject(486) });
    there.caller.acknowledges.refusal = false;
    there.caller.invite();
    there.scheduler.advance(10);
    there.network.cut(userAgentAddress);
    there.caller.leave();
    expect(remains(there)).toEqual(nothing);
    expect(there.told).toEqual(['call failed timeout']);
  });

  test('before the answer to a request has the answer go to the address of its Via', async () => {
    let decide = (_answer: Answer) => {};
    const there = await callStage({
      protocol: 'TCP',
      on: { message: () => new Promise<Answer>((resolve) => (decide = resolve)) },
    });
    const { first } = there.caller.open('MESSAGE');
    there.scheduler.advance(10);
    there.network.cut(userAgentAddress);
    decide(answerWith());
    await settled();
    there.scheduler.advance(10);
    expect(first.status).toBe(200);
    expect(remains(there)).toEqual(nothing);
  });

  test.each([
    [true, ['call acknowledged', 'referral ended noresource', 'call ended hungUp']],
    [false, ['call acknowledged', 'referral ended transportError', 'call ended hungUp']],
  ])('during a referral in a session leaves nothing behind, its peer back: %s', async (isBack, told) => {
    const there = await broken(
      isBack,
      {
        onRefer: (referral) => referral.accept(),
      },
      ({ dialog, scheduler }) => {
        dialog.request('REFER', { lines: ['Refer-To: <sip:carol@192.0.2.3>'] });
        scheduler.advance(2_000);
      },
    );
    expect(there.referrals[0]?.finish(200)).toBe('sent');
    there.scheduler.advance(2_000);
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, sessions: 1, subscriptions: 0 });
    there.invitations[0]?.session.hangUp();
    there.scheduler.advance(2_000);
    expect(there.told).toEqual(told);
    expect(remains(there)).toEqual(nothing);
  });
});

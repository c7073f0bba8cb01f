import { describe, expect, test } from 'vitest';
import { accept as answerWith } from '../../src/api/answer.js';
import type { Invitation } from '../../src/api/invitation.js';
import type { Fate, MemoryMessage } from '../../src/transports/memory.js';
import {
  accept,
  answer,
  type CallOptions,
  type CallStage,
  callStage,
  type Dialogue,
  description,
  nothing,
  offer,
  remains,
  type Wish,
} from '../support/caller.js';

interface Call extends CallStage {
  readonly dialog: Dialogue;
}

/** A call flow: who does what, ten seconds after the last step, which lets the network recover. */
interface Flow extends CallOptions {
  readonly wish?: Wish;
  readonly steps: readonly ((there: Call) => unknown)[];
}

const described = { lines: description, body: offer };
const ringing = (invitation: Invitation) => void invitation.progress();
const pickUp = ({ invitations: [invitation] }: Call) => invitation && accept(invitation);
const hangUp = ({ invitations: [invitation] }: Call) => invitation?.session.hangUp();
/** A request in the call, once that is established. */
const ask =
  (method: string, wish?: Wish) =>
  ({ dialog }: Call) =>
    dialog.first.status === 200 && dialog.request(method, wish);
const sayBye = ask('BYE');
const refer = ask('REFER', { lines: ['Refer-To: <sip:carol@192.0.2.3>'] });

const flows: Readonly<Record<string, Flow>> = {
  'answered, and ended by the caller': { onInvite: ringing, steps: [pickUp, sayBye] },
  'answered at once, and ended by the callee': { steps: [hangUp] },
  'without an offer': { wish: {}, steps: [sayBye] },
  cancelled: { onInvite: ringing, steps: [({ dialog }) => dialog.cancel()] },
  busy: { onInvite: (invitation) => invitation.reject(486), steps: [] },
  redirected: { onInvite: (invitation) => invitation.redirect(['sip:carol@192.0.2.3']), steps: [] },
  'answered by nobody': { onInvite: ringing, wish: { lines: ['Expires: 20'] }, steps: [] },
  'with a reliable provisional response': {
    wish: { lines: [...description, 'Supported: 100rel'], body: offer },
    onInvite: (invitation) =>
      invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: answer }),
    steps: [pickUp, sayBye],
  },
  'with three reliable provisional responses at once': {
    wish: { lines: [...description, 'Require: 100rel'], body: offer },
    onInvite: (invitation) => {
      for (const status of [180, 182, 183]) invitation.progress(status);
    },
    steps: [pickUp, sayBye],
  },
  'with a re-INVITE and an UPDATE that are accepted': {
    on: { update: () => answerWith() },
    steps: [ask('INVITE', described), ask('UPDATE', described), sayBye],
  },
  'with a re-INVITE that is refused': {
    onReInvite: (invitation) => invitation.reject(488),
    steps: [ask('INVITE', described), hangUp],
  },
  'with an INFO': { steps: [ask('INFO'), sayBye] },
  'with a referral, and ended after it': {
    onRefer: (referral) => {
      referral.accept();
      referral.progress(180);
      referral.finish(200);
    },
    steps: [refer, sayBye],
  },
  'with a referral, and ended before it': {
    onRefer: (referral) => referral.accept(),
    steps: [refer, sayBye, ({ referrals: [referral] }) => referral?.finish(200)],
  },
};

/** Plays a flow with so many milliseconds between its steps, on a network that does with a message what it is told to. */
const play = async (
  { wish = described, steps, ...options }: Flow,
  fateOf: (message: MemoryMessage) => Fate | undefined,
  { gap = 10_000, ...network }: { gap?: number } & CallOptions['network'] = {},
) => {
  const there = await callStage({ ...options, network: { delay: 10, ...network } });
  const messages: string[] = [];
  there.network.on((message) => {
    messages[message.number] = message.text.slice(0, message.text.indexOf('\r\n'));
    return fateOf(message);
  });
  const dialog = there.caller.invite(wish);
  there.scheduler.advance(gap);
  for (const step of steps) {
    step({ ...there, dialog });
    there.scheduler.advance(gap);
  }
  // What has not ended in haste ends now.
  there.scheduler.advance(200_000);
  for (const invitation of there.invitations) invitation.session.hangUp();
  for (const referral of there.referrals) referral.finish(200);
  const rest = remains(there);
  const outcome = {
    rest,
    told: there.told,
    answered: there.caller.outcomes,
    lastHeard: there.caller.heard.at(-1),
  };
  return { outcome, messages };
};

const fates: Readonly<Record<string, Fate>> = {
  lost: 'lose',
  duplicated: 'duplicate',
  'delayed past its neighbour': { delay: 35 },
  'delayed past its repetition': { delay: 700 },
  'delayed by seconds': { delay: 5_000 },
};

const engines = { compiled: fates, actor: { lost: 'lose' } } as const;
const runs = Object.entries(engines).flatMap(([engine, its]) =>
  Object.entries(its).map(([name, fate]) => [name, engine as keyof typeof engines, fate] as const),
);

describe.each(Object.entries(flows))('a call %s', (_name, each) => {
  test.each(runs)('comes to the same end with any one message %s (%s)', async (_fate, engine, fate) => {
    const flow = { ...each, engine };
    const { outcome: usual, messages } = await play(flow, () => undefined);
    expect(usual.rest).toEqual(nothing);
    const others: Record<string, unknown> = {};
    for (let chosen = 1; chosen < messages.length; chosen++) {
      const { outcome } = await play(flow, ({ number }) => (number === chosen ? fate : undefined));
      if (JSON.stringify(outcome) !== JSON.stringify(usual))
        others[`${chosen}: ${messages[chosen]}`] = outcome;
    }
    expect(others, JSON.stringify(usual)).toEqual({});
  });
});

describe.each(Object.entries(flows))('a call %s, whose steps do not wait for each other,', (_name, flow) => {
  test.each([5, 25, 300])(
    'leaves no request without an answer and nothing behind, %i ms apart',
    async (gap) => {
      const left: Record<string, unknown> = {};
      const usual = await play(flow, () => undefined, { gap });
      for (const [name, fate] of Object.entries(fates))
        for (let chosen = 1; chosen < usual.messages.length; chosen++) {
          const { outcome, messages } = await play(
            flow,
            ({ number }) => (number === chosen ? fate : undefined),
            { gap },
          );
          const unanswered = outcome.answered.filter((each) => !/ \d+$/.test(each));
          if (unanswered.length > 0 || JSON.stringify(outcome.rest) !== JSON.stringify(nothing))
            left[`${messages[chosen]} ${name}`] = { outcome, messages };
        }
      expect(left).toEqual({});
    },
  );

  test('leaves nothing behind where a third of all is lost, and much comes late or twice', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const conditions = { seed, loss: 0.33, delay: [0, 400] as const, duplication: 0.2, reordering: 0.2 };
      const { outcome } = await play(flow, () => undefined, { gap: 50 * seed, ...conditions });
      expect(outcome.rest, `seed ${seed}`).toEqual(nothing);
    }
  });
});

describe.each(Object.entries(flows))('a call %s over TCP', (_name, flow) => {
  test.each([10, 10_000])(
    'leaves nothing behind where the connection breaks at any one message, steps %i ms apart',
    async (gap) => {
      const left: Record<string, unknown> = {};
      const usual = await play({ ...flow, protocol: 'TCP' }, () => undefined, { gap });
      for (let chosen = 1; chosen < usual.messages.length; chosen++) {
        const { outcome, messages } = await play(
          { ...flow, protocol: 'TCP' },
          ({ number }) => (number === chosen ? 'lose' : undefined),
          { gap },
        );
        if (JSON.stringify(outcome.rest) !== JSON.stringify(nothing))
          left[`${messages[chosen]}`] = { outcome, messages };
      }
      expect(left).toEqual({});
    },
  );
});

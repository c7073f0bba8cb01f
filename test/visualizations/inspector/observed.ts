import { endpointOf } from '../../../src/api/user-agent.js';
import type { Entry } from '../../../src/inspect/entry.js';
import { Feed } from '../../../src/inspect/feed.js';
import { type CallOptions, callStage } from '../../support/caller.js';

const referTo = { lines: ['Refer-To: <sip:carol@192.0.2.3>'] };

/** A call stage that is watched by a feed, under its own clock. */
export const observedStage = async (options: CallOptions = {}, size?: number) => {
  const there = await callStage({ onRefer: (referral) => void referral.accept(), ...options });
  const { scheduler } = there;
  const feed = new Feed(
    { now: () => scheduler.now(), ...(size === undefined ? {} : { size }) },
    endpointOf(there.userAgent),
  );
  return { ...there, feed };
};

export type ObservedStage = Awaited<ReturnType<typeof observedStage>>;

/** A call with a REFER in its dialog, to the BYE; `pause` is made after each thing that is done. */
export const transfer = async (
  { caller, referrals, scheduler }: Pick<ObservedStage, 'caller' | 'referrals' | 'scheduler'>,
  pause: (done: string) => Promise<void> = async () => {},
): Promise<void> => {
  const index = referrals.length;
  const dialog = caller.invite();
  scheduler.advance(100);
  await pause('the call is accepted');
  dialog.request('REFER', referTo);
  scheduler.advance(2_000);
  await pause('the REFER is accepted');
  referrals[index]?.progress(180);
  scheduler.advance(2_000);
  await pause('the referral rings');
  referrals[index]?.finish(200);
  scheduler.advance(2_000);
  await pause('the referral has ended');
  dialog.bye();
  scheduler.advance(100);
  await pause('the call has ended');
};

/** The entries of so many transfers, one after the other. */
export const transfers = async (count: number): Promise<readonly Entry[]> => {
  const there = await observedStage();
  for (let made = 0; made < count; made++) await transfer(there);
  there.scheduler.advance(60_000);
  return there.feed.read();
};

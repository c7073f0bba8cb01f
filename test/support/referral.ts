import { grant } from '../../src/api/policy.js';
import type { Referral } from '../../src/api/referral.js';
import { requestText } from './peer.js';
import { stage } from './stage.js';

/** A REFER that is granted and comes to its end: `begin` takes it to its first NOTIFY, `finish` to where no machine is left. */
export const stagedReferral = async (engine: 'compiled' | 'actor' = 'compiled') => {
  const referrals: Referral[] = [];
  const { peer, scheduler, userAgent } = await stage({
    engine,
    policy: { refer: () => grant },
    on: {
      refer: (referral) => {
        referral.accept();
        referrals.push(referral);
      },
    },
  });
  const begin = (lines?: readonly string[]) => {
    peer.send(requestText(lines === undefined ? {} : { lines }));
    scheduler.advance(2_000);
  };
  const finish = () => {
    if (referrals.length === 0) begin();
    referrals[0]?.progress(180);
    scheduler.advance(500);
    referrals[0]?.finish(200);
    scheduler.advance(60_000);
  };
  return { userAgent, begin, finish };
};

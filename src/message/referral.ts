import { header } from './header.js';
import type { Request } from './message.js';

/** Whether there is exactly one Refer-To and it can be parsed (RFC 3515 §2.4.2). */
export const hasOneReferTo = (request: Request) => header(request, 'Refer-To')._tag === 'Right';

/** Whether a REFER asks for no subscription (`Refer-Sub: false`, RFC 4488 §4). */
export const refusesSubscription = (request: Request) => {
  const referSub = header(request, 'Refer-Sub');
  return referSub._tag === 'Right' && !referSub.right;
};

/** How far a referred request has come: the body of a NOTIFY (RFC 3515 §2.4.5, RFC 3420). */
export const sipfragReport = (status: number, reason: string) => ({
  contentType: 'message/sipfrag',
  body: `SIP/2.0 ${status} ${reason}\r\n`,
});

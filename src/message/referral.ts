import { header } from './header.js';
import type { Request } from './message.js';
import { isSIPURI } from './uri.js';

/** Whether there is exactly one Refer-To and it can be parsed (RFC 3515 §2.4.2). */
export const hasOneReferTo = (request: Request) => header(request, 'Refer-To')._tag === 'Right';

/** Whether there is exactly one Contact, a SIP or SIPS URI (RFC 3515 §2.2, RFC 3261 §8.1.1.8). */
export const hasOneContact = (request: Request) => {
  const contact = header(request, 'Contact');
  if (contact._tag === 'Left' || contact.right === '*' || contact.right.length !== 1) return false;
  return isSIPURI(contact.right[0]!.uri);
};

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

import { header } from './header.js';
import type { Request } from './message.js';
import { isSIPURI } from './uri.js';

/** Whether there is exactly one Contact, a SIP or SIPS URI (RFC 3515 §2.2, RFC 3261 §8.1.1.8). */
export const hasOneContact = (request: Request) => {
  const contact = header(request, 'Contact');
  if (contact._tag === 'Left' || contact.right === '*' || contact.right.length !== 1) return false;
  return isSIPURI(contact.right[0]!.uri);
};

/** Whether a route set can be made of its Record-Route, or it has none (RFC 3261 §12.1.1). */
export const hasReadableRoutes = (request: Request) => header(request, 'Record-Route')._tag === 'Right';

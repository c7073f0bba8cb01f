import { header } from './header.js';
import type { Request } from './message.js';

/** Whether a PUBLISH has no readable Event, or that of another package (RFC 3903 §6 step 2). */
export const isOfUnknownPackage = (request: Request, packages: readonly string[]) => {
  const event = header(request, 'Event');
  return event._tag === 'Left' || !packages.includes(event.right.package);
};

/** Whether a PUBLISH has a SIP-If-Match that is not one entity-tag (RFC 3903 §6 step 3). */
export const hasMalformedCondition = (request: Request) => isUnreadable(request, 'SIP-If-Match');

/** Whether a PUBLISH has an Expires that is not one number of seconds (RFC 3903 §4.2). */
export const hasMalformedInterval = (request: Request) => isUnreadable(request, 'Expires');

/** Whether a PUBLISH asks for a shorter time than a minimum of seconds (RFC 3903 §6 step 4). */
export const isBriefPublication = (request: Request, minimum: number) => {
  const expires = header(request, 'Expires');
  return expires._tag === 'Right' && expires.right > 0 && expires.right < minimum;
};

/** Whether a PUBLISH has neither a body nor a SIP-If-Match that says whose state it means (RFC 3903 §6 step 5). */
export const isEmptyPublication = (request: Request) =>
  request.body === '' && header(request, 'SIP-If-Match')._tag === 'Left';

const isUnreadable = (request: Request, name: 'SIP-If-Match' | 'Expires') => {
  const value = header(request, name);
  return value._tag === 'Left' && value.left.code !== 'missing';
};

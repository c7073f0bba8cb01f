import { DIGIT, isAll } from './characters.js';
import { header } from './header.js';
import type { Request } from './message.js';
import type { Contact, NameAddress } from './name-address.js';
import { isSIPURI } from './uri.js';

/** Whether the To of a REGISTER is an address of record: a SIP or SIPS URI (RFC 3261 §10.2). */
export const hasAddressOfRecord = (request: Request) => {
  const to = header(request, 'To');
  return to._tag === 'Right' && isSIPURI(to.right.uri);
};

/** Whether the contacts of a REGISTER are a hundred at most and can be read and written back, and a `*` comes with `Expires: 0` (RFC 3261 §10.3 step 6). */
export const hasValidContacts = (request: Request) => {
  const contacts = header(request, 'Contact');
  if (contacts._tag === 'Left') return false;
  if (contacts.right !== '*') return contacts.right.length <= 100 && contacts.right.every(hasNoNUL);
  const expires = header(request, 'Expires');
  return expires._tag === 'Right' && expires.right === 0;
};

/** Whether a contact of a REGISTER asks for a shorter time than an hour and than a minimum of seconds (RFC 3261 §10.3 step 7). */
export const hasBriefContact = (request: Request, minimum: number) => {
  const contacts = header(request, 'Contact');
  if (contacts._tag === 'Left' || contacts.right === '*') return false;
  return contacts.right.some((contact) => {
    const interval = contactInterval(request, contact);
    return interval !== undefined && interval > 0 && interval < Math.min(minimum, HOUR);
  });
};

/** The seconds that a contact of a REGISTER asks for, if it does: an hour where they can't be read (RFC 3261 §10.2, §10.3 step 7). */
export const contactInterval = (request: Request, contact: NameAddress): number | undefined => {
  const parameter = contact.parameters.get('expires');
  if (parameter !== undefined) return isAll(parameter, DIGIT) ? Number(parameter) : HOUR;
  const expires = header(request, 'Expires');
  if (expires._tag === 'Right') return expires.right;
  return expires.left.code === 'missing' ? undefined : HOUR;
};

/** An escaped NUL may stand in a quoted string (RFC 3261 §25.1), but not in a message of ours. */
const hasNoNUL = ({ text }: Contact) => !text.includes('\0');

const HOUR = 3_600;

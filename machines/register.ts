/** The user agent server of REGISTER, a registrar: RFC 3261 §10.3. The bindings are in a store, not here. */
import { hasAddressOfRecord, hasBriefContact, hasValidContacts } from '../src/message/registration.js';
import { warning } from '../src/message/warning.js';
import { reviseBindings } from './effects.js';
import { listEventTypes } from './event-types.js';
import { badRequest } from './refusals.js';
import {
  type Context,
  type Input,
  type RevisedBindings,
  type RevisedPublication,
  type Event as RevisingEvent,
  revisingUAS,
  sharedEventTypes,
  type Unmatched,
} from './revising-uas.js';

export type { Context, Input };

export type Event = Exclude<RevisingEvent, RevisedPublication | Unmatched>;

export const eventTypes = listEventTypes<Event>({ ...sharedEventTypes, outOfOrder: true });

export const register = revisingUAS<'register', Input, RevisedBindings>('register', 'RFC 3261 §10.3', {
  refusals: [
    {
      guard: 'hasNoAddressOfRecord',
      description: 'RFC 3261 §10.2',
      applies: ({ request }) => !hasAddressOfRecord(request),
      response: () => badRequest('Address-of-Record Is No SIP URI', 'The To is no SIP or SIPS URI.'),
    },
    {
      guard: 'hasInvalidContacts',
      description: 'RFC 3261 §10.3 step 6',
      applies: ({ request }) => !hasValidContacts(request),
      response: () =>
        badRequest(
          'Invalid Bindings',
          "The Contact can't be read, has over a hundred values, or is * without Expires: 0.",
        ),
    },
    {
      guard: 'isTooBrief',
      description: 'RFC 3261 §10.3 step 7',
      applies: ({ request, minimum }) => hasBriefContact(request, minimum),
      response: ({ minimum }) => ({ status: 423, headers: [['Min-Expires', `${minimum}`]] }),
    },
  ],
  revise: reviseBindings(),
  tell: ({ bindings }) => bindings.map((binding) => ['Contact', binding]),
  conflict: {
    event: 'outOfOrder',
    description: 'RFC 3261 §10.3 steps 6 and 7',
    response: {
      status: 500,
      headers: [warning('The CSeq is not over that of the REGISTER that made the binding.')],
    },
  },
});

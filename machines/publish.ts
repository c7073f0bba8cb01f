/** The user agent server of PUBLISH, an event state compositor: RFC 3903 §6. The event state is in a store, not here. */
import {
  hasMalformedCondition,
  hasMalformedInterval,
  isBriefPublication,
  isEmptyPublication,
  isOfUnknownPackage,
} from '../src/message/publication.js';
import { revisePublication } from './effects.js';
import { listEventTypes } from './event-types.js';
import { badRequest } from './refusals.js';
import {
  type OutOfOrder,
  type RevisedBindings,
  type RevisedPublication,
  type Context as RevisingContext,
  type Event as RevisingEvent,
  type Input as RevisingInput,
  revisingUAS,
  sharedEventTypes,
} from './revising-uas.js';

export interface Input extends RevisingInput {
  /** Event packages whose state may be published. */
  readonly packages: readonly string[];
}

export type Context = RevisingContext & Input;

export type Event = Exclude<RevisingEvent, RevisedBindings | OutOfOrder>;

export const eventTypes = listEventTypes<Event>({ ...sharedEventTypes, unmatched: true });

export const publish = revisingUAS<'publish', Input, RevisedPublication>('publish', 'RFC 3903 §6', {
  refusals: [
    {
      guard: 'isOfUnknownPackage',
      description: 'RFC 3903 §6 step 2',
      applies: ({ request, packages }) => isOfUnknownPackage(request, packages),
      response: ({ packages }) => ({ status: 489, headers: [['Allow-Events', packages.join(', ')]] }),
    },
    {
      guard: 'hasMalformedCondition',
      description: 'RFC 3903 §6 step 3',
      applies: ({ request }) => hasMalformedCondition(request),
      response: () =>
        badRequest('Exactly One Entity-Tag Required', 'The SIP-If-Match is not one entity-tag.'),
    },
    {
      guard: 'hasMalformedInterval',
      description: 'RFC 3903 §4.2',
      applies: ({ request }) => hasMalformedInterval(request),
      response: () => badRequest('Malformed Interval', 'The Expires is not one number of seconds.'),
    },
    {
      guard: 'isTooBrief',
      description: 'RFC 3903 §6 step 4',
      applies: ({ request, minimum }) => isBriefPublication(request, minimum),
      response: ({ minimum }) => ({ status: 423, headers: [['Min-Expires', `${minimum}`]] }),
    },
    {
      guard: 'isEmpty',
      description: 'RFC 3903 §6 step 5',
      applies: ({ request }) => isEmptyPublication(request),
      response: () => badRequest('Nothing Published', 'There is neither a body nor a SIP-If-Match.'),
    },
  ],
  revise: revisePublication(),
  tell: ({ entityTag, expires }) => [
    ['SIP-ETag', entityTag],
    ['Expires', `${expires}`],
  ],
  conflict: {
    event: 'unmatched',
    description: 'RFC 3903 §6 step 3',
    response: { status: 412 },
  },
});

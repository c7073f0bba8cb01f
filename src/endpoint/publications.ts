import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { field, header, type Request } from '../message/index.js';
import { grantedInterval, type Intervals, type SoftState, unexpired } from './soft-state.js';

/** Event state that was published for a resource and an event package (RFC 3903 §4). */
export interface Publication extends SoftState {
  readonly entityTag: string;
  /** As written. */
  readonly contentType: string;
  /** Latin1 text, one character a byte. */
  readonly body: string;
}

/** The publications of a resource and an event package after a PUBLISH that comes `now`, in milliseconds; what it publishes gets the entity-tag (RFC 3903 §6 steps 3 to 5). */
export const revisePublications = (
  current: readonly Publication[],
  request: Request,
  now: number,
  entityTag: string,
  intervals: Intervals,
): Either<'unmatched', readonly Publication[]> => {
  const publications = unexpired(current, now);
  const condition = header(request, 'SIP-If-Match');
  const earlier =
    condition._tag === 'Right' ? publications.find((one) => one.entityTag === condition.right) : undefined;
  if (condition._tag === 'Right' && earlier === undefined) return left('unmatched');

  const others = publications.filter((publication) => publication !== earlier);
  const interval = publicationInterval(request, intervals);
  if (interval === 0) return right(others);
  const { contentType, body } = request.body === '' && earlier !== undefined ? earlier : stateOf(request);
  return right([...others, { entityTag, contentType, body, expiresAt: now + interval * 1_000 }]);
};

/** The seconds that what a PUBLISH publishes stays; 0 where it is removed (RFC 3903 §6 step 4). */
export const publicationInterval = (request: Request, intervals: Intervals): number => {
  const expires = header(request, 'Expires');
  return grantedInterval(expires._tag === 'Right' ? expires.right : undefined, intervals);
};

const stateOf = (request: Request) => ({
  contentType: field(request, 'Content-Type') ?? '',
  body: request.body,
});

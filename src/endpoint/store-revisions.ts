import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { header } from '../message/index.js';
import { addressOfRecord } from './address-of-record.js';
import { formatBindings, reviseBindings } from './bindings.js';
import type { Endpoint } from './endpoint.js';
import type { MachineEvent, UAS } from './live-machine.js';
import { publicationInterval, revisePublications } from './publications.js';

/** Has the store change the bindings as a REGISTER asks (RFC 3261 §10.3). */
export const reviseBindingsOf = (endpoint: Endpoint, uas: UAS): void => {
  const { bindings } = endpoint.configuration;
  const { request, essentials } = uas.arrival;
  const now = endpoint.now();
  settle(
    endpoint,
    uas,
    bindings.store.revise(
      addressOfRecord(essentials.to.uri),
      (current) => reviseBindings(current, { request, essentials }, now, bindings),
      now,
    ),
    (revised) => ({ type: 'revised', bindings: formatBindings(revised, now) }),
  );
};

/** Has the store change the event state as a PUBLISH asks (RFC 3903 §6). */
export const revisePublicationOf = (endpoint: Endpoint, uas: UAS): void => {
  const { publications, entropy } = endpoint.configuration;
  const { request, essentials } = uas.arrival;
  const event = header(request, 'Event');
  const now = endpoint.now();
  const entityTag = entropy.token();
  settle(
    endpoint,
    uas,
    publications.store.revise(
      addressOfRecord(essentials.uri),
      event._tag === 'Right' ? event.right.package : '',
      (current) => revisePublications(current, request, now, entityTag, publications),
      now,
    ),
    () => ({ type: 'revised', entityTag, expires: publicationInterval(request, publications) }),
  );
};

/** Tells the user agent server what came of it, in whatever way the store fails. */
const settle = <Entry>(
  endpoint: Endpoint,
  uas: UAS,
  revising: TaskEither<'outOfOrder' | 'unmatched' | Error, readonly Entry[]>,
  revised: (entries: readonly Entry[]) => MachineEvent,
): void => {
  const fail = (error: unknown) => {
    endpoint.configuration.application.failed(error as Error);
    endpoint.order(uas, { type: 'storeFailed' });
  };
  const tell = (outcome: Either<'outOfOrder' | 'unmatched' | Error, readonly Entry[]>) => {
    if (!isLeft(outcome)) endpoint.order(uas, revised(outcome.right));
    else if (outcome.left instanceof Error) fail(outcome.left);
    else endpoint.order(uas, { type: outcome.left });
  };
  try {
    revising().then(tell, fail);
  } catch (error) {
    fail(error);
  }
};

import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { check, isLimit, optionsOf } from '../options/rules.js';
import type { Publication } from './publications.js';
import { memorySoftState } from './soft-state.js';

/** Where an event state compositor keeps what was published, as a port (RFC 3903 §6). */
export interface PublicationStore {
  /**
   * Replaces the publications of a resource and an event package by what `change` makes of them, and gives the new ones.
   * All are stored or none: an 'unmatched' leaves them as they were and the PUBLISH is answered 412, an Error likewise and
   * it is answered 500. No other change may come between the reading and the writing (RFC 3903 §6). A change that gives
   * them back as they are reads them.
   */
  revise(
    resource: string,
    eventPackage: string,
    change: (current: readonly Publication[]) => Either<'unmatched', readonly Publication[]>,
    /** The present in whole milliseconds of the epoch, as in `expiresAt`. */
    now: number,
  ): TaskEither<'unmatched' | Error, readonly Publication[]>;
}

export interface PublicationLimits {
  /** Resources, counted once an event package; 1,000 by default. */
  readonly resources?: number;
  /** 10 by default. */
  readonly publicationsPerResource?: number;
  /** Bytes of all publications, 512 each besides their texts: 16 MiB by default. */
  readonly bytes?: number;
}

/** Publications in memory. Where there would be too many, those that have expired make room; if none have, it is an Error. */
export const memoryPublicationStore = (limits: PublicationLimits = {}): PublicationStore => {
  check('memoryPublicationStore', limits, limitsRule);
  const { resources = 1_000, publicationsPerResource = 10, bytes = 16_777_216 } = limits;
  const revise = memorySoftState<Publication, 'unmatched'>({
    keys: resources,
    entriesPerKey: publicationsPerResource,
    bytes,
  });
  return {
    revise: (resource, eventPackage, change, now) => revise(`${eventPackage} ${resource}`, change, now),
  };
};

const limitsRule = optionsOf<PublicationLimits>({
  resources: isLimit,
  publicationsPerResource: isLimit,
  bytes: isLimit,
});

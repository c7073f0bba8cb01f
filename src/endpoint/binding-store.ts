import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { check, isLimit, optionsOf } from '../options/rules.js';
import type { Binding } from './bindings.js';
import { memorySoftState } from './soft-state.js';

/** Where a registrar keeps its bindings, as a port (RFC 3261 §10.2.1: the location service). */
export interface BindingStore {
  /**
   * Replaces the bindings of an address of record by what `change` makes of them, and gives the new ones. All are stored
   * or none: an 'outOfOrder' or an Error leaves them as they were, and the REGISTER is answered 500. No other change may
   * come between the reading and the writing (RFC 3261 §10.3). A change that gives them back as they are reads them.
   */
  revise(
    addressOfRecord: string,
    change: (current: readonly Binding[]) => Either<'outOfOrder', readonly Binding[]>,
    /** The present in whole milliseconds of the epoch, as in `expiresAt`. */
    now: number,
  ): TaskEither<'outOfOrder' | Error, readonly Binding[]>;
}

export interface BindingLimits {
  /** 10,000 by default. */
  readonly addresses?: number;
  /** 10 by default. */
  readonly bindingsPerAddress?: number;
  /** Bytes of all bindings, about 700 each with the usual Contact: 16 MiB by default. */
  readonly bytes?: number;
}

/** Bindings in memory. Where there would be too much, those that have expired make room; if none have, it is an Error. */
export const memoryBindingStore = (limits: BindingLimits = {}): BindingStore => {
  check('memoryBindingStore', limits, limitsRule);
  const { addresses = 10_000, bindingsPerAddress = 10, bytes = 16_777_216 } = limits;
  return { revise: memorySoftState({ keys: addresses, entriesPerKey: bindingsPerAddress, bytes }) };
};

const limitsRule = optionsOf<BindingLimits>({
  addresses: isLimit,
  bindingsPerAddress: isLimit,
  bytes: isLimit,
});

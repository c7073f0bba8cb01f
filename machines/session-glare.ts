/** What stands in the way of a re-INVITE or an UPDATE: RFC 3261 §14.2, RFC 3311 §5.2. */
import type { Refusal } from './refusals.js';

/** Nothing; an offer of ours, or a 2xx without its ACK; an offer or an INVITE of the peer's; or that there is no session. */
export type Glare = 'none' | 'ours' | 'theirs' | 'noSession';

export interface GlareInput {
  readonly glare: Glare;
  /** Seconds, by chance from 0 to 10. */
  readonly retryAfter: number;
}

export const glareRefusals: readonly Refusal<GlareInput>[] = [
  {
    guard: 'isOutsideSession',
    description: 'RFC 5057 §4',
    applies: ({ glare }) => glare === 'noSession',
    response: () => ({ status: 481 }),
  },
  {
    guard: 'isGlare',
    description: 'RFC 3261 §14.2; RFC 3311 §5.2',
    applies: ({ glare }) => glare === 'ours',
    response: () => ({ status: 491 }),
  },
  {
    guard: 'isTooSoon',
    description: 'RFC 3261 §14.2; RFC 3311 §5.2',
    applies: ({ glare }) => glare === 'theirs',
    response: ({ retryAfter }) => ({ status: 500, headers: [['Retry-After', `${retryAfter}`]] }),
  },
];

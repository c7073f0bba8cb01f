/** The user agent server of PRACK: RFC 3262 §3. What it acknowledges is acknowledged at once; an offer in it is the application's to answer (§5). */
import { type Input as SingleResponseInput, singleResponseUAS } from './single-response-uas.js';

export { eventTypes } from './single-response-uas.js';

export interface Input extends SingleResponseInput {
  /** Whether its RAck names a reliable provisional response that waits for it. */
  readonly matches: boolean;
}

export const prack = singleResponseUAS<'prack', Input>(
  'prack',
  'RFC 3262 §3, §5',
  [
    {
      guard: 'hasNoMatch',
      description: 'RFC 3262 §3',
      applies: ({ matches }) => !matches,
      response: () => ({ status: 481 }),
    },
  ],
  ['acknowledgeProvisional'],
);

/** The user agent server of INFO, inside a session: RFC 6086 §4.2.2. One without a package is answered as before that RFC. */
import { type Input as SingleResponseInput, singleResponseUAS } from './single-response-uas.js';

export { eventTypes } from './single-response-uas.js';

export interface Input extends SingleResponseInput {
  readonly inSession: boolean;
  /** Whether its Info-Package is one of ours, or it has none. */
  readonly packageIsKnown: boolean;
  /** Those that Recv-Info lists. */
  readonly packages: readonly string[];
}

export const info = singleResponseUAS<'info', Input>('info', 'RFC 6086 §4.2.2', [
  {
    guard: 'isOutsideSession',
    description: 'RFC 6086 §4.2.2',
    applies: ({ inSession }) => !inSession,
    response: () => ({ status: 481 }),
  },
  {
    guard: 'isOfUnknownPackage',
    description: 'RFC 6086 §4.2.2',
    applies: ({ packageIsKnown }) => !packageIsKnown,
    response: ({ packages }) => ({ status: 469, headers: [['Recv-Info', packages.join(', ')]] }),
  },
]);

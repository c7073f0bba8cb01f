/** The user agent server of NOTIFY: RFC 6665 §4.1.3. No subscription of ours is there; what is unasked for is the application's. */
import { type Input as SingleResponseInput, singleResponseUAS } from './single-response-uas.js';

export { eventTypes } from './single-response-uas.js';

export interface Input extends SingleResponseInput {
  /** Whether the Event names a package that is known here. */
  readonly packageIsKnown: boolean;
  readonly packages: readonly string[];
}

export const notify = singleResponseUAS<'notify', Input>('notify', 'RFC 6665 §4.1.3', [
  {
    guard: 'isOfUnknownPackage',
    description: 'RFC 6665 §7.3.2',
    applies: ({ handled, packageIsKnown }) => !handled && !packageIsKnown,
    response: ({ packages }) => ({ status: 489, headers: [['Allow-Events', packages.join(', ')]] }),
  },
  {
    guard: 'isUnasked',
    description: 'RFC 6665 §4.1.3',
    applies: ({ handled }) => !handled,
    response: ({ answer }) => answer,
  },
]);

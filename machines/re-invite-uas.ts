/** The user agent server of an INVITE inside a session: RFC 3261 §14.2. A refusal leaves the session as it was (§14.1). */
import { type Input as InvitationInput, invitation } from './invitation.js';
import { hasNoAcceptableAnswer, hasStrangeContent } from './refusals.js';
import { type GlareInput, glareRefusals } from './session-glare.js';

export { type Event, eventTypes } from './invitation.js';

export interface Input extends InvitationInput, GlareInput {}

export const reInviteUAS = invitation<'reInviteUAS', Input>('reInviteUAS', 'RFC 3261 §14.2; RFC 3262', {
  refusals: [hasStrangeContent, hasNoAcceptableAnswer, ...glareRefusals],
  unhandled: { status: 488 },
  undecided: { status: 488 },
  begin: ['tellOffered'],
  establish: [],
  succeed: [],
});

/** The user agent server of an INVITE that starts a session: RFC 3261 §13.3.1, with Replaces (RFC 3891 §3). */
import { type Input as InvitationInput, invitation } from './invitation.js';
import {
  badRequest,
  hasNoAcceptableAnswer,
  hasStrangeContent,
  hasUnreadableRoutes,
  type RouteInput,
} from './refusals.js';

export { type Event, eventTypes } from './invitation.js';

/** What an INVITE policy says: go on, or refuse. */
export type InviteVerdict =
  | { readonly type: 'grant' }
  | { readonly type: 'refuse'; readonly status: number; readonly reason?: string };

export interface Input extends InvitationInput, RouteInput {
  readonly verdict: InviteVerdict;
  /** What the Replaces names: nothing where there is none, and a dialog by its state else. */
  readonly replaces: 'nothing' | 'malformed' | 'unmatched' | 'early' | 'confirmed' | 'ending';
  /** Whether it may replace an early dialog only (RFC 3891 §3). */
  readonly earlyOnly: boolean;
}

export const inviteUAS = invitation<'inviteUAS', Input>('inviteUAS', 'RFC 3261 §13.3.1; RFC 3262; RFC 3891', {
  refusals: [
    hasUnreadableRoutes,
    {
      guard: 'hasMalformedReplaces',
      description: 'RFC 3891 §3',
      applies: ({ replaces }) => replaces === 'malformed',
      response: () =>
        badRequest(
          'One Replaced Dialog Required',
          'The Replaces is not one Call-ID with a to-tag and a from-tag.',
        ),
    },
    {
      guard: 'hasUnmatchedReplaces',
      description: 'RFC 3891 §3: no dialog, or an early one that the peer began',
      applies: ({ replaces }) => replaces === 'unmatched' || replaces === 'early',
      response: () => ({ status: 481 }),
    },
    {
      guard: 'hasLateReplaces',
      description: 'RFC 3891 §3: the dialog is over',
      applies: ({ replaces }) => replaces === 'ending',
      response: () => ({ status: 603 }),
    },
    {
      guard: 'hasEarlyOnlyReplaces',
      description: 'RFC 3891 §3: the dialog is early no more',
      applies: ({ replaces, earlyOnly }) => replaces === 'confirmed' && earlyOnly,
      response: () => ({ status: 486 }),
    },
    hasStrangeContent,
    hasNoAcceptableAnswer,
    {
      guard: 'isRefusedByPolicy',
      description: 'RFC 3261 §13.3.1.3; RFC 3891 §3: only who is authorised replaces',
      applies: ({ verdict }) => verdict.type === 'refuse',
      response: ({ verdict: { type, ...refusal } }) => ({ status: 603, ...refusal }),
    },
  ],
  unhandled: { status: 480 },
  undecided: { status: 480 },
  begin: [],
  establish: ['startSession'],
  succeed: ['replaceSession'],
});

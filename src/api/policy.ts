import type { InviteVerdict } from '../../machines/invite-uas.js';
import type { Verdict } from '../../machines/refer-uas.js';
import type { Address, Request } from '../message/index.js';
import type { Protocol } from '../transports/transport.js';
import { checkedLine } from './answer.js';

export type { InviteVerdict, Verdict };

interface JudgedRequest {
  readonly request: Request;
  /** The address that the request came from. */
  readonly source: Address;
  readonly protocol: Protocol;
}

/** What a policy for REFER judges by. */
export interface ReferRequest extends JudgedRequest {
  /** Whether the request came in a dialog of this user agent. */
  readonly inDialog: boolean;
}

/** What a policy for INVITE judges by. An OPTIONS is judged too, for it is answered as an INVITE would be (RFC 3261 §11.2). */
export interface InviteRequest extends JudgedRequest {
  /** Whether its Replaces names a session of this user agent, which the new one ends (RFC 3891 §3). */
  readonly replaces: boolean;
}

/** A pure function: the same request from the same source always gets the same verdict. One that throws refuses. */
export type ReferPolicy = (refer: ReferRequest) => Verdict;

/** The same for an INVITE, which can't be held pending. */
export type InvitePolicy = (invite: InviteRequest) => InviteVerdict;

type Grant = Extract<InviteVerdict, { readonly type: 'grant' }>;

type Refuse = Extract<InviteVerdict, { readonly type: 'refuse' }>;

/** The request may go on: the application answers. */
export const grant: Grant = Object.freeze({ type: 'grant' });

/** The REFER is accepted with a pending subscription, and waits for the application's `accept` or `reject` (RFC 3515 §2.4.2). */
export const pending: Verdict = Object.freeze({ type: 'pending' });

/** The request is answered with this status, 300 to 699. Throws a RangeError on another. */
export const refuse = (status = 603, reason?: string): Refuse => {
  if (!Number.isInteger(status) || status < 300 || status > 699)
    throw new RangeError(`A policy refuses with a status from 300 to 699, not ${status}`);
  if (status === 408) throw new RangeError('A non-INVITE request is never answered 408 (RFC 4320 §4.2)');
  return {
    type: 'refuse',
    status,
    ...(reason === undefined ? {} : { reason: checkedLine('reason', reason) }),
  };
};

/** The verdict, if it is one: `grant`, `pending`, or `refuse` with a status that a refusal can have. Throws a TypeError where it is none. */
export const checkedVerdict = (verdict: Verdict): Verdict => {
  if (verdict?.type === 'pending') return verdict;
  return checkedInviteVerdict(verdict, 'grant, pending');
};

/** The same of an INVITE's. */
export const checkedInviteVerdict = (verdict: InviteVerdict, others = 'grant'): InviteVerdict => {
  if (verdict?.type === 'grant') return verdict;
  if (verdict?.type === 'refuse') return refuse(verdict.status, verdict.reason);
  throw new TypeError(`A policy returns ${others} or refuse(status), and no promise of one`);
};

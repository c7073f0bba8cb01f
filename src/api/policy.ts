import type { Verdict } from '../../machines/refer-uas.js';
import type { Address, Request } from '../message/index.js';
import type { Protocol } from '../transports/transport.js';

import { checkedLine } from './answer.js';

export type { Verdict };

/** What a policy judges by. */
export interface ReferRequest {
  readonly request: Request;
  /** The address that the request came from. */
  readonly source: Address;
  readonly protocol: Protocol;
  /** Whether the request came in a dialog of this user agent. */
  readonly inDialog: boolean;
}

/** A pure function: the same request from the same source always gets the same verdict. One that throws refuses. */
export type ReferPolicy = (refer: ReferRequest) => Verdict;

/** The referral may go on: the application answers. */
export const grant: Verdict = Object.freeze({ type: 'grant' });

/** The REFER is accepted with a pending subscription, and waits for the application's `accept` or `reject` (RFC 3515 §2.4.2). */
export const pending: Verdict = Object.freeze({ type: 'pending' });

/** The REFER is answered with this status, 300 to 699. Throws a RangeError on another. */
export const refuse = (status = 603, reason?: string): Verdict => {
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
  if (verdict?.type === 'grant' || verdict?.type === 'pending') return verdict;
  if (verdict?.type === 'refuse') return refuse(verdict.status, verdict.reason);
  throw new TypeError('A policy returns grant, pending or refuse(status), and no promise of one');
};

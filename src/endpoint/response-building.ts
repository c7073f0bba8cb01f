import type { HeaderField, ResponseDraft } from '../../machines/effects.js';
import { createResponse, type Request, type Response } from '../message/index.js';

/** What the endpoint adds to a draft besides what RFC 3261 §8.2.6 copies from the request. */
export interface Additions {
  readonly toTag?: string | undefined;
  readonly headers?: readonly HeaderField[] | undefined;
  /** With a Contact goes the Record-Route (§12.1.1). */
  readonly contact?: string | undefined;
  readonly server?: string | undefined;
}

/** A draft made whole. */
export const buildResponse = (
  request: Request,
  { status, reason, headers, body }: ResponseDraft,
  additions: Additions,
): Response => {
  const { toTag, contact } = additions;
  const all: HeaderField[] = contact === undefined ? [] : [['Contact', contact]];
  if (headers !== undefined) all.push(...headers);
  if (additions.headers !== undefined) all.push(...additions.headers);
  if (additions.server !== undefined) all.push(['Server', additions.server]);
  return createResponse(request, status, {
    reason,
    toTag,
    recordRoute: contact !== undefined,
    headers: all,
    body,
  });
};

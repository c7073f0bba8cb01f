import { isRight } from 'fp-ts/lib/Either.js';
import type { HeaderField, ResponseDraft } from '../../machines/effects.js';
import { createResponse, formatNameAddress, header, type Request, type Response } from '../message/index.js';

/** What the endpoint adds to a draft besides what RFC 3261 §8.2.6 copies from the request. */
export interface Additions {
  readonly toTag?: string | undefined;
  readonly headers?: readonly HeaderField[] | undefined;
  /** With a Contact goes the Record-Route, where the request made a dialog (§12.1.1). */
  readonly contact?: string | undefined;
  readonly server?: string | undefined;
}

/** A draft made whole. */
export const buildResponse = (
  request: Request,
  { status, reason, headers, body }: ResponseDraft,
  additions: Additions,
): Response => {
  const all: HeaderField[] = additions.contact === undefined ? [] : dialogHeaders(request, additions.contact);
  if (headers !== undefined) all.push(...headers);
  if (additions.headers !== undefined) all.push(...additions.headers);
  if (additions.server !== undefined) all.push(['Server', additions.server]);
  return createResponse(request, status, { reason, toTag: additions.toTag, headers: all, body });
};

const dialogHeaders = (request: Request, contact: string): HeaderField[] => {
  const routes = header(request, 'Record-Route');
  return isRight(routes) && routes.right.length > 0
    ? [
        ['Record-Route', routes.right.map((route) => formatNameAddress(route)).join(', ')],
        ['Contact', contact],
      ]
    : [['Contact', contact]];
};

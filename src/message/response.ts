import { flat } from './flat.js';
import { STRIDE } from './head.js';
import { header } from './header.js';
import { CSEQ, RECORD_ROUTE, TIMESTAMP, TO } from './header-names.js';
import type { Request, Response } from './message.js';
import { checked, checkedToken, type Fields, fieldsAndBody } from './serialise.js';
import { reasonPhrase } from './status.js';
import { headOf, WireResponse } from './wire-message.js';

export interface ResponseOptions {
  /** The status's own phrase where it is not given. */
  readonly reason?: string | undefined;
  /** Goes to the To that has none, but in a 100 (RFC 3261 §8.2.6.2). */
  readonly toTag?: string | undefined;
  /** Whether Record-Route is copied too, as for a response that makes a dialog (RFC 3261 §12.1.1). */
  readonly recordRoute?: boolean | undefined;
  /** After what is copied from the request, in order, without Content-Length. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | undefined;
  /** As latin1 text. */
  readonly body?: string | undefined;
}

/**
 * A response with what RFC 3261 §8.2.6 copies from its request, as far as that has it. Its text is its own: it keeps
 * nothing of the request. Throws a RangeError that names the part that can't stand in a message.
 */
export function createResponse(request: Request, status: number, options: ResponseOptions = {}): Response {
  if (!(Number.isInteger(status) && status >= 100 && status <= 699))
    throw new RangeError(`${status} is no status.`);
  const { reason, headers = noFields, body = '' } = options;
  const phrase = reason === undefined ? reasonPhrase(status) : checked(reason, 'The reason phrase');
  const text = `SIP/2.0 ${status} ${phrase}\r\n${copied(request, status, options)}${fieldsAndBody(headers, body)}`;
  return new WireResponse(status, flat(text));
}

/** The lines of the request that a response repeats, in their order; lines that stand together are cut out together. */
function copied(request: Request, status: number, { toTag, recordRoute = false }: ResponseOptions): string {
  const { text } = request;
  const head = headOf(request);
  const { lines } = head;
  const tagged = toTag !== undefined && status > 100 && lacksTag(request) ? head.find(TO) : -1;
  let copy = '';
  let from = -1;
  for (let line = 0; line < lines.length; line += STRIDE) {
    const number = lines[line]!;
    const isCopied =
      (number >= 0 && number <= CSEQ) ||
      (number === RECORD_ROUTE && recordRoute) ||
      (number === TIMESTAMP && status === 100);
    if (isCopied && from < 0) {
      from = lines[line + 1]!;
    } else if (!isCopied && from >= 0) {
      copy += text.slice(from, lines[line + 1]);
      from = -1;
    }
    if (line === tagged) {
      copy += `${text.slice(from, lines[line + 3])};tag=${checkedToken(toTag!, 'The To tag')}`;
      from = lines[line + 3]!;
    }
  }
  return from < 0 ? copy : copy + text.slice(from, head.end);
}

function lacksTag(request: Request): boolean {
  const to = header(request, 'To');
  return to._tag === 'Right' && to.right.tag === undefined;
}

const noFields: Fields = [];

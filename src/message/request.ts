import { flat } from './flat.js';
import type { Request } from './message.js';
import { checked, checkedToken, fieldsAndBody } from './serialise.js';
import { WireRequest } from './wire-message.js';

export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  /** In the order of the message, without Content-Length. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As latin1 text. */
  readonly body?: string | undefined;
}

/** Throws a RangeError that names the part that can't stand in a message. */
export function createRequest({ method, uri, headers, body = '' }: RequestParts): Request {
  checkedToken(method, 'The method');
  if (uri === '' || checked(uri, 'The Request-URI').includes(' ')) {
    throw new RangeError('The Request-URI is empty or holds a space.');
  }
  const text = flat(`${method} ${uri} SIP/2.0\r\n${fieldsAndBody(headers, body)}`);
  return new WireRequest(method, uri, 'SIP/2.0', text);
}

/** How long the text of a request is, without making it. */
export function sizeOfRequest({ method, uri, headers, body = '' }: RequestParts): number {
  let size = method.length + uri.length + ' '.length + ' SIP/2.0\r\n'.length;
  for (const [name, value] of headers) size += name.length + value.length + ': \r\n'.length;
  return size + `Content-Length: ${body.length}\r\n\r\n`.length + body.length;
}

import { flat } from '../message/flat.js';
import { decodeUser, isSIPURI, type URI } from '../message/index.js';

/** What bindings and publications are kept by: the URI without parameters and what else names no user, its escapes decoded (RFC 3261 §10.3 step 5). */
export const addressOfRecord = (uri: URI): string => {
  if (!isSIPURI(uri)) return uri.text;
  const user = uri.user === undefined ? '' : `${decodeUser(uri)}@`;
  const host = uri.host.includes(':') ? `[${uri.host}]` : uri.host;
  return flat(`${uri.scheme}:${user}${host}${uri.port === undefined ? '' : `:${uri.port}`}`);
};

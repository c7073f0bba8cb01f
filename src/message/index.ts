export { createFramer, type Frame, type Framer, type FramingError } from './framing.js';
export { field, fields, type HeaderError, type HeaderName, header, topVia } from './header.js';
export type {
  ContentDisposition,
  ContentType,
  CSeq,
  Event,
  HeaderValues,
  MediaRange,
  RAck,
  Replaces,
  SubscriptionState,
} from './header-values.js';
export { defaultLimits, type Limits } from './limits.js';
export type { Address, Message, Request, Response } from './message.js';
export { type Contact, formatNameAddress, type NameAddress } from './name-address.js';
export { type ParseError, type ParseOptions, parse, revive } from './parse.js';
export { createRequest, type RequestParts } from './request.js';
export { createResponse, type ResponseOptions } from './response.js';
export { isFinal, isProvisional, isSuccess, reasonPhrase } from './status.js';
export {
  decodeUser,
  equalURI,
  formatURI,
  isSIPURI,
  type OpaqueURI,
  parseURI,
  type SIPURI,
  type URI,
  type URIError,
} from './uri.js';
export type { Via } from './via.js';

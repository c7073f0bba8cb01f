/** The classes whose names and behaviour are those of SIP.js's core, run by machines. */

export type { Transport } from './core-transport.js';
export { Exception, TransactionStateError, TransportError } from './exceptions.js';
export { IncomingRequestMessage } from './incoming-request-message.js';
export { type Connector, Levels, Logger, LoggerFactory } from './logger.js';
export {
  type Body,
  constructOutgoingResponse,
  type OutgoingResponse,
  type ResponseOptions,
} from './outgoing-response.js';
export { type IncomingReferRequest, ReferUserAgentServer } from './refer-user-agent-server.js';
export {
  NonInviteServerTransaction,
  ServerTransaction,
  type ServerTransactionConfiguration,
  type ServerTransactionUser,
  TransactionState,
} from './server-transaction.js';
export { type SessionDialog, UserAgentCore, type UserAgentCoreConfiguration } from './user-agent-core.js';
export {
  type ContactURI,
  type IncomingRequest,
  type IncomingRequestDelegate,
  type ServerTransactionConstructor,
  UserAgentServer,
} from './user-agent-server.js';

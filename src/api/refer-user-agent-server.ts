import type { IncomingRequestMessage } from './incoming-request-message.js';
import { NonInviteServerTransaction } from './server-transaction.js';
import type { SessionDialog, UserAgentCore } from './user-agent-core.js';
import { type IncomingRequest, type IncomingRequestDelegate, UserAgentServer } from './user-agent-server.js';

/** A REFER that came in (RFC 3515). */
export interface IncomingReferRequest extends IncomingRequest {}

/**
 * The user agent server of REFER, as SIP.js has it: the application is the transaction's user and gives the answer, and
 * its `accept` is the grant. Of the request only what the response repeats is looked at, and nothing is followed.
 * There is no subscription: whoever accepts sends the NOTIFYs, or says `Refer-Sub: false` (RFC 4488).
 * `createUserAgent` answers REFER with all that, by the machine `refer-uas`.
 */
export class ReferUserAgentServer extends UserAgentServer implements IncomingReferRequest {
  constructor(
    dialogOrCore: SessionDialog | UserAgentCore,
    message: IncomingRequestMessage,
    delegate?: IncomingRequestDelegate,
  ) {
    super(NonInviteServerTransaction, coreOf(dialogOrCore), message, delegate);
  }
}

const coreOf = (dialogOrCore: SessionDialog | UserAgentCore): UserAgentCore =>
  'userAgentCore' in dialogOrCore && dialogOrCore.userAgentCore !== undefined
    ? dialogOrCore.userAgentCore
    : (dialogOrCore as UserAgentCore);

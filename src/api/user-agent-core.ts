import type { Entropy } from '../endpoint/entropy.js';
import type { Transport } from './core-transport.js';
import type { LoggerFactory } from './logger.js';
import type { ServerTransactionConfiguration } from './server-transaction.js';
import type { UserAgentServer } from './user-agent-server.js';

/** What a server reads of its core's configuration. The last three are ports and not of SIP.js. */
export interface UserAgentCoreConfiguration extends ServerTransactionConfiguration {
  readonly loggerFactory: LoggerFactory;
  readonly transportAccessor: () => Transport | undefined;
  /** The User-Agent of responses that bring none. */
  readonly userAgentHeaderFieldValue?: string | undefined;
  /** The Supported of responses that bring none. */
  readonly supportedOptionTagsResponse?: readonly string[] | undefined;
  /** Where tags come from; by default a cryptographic source. */
  readonly entropy?: Entropy | undefined;
}

/** What user agent servers share. */
export class UserAgentCore {
  readonly configuration: UserAgentCoreConfiguration;
  /** By the branch of the request's top Via. */
  readonly userAgentServers = new Map<string | undefined, UserAgentServer>();

  constructor(configuration: UserAgentCoreConfiguration) {
    this.configuration = configuration;
  }

  get loggerFactory(): LoggerFactory {
    return this.configuration.loggerFactory;
  }

  /** Throws an Error where the configuration gives none. */
  get transport(): Transport {
    const transport = this.configuration.transportAccessor();
    if (transport === undefined) throw new Error('Transport undefined.');
    return transport;
  }
}

/** Anything that belongs to a core. */
export interface SessionDialog {
  readonly userAgentCore: UserAgentCore;
}

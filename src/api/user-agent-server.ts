import { formatNameAddress, type URI } from '../message/index.js';
import type { Transport } from './core-transport.js';
import { sharedEntropy } from './default-ports.js';
import { TransactionStateError, type TransportError } from './exceptions.js';
import { type IncomingRequestMessage, toTagOf } from './incoming-request-message.js';
import type { Logger, LoggerFactory } from './logger.js';
import {
  checkStatusCode,
  constructOutgoingResponse,
  type OutgoingResponse,
  type ResponseOptions,
} from './outgoing-response.js';
import {
  type ServerTransaction,
  type ServerTransactionConfiguration,
  type ServerTransactionUser,
  TransactionState,
} from './server-transaction.js';
import type { UserAgentCore } from './user-agent-core.js';

/** A request that came in, and the answers that can be given to it. */
export interface IncomingRequest {
  delegate?: IncomingRequestDelegate | undefined;
  readonly message: IncomingRequestMessage;
  accept(options?: ResponseOptions): OutgoingResponse;
  progress(options?: ResponseOptions): OutgoingResponse;
  redirect(contacts: readonly ContactURI[], options?: ResponseOptions): OutgoingResponse;
  reject(options?: ResponseOptions): OutgoingResponse;
  trying(options?: Partial<ResponseOptions>): OutgoingResponse;
}

/** What can happen to a request besides what the application does. */
export interface IncomingRequestDelegate {
  onCancel?(message: IncomingRequestMessage): void;
  /** A response was not sent. */
  onTransportError?(error: TransportError): void;
  /** No final response was given in 64·T1, and the transaction has ended (RFC 4320 §4.2). Not of SIP.js. */
  onRequestTimeout?(): void;
}

/** A URI as text, parsed, or an object that writes itself as one. */
export type ContactURI = string | URI | { toString(): string };

export type ServerTransactionConstructor = new (
  message: IncomingRequestMessage,
  transport: Transport,
  user: ServerTransactionUser,
  configuration?: ServerTransactionConfiguration,
) => ServerTransaction;

/**
 * Answers one request other than INVITE. What may be answered is what the transaction's state lets pass; a method that
 * comes at another time throws a TransactionStateError, then a status out of its range a TypeError, and nothing is sent.
 *
 * Deviates from SIP.js:
 * - The options stay as they are given.
 * - `trying` heeds its options. Over UDP its 100 waits (RFC 4320 §4.1), and the state stays Trying until it leaves.
 * - `redirect` writes each Contact in angle brackets, so that URI parameters stay the URI's (RFC 3261 §20).
 * - 408 throws an Error: no server answers with it but to an INVITE (RFC 4320 §4.2).
 * - A missing status is refused like one out of range; text that would not stay on its line throws a RangeError.
 * - `dispose` takes the server out of its core's `userAgentServers`.
 * - A request that is not answered ends after 64·T1, and `delegate.onRequestTimeout` is told.
 */
export class UserAgentServer implements IncomingRequest {
  readonly #transaction: ServerTransaction | undefined;
  protected readonly core: UserAgentCore;
  protected readonly logger: Logger;
  /** The tag of the responses' To. */
  protected readonly toTag: string;
  message: IncomingRequestMessage;
  delegate: IncomingRequestDelegate | undefined;

  constructor(
    transactionConstructor: ServerTransactionConstructor,
    core: UserAgentCore,
    message: IncomingRequestMessage,
    delegate?: IncomingRequestDelegate,
  ) {
    const { configuration } = core;
    this.core = core;
    this.message = message;
    this.delegate = delegate;
    this.logger = core.loggerFactory.getLogger('sip.user-agent-server');
    this.toTag = toTagOf(message) ?? (configuration.entropy ?? sharedEntropy()).token();
    this.#transaction = new transactionConstructor(message, core.transport, this.#user(), configuration);
    core.userAgentServers.set(this.#transaction.id, this);
  }

  get loggerFactory(): LoggerFactory {
    return this.core.loggerFactory;
  }

  get transaction(): ServerTransaction {
    if (this.#transaction === undefined) throw new Error('Transaction undefined.');
    return this.#transaction;
  }

  /** Stops the transaction's timers and leaves the core. */
  dispose(): void {
    const { userAgentServers } = this.core;
    const { id } = this.transaction;
    this.transaction.dispose();
    if (userAgentServers.get(id) === this) userAgentServers.delete(id);
  }

  /** Answers 200 to 299. */
  accept(options: ResponseOptions = { statusCode: 200 }): OutgoingResponse {
    return this.#answer(options, this.acceptable, 'acceptable', 200, 299);
  }

  /** Throws: a request other than INVITE has no provisional response but 100 (RFC 4320 §4.1). */
  progress(options: ResponseOptions = { statusCode: 180 }): OutgoingResponse {
    return this.#answer(options, this.progressable, 'progressable', 101, 199);
  }

  /** Answers 300 to 399, with a Contact for each URI. */
  redirect(
    contacts: readonly ContactURI[],
    options: ResponseOptions = { statusCode: 302 },
  ): OutgoingResponse {
    const lines = () =>
      contacts.map((contact) => `Contact: ${formatNameAddress({ uri: contactText(contact) })}`);
    return this.#answer(options, this.redirectable, 'redirectable', 300, 399, lines);
  }

  /** Answers 400 to 699. */
  reject(options: ResponseOptions = { statusCode: 480 }): OutgoingResponse {
    return this.#answer(options, this.rejectable, 'rejectable', 400, 699);
  }

  /** Answers 100. */
  trying(options: Partial<ResponseOptions> = {}): OutgoingResponse {
    return this.#answer({ ...options, statusCode: 100 }, this.tryingable, 'tryingable', 100, 100);
  }

  /** Tells the delegate of a CANCEL, which has no effect on the answer (RFC 3261 §9.2). */
  receiveCancel(message: IncomingRequestMessage): void {
    this.delegate?.onCancel?.(message);
  }

  protected get acceptable(): boolean {
    return this.#isUnanswered;
  }

  protected get progressable(): boolean {
    return false;
  }

  protected get redirectable(): boolean {
    return this.#isUnanswered;
  }

  protected get rejectable(): boolean {
    return this.#isUnanswered;
  }

  protected get tryingable(): boolean {
    return this.transaction.state === TransactionState.Trying;
  }

  get #isUnanswered(): boolean {
    const { state } = this.transaction;
    return state === TransactionState.Trying || state === TransactionState.Proceeding;
  }

  #answer(
    options: ResponseOptions,
    isAllowed: boolean,
    allowed: string,
    least: number,
    most: number,
    moreHeaders: () => readonly string[] = () => [],
  ): OutgoingResponse {
    if (!isAllowed)
      throw new TransactionStateError(
        `${this.message.method} not ${allowed} in state ${this.transaction.state}.`,
      );
    checkStatusCode(options.statusCode, least, most);
    const { userAgentHeaderFieldValue, supportedOptionTagsResponse } = this.core.configuration;
    const response = constructOutgoingResponse(this.message, {
      ...options,
      toTag: options.toTag || this.toTag,
      userAgent: options.userAgent || userAgentHeaderFieldValue,
      supported: options.supported ?? supportedOptionTagsResponse,
      extraHeaders: [...(options.extraHeaders ?? []), ...moreHeaders()],
    });
    this.transaction.receiveResponse(options.statusCode, response.message);
    return response;
  }

  #user(): ServerTransactionUser {
    return {
      loggerFactory: this.loggerFactory,
      onStateChange: (state) => {
        if (state === TransactionState.Terminated) this.dispose();
      },
      onTransportError: (error) => {
        this.logger.error(error.message);
        if (this.delegate?.onTransportError === undefined)
          this.logger.error('User agent server response transport error.');
        else this.delegate.onTransportError(error);
      },
      onRequestTimeout: () => this.delegate?.onRequestTimeout?.(),
    };
  }
}

const contactText = (contact: ContactURI): string =>
  typeof contact === 'object' && 'text' in contact ? contact.text : contact.toString();

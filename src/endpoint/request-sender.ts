import { isRight } from 'fp-ts/lib/Either.js';
import { repeatsTo } from '../../machines/dialog.js';
import type { HeaderField, RequestInDialog, TryTarget } from '../../machines/effects.js';
import {
  createRequest,
  header,
  isSIPURI,
  type Request,
  type RequestParts,
  type URI,
} from '../message/index.js';
import { sizeOfRequest } from '../message/request.js';
import type { Flow, Transport } from '../transports/transport.js';
import type { Endpoint } from './endpoint.js';
import { type Arrival, ClientTransaction, Delivery, type Dialog, type Usage } from './live-machine.js';
import { targetsOf } from './locating.js';
import { clientTransactionKey } from './matching.js';
import { noTransport } from './request-routing.js';

/** A request larger than this goes by a congestion-controlled transport, where there is one (RFC 3261 §18.1.1). */
const largestDatagram = 1_300;

/** As long as any, to measure a request by. */
const longestBranch = 'z9hG4bK0123456789abcdef';
const highestSequence = 2 ** 31 - 1;

/** Where requests leave: a delivery for each, with a client transaction a target, Via and Contact (RFC 3261 §8.1, §18.1.1). */
export class RequestSender {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** The Contact for who sent a request: the user of its Request-URI at the host and port that others reach (RFC 3261 §8.1.1.8). */
  contact({ request, essentials: { uri }, flow: { transport } }: Arrival): string {
    const { displayName } = this.#endpoint.configuration;
    const scheme = isSecure(request, uri) ? 'sips' : 'sip';
    const user = isSIPURI(uri) && uri.user !== undefined ? `${uri.user}@` : '';
    const parameter = transport.protocol === 'UDP' ? '' : `;transport=${transport.protocol.toLowerCase()}`;
    const name = displayName === undefined ? '' : `"${displayName.replace(/["\\]/g, '\\$&')}" `;
    return `${name}<${scheme}:${user}${this.#endpoint.ownAddresses.text(transport)}${parameter}>`;
  }

  /** Brings a request of a dialog to its next hop; its user hears what becomes of it. */
  deliver(request: RequestInDialog, user: Usage): void {
    const input = targetsOf(this.#endpoint, request, user.dialog);
    const instance = this.#endpoint.engines.delivery.create(input);
    this.#endpoint.start(new Delivery(this.#endpoint, instance, request, user));
  }

  /** Sends a delivery's request to one of its targets. */
  send(delivery: Delivery, { target, sequence, attempt }: TryTarget): void {
    const { request, user } = delivery;
    const { configuration, ownAddresses } = this.#endpoint;
    const own = user.dialog.neighbour.transport;
    try {
      const transport = ownAddresses.transportTo(target.host, target.protocol, own);
      if (transport === undefined) throw new RangeError(noTransport(target));
      const branch = `z9hG4bK${configuration.entropy.token()}`;
      const parts = this.#parts(request, sequence, user.dialog, transport, branch);
      this.#start(createRequest(parts), transport.flowTo(target), branch, delivery, attempt);
    } catch (error) {
      configuration.application.failed(error as Error);
      this.#endpoint.dispatch(delivery, { type: 'transportError', cause: (error as Error).message });
    }
  }

  /** Whether a request of a dialog is too large for a datagram. */
  isLarge(request: RequestInDialog, dialog: Dialog): boolean {
    const { transport } = dialog.neighbour;
    const parts = this.#parts(request, highestSequence, dialog, transport, longestBranch);
    return sizeOfRequest(parts) > largestDatagram;
  }

  #parts(
    { method, uri, identity, headers, body }: RequestInDialog,
    sequence: number,
    { contact }: Dialog,
    transport: Transport,
    branch: string,
  ): RequestParts {
    const { configuration, ownAddresses } = this.#endpoint;
    const all: HeaderField[] = [
      ['Via', `SIP/2.0/${transport.protocol} ${ownAddresses.text(transport)};branch=${branch};rport`],
      ...identity,
      ['CSeq', `${sequence} ${method}`],
      ...headers,
    ];
    if (method !== 'BYE') all.push(['Contact', contact]);
    if (configuration.server !== undefined) all.push(['User-Agent', configuration.server]);
    return { method, uri, headers: all, body };
  }

  #start(request: Request, flow: Flow, branch: string, user: Delivery, attempt: number): void {
    const { engines, configuration } = this.#endpoint;
    const instance = engines.nonInviteClientTransaction.create({
      request,
      reliable: flow.transport.reliable,
      repeats: repeatsTo(user.user.dialog.instance.snapshot, flow.remote.host, attempt),
      timers: configuration.timers,
    });
    const key = clientTransactionKey(branch, request.method);
    this.#endpoint.start(new ClientTransaction(this.#endpoint, instance, key, flow, user));
  }
}

/** Whether the Contact of a response is a SIPS URI (RFC 3261 §12.1.1). */
const isSecure = (request: Request, uri: URI): boolean => {
  const routes = header(request, 'Record-Route');
  const contacts = header(request, 'Contact');
  const route = isRight(routes) ? routes.right[0] : undefined;
  const contact = isRight(contacts) && contacts.right !== '*' ? contacts.right[0] : undefined;
  return uri.scheme === 'sips' || (route ?? contact)?.uri.scheme === 'sips';
};

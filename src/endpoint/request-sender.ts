import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { repeatsTo } from '../../machines/dialog.js';
import type { HeaderField, RequestInDialog } from '../../machines/effects.js';
import { type Address, createRequest, header, isSIPURI, type Request, type URI } from '../message/index.js';
import type { Flow, Transport } from '../transports/transport.js';
import type { Endpoint } from './endpoint.js';
import { type Arrival, ClientTransaction, type Dialog, type Usage } from './live-machine.js';
import { clientTransactionKey } from './matching.js';
import { type NextHop, readNextHop } from './request-routing.js';
import { hostText, isNumeric } from './routing.js';

/** A request larger than this goes by a congestion-controlled transport, where there is one (RFC 3261 §18.1.1). */
const largestDatagram = 1_300;

/** As long as any, to measure a request by. */
const longestBranch = 'z9hG4bK0123456789abcdef';

/** Where requests leave: next hop, transport, Via and Contact, and a client transaction for each (RFC 3261 §8.1, §18.1.1). */
export class RequestSender {
  readonly #endpoint: Endpoint;
  readonly #addresses = new Map<Transport, Address>();

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** From here on, requests may leave by this transport, which others reach at this address. */
  use(transport: Transport, bound: Address): void {
    const host = isWildcard(bound.host) ? this.#endpoint.configuration.advertisedHost : bound.host;
    this.#addresses.set(transport, { host, port: bound.port });
  }

  /** At which others reach the open transports of a protocol. */
  *addressesOf(protocol: string): IterableIterator<Address> {
    for (const [transport, address] of this.#addresses) if (transport.protocol === protocol) yield address;
  }

  /** The Contact for who sent a request: the user of its Request-URI at the host and port that others reach (RFC 3261 §8.1.1.8). */
  contact({ request, essentials: { uri }, flow: { transport } }: Arrival): string {
    const { displayName } = this.#endpoint.configuration;
    const scheme = isSecure(request, uri) ? 'sips' : 'sip';
    const user = isSIPURI(uri) && uri.user !== undefined ? `${uri.user}@` : '';
    const parameter = transport.protocol === 'UDP' ? '' : `;transport=${transport.protocol.toLowerCase()}`;
    const name = displayName === undefined ? '' : `"${displayName.replace(/["\\]/g, '\\$&')}" `;
    return `${name}<${scheme}:${user}${this.#sentBy(transport)}${parameter}>`;
  }

  /** Sends a request of a dialog in a new client transaction, whose user hears what becomes of it. */
  send(order: RequestInDialog, user: Usage): void {
    const hop = readNextHop(order.nextHop);
    if (isLeft(hop)) return this.#fail(user);
    if (isNumeric(hop.right.host)) return this.#sendTo(hop.right, order, user);
    this.#endpoint.resolve(hop.right.host, user, (host) => {
      if (host === undefined) this.#fail(user);
      else this.#sendTo({ ...hop.right, host }, order, user);
    });
  }

  #sendTo(hop: NextHop, order: RequestInDialog, user: Usage): void {
    const { dialog } = user;
    const transport = this.#transportTo(hop, dialog.transport);
    if (transport === undefined) return this.#fail(user);
    const sendBy = (chosen: Transport, otherwise: (() => void) | undefined) => {
      const branch = `z9hG4bK${this.#endpoint.configuration.entropy.token()}`;
      const request = this.#build(order, dialog, chosen, branch);
      this.#start(request, chosen.flowTo(hop), branch, user, otherwise);
    };
    try {
      const stream = this.#streamFor(order, dialog, transport);
      if (stream === undefined) sendBy(transport, undefined);
      else sendBy(stream, () => sendBy(transport, undefined));
    } catch (error) {
      this.#endpoint.configuration.application.failed(error as Error);
      this.#fail(user);
    }
  }

  /** The URI's own transport; else one that has a connection there, the one that the dialog came by, UDP, or any (RFC 3263 §4.1). */
  #transportTo(hop: NextHop, own: Transport): Transport | undefined {
    const all = [own, ...this.#addresses.keys()].filter(
      (transport) =>
        (hop.protocol === undefined || hop.protocol === transport.protocol) &&
        isIPv6(this.#addresses.get(transport)!.host) === isIPv6(hop.host),
    );
    return (
      all.find((transport) => this.#endpoint.hasFlowTo(transport, hop)) ??
      all.find(({ protocol }) => protocol === 'UDP') ??
      all[0]
    );
  }

  /** TCP for what is too large for UDP, which is tried all the same where TCP connects to nobody (§18.1.1). */
  #streamFor(order: RequestInDialog, dialog: Dialog, transport: Transport): Transport | undefined {
    if (transport.reliable) return undefined;
    if (this.#build(order, dialog, transport, longestBranch).text.length <= largestDatagram) return undefined;
    const isOfFamily = isIPv6(this.#addresses.get(transport)!.host);
    const addresses = [...this.#addresses];
    return addresses.find(
      ([{ protocol }, { host }]) => protocol === 'TCP' && isIPv6(host) === isOfFamily,
    )?.[0];
  }

  #build(order: RequestInDialog, dialog: Dialog, transport: Transport, branch: string): Request {
    const { server } = this.#endpoint.configuration;
    const headers: HeaderField[] = [
      ['Via', `SIP/2.0/${transport.protocol} ${this.#sentBy(transport)};branch=${branch};rport`],
      ...order.headers,
    ];
    if (order.method !== 'BYE') headers.push(['Contact', dialog.contact]);
    if (server !== undefined) headers.push(['User-Agent', server]);
    return createRequest({ method: order.method, uri: order.uri, headers, body: order.body });
  }

  #start(
    request: Request,
    flow: Flow,
    branch: string,
    user: Usage,
    otherwise: (() => void) | undefined,
  ): void {
    const { engines, configuration } = this.#endpoint;
    const instance = engines.nonInviteClientTransaction.create({
      request,
      reliable: flow.transport.reliable,
      repeats: repeatsTo(user.dialog.instance.snapshot, flow.remote.host),
      timers: configuration.timers,
    });
    const key = clientTransactionKey(branch, request.method);
    this.#endpoint.start(new ClientTransaction(this.#endpoint, instance, key, flow, user, otherwise));
  }

  #fail(user: Usage): void {
    this.#endpoint.dispatch(user, { type: 'requestFailed', failure: 'transportError' });
  }

  #sentBy(transport: Transport): string {
    const { host, port } = this.#addresses.get(transport)!;
    return `${hostText(host)}:${port}`;
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

const isIPv6 = (host: string) => host.includes(':');

const isWildcard = (host: string) => host === '0.0.0.0' || host === '::';

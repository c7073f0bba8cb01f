import type { Address } from '../message/index.js';
import type { Protocol, Transport } from '../transports/transport.js';
import { hostText } from './routing.js';

/** The open transports, and where others reach them. */
export class OwnAddresses {
  readonly #advertisedHost: string;
  readonly #open = new Map<Transport, { readonly bound: string; readonly address: Address }>();

  /** A transport that is bound to every address is reached at the advertised host. */
  constructor(advertisedHost: string) {
    this.#advertisedHost = advertisedHost;
  }

  /** From here on, requests may leave by this transport. */
  add(transport: Transport, { host, port }: Address): void {
    const isEvery = host === '0.0.0.0' || host === everyAddress;
    const address = { host: isEvery ? this.#advertisedHost : host, port };
    this.#open.set(transport, { bound: host, address });
  }

  /** Those of the transports of a protocol. */
  *of(protocol: string): IterableIterator<Address> {
    for (const [transport, { address }] of this.#open) if (transport.protocol === protocol) yield address;
  }

  /** As it stands in a Via or a Contact. */
  text(transport: Transport): string {
    const { host, port } = this.#open.get(transport)!.address;
    return `${hostText(host)}:${port}`;
  }

  /** The transport to a numeric host: of the protocol that is asked for, else UDP or any; one's own before others (RFC 3263 §4.1). */
  transportTo(host: string, protocol: Protocol | undefined, own: Transport): Transport | undefined {
    const chosen = this.#find(host, protocol ?? 'UDP', own);
    return chosen ?? (protocol === undefined ? this.#find(host, undefined, own) : undefined);
  }

  #find(host: string, protocol: Protocol | undefined, own: Transport): Transport | undefined {
    const fits = (transport: Transport) =>
      (protocol === undefined || transport.protocol === protocol) && this.#reaches(transport, host);
    if (fits(own)) return own;
    for (const transport of this.#open.keys()) if (fits(transport)) return transport;
    return undefined;
  }

  /** A socket sends to addresses of the family that it is bound to. */
  #reaches(transport: Transport, host: string): boolean {
    const bound = this.#open.get(transport)?.bound;
    return bound !== undefined && (bound === everyAddress || bound.includes(':') === host.includes(':'));
  }
}

/** Bound to it, a socket takes and reaches both families. */
const everyAddress = '::';

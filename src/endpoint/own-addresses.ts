import type { Address } from '../message/index.js';
import type { Protocol, Transport } from '../transports/transport.js';
import type { Configuration } from './configuration.js';
import { hostText, isWildcard } from './routing.js';

/** The open transports, and where others reach them. */
export class OwnAddresses {
  readonly #advertisedHost: string | undefined;
  readonly #localHost: string;
  readonly #open = new Map<Transport, { readonly bound: string; readonly address: Address }>();

  /** Others reach all at the advertised host, where there is one, and else a transport that is bound to every address at the local host. */
  constructor({ advertisedHost, localHost }: Pick<Configuration, 'advertisedHost' | 'localHost'>) {
    this.#advertisedHost = advertisedHost;
    this.#localHost = localHost;
  }

  /** From here on, requests may leave by this transport. */
  add(transport: Transport, { host, port }: Address): void {
    const address = { host: isWildcard(host) ? this.#localHost : host, port };
    this.#open.set(transport, { bound: host, address });
  }

  /** Those of the transports of a protocol. */
  *of(protocol: string): IterableIterator<Address> {
    for (const [transport, { address }] of this.#open) if (transport.protocol === protocol) yield address;
  }

  /** As it stands in a Via or a Contact. */
  text(transport: Transport): string {
    const { host, port } = this.#open.get(transport)!.address;
    return `${hostText(this.#advertisedHost ?? host)}:${port}`;
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

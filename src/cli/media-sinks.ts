import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { localHost } from '../api/local-host.js';
import { isWildcard } from '../endpoint/routing.js';
import type { Address } from '../index.js';

/**
 * Sockets that take what peers send, since what an answer promises to receive must arrive somewhere (RFC 3264 §6.1), and do
 * nothing with it but report that it came: some phones take half a minute without a packet for the end of a call.
 */
export class MediaSinks {
  readonly #addresses: Address[] = [];
  readonly #sockets: Socket[] = [];
  readonly #advertised: string | undefined;

  constructor(advertised: string | undefined) {
    this.#advertised = advertised;
  }

  /** Binds a free port of a host; the discard port (RFC 863) stands in where there is none. */
  async open(host: string): Promise<void> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const shown = this.#advertised ?? (isWildcard(host) ? localHost() : host);
    try {
      socket.bind(0, host);
      await once(socket, 'listening');
    } catch {
      this.#addresses.push({ host: shown, port: 9 });
      return;
    }
    socket.on('error', () => {});
    socket.on('message', reporting(socket));
    this.#sockets.push(socket);
    this.#addresses.push({ host: shown, port: socket.address().port });
  }

  /** The one for a peer: of its family, where there is one. */
  addressFor(peer: Address): Address {
    const own = this.#addresses.find(({ host }) => isIPv6(host) === isIPv6(peer.host));
    return own ?? this.#addresses[0] ?? { host: peer.host, port: 9 };
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

/** Milliseconds from one report to a peer to the next (RFC 3550 §6.2), and how many peers get one in that time. */
const pause = 5_000;
const mostReports = 1_000;

/** Reports to each peer what has come, on the port above its own (RFC 3550 §11). */
function reporting(socket: Socket): (bytes: Buffer, from: RemoteInfo) => void {
  const reported = new Set<string>();
  let since = 0;
  return (bytes, { address, port }) => {
    const now = performance.now();
    if (now - since >= pause) {
      reported.clear();
      since = now;
    }
    const peer = `${address} ${port}`;
    if (isRTCP(bytes) || port >= 65_535 || reported.has(peer) || reported.size >= mostReports) return;
    reported.add(peer);
    socket.send(report, port + 1, address, () => {});
  };
}

/** RFC 5761 §4. */
const isRTCP = ([first = 0, second = 0]: Buffer) => first >> 6 === 2 && second >= 192 && second <= 223;

/** An empty receiver report and the CNAME `sipchart`, of one source (RFC 3550 §6.4.2, §6.5.1). */
const report = Buffer.concat([
  Buffer.from('80c9000153495043', 'hex'),
  Buffer.from('81ca0004534950430108', 'hex'),
  Buffer.from('sipchart\0\0'),
]);

import type { Address } from '../message/message.js';
import type { Protocol, TransportError } from './transport.js';

/** What Node or the system said about a socket (an error with a code, or the code alone), as one sentence that names the cause and, where there is one, the remedy. */
export function systemError(protocol: Protocol, address: Address, error: unknown): TransportError {
  const systemCode = codeOf(error);
  const meaning = isOfSend(error)
    ? (sendMeanings.get(systemCode) ?? meanings.get(systemCode))
    : meanings.get(systemCode);
  const [code, sentence] = meaning ?? ['failed', `failed: ${systemCode}`];
  return { code, message: `${protocol} ${addressText(address)} ${sentence}` };
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

type Meaning = readonly [code: TransportError['code'], sentence: string];

/** Where a send means something else by it than a bind. */
const sendMeanings = new Map<string, Meaning>([
  [
    'EACCES',
    [
      'permissionDenied',
      'is a broadcast address, or one that a route prohibits; name the address of one host',
    ],
  ],
]);

const meanings = new Map<string, Meaning>([
  ['EADDRINUSE', ['addressInUse', 'is in use by another process; name another port']],
  ['EADDRNOTAVAIL', ['addressNotAvailable', 'is no address of this machine; name one of its own']],
  ['EAFNOSUPPORT', ['addressNotAvailable', 'is of an address family that this machine does not have']],
  ['ENOTFOUND', ['addressNotAvailable', 'is no numeric address; name one, as 127.0.0.1']],
  ['EINVAL', ['addressNotAvailable', 'cannot be reached from this socket; name an address of its family']],
  ['ERR_SOCKET_BAD_PORT', ['addressNotAvailable', 'has no valid port; name one from 1 to 65535']],
  ['ERR_SOCKET_CLOSED', ['closed', 'is closed']],
  ['ERR_SOCKET_ALREADY_BOUND', ['failed', 'is open already']],
  ['EACCES', ['permissionDenied', 'is not permitted to this user; name a port from 1024 on']],
  ['EPERM', ['permissionDenied', 'is forbidden by the system, perhaps by its firewall']],
  ['ECONNREFUSED', ['refused', 'refuses connections']],
  ['EMSGSIZE', ['tooLarge', 'takes no datagram as large as this; send it by TCP']],
  ['ETIMEDOUT', ['timeout', 'does not answer']],
  ['ECONNRESET', ['closed', 'has closed the connection']],
  ['EPIPE', ['closed', 'has closed the connection']],
  ['ECANCELED', ['closed', 'was closed before the message was sent']],
  ['EHOSTUNREACH', ['failed', 'is unreachable']],
  ['ENETUNREACH', ['failed', 'is on a network that is unreachable']],
  ['EMFILE', ['failed', 'finds no free file descriptor in this process; raise its limit']],
]);

function isOfSend(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'send';
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

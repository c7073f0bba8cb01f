import { isIP } from 'node:net';
import type { Address } from '../message/index.js';
import type { MessageEntry } from './entry.js';
import type { Source } from './source.js';

/**
 * The messages of a source as a capture file that Wireshark and sngrep open (draft-ietf-opsawg-pcapng). The packets are
 * made up around the messages: IP and UDP, or for streams TCP without its beginning, its sequence numbers running on.
 */
export const pcapngOf = (source: Source, callId?: string): Buffer => {
  const blocks = [sectionHeader(), interfaceDescription()];
  const streams = new Map<string, Stream>();
  for (let next = source.first; next < source.next; ) {
    const n = source.present?.(next) ?? next;
    next = n + 1;
    const message = source.message(n);
    if (message === undefined || (callId !== undefined && message.callId !== callId)) continue;
    for (const packet of packetsOf(message, source, streams))
      blocks.push(enhancedPacket(packet, message.at, message.direction));
  }
  return Buffer.concat(blocks);
};

/** How much has gone each way of a connection. */
interface Stream {
  received: number;
  sent: number;
}

interface Ends {
  readonly source: Address;
  readonly destination: Address;
}

const packetsOf = (
  { protocol, remote: remoteText, direction, text }: MessageEntry,
  source: Source,
  streams: Map<string, Stream>,
): readonly Buffer[] => {
  const remote = addressOf(remoteText);
  const local = source.localAddress(protocol, remote) ?? unknownLocal(remote);
  const ends =
    direction === 'received'
      ? { source: remote, destination: local }
      : { source: local, destination: remote };
  const payload = Buffer.from(text, 'latin1');
  if (protocol === 'UDP') return [udpPacket(payload.subarray(0, largestDatagram), ends)];
  const key = `${protocol} ${remoteText}`;
  const stream = streams.get(key) ?? { received: 1, sent: 1 };
  streams.set(key, stream);
  const other = direction === 'received' ? 'sent' : 'received';
  const packets: Buffer[] = [];
  for (let start = 0; start < payload.length; start += largestSegment) {
    const part = payload.subarray(start, start + largestSegment);
    packets.push(tcpPacket(part, ends, stream[direction], stream[other]));
    stream[direction] = (stream[direction] + part.length) % 2 ** 32;
  }
  return packets;
};

/** 65,535 less the headers of IP and UDP, or TCP. */
const largestDatagram = 65_507;
const largestSegment = 65_475;

const unknownLocal = ({ host }: Address): Address => ({
  host: isIP(host) === 6 ? '::1' : '127.0.0.1',
  port: 5060,
});

/** A recording may have any number for a port. */
const addressOf = (text: string): Address => {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  return {
    host: text.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: port >= 0 && port <= 0xffff ? Math.floor(port) : 0,
  };
};

const udpPacket = (payload: Buffer, ends: Ends): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(ends.source.port, 0);
  header.writeUInt16BE(ends.destination.port, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  // A checksum of 0 would say that there is none (RFC 768).
  header.writeUInt16BE(transportChecksum(17, header, payload, ends) || 0xffff, 6);
  return ipPacket(17, Buffer.concat([header, payload]), ends);
};

const tcpPacket = (payload: Buffer, ends: Ends, sequence: number, acknowledgement: number): Buffer => {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(ends.source.port, 0);
  header.writeUInt16BE(ends.destination.port, 2);
  header.writeUInt32BE(sequence, 4);
  header.writeUInt32BE(acknowledgement, 8);
  header.writeUInt8(5 << 4, 12);
  header.writeUInt8(pushAndAcknowledge, 13);
  header.writeUInt16BE(0xffff, 14);
  header.writeUInt16BE(transportChecksum(6, header, payload, ends), 16);
  return ipPacket(6, Buffer.concat([header, payload]), ends);
};

const pushAndAcknowledge = 0x18;

const ipPacket = (protocol: number, segment: Buffer, { source, destination }: Ends): Buffer => {
  const [from, to] = [bytesOf(source.host), bytesOf(destination.host)];
  if (from.length === 16) {
    const header = Buffer.alloc(8);
    header.writeUInt8(6 << 4, 0);
    header.writeUInt16BE(segment.length, 4);
    header.writeUInt8(protocol, 6);
    header.writeUInt8(64, 7);
    return Buffer.concat([header, from, to, segment]);
  }
  const header = Buffer.alloc(12);
  header.writeUInt8((4 << 4) | 5, 0);
  header.writeUInt16BE(20 + segment.length, 2);
  header.writeUInt16BE(doNotFragment, 6);
  header.writeUInt8(64, 8);
  header.writeUInt8(protocol, 9);
  header.writeUInt16BE(checksum([header, from, to]), 10);
  return Buffer.concat([header, from, to, segment]);
};

const doNotFragment = 0x4000;

/** Over a pseudo header too (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1). */
const transportChecksum = (
  protocol: number,
  header: Buffer,
  payload: Buffer,
  { source, destination }: Ends,
): number => {
  const rest = Buffer.alloc(8);
  rest.writeUInt32BE(header.length + payload.length, 0);
  rest.writeUInt8(protocol, 7);
  return checksum([bytesOf(source.host), bytesOf(destination.host), rest, header, payload]);
};

/** RFC 1071. Every part but the last has an even length. */
const checksum = (parts: readonly Buffer[]): number => {
  let sum = 0;
  for (const part of parts)
    for (let at = 0; at < part.length; at += 2) sum += (part[at]! << 8) | (part[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
};

/** 4 bytes or 16; a host that is no address is 0.0.0.0. */
const bytesOf = (host: string): Buffer => {
  const address = host.replace(/%.*$/, '');
  switch (isIP(address)) {
    case 4:
      return Buffer.from(address.split('.').map(Number));
    case 6:
      return bytesOfIPv6(address);
    default:
      return Buffer.alloc(4);
  }
};

const bytesOfIPv6 = (address: string): Buffer => {
  const [front = '', back] = address.split('::');
  const [first, last] = [groupsOf(front), groupsOf(back ?? '')];
  const bytes = Buffer.alloc(16);
  first.copy(bytes, 0);
  last.copy(bytes, 16 - last.length);
  return bytes;
};

/** `2001:db8`, and an IPv4 address at the end as 4 bytes. */
const groupsOf = (text: string): Buffer =>
  Buffer.concat(
    text === ''
      ? []
      : text.split(':').map((group) => {
          if (group.includes('.')) return bytesOf(group);
          const pair = Buffer.alloc(2);
          pair.writeUInt16BE(Number.parseInt(group, 16));
          return pair;
        }),
  );

const sectionHeader = (): Buffer => {
  const body = Buffer.alloc(16);
  body.writeUInt32LE(byteOrder, 0);
  body.writeUInt16LE(1, 4);
  // The length of the section is not told.
  body.fill(0xff, 8);
  return block(0x0a0d0d0a, body);
};

const byteOrder = 0x1a2b3c4d;

/** LINKTYPE_RAW: a packet begins with its IP header. Times are in microseconds, as they are where nothing is said. */
const interfaceDescription = (): Buffer => {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(101, 0);
  return block(1, body);
};

const enhancedPacket = (packet: Buffer, at: number, direction: MessageEntry['direction']): Buffer => {
  const microseconds = BigInt(Math.min(Math.max(Math.round(at * 1_000), 0), Number.MAX_SAFE_INTEGER));
  const header = Buffer.alloc(20);
  header.writeUInt32LE(Number(microseconds >> 32n), 4);
  header.writeUInt32LE(Number(microseconds & 0xffff_ffffn), 8);
  header.writeUInt32LE(packet.length, 12);
  header.writeUInt32LE(packet.length, 16);
  const options = Buffer.alloc(12);
  options.writeUInt16LE(2, 0);
  options.writeUInt16LE(4, 2);
  options.writeUInt32LE(direction === 'received' ? 1 : 2, 4);
  return block(6, Buffer.concat([header, packet, Buffer.alloc(-packet.length & 3), options]));
};

const block = (type: number, body: Buffer): Buffer => {
  const framed = Buffer.alloc(12 + body.length);
  framed.writeUInt32LE(type, 0);
  framed.writeUInt32LE(framed.length, 4);
  body.copy(framed, 8);
  framed.writeUInt32LE(framed.length, framed.length - 4);
  return framed;
};

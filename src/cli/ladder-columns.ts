import type { WireMessage } from '../index.js';
import { addressText } from '../transports/transport-error.js';
import { cut, type Segment, type Style, widthOfAll } from './styled-text.js';

/** A protocol and the longest IPv4 address with its port. */
const peerWidth = 25;

/** A peer and its arrow's head, or the longest id of a machine and a space. */
const subjectWidth = peerWidth + 2;

/** A peer as it stands in its column. */
export const peerText = (protocol: WireMessage['protocol'], remote: WireMessage['remote']): string =>
  shortened(`${protocol} ${addressText(remote)}`);

/** The middle of a long IPv6 address says least. */
function shortened(text: string): string {
  const ending = 11;
  return text.length <= peerWidth ? text : `${text.slice(0, peerWidth - ending - 1)}…${text.slice(-ending)}`;
}

/** An arrow between the peer and the user agent, with what is said. Without its own line the user agent is on the right. */
export function messageRow(
  direction: WireMessage['direction'],
  peer: Segment,
  said: readonly Segment[],
  columns: number | undefined,
): readonly Segment[] {
  const received = direction === 'received';
  const style: Style = received ? 'green' : 'cyan';
  const near = '─'.repeat(subjectWidth - peer.text.length - 2);
  const room = messageRoom(columns);
  if (room === undefined)
    return [peer, space, { text: received ? `${near}►` : `◄${near}`, style }, space, ...said];
  const kept = cut(said, room - 4);
  const far = '─'.repeat(room - widthOfAll(kept) - 2);
  return [
    ...[peer, space, { text: received ? `${near}─` : `◄${near}`, style }, space],
    ...[...kept, space, { text: received ? `${far}►` : `${far}─`, style }, ourLine],
  ];
}

/** A machine and what it does, beyond the user agent's own line where that is drawn. */
export function machineRow(
  machine: Segment,
  change: readonly Segment[],
  columns: number | undefined,
): readonly Segment[] {
  const room = messageRoom(columns);
  return [
    ...(room === undefined ? [] : [{ text: ' '.repeat(subjectWidth + 1 + room) }, ourLine, space]),
    { ...machine, text: machine.text.padEnd(subjectWidth) },
    space,
    ...change,
  ];
}

/** The columns between a peer and the user agent's own line, where there is room for the machines beyond that. */
function messageRoom(columns = 0): number | undefined {
  const room = columns - subjectWidth - 1;
  return room < 90 ? undefined : Math.max(room - mostOfMachine, Math.floor(room * 0.37));
}

/** The most that is worth showing of a machine's change of state. */
const mostOfMachine = 84;

const ourLine: Segment = { text: '│', style: 'dim' };
const space: Segment = { text: ' ' };

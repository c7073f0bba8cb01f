import type { WireMessage } from '../index.js';
import { addressText } from '../transports/transport-error.js';
import { type Segment, type Style, widthOfAll } from './styled-text.js';

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

/**
 * An arrow between the peer and the user agent, with what is said. Where the user agent has its own line, the arrow leads to
 * it, and what there is no room for before it stands beyond; what does not fit so either takes the whole row.
 */
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
  const parts = room === undefined ? undefined : parted(said, room - 4, (columns ?? 0) - machineColumn(room));
  if (room === undefined || parts === undefined)
    return [peer, space, { text: received ? `${near}►` : `◄${near}`, style }, space, ...said];
  const far = '─'.repeat(room - widthOfAll(parts.before) - 2);
  return [
    ...[peer, space, { text: received ? `${near}─` : `◄${near}`, style }, space],
    ...[...parts.before, space, { text: received ? `${far}►` : `${far}─`, style }, ourLine],
    ...(parts.beyond.length === 0 ? [] : [space, ...parts.beyond]),
  ];
}

/**
 * A machine and what it does, beyond the user agent's own line where that is drawn. The columns of the machine's name are
 * given up, and then the line, where there would be no room for whole words.
 */
export function machineRow(
  machine: Segment,
  change: readonly Segment[],
  columns: number | undefined,
): readonly Segment[] {
  const aligned = [{ ...machine, text: machine.text.padEnd(subjectWidth) }, space, ...change];
  const close = [machine, gap, ...change];
  const room = messageRoom(columns);
  const width = columns ?? Number.POSITIVE_INFINITY;
  if (room === undefined) return widthOfAll(aligned) <= width ? aligned : close;
  const row = [aligned, close].find((each) => widthOfAll(each) <= width - machineColumn(room));
  return row === undefined
    ? [{ text: ' '.repeat(Math.max(0, width - widthOfAll(close))) }, ...close]
    : [{ text: ' '.repeat(subjectWidth + 1 + room) }, ourLine, space, ...row];
}

/** What is said, parted at a gap so that both parts fit. */
function parted(said: readonly Segment[], room: number, beyond: number) {
  for (let end = said.length; end > 0; end--) {
    if (end < said.length && said[end]?.text !== gap.text) continue;
    const parts = { before: said.slice(0, end), beyond: said.slice(end + 1) };
    if (widthOfAll(parts.before) <= room) return widthOfAll(parts.beyond) <= beyond ? parts : undefined;
  }
  return undefined;
}

/** The columns between a peer and the user agent's own line, where there is room for the machines beyond that. */
function messageRoom(columns = 0): number | undefined {
  const room = columns - machineColumn(0);
  if (room < leastOfMessage + leastOfMachine) return undefined;
  return Math.max(leastOfMessage, Math.min(mostOfMessage, room - mostOfMachine));
}

/** Whether the user agent has its own line. */
export const hasOwnLine = (columns: number | undefined): boolean => messageRoom(columns) !== undefined;

/** Where a machine stands beyond the user agent's own line. */
const machineColumn = (room: number) => subjectWidth + 1 + room + 2;

/** What a machine and a change of its state take side by side, and in columns of their own. */
const leastOfMachine = 72;
const mostOfMachine = 90;

/** What a message takes without what may stand beyond the line, and with it. */
const leastOfMessage = 41;
const mostOfMessage = 84;

const ourLine: Segment = { text: '│', style: 'dim' };
const space: Segment = { text: ' ' };
const gap: Segment = { text: '  ' };

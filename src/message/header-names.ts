import { Names } from './names.js';

/** The number of the header name that stands from `start` to `end`, long or compact and in any case, or -1. */
export function headerNumber(text: string, start: number, end: number): number {
  const found = names.find(text, start, end);
  return found < long.length ? found : compact[found - long.length]![1];
}

/** The headers that have a number; those that every request is asked for come first. */
const long = [
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Max-Forwards',
  'Content-Length',
  'Route',
  'Require',
  'Refer-To',
  'Refer-Sub',
  'Event',
  'Content-Type',
  'Supported',
  'Record-Route',
  'Referred-By',
  'Replaces',
  'Subscription-State',
  'Expires',
  'Allow',
  'Allow-Events',
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Min-Expires',
  'Proxy-Require',
  'Retry-After',
  'Timestamp',
  'Unsupported',
  'Subject',
  'User-Agent',
  'Server',
  'Date',
  'Session-Expires',
  'Accept-Contact',
  'Reject-Contact',
  'Request-Disposition',
  'Identity',
  'RAck',
  'RSeq',
  'SIP-ETag',
  'SIP-If-Match',
  'Info-Package',
  'Recv-Info',
] as const;

type NumberedName = (typeof long)[number];

export const numberOf = (name: NumberedName): number => long.indexOf(name);

/** RFC 3261 §7.3.3, RFC 6665 §8.2, RFC 3515 §2.1, RFC 3892 §3, RFC 4028 §4, RFC 3841 §9, RFC 8224 §4. */
const compact = (
  [
    ['a', 'Accept-Contact'],
    ['b', 'Referred-By'],
    ['c', 'Content-Type'],
    ['d', 'Request-Disposition'],
    ['e', 'Content-Encoding'],
    ['f', 'From'],
    ['i', 'Call-ID'],
    ['j', 'Reject-Contact'],
    ['k', 'Supported'],
    ['l', 'Content-Length'],
    ['m', 'Contact'],
    ['o', 'Event'],
    ['r', 'Refer-To'],
    ['s', 'Subject'],
    ['t', 'To'],
    ['u', 'Allow-Events'],
    ['v', 'Via'],
    ['x', 'Session-Expires'],
    ['y', 'Identity'],
  ] as const
).map(([letter, name]) => [letter, numberOf(name)] as const);

const names = new Names([...long, ...compact.map(([letter]) => letter)]);

export const VIA = numberOf('Via');
export const TO = numberOf('To');
export const CSEQ = numberOf('CSeq');
export const CONTENT_LENGTH = numberOf('Content-Length');
export const TIMESTAMP = numberOf('Timestamp');
export const RECORD_ROUTE = numberOf('Record-Route');

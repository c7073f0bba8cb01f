/** The session descriptions of a phone that has nothing to say but stays on the line (RFC 3264, whose sections are named). */
import { isIPv6 } from 'node:net';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Address } from '../index.js';

/** What the phone says of itself in every description of one session. */
export interface Origin {
  /** The session's own number. */
  readonly session: number;
  /** Where it takes what is sent to it. */
  readonly media: Address;
}

export interface Description {
  readonly version: number;
  readonly text: string;
}

/**
 * The answer to an offer; without one, an offer, which is what was described last, where something was. Its version is one
 * more than the last where anything else differs (§8). An offer that can't be read gets 400, one of which nothing can be
 * taken 488 (§6).
 */
export function describeSession(
  offer: string | undefined,
  origin: Origin,
  last?: Description,
): Either<400 | 488, Description> {
  if (offer === undefined) return right(last ?? described(firstOffer(origin), origin, last));
  const offered = readOffer(offer);
  if (offered === undefined) return left(400);
  const { time, streams } = offered;
  const answers = streams.map((stream) => answerTo(stream, origin));
  // A session may go on without streams (§8.2), but does not begin so where any is offered (§5.1).
  const mayBeEmpty = streams.length === 0 || (last !== undefined && streams.every(({ port }) => port === 0));
  if (!mayBeEmpty && answers.every((answer) => answer === undefined)) return left(488);
  const lines = streams.flatMap((stream, index) => answers[index] ?? refusalOf(stream));
  return right(described([time, ...lines], origin, last));
}

/** The parameters that an offer and its answer have in common (§6). */
interface Offer {
  readonly time: string;
  readonly streams: readonly Stream[];
}

interface Stream {
  readonly kind: string;
  readonly port: number;
  readonly profile: string;
  readonly formats: readonly string[];
  /** What is said of it: of the whole session first, and then of it alone. */
  readonly lines: readonly string[];
}

/** `undefined` where it is no description (RFC 4566 §5, §9). */
function readOffer(text: string): Offer | undefined {
  const [first, ...lines] = text.trimEnd().split(/\r?\n/);
  if (first !== 'v=0' || !lines.every((line) => /^[a-z]=/.test(line))) return undefined;
  const starts = lines.flatMap((line, index) => (line.startsWith('m=') ? index : []));
  const common = lines.slice(0, starts[0]);
  const streams = starts.map((start, index) => readStream(lines.slice(start, starts[index + 1]), common));
  return streams.every((stream) => stream !== undefined)
    ? { time: common.find((line) => line.startsWith('t=')) ?? always, streams }
    : undefined;
}

function readStream([media = '', ...own]: readonly string[], common: readonly string[]): Stream | undefined {
  const [, kind, port, profile, formats] = /^m=(\S+) (\d{1,5})(?:\/\d+)? (\S+) (\S.*)$/.exec(media) ?? [];
  if (kind === undefined || profile === undefined || formats === undefined || Number(port) > 65_535)
    return undefined;
  return {
    ...{ kind, port: Number(port), profile, formats: formats.trim().split(/ +/) },
    lines: [...common, ...own],
  };
}

/** The lines of a stream that is taken (§6.1). */
function answerTo(stream: Stream, { media }: Origin): readonly string[] | undefined {
  const { kind, port, profile } = stream;
  if (kind !== 'audio' || port === 0 || profile !== 'RTP/AVP') return undefined;
  const format = formatOf(stream);
  return format && [`m=audio ${media.port} RTP/AVP ${format.number}`, ...format.lines, directionOf(stream)];
}

/** A refused stream keeps its place (§6). */
const refusalOf = ({ kind, profile, formats }: Stream): string =>
  `m=${kind} 0 ${profile} ${formats.join(' ')}`;

/** The first static format, else the first dynamic one that is a codec, with what the offer says of it (§6.1). */
function formatOf({ formats, lines }: Stream) {
  const mappingOf = (format: string) => lines.find((line) => line.startsWith(`a=rtpmap:${format} `));
  const number =
    formats.find((format) => staticFormats.has(format)) ??
    formats.find((format) => codec.test(mappingOf(format) ?? ''));
  if (number === undefined) return undefined;
  const mapping = mappingOf(number) ?? `a=rtpmap:${number} ${staticFormats.get(number)}`;
  const parameters = lines.filter((line) => line.startsWith(`a=fmtp:${number} `));
  return { number, lines: [mapping, ...parameters] };
}

/** RFC 3551 §6. */
const staticFormats: ReadonlyMap<string, string> = new Map([
  ['0', 'PCMU/8000'],
  ['3', 'GSM/8000'],
  ['4', 'G723/8000'],
  ['7', 'LPC/8000'],
  ['8', 'PCMA/8000'],
  ['9', 'G722/8000'],
  ['15', 'G728/8000'],
  ['18', 'G729/8000'],
]);

/** Not what goes along with one: key presses, silence, repetition. */
const codec = /^a=rtpmap:\d+ (?!(?:telephone-event|tone|cn|red)\/)[\w.-]+\/\d/i;

/** §6.1; and nothing is sent to 0.0.0.0, by which older peers hold (§8.4). */
function directionOf({ lines }: Stream): string {
  const direction = lines.findLast((line) => Object.hasOwn(directions, line)) ?? 'a=sendrecv';
  const isHeld = lines.findLast((line) => line.startsWith('c='))?.split(' ')[2] === '0.0.0.0';
  return directions[direction as keyof typeof directions][isHeld ? 1 : 0];
}

/** By what is offered: the answer, and the answer where nothing may be sent. */
const directions = {
  'a=sendrecv': ['a=sendrecv', 'a=recvonly'],
  'a=sendonly': ['a=recvonly', 'a=recvonly'],
  'a=recvonly': ['a=sendonly', 'a=inactive'],
  'a=inactive': ['a=inactive', 'a=inactive'],
} as const;

const always = 't=0 0';

const firstOffer = ({ media }: Origin) => [
  ...[always, `m=audio ${media.port} RTP/AVP 0`, `a=rtpmap:0 ${staticFormats.get('0')}`, 'a=sendrecv'],
];

function described(
  lines: readonly string[],
  { session, media }: Origin,
  last: Description | undefined,
): Description {
  const connection = `IN ${isIPv6(media.host) ? 'IP6' : 'IP4'} ${media.host}`;
  const text = (version: number) =>
    [
      ...['v=0', `o=sipchart ${session} ${version} ${connection}`, 's=-', `c=${connection}`],
      ...[...lines, ''],
    ].join('\r\n');
  if (last === undefined) return { version: 1, text: text(1) };
  const version = text(last.version) === last.text ? last.version : last.version + 1;
  return { version, text: text(version) };
}

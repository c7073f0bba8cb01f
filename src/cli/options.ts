import { isIP } from 'node:net';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Address, ListeningAddress } from '../index.js';
import { defaultInspectorAddress } from '../inspect/inspector-server.js';
import { addressText } from '../transports/transport-error.js';
import { type Arguments, readArguments } from './arguments.js';
import { parseHost, parseSocketAddress } from './socket-address.js';

export interface ServeOptions {
  /** In the order of listening: UDP first. */
  readonly sockets: readonly ListeningAddress[];
  /** The host that others reach, where it is another than those of the sockets. */
  readonly advertise: string | undefined;
  /** The numeric hosts that may have all of every limit. */
  readonly trust: readonly string[];
  readonly refer: 'deny' | 'accept';
  readonly engine: 'compiled' | 'actor';
  /** Live transactions; the endpoint's own limit where it is undefined. */
  readonly limit: number | undefined;
  readonly quiet: boolean;
  readonly demo: boolean;
  /** Where the inspector listens, if it does. */
  readonly inspect: Address | undefined;
  readonly record: RecordOptions | undefined;
}

interface RecordOptions {
  readonly file: string;
  /** Whether effects are written whole. */
  readonly effects: boolean;
  /** Whether bodies are masked. */
  readonly bodies: boolean;
}

export interface DrawOptions {
  /** All where it is undefined. */
  readonly machine: string | undefined;
  readonly format: 'mermaid' | 'svg';
  /** The path of the state that is lit, as in `proceeding.early`. */
  readonly highlight: string | undefined;
}

export interface InspectOptions {
  readonly file: string;
  readonly address: Address;
}

export interface ReplayOptions {
  readonly file: string;
  readonly engine: 'compiled' | 'actor';
}

/** The options of `sipchart serve`, or one sentence about what is wrong with them. */
export function readServeOptions(words: readonly string[]): Either<string, ServeOptions> {
  const read = readArguments(words, {
    udp: 'HOST:PORT',
    tcp: 'HOST:PORT',
    advertise: 'HOST',
    trust: 'HOST',
    refer: 'deny or accept',
    engine: 'compiled or actor',
    limit: 'a number of transactions',
    quiet: undefined,
    demo: undefined,
    inspect: { optional: 'HOST:PORT' },
    record: 'a file',
    'record-effects': undefined,
    'mask-bodies': undefined,
  });
  if (isLeft(read)) return read;
  const { options, positionals } = read.right;
  const surplus = positionals[0];
  if (surplus !== undefined) return left(`it takes options only, not ${surplus}`);
  const sockets = readSockets(read.right);
  if (isLeft(sockets)) return sockets;
  const advertise = readHost(read.right);
  if (isLeft(advertise)) return advertise;
  const trust = readTrust(read.right);
  if (isLeft(trust)) return trust;
  const refer = readChoice(read.right, 'refer', ['deny', 'accept']);
  if (isLeft(refer)) return refer;
  const engine = readChoice(read.right, 'engine', ['compiled', 'actor']);
  if (isLeft(engine)) return engine;
  const limit = readLimit(options.get('limit')?.at(-1));
  if (isLeft(limit)) return limit;
  const inspect = readInspect(read.right);
  if (isLeft(inspect)) return inspect;
  const record = readRecord(read.right);
  if (isLeft(record)) return record;
  return right({
    sockets: sockets.right,
    advertise: advertise.right,
    trust: trust.right,
    refer: refer.right,
    engine: engine.right,
    limit: limit.right,
    quiet: options.has('quiet'),
    demo: options.has('demo'),
    inspect: inspect.right,
    record: record.right,
  });
}

/** The options of `sipchart inspect`, or one sentence about what is wrong with them. */
export function readInspectOptions(words: readonly string[]): Either<string, InspectOptions> {
  const read = readArguments(words, { inspect: 'HOST:PORT' });
  if (isLeft(read)) return read;
  const [file, surplus] = read.right.positionals;
  if (file === undefined) return left('it takes a recording, or what a page has exported; name the file');
  if (surplus !== undefined) return left(`it takes one file, not ${surplus} too`);
  const address = readInspect(read.right);
  if (isLeft(address)) return address;
  return right({ file, address: address.right ?? defaultInspectorAddress });
}

/** The file that `sipchart replay` takes, or one sentence about what is wrong. */
export function readReplayOptions(words: readonly string[]): Either<string, ReplayOptions> {
  const read = readArguments(words, { engine: 'compiled or actor' });
  if (isLeft(read)) return read;
  const [file, surplus] = read.right.positionals;
  if (file === undefined) return left('it takes a recording; name the file');
  if (surplus !== undefined) return left(`it takes one file, not ${surplus} too`);
  const engine = readChoice(read.right, 'engine', ['compiled', 'actor']);
  return isLeft(engine) ? engine : right({ file, engine: engine.right });
}

/** The options of `sipchart draw`, or one sentence about what is wrong with them. */
export function readDrawOptions(words: readonly string[]): Either<string, DrawOptions> {
  const read = readArguments(words, { format: 'mermaid or svg', highlight: 'a state' });
  if (isLeft(read)) return read;
  const [machine, surplus] = read.right.positionals;
  if (surplus !== undefined) return left(`it takes one machine, not ${surplus} too`);
  const format = readChoice(read.right, 'format', ['mermaid', 'svg']);
  if (isLeft(format)) return format;
  if (format.right === 'svg' && machine === undefined)
    return left('--format svg draws one machine; name it, as in sipchart draw refer-uas --format svg');
  const highlight = read.right.options.get('highlight')?.at(-1);
  if (highlight !== undefined && machine === undefined)
    return left('--highlight lights a state of one machine; name it, as in refer-uas --highlight deciding');
  return right({ machine, format: format.right, highlight });
}

/** `sipchart machines` takes nothing; where it gets something, one sentence. */
export function readMachinesOptions(words: readonly string[]): Either<string, undefined> {
  const read = readArguments(words, {});
  if (isLeft(read)) return read;
  const [surplus] = read.right.positionals;
  return surplus === undefined ? right(undefined) : left(`it takes nothing, not ${surplus}`);
}

const defaultSockets: readonly ListeningAddress[] = [
  { protocol: 'UDP', host: '127.0.0.1', port: 5060 },
  { protocol: 'TCP', host: '127.0.0.1', port: 5060 },
];

function readSockets({ options }: Arguments): Either<string, readonly ListeningAddress[]> {
  const sockets: ListeningAddress[] = [];
  for (const protocol of ['UDP', 'TCP'] as const) {
    const option = protocol.toLowerCase();
    for (const text of options.get(option) ?? []) {
      const address = parseSocketAddress(text);
      if (isLeft(address)) return left(`--${option}: ${address.left}`);
      const socket = { protocol, ...address.right };
      if (socket.port !== 0 && sockets.some((other) => isSame(socket, other)))
        return left(`--${option} ${addressText(socket)} is named twice`);
      sockets.push(socket);
    }
  }
  return right(sockets.length === 0 ? defaultSockets : sockets);
}

function readHost({ options }: Arguments): Either<string, string | undefined> {
  const text = options.get('advertise')?.at(-1);
  if (text === undefined) return right(undefined);
  const host = parseHost(text);
  return isLeft(host) ? left(`--advertise: ${host.left}`) : host;
}

function readTrust({ options }: Arguments): Either<string, readonly string[]> {
  const hosts: string[] = [];
  for (const text of options.get('trust') ?? []) {
    const host = parseHost(text);
    if (isLeft(host) || isIP(host.right) === 0)
      return left(
        `--trust: ${JSON.stringify(text)} is no numeric address; name a proxy of yours, as in 192.0.2.1`,
      );
    hosts.push(host.right);
  }
  return right(hosts);
}

const isSame = (one: ListeningAddress, other: ListeningAddress) =>
  one.protocol === other.protocol && one.host === other.host && one.port === other.port;

/** One of two words; the first where none is given. */
function readChoice<Choice extends string>(
  { options }: Arguments,
  name: string,
  choices: readonly [Choice, Choice],
): Either<string, Choice> {
  const word = options.get(name)?.at(-1);
  const choice = word === undefined ? choices[0] : choices.find((each) => each === word);
  return choice === undefined ? left(`--${name} is ${choices.join(' or ')}, not ${word}`) : right(choice);
}

function readInspect({ options }: Arguments): Either<string, Address | undefined> {
  if (!options.has('inspect')) return right(undefined);
  const text = options.get('inspect')?.at(-1);
  const address = text === undefined ? right(defaultInspectorAddress) : parseSocketAddress(text);
  return isLeft(address) ? left(`--inspect: ${address.left}`) : address;
}

function readRecord({ options }: Arguments): Either<string, RecordOptions | undefined> {
  const file = options.get('record')?.at(-1);
  const [effects, bodies] = [options.has('record-effects'), options.has('mask-bodies')];
  if (file !== undefined) return right({ file, effects, bodies });
  if (effects) return left('--record-effects says how to record; name the file by --record FILE');
  return bodies ? left('--mask-bodies says how to record; name the file by --record FILE') : right(undefined);
}

function readLimit(text: string | undefined): Either<string, number | undefined> {
  if (text === undefined) return right(undefined);
  return /^[1-9][0-9]{0,8}$/.test(text)
    ? right(Number(text))
    : left(`--limit is a number of transactions from 1 to 999999999, not ${text}`);
}

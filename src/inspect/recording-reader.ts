import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type RecordedLine, type RecordingEnd, type RecordingHeader, recordingVersion } from './recording.js';
import {
  isAnything,
  isBoolean,
  isCount,
  isLimit,
  isNumber,
  isString,
  listOf,
  oneOf,
  optional,
  record,
  type Shape,
  tuple,
} from './shape.js';

/** Why a recording can't be replayed. */
export interface ReplayError {
  /** From 1; 0 where there is none. */
  readonly line: number;
  /** One sentence that names the cause and the remedy. */
  readonly message: string;
}

/** The last line where its end is missing, as where its process was killed while it wrote. */
export const cutOff = Symbol('cut off');

/** A line longer than this is not looked at. */
const longestLine = 64 * 1024 * 1024;

/** Reads a recording line by line; the text may have come from anybody. */
export class RecordingReader {
  readonly #lines: Iterator<string>;
  #number = 0;
  #next: string | undefined;

  constructor(recording: string | Iterable<string>) {
    this.#lines = (typeof recording === 'string' ? linesOf(recording) : recording)[Symbol.iterator]();
    this.#advance();
  }

  /** The number of the line that was read last. */
  get line(): number {
    return this.#number - (this.#next === undefined ? 0 : 1);
  }

  get isAtEnd(): boolean {
    return this.#next === undefined;
  }

  header(): Either<ReplayError, RecordingHeader> {
    if (this.#next === undefined) return left({ line: 0, message: 'There is nothing in it.' });
    const isOurs = this.#next.startsWith('{"sipchart":"recording"');
    const read = this.#read();
    if (read._tag === 'Left') return isOurs ? read : this.#foreign();
    if (read.right === cutOff)
      return isOurs
        ? this.#fail('It is cut off in its first line, so nothing can be replayed')
        : this.#foreign();
    const header = read.right as RecordingHeader;
    if (!isHeaderOfAny(header)) return this.#foreign();
    if (header.version !== recordingVersion)
      return this.#fail(
        `The recording is of version ${header.version}, and this sipchart reads version ${recordingVersion}: replay it with the sipchart that recorded it, or a newer one`,
      );
    if (!isHeader(header)) return this.#fail('The header lacks what a replay needs: record anew');
    return right(header);
  }

  next(): Either<ReplayError, RecordedLine | RecordingEnd | typeof cutOff> {
    const read = this.#read();
    if (read._tag === 'Left') return read;
    if (read.right === cutOff) return right(cutOff);
    if (isEnd(read.right)) return read as Either<ReplayError, RecordingEnd>;
    if (!isLine(read.right))
      return this.#fail(
        `Line ${this.line} is no input of this version: leave it and what follows out, or record anew`,
      );
    return read as Either<ReplayError, RecordedLine>;
  }

  #read(): Either<ReplayError, unknown> {
    const text = this.#next ?? '';
    this.#advance();
    const { line } = this;
    if (text.length > longestLine)
      return this.#fail(
        `Line ${line} is longer than ${longestLine} characters: it is none that was recorded`,
      );
    try {
      return right(JSON.parse(text));
    } catch {
      if (this.#next === undefined) return right(cutOff);
      return this.#fail(
        `Line ${line} is no JSON: the file was changed or damaged there, so record anew or leave out what follows`,
      );
    }
  }

  /** Lines end with a line feed; the last has nothing behind it. */
  #advance(): void {
    const { done, value } = this.#lines.next();
    this.#next = done === true ? undefined : value;
    this.#number++;
    if (this.#next === undefined) this.#number--;
  }

  #fail(message: string): Either<ReplayError, never> {
    return left({ line: this.line, message });
  }

  #foreign(): Either<ReplayError, never> {
    return this.#fail(
      'This is no recording: its first line is no header. Make one with sipchart serve --record FILE',
    );
  }
}

function* linesOf(text: string): IterableIterator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length : end + 1;
  }
}

const isPositive: Shape = (value) => isNumber(value) && (value as number) > 0;

const isHeaderOfAny = record({ sipchart: oneOf('recording'), version: isNumber });

const keeping = { minimum: isLimit, default: isLimit, maximum: isLimit };

const holdings = { transactions: isLimit, dialogs: isLimit, subscriptions: isLimit, bytes: isLimit };

const isConfiguration = record({
  timers: record({ T1: isPositive, T2: isPositive, T4: isPositive }),
  limits: record({
    ...holdings,
    perSource: record(holdings),
    subscriptionsPerDialog: isLimit,
    body: isLimit,
    message: optional(
      record({
        message: optional(isLimit),
        headers: optional(isLimit),
        line: optional(isLimit),
        startLine: optional(isLimit),
      }),
    ),
  }),
  methods: listOf(isString),
  supported: listOf(isString),
  accept: listOf(isString),
  languages: listOf(isString),
  advertisedHost: optional(isString),
  localHost: isString,
  server: optional(isString),
  displayName: optional(isString),
  referSuccess: oneOf(200, 202),
  patience: isLimit,
  infoPackages: listOf(isString),
  eventPackages: listOf(
    tuple(
      isString,
      record({
        ...keeping,
        spacing: isLimit,
        contentTypes: listOf(isString),
        neutral: record({ contentType: isString, body: isString }),
      }),
    ),
  ),
  bindings: record(keeping),
  publications: record(keeping),
  handlers: listOf(isString),
});

const isHeader = record({
  started: isNumber,
  now: isNumber,
  masking: record({ bodies: optional(isBoolean) }),
  effects: isBoolean,
  transports: listOf(record({ protocol: oneOf('UDP', 'TCP', 'TLS', 'WS', 'WSS'), reliable: isBoolean })),
  configuration: isConfiguration,
});

const isEnd = record({ end: oneOf('closed', 'stopped') });

const isFlow = tuple(isCount, isString, isNumber);

const isObjectWithType = record({ type: isString });

const inputs: ReadonlyMap<unknown, Shape> = new Map([
  ['opened', record({ transport: isCount, host: isString, port: isNumber })],
  ['received', record({ flow: isFlow, text: isString })],
  ['unframed', record({ flow: isFlow, text: isString })],
  ['closed', record({ flow: isFlow })],
  ['sendFailed', record({ machine: isCount, error: record({ code: isString, message: isString }) })],
  ['timerEnded', record({ machine: isCount, timer: isString, now: isNumber })],
  ['resolved', record({ machine: isCount, hosts: listOf(isString), failure: optional(isString) })],
  ['order', record({ machine: isCount, event: isObjectWithType })],
  ['close', record({ drain: isLimit })],
  ['drained', isAnything],
]);

const isOfAnyInput = record({
  at: isNumber,
  in: optional(isCount),
  answers: optional(listOf(isAnything)),
  effects: isCount,
  digest: isNumber,
  made: optional(listOf(tuple(isCount, isObjectWithType))),
});

const isLine: Shape = (value) =>
  isOfAnyInput(value) && inputs.get((value as { readonly input?: unknown }).input)?.(value) === true;

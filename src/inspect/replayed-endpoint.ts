import { left, right } from 'fp-ts/lib/Either.js';
import type { InviteVerdict } from '../../machines/invite-uas.js';
import type { Verdict } from '../../machines/refer-uas.js';
import type { Application, Configuration, EventPackage, Keeping } from '../endpoint/configuration.js';
import { Endpoint } from '../endpoint/endpoint.js';
import type { EngineKind } from '../endpoint/engines.js';
import type { Scheduler, Timer, TimerOwner } from '../endpoint/scheduler.js';
import type { Holdings } from '../endpoint/sources.js';
import type { Address, Limits } from '../message/index.js';
import type { Flow, Protocol, Transport } from '../transports/transport.js';
import type { RecordedFlow, RecordingHeader } from './recording.js';

/** Where a replay's endpoint gets its answers. */
export interface ReplayPorts {
  /** The time of the present input, on the recorded clock. */
  readonly time: number;
  take<Answer>(what: string, isOne: (answer: unknown) => answer is Answer, otherwise: Answer): Answer;
  call(): void;
}

/** An endpoint whose ports answer as they did. */
export class ReplayedEndpoint extends Endpoint {
  readonly #ports: ReplayPorts;
  readonly #scheduler: ReplayScheduler;

  constructor(header: RecordingHeader, engine: EngineKind, ports: ReplayPorts) {
    const scheduler = new ReplayScheduler(ports);
    super(configurationOf(header, engine, scheduler, ports));
    this.#ports = ports;
    this.#scheduler = scheduler;
  }

  override now(): number {
    return Math.floor(this.#ports.take('the time', isNumber, 0));
  }

  override hasFlowTo(): boolean {
    return this.#ports.take('a connection', isBoolean, false);
  }

  override async resolve(): Promise<void> {}

  /** The time to drain is over; false where nothing drains. */
  drained(now: number): boolean {
    const drain = this.#scheduler.drains.shift();
    drain?.owner.timerEnded(drain.name, now);
    return drain !== undefined;
  }

  /** A transport has opened; false where there is none of that number. */
  openedAt(number: number, address: Address): boolean {
    const transport = this.configuration.transports[number];
    if (transport !== undefined) this.opened(transport, address);
    return transport !== undefined;
  }

  flow([number, host, port]: RecordedFlow): Flow | undefined {
    return this.configuration.transports[number]?.flowTo({ host, port });
  }

  numberOf(transport: Transport): number {
    return this.configuration.transports.indexOf(transport);
  }
}

/** Timers end when the recording says so; what runs is the machines' own knowledge. */
class ReplayScheduler implements Scheduler {
  readonly drains: Timer[] = [];
  readonly #ports: ReplayPorts;

  constructor(ports: ReplayPorts) {
    this.#ports = ports;
  }

  now(): number {
    return this.#ports.time;
  }

  start(owner: TimerOwner, name: string): Timer {
    const timer: Timer = { name, owner, sibling: undefined };
    if (name === 'drain') this.drains.push(timer);
    return timer;
  }

  stop(): void {}

  close(): void {}
}

/** A transport that sends nothing. */
class ReplayTransport implements Transport {
  constructor(
    readonly protocol: Protocol,
    readonly reliable: boolean,
  ) {}

  open() {
    return async () => right({ host: '', port: 0 });
  }

  hasFlowTo(): boolean {
    return false;
  }

  flowTo(remote: Address): Flow {
    return { transport: this, remote };
  }

  send(): void {}

  async close(): Promise<void> {}
}

const configurationOf = (
  { transports, configuration }: RecordingHeader,
  engine: EngineKind,
  scheduler: Scheduler,
  ports: ReplayPorts,
): Configuration => {
  const { handlers, eventPackages, limits, bindings, publications, ...others } = configuration;
  const store = {
    revise: () => () => {
      ports.call();
      return new Promise<never>(() => {});
    },
  };
  return {
    ...others,
    advertisedHost: configuration.advertisedHost,
    server: configuration.server,
    displayName: configuration.displayName,
    patience: Number(configuration.patience),
    transports: transports.map(
      ({ protocol, reliable }) => new ReplayTransport(protocol as Protocol, reliable),
    ),
    scheduler,
    entropy: {
      token: () => ports.take('a token', isString, ''),
      number: () => ports.take('a number', isNumber, 0),
      tokenOf: () => ports.take('the token of a text', isString, ''),
    },
    resolver: { resolve: () => async () => left({ code: 'unresolved', message: 'A replay asks nobody' }) },
    engine,
    limits: {
      ...holdings(limits),
      perSource: holdings(limits.perSource),
      subscriptionsPerDialog: Number(limits.subscriptionsPerDialog),
      body: Number(limits.body),
      message:
        limits.message === undefined
          ? undefined
          : (Object.fromEntries(
              Object.entries(limits.message).map(([name, limit]) => [name, Number(limit)]),
            ) as Partial<Limits>),
    },
    isOurs: () => {
      ports.call();
      return ports.take('whether a URI is ours', isBoolean, false);
    },
    isTrusted: () => {
      ports.call();
      return ports.take('whether a source is trusted', isBoolean, false);
    },
    eventPackages: new Map(
      eventPackages.map(([name, { spacing, contentTypes, neutral, ...its }]): [string, EventPackage] => [
        name,
        { ...keeping(its), spacing: Number(spacing), contentTypes, neutral },
      ]),
    ),
    bindings: { ...keeping(bindings), store },
    publications: { ...keeping(publications), store },
    application: applicationOf(new Set<string>(handlers), ports),
  };
};

const applicationOf = (handlers: ReadonlySet<string>, ports: ReplayPorts): Application => ({
  judge: () => {
    ports.call();
    const verdict = ports.take('the verdict on a REFER', isVerdict, 'pending');
    return typeof verdict === 'string' ? ({ type: verdict } as Verdict) : verdict;
  },
  admit: () => {
    ports.call();
    const verdict = ports.take('the verdict on an INVITE', isInviteVerdict, 'grant');
    return typeof verdict === 'string' ? { type: verdict } : verdict;
  },
  handles: (handler) => handlers.has(handler),
  told: () => ports.call(),
  sessionStarted: () => {},
  watched: () => ports.call(),
  limited: () => {},
  failed: () => {},
});

const keeping = ({ minimum, default: usual, maximum }: Keeping): Keeping => ({
  minimum: Number(minimum),
  default: Number(usual),
  maximum: Number(maximum),
});

const holdings = ({ transactions, dialogs, subscriptions, bytes }: Holdings): Holdings => ({
  transactions: Number(transactions),
  dialogs: Number(dialogs),
  subscriptions: Number(subscriptions),
  bytes: Number(bytes),
});

const isString = (answer: unknown): answer is string => typeof answer === 'string';

const isNumber = (answer: unknown): answer is number => typeof answer === 'number';

const isBoolean = (answer: unknown): answer is boolean => typeof answer === 'boolean';

type Refuse = Extract<InviteVerdict, { readonly type: 'refuse' }>;

const isInviteVerdict = (answer: unknown): answer is 'grant' | Refuse =>
  answer === 'grant' ||
  (typeof answer === 'object' && answer !== null && 'type' in answer && answer.type === 'refuse');

const isVerdict = (answer: unknown): answer is 'grant' | 'pending' | Refuse =>
  answer === 'pending' || isInviteVerdict(answer);

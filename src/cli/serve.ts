import { isLeft } from 'fp-ts/lib/Either.js';
import {
  createUserAgent,
  type ListeningAddress,
  type Transport,
  tcp,
  type UserAgent,
  udp,
} from '../index.js';
import { addressText } from '../transports/transport-error.js';
import { complain } from './complaint.js';
import { startDemo } from './demo.js';
import { Ladder, legend } from './ladder.js';
import { lineOutput } from './line-output.js';
import type { ServeOptions } from './options.js';
import { acceptPresence, Presence, presencePackage } from './presence.js';
import { acceptedTypes, callPolicy, fromLoopback, scriptedPhone } from './scripted-phone.js';
import { grantLoopback, simulateReferral } from './simulated-referral.js';
import { coloured, plain, wantsColours } from './styled-text.js';

/** Serves until a signal comes, and gives the exit status. */
export async function serve(options: ServeOptions): Promise<number> {
  const signalled = firstSignal();
  const presence = new Presence();
  const userAgent = createUserAgent({
    transports: options.sockets.map(transportOf),
    engine: options.engine,
    server: 'sipchart',
    ...(options.limit === undefined ? {} : { limits: { transactions: options.limit } }),
    accept: acceptedTypes,
    eventPackages: presencePackage,
    publications: { store: presence.store },
    policy: { invite: callPolicy, ...(options.refer === 'accept' ? { refer: grantLoopback } : {}) },
    on: {
      ...scriptedPhone,
      subscribe: (subscription) => presence.subscribe(subscription),
      publish: fromLoopback(acceptPresence),
      ...(options.refer === 'accept' ? { refer: simulateReferral } : {}),
      error: (error) => complain('sipchart serve', error.message),
    },
  });
  const listening = await userAgent.listen()();
  if (isLeft(listening)) {
    complain('sipchart serve', listening.left.message);
    return 1;
  }
  const print = lineOutput(process.stdout);
  for (const address of listening.right) print(listeningLine(address));
  if (!options.quiet) showLadder(userAgent, print);
  const demo = options.demo ? startDemo(listening.right) : undefined;
  await signalled;
  if (!options.quiet) print(farewell());
  await userAgent.close({ drain });
  demo?.close();
  return 0;
}

/** Milliseconds: a subscription's last NOTIFY waits a second after the one before. */
const drain = 2_000;

const transportOf = ({ protocol, host, port }: ListeningAddress): Transport =>
  protocol === 'UDP' ? udp({ host, port }) : tcp({ host, port });

const listeningLine = (address: ListeningAddress) =>
  `listening ${address.protocol.toLowerCase()} ${addressText(address)}`;

function showLadder(userAgent: UserAgent, write: (line: string) => void): void {
  const { stdout } = process;
  const paint = wantsColours(process.env, stdout.isTTY) ? coloured : plain;
  const columns = () => (stdout.isTTY ? stdout.columns : unlimitedColumns);
  const ladder = new Ladder({ write, paint, columns, now: () => new Date() });
  write(paint(legend, columns()));
  userAgent.watch((message) => ladder.message(message));
  userAgent.inspect((event) => ladder.inspect(event));
}

/** A terminal has written ^C on the line. */
const farewell = () =>
  `${process.stdout.isTTY ? '\r' : ''}stopping: calls and subscriptions end; a second signal stops at once`;

/** Where no terminal sets the width. */
const unlimitedColumns = 200;

/** The first SIGINT or SIGTERM; the second ends the process with the status that the signal itself would give. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const [signal, number] of [
      ['SIGINT', 2],
      ['SIGTERM', 15],
    ] as const) {
      process.on(signal, () => {
        if (!isFirst) process.exit(128 + number);
        isFirst = false;
        resolve();
      });
    }
  });
}

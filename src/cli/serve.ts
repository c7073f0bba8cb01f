import { createReadStream } from 'node:fs';
import {
  createUserAgent,
  type ListeningAddress,
  type Transport,
  tcp,
  type UserAgent,
  udp,
} from '../index.js';
import {
  type FileRecording,
  fileRecording,
  type Inspector,
  maskText,
  recorder,
  startInspector,
} from '../inspect/index.js';
import { defaultInspectorAddress } from '../inspect/inspector-server.js';
import { sourceKey } from '../transports/source-key.js';
import { addressText } from '../transports/transport-error.js';
import { complain, complaints, exitStatus } from './complaint.js';
import { startDemo } from './demo.js';
import { fileFailure } from './file-failure.js';
import { Ladder } from './ladder.js';
import { lineOutput } from './line-output.js';
import { MediaSinks } from './media-sinks.js';
import type { ServeOptions } from './options.js';
import { acceptPresence, Presence, presencePackage } from './presence.js';
import { acceptedTypes, callPolicy, fromLoopback, scriptedPhone } from './scripted-phone.js';
import { firstSignal } from './signals.js';
import { grantCalls, simulateReferral } from './simulated-referral.js';
import { coloured, plain, wantsColours } from './styled-text.js';

/** Serves until a signal comes, and gives the exit status. */
export async function serve(options: ServeOptions): Promise<number> {
  const signalled = firstSignal();
  const presence = new Presence();
  const media = new MediaSinks(options.advertise);
  const report = complaints('sipchart serve');
  const trusted = new Set(options.trust.map(sourceKey));
  const recording = openRecording(options);
  if (recording === 'failed') return exitStatus.failed;
  const userAgent = createUserAgent({
    transports: options.sockets.map(transportOf),
    engine: options.engine,
    server: 'sipchart',
    ...(options.advertise === undefined ? {} : { advertisedHost: options.advertise }),
    ...(recording === undefined ? {} : { record: recorder(recording, maskAndEffects(options)) }),
    ...(options.limit === undefined ? {} : { limits: { transactions: options.limit } }),
    isTrusted: (source) => trusted.has(source),
    accept: acceptedTypes,
    eventPackages: presencePackage,
    publications: { store: presence.store },
    policy: { invite: callPolicy, ...(options.refer === 'accept' ? { refer: grantCalls } : {}) },
    on: {
      ...scriptedPhone((peer) => media.addressFor(peer)),
      subscribe: (subscription) => presence.subscribe(subscription),
      publish: fromLoopback(acceptPresence),
      ...(options.refer === 'accept' ? { refer: simulateReferral } : {}),
      limit: ({ message }) => report(message),
      error: ({ message }) => report(maskText(message)),
    },
  });
  const addresses = await userAgent
    .listen()
    .catch((error: Error) => complain('sipchart serve', error.message));
  if (addresses === undefined) {
    await close(recording, options);
    return exitStatus.failed;
  }
  await Promise.all([...new Set(options.sockets.map(({ host }) => host))].map((host) => media.open(host)));
  const print = lineOutput(process.stdout);
  for (const address of addresses) print(listeningLine(address));
  const inspector = await inspect(userAgent, options, print);
  if (inspector === 'failed') {
    media.close();
    await userAgent.close();
    await close(recording, options);
    return exitStatus.failed;
  }
  if (!options.quiet) showLadder(userAgent, print);
  const demo = options.demo ? startDemo(addresses) : undefined;
  await signalled;
  if (!options.quiet) print(farewell());
  await userAgent.close({ drain });
  demo?.close();
  media.close();
  await inspector?.close();
  return (await close(recording, options)) ? exitStatus.done : exitStatus.failed;
}

/** Opens the file of the recording where one is wanted. */
function openRecording({ record }: ServeOptions): FileRecording | 'failed' | undefined {
  try {
    return record && fileRecording(record.file);
  } catch (error) {
    complain('sipchart serve', `--record: ${fileFailure(record?.file ?? '', 'written', error)}`);
    return 'failed';
  }
}

/** Whether the recording is whole, where there is one. */
async function close(recording: FileRecording | undefined, { record }: ServeOptions): Promise<boolean> {
  try {
    await recording?.close();
    return true;
  } catch (error) {
    complain(
      'sipchart serve',
      `--record: not all is recorded: ${fileFailure(record?.file ?? '', 'written', error)}`,
    );
    return false;
  }
}

const maskAndEffects = ({ record }: ServeOptions) => ({
  effects: record?.effects === true,
  mask: { bodies: record?.bodies === true },
});

/** Opens the inspector where it is wanted. Where the default address is taken, the phone goes on without. */
async function inspect(
  userAgent: UserAgent,
  { inspect: address, record }: ServeOptions,
  print: (line: string) => void,
): Promise<Inspector | 'failed' | undefined> {
  if (address === undefined) return undefined;
  const recording = record === undefined ? {} : { recording: () => createReadStream(record.file) };
  try {
    const inspector = await startInspector(userAgent, { ...address, ...recording });
    print(`inspector ${inspector.url}`);
    return inspector;
  } catch (error) {
    const isDefault = address === defaultInspectorAddress;
    complain('sipchart serve', `${(error as Error).message}${isDefault ? '; goes on without' : ''}`);
    return isDefault ? undefined : 'failed';
  }
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
  const columns = () => (stdout.isTTY ? stdout.columns : undefined);
  const ladder = new Ladder({ write, paint, columns, now: () => new Date() });
  ladder.explain();
  userAgent.watch((message) => ladder.message({ ...message, text: maskText(message.text) }));
  userAgent.inspect((event) => ladder.inspect(event));
}

/** A terminal has written ^C on the line. */
const farewell = () =>
  `${process.stdout.isTTY ? '\r' : ''}stopping: calls and subscriptions end; a second signal stops at once`;

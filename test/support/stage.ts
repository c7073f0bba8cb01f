import { createUserAgent, type UserAgent } from '../../src/api/user-agent.js';
import type { UserAgentOptions } from '../../src/api/user-agent-options.js';
import type { Entropy } from '../../src/endpoint/entropy.js';
import type { Scheduler } from '../../src/endpoint/scheduler.js';
import { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';
import { createMemoryNetwork, type MemoryNetworkOptions } from '../../src/transports/memory.js';
import { Peer, type VirtualScheduler } from './peer.js';

export const userAgentAddress = { host: '192.0.2.1', port: 5060 };
export const peerAddress = { host: '192.0.2.2', port: 5060 };

/** Tokens that count and numbers that are 0, so that a test knows them. */
export const countingEntropy = (): Entropy => {
  let tokens = 0;
  return {
    token: () => `token${++tokens}`,
    number: () => 0,
    tokenOf: (text) => `stable${text.length}`,
  };
};

export interface Stage {
  readonly scheduler: VirtualScheduler;
  readonly network: ReturnType<typeof createMemoryNetwork>;
  readonly userAgent: UserAgent;
  readonly peer: Peer;
  /** What `on.error` was told. */
  readonly errors: unknown[];
}

/** A user agent and a caller on one memory network, UDP unless said otherwise, under a virtual clock. */
export const stage = async (
  options: Omit<Partial<UserAgentOptions>, 'transports'> & {
    readonly protocol?: 'UDP' | 'TCP';
    /** The number of the message on the network that is lost, from 1. */
    readonly lose?: number;
    /** Its scheduler, where that is not the virtual clock itself. */
    readonly schedule?: (clock: VirtualScheduler) => Scheduler;
    readonly network?: Omit<MemoryNetworkOptions, 'scheduler' | 'seed'> & { readonly seed?: number };
  } = {},
): Promise<Stage> => {
  const { protocol = 'UDP', network: conditions, lose, schedule, ...others } = options;
  const scheduler = createVirtualScheduler();
  const network = createMemoryNetwork({ seed: 1, ...conditions, scheduler });
  if (lose !== undefined) network.on(({ number }) => (number === lose ? 'lose' : 'deliver'));
  const errors: unknown[] = [];
  const userAgent = createUserAgent({
    scheduler: schedule?.(scheduler) ?? scheduler,
    entropy: countingEntropy(),
    ...others,
    on: { error: (error) => errors.push(error), ...others.on },
    transports: [
      network.transport({ protocol: 'UDP', address: userAgentAddress }),
      network.transport({ protocol: 'TCP', address: userAgentAddress }),
    ],
  });
  await userAgent.listen();
  return {
    scheduler,
    network,
    userAgent,
    errors,
    peer: new Peer(network, protocol, peerAddress, userAgentAddress),
  };
};

/** No machine lives, and nothing is held. */
export const noMachines = {
  serverTransactions: 0,
  clientTransactions: 0,
  userAgentServers: 0,
  dialogs: 0,
  sessions: 0,
  subscriptions: 0,
  bytes: 0,
  sources: 0,
  ignoredMaddrs: 0,
};

/** The same, and no limit was reached. */
export const nobody = {
  ...noMachines,
  refused: {
    transactions: 0,
    dialogs: 0,
    subscriptions: 0,
    subscriptionsPerDialog: 0,
    bytes: 0,
    connections: 0,
    buffered: 0,
  },
};

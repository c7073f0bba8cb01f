import {
  IncomingRequestMessage,
  LoggerFactory,
  type ServerTransactionConfiguration,
  type Transport,
  UserAgentCore,
} from '../../src/api/core.js';
import { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';
import { referRequest } from './sample-messages.js';

/** A core on virtual time, whose transport keeps what it is given and fails as it is told to. */
export const coreStage = (protocol = 'TCP', engine?: ServerTransactionConfiguration['engine']) => {
  const sent: string[] = [];
  const logs: string[] = [];
  const scheduler = createVirtualScheduler();
  const network = { send: () => Promise.resolve() };
  const transport: Transport = {
    protocol,
    send: (text) => {
      sent.push(text);
      return network.send();
    },
  };
  const loggerFactory = new LoggerFactory();
  loggerFactory.builtinEnabled = false;
  loggerFactory.connector = (level, category, _label, content) => {
    if (level !== 'debug') logs.push(`${level} ${category} ${content}`);
  };
  const core = new UserAgentCore({
    loggerFactory,
    transportAccessor: () => transport,
    userAgentHeaderFieldValue: 'sipchart',
    supportedOptionTagsResponse: ['norefersub'],
    entropy: { token: () => 'a1b2c3d4e5f60718', number: () => 0, tokenOf: () => '' },
    scheduler,
    engine,
  });
  return { core, transport, network, sent, logs, scheduler, message: referMessage() };
};

/** A REFER as a core hands it on. */
export const referMessage = (): IncomingRequestMessage => IncomingRequestMessage.fromRequest(referRequest());

export const branch = 'z9hG4bK74b43';

/** The status of each response's text. */
export const statuses = (texts: readonly string[]): readonly number[] =>
  texts.map((text) => Number(text.slice(8, 11)));

/** Lets promises that are settled tell so. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

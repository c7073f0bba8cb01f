import type { AnyStateMachine } from 'xstate';
import { machines } from '../../machines/index.js';
import {
  ClientTransaction,
  Delivery,
  Dialog,
  type LiveMachine,
  Notifier,
  ServerTransaction,
  UAS,
  Usage,
} from '../endpoint/live-machine.js';
import { copied } from '../message/flat.js';
import { field, type Message } from '../message/index.js';
import { maskSecrets } from './secret-search.js';

/** What does not change while a machine lives, its secrets masked. */
export interface MachineFacts {
  readonly id: string;
  readonly chart: string;
  parent: number | undefined;
  method: string | undefined;
  callId: string | undefined;
}

/** What is known of a machine by what it is joined to. */
export const factsOf = (live: LiveMachine): MachineFacts => {
  const machine = machineOf(live);
  return {
    id: machine.id,
    chart: charts.get(machine) ?? machine.id,
    parent: parentOf(live),
    method: methodOf(live),
    callId: maskedCallIdOf(live),
  };
};

const maskedCallIdOf = (live: LiveMachine): string | undefined => {
  const callId = callIdOf(live);
  return callId === undefined ? undefined : maskSecrets(callId);
};

/** The From and To of a call, as the request had them that began it, or one in it; their secrets masked. */
export interface Parties {
  readonly from: string;
  readonly to: string;
}

/** What a machine knows of its call's parties. */
export const partiesOf = (live: LiveMachine): Parties | undefined => {
  if (live instanceof Dialog) {
    const { remote, local } = live.instance.snapshot.context;
    return parties(remote, local);
  }
  const message = live instanceof UAS ? live.arrival.request : messageOf(live);
  return message === undefined ? undefined : parties(field(message, 'From'), field(message, 'To'));
};

const messageOf = (live: LiveMachine): Message | undefined => {
  if (!(live instanceof ServerTransaction)) return undefined;
  const arrival = live.arrival ?? live.user?.arrival;
  return arrival?.request ?? messageIn(live.instance.snapshot.context);
};

const parties = (from: string | undefined, to: string | undefined): Parties | undefined =>
  from === undefined || to === undefined || from.length + to.length > longestParties
    ? undefined
    : { from: maskSecrets(copied(from)), to: maskSecrets(copied(to)) };

/** Characters; a page gets thousands at once. */
const longestParties = 1_000;

export const machineOf = (live: LiveMachine): AnyStateMachine => live.instance.actorRef.logic;

/** The Call-ID of a transaction by a message that one of its snapshots, events or effects holds. */
export const callIdIn = (values: readonly unknown[]): string | undefined => {
  for (const value of values) {
    const message = typeof value === 'object' && value !== null ? messageIn(value) : undefined;
    if (message !== undefined) return callIdOfMessage(message);
  }
  return undefined;
};

const messageIn = (value: object): Message | undefined => {
  for (const name of ['request', 'response', 'message'] as const) {
    const message = (value as Readonly<Record<string, unknown>>)[name];
    if (isMessage(message)) return message;
  }
  return undefined;
};

export const callIdOfMessage = (message: Message): string | undefined => {
  const callId = field(message, 'Call-ID');
  return callId === undefined || callId === '' ? undefined : maskSecrets(copied(callId));
};

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'toJSON' in value && 'text' in value;

const charts: ReadonlyMap<AnyStateMachine, string> = new Map(
  machines.map(({ machine, name }) => [machine, name]),
);

const parentOf = (live: LiveMachine): number | undefined => {
  if (live instanceof UAS) return live.transaction.number;
  if (live instanceof Usage) return live.dialog.number;
  if (live instanceof ClientTransaction || live instanceof Delivery) return live.user.number;
  return undefined;
};

const methodOf = (live: LiveMachine): string | undefined => {
  if (live instanceof UAS) return live.arrival.request.method;
  if (live instanceof ServerTransaction || live instanceof ClientTransaction) return lastWord(live.key);
  if (live instanceof Delivery) return live.request.method;
  if (live instanceof Notifier) return live.uas.arrival.request.method;
  if (live instanceof Usage) return 'INVITE';
  return live instanceof Dialog ? methodOfUsage(live) : undefined;
};

/** A dialog does not know its maker, but what it is there for. */
const methodOfUsage = (dialog: Dialog): string | undefined => {
  const [usage] = dialog.usages();
  return usage === undefined ? undefined : methodOf(usage);
};

const callIdOf = (live: LiveMachine): string | undefined => {
  if (live instanceof UAS) return copied(live.arrival.essentials.callId);
  if (live instanceof Dialog) return firstWord(live.key);
  if (live instanceof Usage) return firstWord(live.dialog.key);
  if (live instanceof Delivery) return firstWord(live.user.dialog.key);
  if (live instanceof ClientTransaction) return firstWord(live.user.user.dialog.key);
  if (!(live instanceof ServerTransaction)) return undefined;
  const arrival = live.arrival ?? live.user?.arrival;
  if (arrival !== undefined) return copied(arrival.essentials.callId);
  return callIdIn([live.instance.snapshot?.context]) ?? secondWord(live.mergeKey);
};

/** The keys' words have no spaces in them (`src/endpoint/matching.ts`). */
const firstWord = (key: string) => copied(key.slice(0, key.indexOf(' ')));

const secondWord = (key: string) => {
  const word = key.split(' ')[1];
  return word === undefined ? undefined : copied(word);
};

const lastWord = (key: string) => copied(key.slice(key.lastIndexOf(' ') + 1));

import type { AnyStateMachine } from 'xstate';
import { cancel, eventTypes as cancelEventTypes } from './cancel.js';
import { dialog, eventTypes as dialogEventTypes } from './dialog.js';
import {
  nonInviteClientTransaction,
  eventTypes as nonInviteClientTransactionEventTypes,
} from './non-invite-client-transaction.js';
import {
  nonInviteServerTransaction,
  eventTypes as nonInviteServerTransactionEventTypes,
} from './non-invite-server-transaction.js';
import { notifier, eventTypes as notifierEventTypes } from './notifier.js';
import { options, eventTypes as optionsEventTypes } from './options.js';
import { referUAS, eventTypes as referUASEventTypes } from './refer-uas.js';
import { subscribeUAS, eventTypes as subscribeUASEventTypes } from './subscribe-uas.js';

export {
  cancel,
  dialog,
  nonInviteClientTransaction,
  nonInviteServerTransaction,
  notifier,
  options,
  referUAS,
  subscribeUAS,
};

/** One shipped machine: the name of its file, its test and its picture, and the closed list of its events. */
export interface ShippedMachine {
  readonly name: string;
  readonly machine: AnyStateMachine;
  readonly eventTypes: readonly string[];
}

/** Every shipped machine, in the order of a message's way. */
export const machines: readonly ShippedMachine[] = [
  {
    name: 'non-invite-server-transaction',
    machine: nonInviteServerTransaction,
    eventTypes: nonInviteServerTransactionEventTypes,
  },
  {
    name: 'non-invite-client-transaction',
    machine: nonInviteClientTransaction,
    eventTypes: nonInviteClientTransactionEventTypes,
  },
  { name: 'refer-uas', machine: referUAS, eventTypes: referUASEventTypes },
  { name: 'subscribe-uas', machine: subscribeUAS, eventTypes: subscribeUASEventTypes },
  { name: 'options', machine: options, eventTypes: optionsEventTypes },
  { name: 'cancel', machine: cancel, eventTypes: cancelEventTypes },
  { name: 'dialog', machine: dialog, eventTypes: dialogEventTypes },
  { name: 'notifier', machine: notifier, eventTypes: notifierEventTypes },
];

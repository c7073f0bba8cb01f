import type { AnyStateMachine } from 'xstate';
import { bye, eventTypes as byeEventTypes } from './bye.js';
import { cancel, eventTypes as cancelEventTypes } from './cancel.js';
import { delivery, eventTypes as deliveryEventTypes } from './delivery.js';
import { dialog, eventTypes as dialogEventTypes } from './dialog.js';
import { info, eventTypes as infoEventTypes } from './info.js';
import {
  inviteServerTransaction,
  eventTypes as inviteServerTransactionEventTypes,
} from './invite-server-transaction.js';
import { inviteUAS, eventTypes as inviteUASEventTypes } from './invite-uas.js';
import { message, eventTypes as messageEventTypes } from './message.js';
import {
  nonInviteClientTransaction,
  eventTypes as nonInviteClientTransactionEventTypes,
} from './non-invite-client-transaction.js';
import {
  nonInviteServerTransaction,
  eventTypes as nonInviteServerTransactionEventTypes,
} from './non-invite-server-transaction.js';
import { notifier, eventTypes as notifierEventTypes } from './notifier.js';
import { notify, eventTypes as notifyEventTypes } from './notify.js';
import { options, eventTypes as optionsEventTypes } from './options.js';
import { prack, eventTypes as prackEventTypes } from './prack.js';
import { publish, eventTypes as publishEventTypes } from './publish.js';
import { reInviteUAS, eventTypes as reInviteUASEventTypes } from './re-invite-uas.js';
import { referUAS, eventTypes as referUASEventTypes } from './refer-uas.js';
import { register, eventTypes as registerEventTypes } from './register.js';
import { session, eventTypes as sessionEventTypes } from './session.js';
import { subscribeUAS, eventTypes as subscribeUASEventTypes } from './subscribe-uas.js';
import { update, eventTypes as updateEventTypes } from './update.js';

export {
  bye,
  cancel,
  delivery,
  dialog,
  info,
  inviteServerTransaction,
  inviteUAS,
  message,
  nonInviteClientTransaction,
  nonInviteServerTransaction,
  notifier,
  notify,
  options,
  prack,
  publish,
  referUAS,
  register,
  reInviteUAS,
  session,
  subscribeUAS,
  update,
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
    name: 'invite-server-transaction',
    machine: inviteServerTransaction,
    eventTypes: inviteServerTransactionEventTypes,
  },
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
  { name: 'delivery', machine: delivery, eventTypes: deliveryEventTypes },
  { name: 'invite-uas', machine: inviteUAS, eventTypes: inviteUASEventTypes },
  { name: 're-invite-uas', machine: reInviteUAS, eventTypes: reInviteUASEventTypes },
  { name: 'bye', machine: bye, eventTypes: byeEventTypes },
  { name: 'cancel', machine: cancel, eventTypes: cancelEventTypes },
  { name: 'info', machine: info, eventTypes: infoEventTypes },
  { name: 'message', machine: message, eventTypes: messageEventTypes },
  { name: 'notify', machine: notify, eventTypes: notifyEventTypes },
  { name: 'options', machine: options, eventTypes: optionsEventTypes },
  { name: 'prack', machine: prack, eventTypes: prackEventTypes },
  { name: 'publish', machine: publish, eventTypes: publishEventTypes },
  { name: 'refer-uas', machine: referUAS, eventTypes: referUASEventTypes },
  { name: 'register', machine: register, eventTypes: registerEventTypes },
  { name: 'subscribe-uas', machine: subscribeUAS, eventTypes: subscribeUASEventTypes },
  { name: 'update', machine: update, eventTypes: updateEventTypes },
  { name: 'dialog', machine: dialog, eventTypes: dialogEventTypes },
  { name: 'session', machine: session, eventTypes: sessionEventTypes },
  { name: 'notifier', machine: notifier, eventTypes: notifierEventTypes },
];

import type { AnyStateMachine } from 'xstate';
import * as shipped from '../../machines/index.js';
import { actor } from '../engine/actor.js';
import { compiled } from '../engine/compiled.js';
import type { Engine } from '../engine/engine.js';
import type { Inspector } from '../engine/inspection.js';

export type Engines = ReturnType<typeof createEngines>;

export type EngineKind = 'compiled' | 'actor';

/** One engine a machine, all of one kind and all reporting to one inspector. */
export const createEngines = (kind: EngineKind, inspector: Inspector) => {
  const run = <Machine extends AnyStateMachine>(machine: Machine): Engine<Machine> =>
    kind === 'compiled' ? compiled(machine, inspector) : actor(machine, inspector);
  return {
    inviteServerTransaction: run(shipped.inviteServerTransaction),
    nonInviteServerTransaction: run(shipped.nonInviteServerTransaction),
    nonInviteClientTransaction: run(shipped.nonInviteClientTransaction),
    delivery: run(shipped.delivery),
    inviteUAS: run(shipped.inviteUAS),
    reInviteUAS: run(shipped.reInviteUAS),
    bye: run(shipped.bye),
    cancel: run(shipped.cancel),
    info: run(shipped.info),
    message: run(shipped.message),
    notify: run(shipped.notify),
    options: run(shipped.options),
    prack: run(shipped.prack),
    publish: run(shipped.publish),
    referUAS: run(shipped.referUAS),
    register: run(shipped.register),
    subscribeUAS: run(shipped.subscribeUAS),
    update: run(shipped.update),
    dialog: run(shipped.dialog),
    session: run(shipped.session),
    notifier: run(shipped.notifier),
  };
};

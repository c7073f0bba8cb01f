import type { AnyStateMachine } from 'xstate';
import {
  cancel,
  dialog,
  nonInviteClientTransaction,
  nonInviteServerTransaction,
  notifier,
  options,
  referUAS,
  subscribeUAS,
} from '../../machines/index.js';
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
    nonInviteServerTransaction: run(nonInviteServerTransaction),
    nonInviteClientTransaction: run(nonInviteClientTransaction),
    referUAS: run(referUAS),
    subscribeUAS: run(subscribeUAS),
    options: run(options),
    cancel: run(cancel),
    dialog: run(dialog),
    notifier: run(notifier),
  };
};

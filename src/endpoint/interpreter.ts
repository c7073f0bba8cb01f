import { callouts, type Effect } from '../../machines/effects.js';
import type {
  ClientTransaction,
  Delivery,
  Dialog,
  LiveMachine,
  MachineEvent,
  ServerTransaction,
  Session,
  UAS,
  Usage,
} from './live-machine.js';
import type { TimedMachine } from './timed-machine.js';

/** Which live machines order an effect. */
interface Emitters {
  readonly sendRequest: ClientTransaction;
  readonly sendResponse: ServerTransaction;
  readonly passToUser: ServerTransaction | ClientTransaction | Delivery;
  readonly reportFailure: ServerTransaction | ClientTransaction | Delivery;
  readonly startTimer: LiveMachine;
  readonly stopTimer: LiveMachine;
  readonly respond: UAS;
  readonly startSession: UAS;
  readonly tellSession: UAS;
  readonly replaceSession: UAS;
  readonly acknowledgeProvisional: UAS;
  readonly startNotifier: UAS;
  readonly refreshSubscription: UAS;
  readonly endSubscription: UAS;
  readonly cancelTransaction: UAS;
  readonly reviseBindings: UAS;
  readonly revisePublication: UAS;
  readonly tellApplication: UAS | Usage;
  readonly sendInDialog: Usage;
  readonly endRequests: Session | Dialog;
  readonly confirmDialog: Session;
  readonly leaveDialog: Usage;
  readonly requestInDialog: Dialog;
  readonly numberRequest: Dialog;
  readonly passToUsage: Dialog;
  readonly refuseRequest: Dialog;
  readonly endUsages: Dialog;
  readonly locate: Delivery;
  readonly takeNumber: Delivery;
  readonly tryTarget: Delivery;
}

/** One handler an effect: a new effect does not compile until it has one. */
export type Handlers = {
  readonly [Type in Effect['type']]: (
    live: Emitters[Type],
    effect: Extract<Effect, { readonly type: Type }>,
  ) => void;
};

type HandlersOf<Order extends Effect> = Readonly<Record<Order['type'], (live: never, effect: never) => void>>;

type Stepped<Live extends TimedMachine> = (
  live: Live,
  event: MachineEvent | undefined,
  before: Live['instance']['snapshot'] | undefined,
  effects: readonly Effect[],
  input: unknown,
) => void;

/**
 * Steps machines and carries out what they order. The snapshot is stored first, then the effects are carried out in
 * order; what arrives meanwhile for the same machine waits its turn. What calls out of the machine is the last effect
 * of its step and is carried out when the machine is free, so that a call made from there is done when it returns.
 */
export class Interpreter<Live extends TimedMachine = LiveMachine, Order extends Effect = Effect> {
  readonly #handlers: HandlersOf<Order>;
  readonly #leave: (live: Live) => void;
  readonly #entered: ((live: Live) => void) | undefined;
  /** Hears of each step before its effects are carried out. */
  stepped: Stepped<Live> | undefined;

  /** `entered` hears of each state that an event led to, when the effects of the step are carried out but for its callout. */
  constructor(handlers: HandlersOf<Order>, leave: (live: Live) => void, entered?: (live: Live) => void) {
    this.#handlers = handlers;
    this.#leave = leave;
    this.#entered = entered;
  }

  start(live: Live): void {
    this.#run(live, undefined);
  }

  dispatch(live: Live, event: MachineEvent): void {
    if (live.busy) live.enqueue(event);
    else this.#run(live, event);
  }

  /** Takes one step, then those that were asked for meanwhile, whatever any of them throws. */
  #run(live: Live, event: MachineEvent | undefined): void {
    let next = event;
    let failure: { readonly error: unknown } | undefined;
    do {
      live.busy = true;
      try {
        this.#step(live, next);
      } catch (error) {
        failure ??= { error };
      }
      next = live.busy ? undefined : live.dequeue();
    } while (next !== undefined);
    if (failure !== undefined) throw failure.error;
  }

  #step(live: Live, event: MachineEvent | undefined): void {
    if (event !== undefined && live.instance.snapshot.status === 'done') {
      live.busy = false;
      return;
    }
    const before = event === undefined ? undefined : live.instance.snapshot;
    const input = this.stepped === undefined ? undefined : live.instance.input;
    let callout: Effect | undefined;
    try {
      const effects: readonly Effect[] =
        event === undefined ? live.instance.start() : live.instance.send(event);
      this.stepped?.(live, event, before, effects, input);
      for (let index = 0; index < effects.length; index++) {
        const effect = effects[index] as Effect;
        if (callouts.has(effect.type)) callout = effect;
        else this.#handle(live, effect);
      }
    } finally {
      live.busy = false;
      if (live.instance.snapshot?.status === 'done') this.#leave(live);
    }
    if (this.#entered !== undefined && before !== undefined && live.instance.snapshot.value !== before.value)
      this.#entered(live);
    if (callout !== undefined) this.#handle(live, callout);
  }

  #handle(live: Live, effect: Effect): void {
    const handle = this.#handlers[effect.type as Order['type']] as (live: Live, effect: Effect) => void;
    handle(live, effect);
  }
}

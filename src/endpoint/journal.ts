import type { Effect } from '../../machines/effects.js';
import type { TimerName } from '../../machines/timers.js';
import type { Flow, TransportError } from '../transports/transport.js';
import type {
  ClientTransaction,
  Delivery,
  LiveMachine,
  MachineEvent,
  ServerTransaction,
} from './live-machine.js';

/** What comes to an endpoint from outside. All that happens until the next is its consequence. */
export type Input =
  | { readonly type: 'received'; readonly text: string; readonly flow: Flow }
  | { readonly type: 'unframed'; readonly text: string; readonly flow: Flow }
  | { readonly type: 'closed'; readonly flow: Flow }
  | {
      readonly type: 'sendFailed';
      readonly live: ServerTransaction | ClientTransaction;
      readonly error: TransportError;
    }
  | {
      readonly type: 'timerEnded';
      readonly live: LiveMachine;
      readonly timer: TimerName;
      readonly now: number;
    }
  /** The addresses of the host that a request is to go to, or why there is none. */
  | {
      readonly type: 'resolved';
      readonly live: Delivery;
      readonly hosts: readonly string[];
      readonly failure: TransportError['code'] | undefined;
    }
  /** The application's, or what came of a store. */
  | { readonly type: 'order'; readonly live: LiveMachine; readonly event: MachineEvent }
  /** Milliseconds. */
  | { readonly type: 'close'; readonly drain: number }
  | { readonly type: 'drained' };

/** Who is told of all that happens in an endpoint, as it happens. It may keep what it is given, and changes nothing. */
export interface Journal {
  /** Before anything comes of it. */
  input(input: Input): void;
  /** A message leaves. */
  sent(text: string, flow: Flow): void;
  /** A machine has taken a step; its effects are about to be carried out. Its first step has no event and nothing before, but the machine's input. */
  step(
    live: LiveMachine,
    event: MachineEvent | undefined,
    before: LiveMachine['instance']['snapshot'] | undefined,
    effects: readonly Effect[],
    input: unknown,
  ): void;
  /** The endpoint has closed: nothing more happens in it. */
  ended?(): void;
}

/** Several as one. */
export const composeJournals = (journals: readonly Journal[]): Journal | undefined =>
  journals.length < 2
    ? journals[0]
    : {
        input: (input) => {
          for (const journal of journals) journal.input(input);
        },
        sent: (text, flow) => {
          for (const journal of journals) journal.sent(text, flow);
        },
        step: (live, event, before, effects, input) => {
          for (const journal of journals) journal.step(live, event, before, effects, input);
        },
        ended: () => {
          for (const journal of journals) journal.ended?.();
        },
      };

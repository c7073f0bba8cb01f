import fc from 'fast-check';
import type { AnyStateMachine, EventObject } from 'xstate';
import type { Effect } from '../../machines/effects.js';
import type { TimerName } from '../../machines/timers.js';
import type { CompiledMachine } from '../../src/engine/compile.js';
import type { Snapshot } from '../../src/engine/engine.js';
import { revive } from '../../src/message/index.js';
import type { MachineArbitraries } from './machine-arbitraries.js';

/** One step of a machine's life. */
interface Step {
  /** Milliseconds. */
  readonly at: number;
  /** Absent in the first step. */
  readonly event?: EventObject;
  readonly before?: Snapshot<AnyStateMachine>;
  readonly after: Snapshot<AnyStateMachine>;
  readonly effects: readonly Effect[];
  /** The timers that run before the step, without the one whose end it is. */
  readonly running: readonly string[];
}

/** What happens to a machine from outside, and how many milliseconds after what came before it. */
type Script = readonly (readonly [pause: number, event: EventObject])[];

/** What can happen to a machine from outside, in any order and at any time; its timers end by themselves. */
export const arbitraryScript = ({ event }: MachineArbitraries): fc.Arbitrary<Script> =>
  event === undefined
    ? fc.constant([])
    : fc.array(
        fc.tuple(
          fc.oneof(fc.constant(0), fc.nat(2_000), fc.nat(60_000)),
          event.filter(({ type }) => !(type in timerNames)),
        ),
        { maxLength: 25 },
      );

const timerNames: Readonly<Record<TimerName, true>> = {
  timerE: true,
  timerF: true,
  timerG: true,
  timerH: true,
  timerI: true,
  timerJ: true,
  timerK: true,
  timerL: true,
  tryingDelay: true,
  decision: true,
  expiry: true,
  provisionalRefresh: true,
  provisionalRetransmission: true,
  provisionalExpiry: true,
  successRetransmission: true,
  successExpiry: true,
  notifySpacing: true,
};

/** How long the client transaction of a request in the dialog waits for its answer. */
export const requestTimeout = 32_000;

/** The name, among those of timers, that a request in flight has. */
export const inFlight = 'inFlight';

/** One machine on a clock of its own: its timers end when they are due, and a request in its dialog that nothing answers fails. */
export class MachineLife {
  readonly steps: Step[] = [];
  readonly #table: CompiledMachine<AnyStateMachine>;
  readonly #deadlines = new Map<string, number>();
  #clock: number;

  constructor(table: CompiledMachine<AnyStateMachine>, input: unknown) {
    this.#table = table;
    this.#clock = (input as { now?: number } | undefined)?.now ?? 0;
    const [after, effects] = this.#table.initial(input);
    this.#keep({ at: this.#clock, after, effects: effects as readonly Effect[], running: [] });
  }

  get snapshot(): Snapshot<AnyStateMachine> {
    return this.steps.at(-1)!.after;
  }

  get effects(): readonly Effect[] {
    return this.steps.flatMap((step) => step.effects);
  }

  get now(): number {
    return this.#clock;
  }

  play(script: Script): this {
    for (const [pause, event] of script) {
      const until = this.#clock + pause;
      while (this.#endNextTimer(until));
      this.#clock = until;
      this.take('now' in event ? timed(event, until) : event);
    }
    return this;
  }

  /** Lets timers end, in order of their deadlines, until none runs or `most` of them have ended. */
  waitForEnd(most = 1_000): this {
    for (let ended = 0; ended < most && this.#endNextTimer(Number.POSITIVE_INFINITY); ended++);
    return this;
  }

  take(event: EventObject): void {
    const before = this.snapshot;
    if (event.type === 'requestAnswered' || event.type === 'requestFailed') this.#deadlines.delete(inFlight);
    const [after, effects] = this.#table.transition(before, event);
    const running = [...this.#deadlines.keys()];
    this.#keep({ at: this.#clock, event, before, after, effects: effects as readonly Effect[], running });
  }

  #endNextTimer(until: number): boolean {
    const [next] = [...this.#deadlines].sort(([, one], [, other]) => one - other);
    if (next === undefined || next[1] > until) return false;
    const [name, deadline] = next;
    this.#deadlines.delete(name);
    this.#clock = deadline;
    this.take(name === inFlight ? requestFailed : timed({ type: name }, deadline));
    return true;
  }

  #keep(step: Step): void {
    this.steps.push(step);
    for (const effect of step.effects) {
      if (effect.type === 'startTimer') this.#deadlines.set(effect.timer, this.#clock + effect.delay);
      if (effect.type === 'stopTimer') this.#deadlines.delete(effect.timer);
      if (effect.type === 'sendInDialog') this.#deadlines.set(inFlight, this.#clock + requestTimeout);
    }
    if (step.after.status === 'done') this.#deadlines.clear();
  }
}

const requestFailed = { type: 'requestFailed', failure: 'timeout' } as const;

const timed = (event: EventObject, now: number) => ({ ...event, now });

/** What is left of a value that was written as JSON and read again, its messages revived. */
export const throughJSON = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value), (key, part) =>
    (key === 'request' || key === 'response' || key === 'message') && typeof part === 'string'
      ? revive(part)
      : part,
  );

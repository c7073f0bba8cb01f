import type { Entry } from '../../src/inspect/entry.js';
import { layerOf } from './ladder-rows.js';
import { firstAfter, Player } from './player.js';
import type { CallRecord, MachineRecord } from './roster.js';
import { readSearch, type Search } from './search.js';
import { Timeline } from './timeline.js';
import type { World } from './world.js';

/** What the page shows, and of when. */
export class Inspection {
  timeline = new Timeline();
  search: Search = readSearch('');
  /** Chosen on the left. */
  callId: string | undefined;
  /** Chosen by hand; otherwise the chart shows whoever moved last. */
  machine: number | undefined;
  readonly opened = new Map<string, boolean>();
  connection: 'connecting' | 'live' | 'lost' | 'recording' | 'closed' | 'refused' = 'connecting';
  /** Why the server refuses, in its words. */
  complaint: string | undefined;
  /** The numbers of what the server keeps and the page began with; none before it is told. */
  #kept: { readonly first: number; readonly last: number } | undefined;
  speed = 1;
  /** The server's clock against this one's. */
  clockOffset = 0;
  /** The entry after which everything is shown; undefined while it is the last. */
  #cursor: number | undefined;
  #player: Player | undefined;
  #playedAt = 0;

  constructor(private readonly changed: () => void) {}

  /** Begins with what the server keeps, from one entry up to another. */
  begin(first: number, last: number): void {
    this.#kept ??= { first, last };
  }

  /** Whether all that the server kept is here. */
  get isLoaded(): boolean {
    return this.#kept !== undefined && this.timeline.last >= this.#kept.last;
  }

  /** How many entries the server kept, and how many of them are here. */
  get backlog(): { readonly entries: number; readonly here: number } | undefined {
    if (this.#kept === undefined) return undefined;
    const { first, last } = this.#kept;
    return { entries: last - first + 1, here: Math.max(0, this.timeline.last - first + 1) };
  }

  /** Whether time goes on in what is shown. */
  get isRunning(): boolean {
    return this.connection !== 'recording' && this.connection !== 'closed';
  }

  get isLive(): boolean {
    return this.#cursor === undefined;
  }

  get isPlaying(): boolean {
    return this.#player !== undefined;
  }

  get n(): number {
    const { first, last } = this.timeline;
    return this.#cursor === undefined ? last : Math.max(first - 1, this.#cursor);
  }

  get world(): World {
    return this.timeline.worldAt(this.n);
  }

  /** The time that is shown: a recording has none but that of its entries. */
  get now(): number {
    const { at } = this.world;
    return this.isLive && this.isRunning ? Math.max(at, Date.now() + this.clockOffset) : at;
  }

  get call(): CallRecord | undefined {
    return this.callId === undefined ? undefined : this.timeline.roster.calls.get(this.callId);
  }

  /** The machine that the chart shows. */
  get shown(): MachineRecord | undefined {
    const { machines } = this.timeline.roster;
    if (this.machine !== undefined) return machines.get(this.machine);
    const { call, n } = this;
    if (call === undefined) return undefined;
    const { entries } = call;
    let fallback: MachineRecord | undefined;
    for (let index = firstAfter(entries, n) - 1; index >= 0; index--) {
      const entry = entries[index]!;
      if (entry.kind !== 'step') continue;
      const record = machines.get(entry.machine);
      if (layerOf(entry.chart) !== 'transaction' && entry.chart !== 'dialog') return record;
      fallback ??= record;
    }
    return fallback ?? call.machines[0];
  }

  get follows(): boolean {
    return this.machine === undefined;
  }

  isOpen(call: CallRecord): boolean {
    return this.opened.get(call.callId) ?? call.callId === this.callId;
  }

  chooseCall(call: CallRecord): void {
    const isChosen = this.callId === call.callId;
    this.opened.set(call.callId, isChosen ? !this.isOpen(call) : true);
    if (!isChosen) this.machine = undefined;
    this.callId = call.callId;
    this.changed();
  }

  chooseMachine(record: MachineRecord): void {
    this.callId = record.call.callId;
    this.machine = record.number;
    this.changed();
  }

  follow(follows: boolean): void {
    this.machine = follows ? undefined : this.shown?.number;
    this.changed();
  }

  /** The entries that steps and the player walk: the chosen call's, or all. */
  get walked(): readonly Entry[] {
    return this.call?.entries ?? this.timeline.entries;
  }

  seek(n: number): void {
    this.#player = undefined;
    this.#cursor = Math.max(this.timeline.first - 1, Math.min(n, this.timeline.last));
    this.changed();
  }

  goLive(): void {
    this.#player = undefined;
    this.#cursor = undefined;
    this.changed();
  }

  step(by: 1 | -1): void {
    const { walked } = this;
    const index = firstAfter(walked, this.n) - 1 + by;
    const entry = walked[index];
    if (by < 0) this.seek(entry?.n ?? (walked[0]?.n ?? 1) - 1);
    else if (entry !== undefined) this.seek(entry.n);
  }

  /** Plays on from where it is, from the beginning where it is at the end. */
  play(): void {
    if (this.isPlaying) return this.seek(this.n);
    const { walked, timeline } = this;
    const isAtEnd = firstAfter(walked, this.n) >= walked.length;
    if (isAtEnd) this.seek((walked[0]?.n ?? timeline.first) - 1);
    else this.seek(this.n);
    this.#player = new Player(walked[firstAfter(walked, this.n)]?.at ?? 0);
    this.#playedAt = performance.now();
    this.changed();
  }

  /** Lets the player go on. */
  tick(now: number): void {
    if (this.#player === undefined) return;
    const n = this.#player.advance(this.walked, this.n, (now - this.#playedAt) * this.speed);
    this.#playedAt = now;
    if (n !== undefined) this.#cursor = n;
    else if (this.connection === 'live') this.goLive();
    else this.#player = undefined;
    this.changed();
  }
}

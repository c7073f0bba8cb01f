import type { CallRecord, MachineRecord } from './roster.js';
import { finds, findsCall, type Search } from './search.js';
import type { Timeline } from './timeline.js';
import type { Condition, World } from './world.js';

/** A line of the list on the left. */
export type CallRow =
  | {
      readonly kind: 'call';
      readonly key: string;
      readonly call: CallRecord;
      readonly isOpen: boolean;
      readonly live: number;
      /** Whether nothing of it has happened yet. */
      readonly isLater: boolean;
    }
  | {
      readonly kind: 'machine';
      readonly key: string;
      readonly record: MachineRecord;
      /** How far it is indented: a user agent server stands under its transaction, a usage under its dialog. */
      readonly depth: number;
      /** None while it has not started. */
      readonly condition: Condition | undefined;
    };

export interface CallRowOptions {
  readonly search: Search;
  readonly isOpen: (call: CallRecord) => boolean;
}

/** The calls, the newest first, with the machines of those that are open; a search opens what it finds. */
export function callRows(timeline: Timeline, world: World, { search, isOpen }: CallRowOptions): CallRow[] {
  const rows: CallRow[] = [];
  const isSearching = search.terms.length > 0;
  const calls = [...timeline.roster.calls.values()];
  for (let index = calls.length - 1; index >= 0; index--) {
    const call = calls[index]!;
    if (call.machines.length === 0 && call.messages === 0) continue;
    const all = !isSearching || findsCall(search, call);
    const shown = all
      ? undefined
      : new Set(call.machines.filter((record) => finds(search, record, stateAt(timeline, world, record))));
    if (shown?.size === 0) continue;
    const opened = shown !== undefined || isOpen(call);
    rows.push({
      kind: 'call',
      key: `call ${call.callId}`,
      call,
      isOpen: opened,
      live: liveOf(call, world),
      isLater: isLater(call, world),
    });
    if (opened) addMachines(rows, timeline, world, call, shown);
  }
  return rows;
}

function addMachines(
  rows: CallRow[],
  timeline: Timeline,
  world: World,
  call: CallRecord,
  shown: ReadonlySet<MachineRecord> | undefined,
): void {
  for (const { record, depth } of nested(call)) {
    if (shown !== undefined && !shown.has(record)) continue;
    const condition = timeline.conditionAt(world, record.number);
    rows.push({ kind: 'machine', key: `machine ${record.number}`, record, depth, condition });
  }
}

/** A call's machines in the order of their start, each after what it was started for. */
function nested(call: CallRecord): readonly { readonly record: MachineRecord; readonly depth: number }[] {
  const children = new Map<number | undefined, MachineRecord[]>();
  const numbers = new Set(call.machines.map(({ number }) => number));
  for (const record of call.machines) {
    const parent = record.parent !== undefined && numbers.has(record.parent) ? record.parent : undefined;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [record]);
    else siblings.push(record);
  }
  const under = (parent: number | undefined, depth: number): { record: MachineRecord; depth: number }[] =>
    (children.get(parent) ?? []).flatMap((record) => [{ record, depth }, ...under(record.number, depth + 1)]);
  return under(undefined, 0);
}

const stateAt = (timeline: Timeline, world: World, { number }: MachineRecord) =>
  timeline.conditionAt(world, number)?.state ?? '';

function liveOf(call: CallRecord, { conditions }: World): number {
  let live = 0;
  for (const { number } of call.machines) if (conditions.get(number)?.isDone === false) live++;
  return live;
}

function isLater(call: CallRecord, world: World): boolean {
  const [first] = call.entries;
  return (
    first !== undefined &&
    first.n > world.n &&
    !call.machines.some((each) => world.conditions.has(each.number))
  );
}

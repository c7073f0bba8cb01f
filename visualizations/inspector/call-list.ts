import { type CallRow, callRows } from './call-rows.js';
import { element, icon, setAttributes, setText } from './element.js';
import type { Inspection } from './inspection.js';
import type { MachineRecord } from './roster.js';
import { readSearch } from './search.js';
import { VirtualList } from './virtual-list.js';
import { decodeWire, visible } from './wire-text.js';

/** The calls and their machines, and the search for them. */
export class CallList {
  readonly element: HTMLElement;
  readonly search = element('input', {
    type: 'search',
    class: 'search',
    placeholder: 'Search calls and machines',
    'aria-label': 'Search by Call-ID, branch, user, method or state',
    title:
      'Call-ID, branch, user, method, state; several words must all be found; state:early looks at the state alone',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  readonly #list: VirtualList<CallRow>;
  readonly #empty = element('p', { class: 'empty' });
  readonly #count = element('p', { class: 'found', role: 'status' });

  constructor(
    private readonly inspection: Inspection,
    changed: () => void,
  ) {
    this.#list = new VirtualList<CallRow>({
      label: 'Calls and machines',
      keyOf: ({ key }) => key,
      heightOf: ({ kind }) => (kind === 'call' ? 46 : 26),
      stampOf: (row) => this.#stamp(row),
      render: (row) => (row.kind === 'call' ? this.#call(row) : this.#machine(row)),
      activate: (row) =>
        row.kind === 'call' ? inspection.chooseCall(row.call) : inspection.chooseMachine(row.record),
      placeOf: (row) => (row.kind === 'call' ? { level: 1, isOpen: row.isOpen } : { level: row.depth + 2 }),
      sticks: false,
    });
    this.search.addEventListener('input', () => {
      inspection.search = readSearch(this.search.value);
      changed();
    });
    this.search.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.search.value = '';
      inspection.search = readSearch('');
      this.focus();
      changed();
    });
    this.element = element(
      'section',
      { class: 'calls pane', 'aria-label': 'Calls' },
      element('div', { class: 'pane-head' }, this.search),
      this.#count,
      this.#list.element,
      this.#empty,
    );
  }

  focus(): void {
    this.#list.element.focus();
  }

  render(): void {
    const { timeline, world, search } = this.inspection;
    const rows = callRows(timeline, world, { search, isOpen: (call) => this.inspection.isOpen(call) });
    this.#list.update(rows);
    const isSearching = search.terms.length > 0;
    const calls = rows.reduce((sum, { kind }) => sum + Number(kind === 'call'), 0);
    setText(this.#count, isSearching ? `${calls} ${calls === 1 ? 'call' : 'calls'} found` : '');
    setAttributes(this.#count, { hidden: !isSearching });
    setAttributes(this.#empty, { hidden: rows.length > 0 });
    setText(
      this.#empty,
      isSearching
        ? 'Nothing is found. Every word has to match: a Call-ID, branch, user, method or state.'
        : 'No call yet. As soon as a message comes, it stands here.',
    );
  }

  #stamp(row: CallRow): string {
    const { callId, shown, n, isLive } = this.inspection;
    if (row.kind === 'call') {
      const { call, live, isOpen, isLater } = row;
      return `${live} ${isOpen} ${isLater} ${call.messages} ${call.machines.length} ${callId === call.callId}`;
    }
    const { record, condition } = row;
    const moved = !isLive && condition?.last?.n === n;
    return `${condition?.state} ${condition?.isDone} ${moved} ${shown === record} ${row.depth}`;
  }

  #call({ call, isOpen, live, isLater }: CallRow & { kind: 'call' }): HTMLElement {
    const isChosen = this.inspection.callId === call.callId;
    const { from, to, method } = call;
    const parties =
      from !== undefined
        ? `${from.name} → ${to?.name ?? '?'}`
        : call.callId === ''
          ? 'outside any call'
          : '…';
    return element(
      'div',
      {
        class: `call${isChosen ? ' chosen' : ''}${live === 0 ? ' finished' : ''}${isLater ? ' later' : ''}`,
        title: `${from?.uri ?? ''} → ${to?.uri ?? ''}\nCall-ID: ${shownId(call.callId)}`,
      },
      icon(isOpen ? 'open' : 'closed'),
      element(
        'div',
        { class: 'call-text' },
        element(
          'div',
          { class: 'call-line' },
          element('b', { class: 'method' }, method ?? '…'),
          element('span', { class: 'parties' }, parties),
        ),
        element('div', { class: 'call-id' }, shownId(call.callId)),
      ),
      element(
        'span',
        { class: 'badge', title: `${live} of ${call.machines.length} machines are live` },
        isLater ? 'later' : live > 0 ? `${live} live` : 'ended',
      ),
    );
  }

  #machine({ record, condition, depth }: CallRow & { kind: 'machine' }): HTMLElement {
    const { shown, n, isLive } = this.inspection;
    const classes = [
      'machine',
      shown === record ? 'chosen' : '',
      condition?.isDone ? 'finished' : '',
      condition === undefined ? 'later' : '',
      !isLive && condition?.last?.n === n ? 'moved' : '',
    ];
    const made = element(
      'div',
      { class: classes.join(' '), title: titleOf(record), 'data-machine': record.number },
      element('span', { class: 'dot' }),
      element('span', { class: 'machine-id' }, shortName(record)),
      element('span', { class: 'state' }, condition?.state ?? 'not yet'),
    );
    made.style.paddingLeft = `${26 + 12 * depth}px`;
    return made;
  }
}

const shownId = (callId: string) => (callId === '' ? 'no Call-ID' : visible(decodeWire(callId)));

/** A transaction is told by its method. */
export function nameOf({ id, method }: MachineRecord): string {
  return method === undefined || !id.endsWith('Transaction') ? id : `${method} ${sideOf(id)} transaction`;
}

/** Where room is short. */
const shortName = (record: MachineRecord) => nameOf(record).replace(/ transaction$/, '');

const sideOf = (id: string) => (id.includes('Client') ? 'client' : 'server');

const titleOf = ({ id, number, method, branch }: MachineRecord) =>
  [`${id} (machine ${number})`, method, branch === undefined ? undefined : `branch ${branch}`]
    .filter((part) => part !== undefined)
    .join('\n');

import { relativePath, statePath } from '../../src/draw/state-path.js';
import type { Entry, StepEntry } from '../../src/inspect/entry.js';
import { nameOf } from './call-list.js';
import { clock, duration } from './duration.js';
import { element, setAttributes, setText } from './element.js';
import type { Inspection } from './inspection.js';
import { gapText } from './ladder-rows.js';
import { type LogRow, LogRows } from './log-rows.js';
import { factsOf } from './message-facts.js';
import { messageText, textHeight } from './message-text.js';
import { VirtualList } from './virtual-list.js';
import { decodeWire, visible } from './wire-text.js';
import { isTimerEffect } from './world.js';

const scopes = ['machine', 'call', 'everything'] as const;

type Scope = (typeof scopes)[number];

const rowHeight = 24;

/** Events and what came of them, each group under its cause. */
export class LogView {
  readonly element: HTMLElement;
  readonly #list: VirtualList<LogRow>;
  readonly #buttons: ReadonlyMap<Scope, HTMLButtonElement>;
  readonly #count = element('span', { class: 'quiet' });
  readonly #empty = element('p', { class: 'empty' }, 'Nothing has happened here yet.');
  readonly #opened = new Set<string>();
  #scope: Scope = 'call';
  #log: LogRows | undefined;
  #of = '';
  #revealed: number | undefined;

  constructor(
    private readonly inspection: Inspection,
    private readonly changed: () => void,
  ) {
    this.#list = new VirtualList<LogRow>({
      label: 'Log of events and effects',
      keyOf: ({ key }) => key,
      heightOf: (row) => rowHeight + this.#detailHeight(row),
      stampOf: (row) => this.#stamp(row),
      render: (row) => this.#render(row),
      activate: ({ key }) => {
        if (!this.#opened.delete(key)) this.#opened.add(key);
        changed();
      },
      placeOf: (row) => ({
        level: row.kind === 'entry' && !row.isCause ? 2 : 1,
        isOpen: row.kind === 'entry' ? this.#opened.has(row.key) : undefined,
      }),
      jump: ({ n }) => this.inspection.seek(n),
      sticks: true,
    });
    this.#buttons = new Map(scopes.map((scope) => [scope, this.#button(scope)]));
    this.element = element(
      'section',
      { class: 'log pane', 'aria-label': 'Log' },
      element(
        'div',
        { class: 'pane-head' },
        element('h2', {}, 'Log'),
        element(
          'div',
          { class: 'segmented', role: 'group', 'aria-label': 'Of what' },
          ...this.#buttons.values(),
        ),
        this.#count,
      ),
      element('div', { class: 'stage-frame' }, this.#list.element, this.#empty),
    );
  }

  focus(): void {
    this.#list.element.focus();
  }

  render(): void {
    const { inspection } = this;
    const { timeline, call, shown, isLive, n } = inspection;
    const scope = call === undefined ? 'everything' : this.#scope;
    for (const [name, button] of this.#buttons)
      setAttributes(button, {
        'aria-pressed': `${name === scope}`,
        disabled: name !== 'everything' && call === undefined,
      });
    const machine = scope === 'machine' ? shown?.number : undefined;
    const entries = scope === 'everything' ? timeline.entries : (call?.entries ?? []);
    if (this.#log?.entries !== entries || this.#log.machine !== machine)
      this.#log = new LogRows(timeline, entries, machine);
    const rows = this.#log.extend();
    const of = `${scope} ${scope === 'machine' ? machine : call?.callId}`;
    const isOther = of !== this.#of;
    this.#of = of;
    setText(this.#count, `${rows.length} ${rows.length === 1 ? 'entry' : 'entries'}`);
    setAttributes(this.#empty, { hidden: rows.length > 0 });
    this.#list.update(rows);
    if (isOther) this.#list.stick();
    if (isLive) {
      if (this.#revealed !== undefined) this.#list.stick();
      this.#revealed = undefined;
    } else if (this.#revealed !== n || isOther) {
      this.#revealed = n;
      this.#list.unstick();
      const row = rows.findLast((each) => each.n <= n) ?? rows[0];
      if (row !== undefined) this.#list.reveal(row.key);
    }
  }

  #button(scope: Scope): HTMLButtonElement {
    const names = { machine: 'Machine', call: 'Call', everything: 'Everything' };
    const button = element('button', { type: 'button' }, names[scope]);
    button.addEventListener('click', () => {
      this.#scope = scope;
      this.changed();
    });
    return button;
  }

  #detailHeight(row: LogRow): number {
    if (row.kind === 'gap' || !this.#opened.has(row.key)) return 0;
    return row.entry.kind === 'message' ? textHeight(row.entry) : jsonHeight(jsonOf(row.entry));
  }

  #stamp(row: LogRow): string {
    const { n, isLive } = this.inspection;
    return `${row.n > n} ${!isLive && row.n === n} ${this.#opened.has(row.key)}`;
  }

  #render(row: LogRow): HTMLElement {
    const { n, isLive } = this.inspection;
    if (row.kind === 'gap')
      return element('div', { class: 'log-row gap' }, `${gapText(row.missed)}: the server keeps no more`);
    const { entry, isCause } = row;
    const classes = [
      'log-row',
      isCause ? 'cause' : 'effect',
      row.n > n ? 'later' : '',
      !isLive && row.n === n ? 'now' : '',
    ];
    const line = element(
      'div',
      { class: classes.join(' '), 'data-n': entry.n },
      element('span', { class: 'log-n' }, `${entry.n}`),
      element('span', { class: 'log-time' }, isCause ? clock(entry.at) : ''),
      ...this.#words(entry),
    );
    if (!this.#opened.has(row.key)) return line;
    const detail =
      entry.kind === 'message'
        ? messageText(entry)
        : element('pre', { class: 'detail', tabindex: 0 }, jsonOf(entry));
    return element('div', {}, line, detail);
  }

  #words(entry: Entry): readonly HTMLElement[] {
    switch (entry.kind) {
      case 'message': {
        const isReceived = entry.direction === 'received';
        const segments = factsOf(entry).segments.map(({ text, style = 'plain' }) =>
          element('span', { class: `segment ${style}` }, text),
        );
        return [
          element('span', { class: `way ${entry.direction}` }, isReceived ? '← received' : '→ sent'),
          ...(entry.isRetransmission ? [element('span', { class: 'chip again' }, '↻ again')] : []),
          element('span', { class: 'log-text' }, ...segments),
          element('span', { class: 'quiet' }, `${entry.protocol} ${entry.remote}`),
        ];
      }
      case 'input':
        return [
          element('span', { class: 'way input' }, inputWords[entry.input]),
          element('span', { class: 'log-text' }, element('b', {}, entry.what ?? '')),
          element('span', { class: 'quiet' }, this.#nameOf(entry.machine)),
        ];
      case 'step':
        return stepWords(entry, this.#nameOf(entry.machine));
    }
  }

  #nameOf(machine: number | undefined): string {
    const record = machine === undefined ? undefined : this.inspection.timeline.roster.machines.get(machine);
    return record === undefined ? '' : nameOf(record);
  }
}

type Effect = StepEntry['effects'][number];

const inputWords = {
  timerEnded: '◷ timer ended',
  order: '● application',
  sendFailed: '✕ not delivered',
  resolved: 'address found',
  closed: '✕ closed',
  unframed: '✕ unreadable',
  close: 'user agent closes',
  drained: 'waited enough',
  ended: 'user agent has closed',
} as const;

function stepWords(entry: StepEntry, name: string): readonly HTMLElement[] {
  const after = statePath(entry.to);
  const before = entry.from === undefined ? undefined : statePath(entry.from);
  const change =
    before === undefined
      ? `● ${after}`
      : before === after
        ? after
        : `${before} → ${relativePath(after, before)}`;
  return [
    element('span', { class: 'log-machine', title: `${entry.id}, machine ${entry.machine}` }, name),
    element('span', { class: 'log-event' }, entry.event?.type ?? 'starts'),
    element(
      'span',
      { class: before === after ? 'log-change same' : 'log-change' },
      change,
      entry.status === 'done' ? ' ◉' : '',
    ),
    element(
      'span',
      { class: 'log-effects' },
      ...entry.effects.map((effect) =>
        element('span', { class: `chip ${familyOf(effect)}` }, effectText(effect)),
      ),
    ),
    ...entry.clauses.map((clause) => element('span', { class: 'clause' }, clause)),
  ];
}

const familyOf = ({ type }: Effect) => {
  if (type === 'startTimer' || type === 'stopTimer') return 'timer';
  if (type === 'sendResponse' || type === 'sendRequest') return 'sent';
  return type === 'reportFailure' ? 'failure' : 'plain';
};

function effectText(effect: Effect): string {
  if (isTimerEffect(effect))
    return effect.type === 'stopTimer'
      ? `stop ${effect.timer}`
      : `${effect.timer} ${duration(effect.delay ?? 0)}`;
  const told = Reflect.get(effect, 'event') as { readonly type?: string } | undefined;
  const response = Reflect.get(effect, 'response') as { readonly status?: number } | undefined;
  const word = told?.type ?? response?.status ?? Reflect.get(effect, 'method') ?? '';
  return `${effect.type} ${typeof word === 'string' || typeof word === 'number' ? word : ''}`.trimEnd();
}

const jsonOf = (entry: Entry): string => {
  const shown =
    entry.kind === 'step'
      ? { event: entry.event, arrows: entry.arrows, clauses: entry.clauses, effects: entry.effects }
      : entry;
  return visible(decodeWire(JSON.stringify(shown, null, 2).replaceAll('\\r\\n', '\\n')));
};

const jsonHeight = (text: string): number => Math.min(22, text.split('\n').length) * 17 + 26;

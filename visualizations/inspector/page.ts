import { CallList } from './call-list.js';
import { ChartView } from './chart-view.js';
import { element, icon, setAttributes, setText } from './element.js';
import { ExportMenu } from './export-menu.js';
import { helpDialog } from './help-dialog.js';
import type { Inspection } from './inspection.js';
import { LadderView } from './ladder-view.js';
import { LoadingView } from './loading-view.js';
import { LogView } from './log-view.js';
import { splitter } from './splitter.js';
import { TimeBar } from './time-bar.js';

const connections = {
  connecting: 'connecting …',
  loading: 'loading …',
  live: 'live',
  lost: 'connection lost, trying again …',
  recording: 'recording',
  closed: 'the user agent has closed',
  refused: 'refused, trying again …',
} as const;

/** The whole page, and its keys. */
export class Page {
  readonly #calls: CallList;
  readonly #chart: ChartView;
  readonly #ladder: LadderView;
  readonly #log: LogView;
  readonly #time: TimeBar;
  readonly #loading: LoadingView;
  readonly #help = helpDialog();
  readonly #menu: ExportMenu;
  readonly #connection = element('span', { class: 'connection', role: 'status' });
  readonly #counts = element('span', { class: 'counts' });
  readonly #gap = element('span', { class: 'gap-note', role: 'alert' });

  constructor(
    root: HTMLElement,
    private readonly inspection: Inspection,
    changed: () => void,
  ) {
    this.#calls = new CallList(inspection, changed);
    this.#chart = new ChartView(inspection, changed);
    this.#ladder = new LadderView(inspection, changed);
    this.#log = new LogView(inspection, changed);
    this.#time = new TimeBar(inspection);
    this.#loading = new LoadingView(inspection);
    const exporter = element(
      'button',
      {
        type: 'button',
        class: 'tool wide',
        title: 'Export (E)',
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
      },
      icon('export'),
      'Export',
    );
    const help = element(
      'button',
      { type: 'button', class: 'tool', title: 'Keys and signs (?)', 'aria-label': 'Keys and signs' },
      '?',
    );
    help.addEventListener('click', () => this.#help.showModal());
    this.#menu = new ExportMenu(inspection, exporter, {
      chart: () => this.#chart.file(),
      ladder: () => this.#ladder.file(),
    });
    root.append(
      element(
        'header',
        { class: 'top' },
        element('h1', {}, 'sipchart', element('span', {}, 'inspector')),
        this.#connection,
        this.#counts,
        this.#gap,
        element('span', { class: 'spring' }),
        exporter,
        help,
        this.#menu.element,
      ),
      this.#calls.element,
      this.#split('Width of the calls', '--calls', 'vertical', this.#calls.element, 1),
      this.#chart.element,
      this.#split('Width of the ladder', '--ladder', 'vertical', this.#ladder.element, -1),
      this.#ladder.element,
      this.#split('Height of the log', '--log', 'horizontal', this.#log.element, -1),
      this.#log.element,
      this.#time.element,
      this.#loading.element,
      this.#help,
    );
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  render(now: number): void {
    const { isLoaded, connection, timeline, world, complaint = '' } = this.inspection;
    const shown = !isLoaded && (connection === 'live' || connection === 'recording') ? 'loading' : connection;
    setText(this.#connection, connections[shown]);
    setAttributes(this.#connection, { class: `connection ${shown}`, title: complaint });
    setAttributes(this.#loading.element, { hidden: isLoaded });
    if (!isLoaded) return this.#loading.render();
    const { calls } = timeline.roster;
    const known = calls.size - Number(calls.has('') && calls.get('')?.machines.length === 0);
    setText(
      this.#counts,
      `${counted(world.live, 'live machine')} · ${counted(known, 'call')} · ${counted(timeline.entries.length, 'entry', 'entries')}`,
    );
    const { missed } = timeline;
    setText(this.#gap, missed === 0 ? '' : `${counted(missed, 'entry', 'entries')} missed`);
    setAttributes(this.#gap, { hidden: missed === 0 });
    this.#calls.render();
    this.#chart.render();
    this.#ladder.render();
    this.#log.render();
    this.#time.render(now);
  }

  #split(
    label: string,
    property: string,
    orientation: 'vertical' | 'horizontal',
    pane: HTMLElement,
    sign: 1 | -1,
  ): HTMLElement {
    const isVertical = orientation === 'vertical';
    return splitter({
      label,
      property,
      orientation,
      sign,
      size: () => (isVertical ? pane.offsetWidth : pane.offsetHeight),
      least: isVertical ? 200 : 90,
      most: () => (isVertical ? innerWidth * 0.6 : innerHeight * 0.7),
    });
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || this.#help.open) return;
    const { target } = event;
    if (target instanceof HTMLInputElement && target.type !== 'range') return;
    if (target instanceof HTMLSelectElement) return;
    if (event.key === ' ' && target instanceof HTMLButtonElement) return;
    const act = this.#acts[event.key.toLowerCase()];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  readonly #acts: Readonly<Record<string, () => void>> = {
    '/': () => this.#calls.search.focus(),
    '?': () => this.#help.showModal(),
    '1': () => this.#calls.focus(),
    '2': () => this.#chart.focus(),
    '3': () => this.#ladder.focus(),
    '4': () => this.#log.focus(),
    ',': () => this.inspection.step(-1),
    '.': () => this.inspection.step(1),
    ' ': () => this.inspection.play(),
    l: () => this.inspection.goLive(),
    f: () => this.inspection.follow(!this.inspection.follows),
    z: () => this.#chart.toggleFit(),
    '+': () => this.#chart.zoom(1.25),
    '-': () => this.#chart.zoom(0.8),
    e: () => this.#menu.toggle(),
  };
}

const counted = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

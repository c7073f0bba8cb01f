import { lineage } from '../../src/draw/state-path.js';
import { nameOf } from './call-list.js';
import { type ChartPicture, chartPicture, light, standalone, takenStyle } from './chart-picture.js';
import { remainder } from './duration.js';
import { element, icon, setAttributes, setText } from './element.js';
import type { Inspection } from './inspection.js';
import type { MachineRecord } from './roster.js';
import type { Condition, RunningTimer } from './world.js';

/** Text below this is no pleasure to read. */
const smallest = 0.7;
const zooming = 1.25;

/** The picture of the chosen machine, with its state and the last arrow lit, and the timers that run. */
export class ChartView {
  readonly element: HTMLElement;
  readonly #title = element('h2', {});
  readonly #state = element('span', { class: 'state-badge' });
  readonly #follow = element(
    'button',
    {
      type: 'button',
      class: 'toggle',
      title: 'Show the machine of the call that moved last (F)',
    },
    'Follow',
  );
  readonly #fit = element(
    'button',
    {
      type: 'button',
      class: 'toggle',
      title: 'Fit the whole chart into the pane (Z)',
    },
    'Fit',
  );
  readonly #stage = element('div', { class: 'stage', tabindex: 0, role: 'group', 'aria-label': 'Chart' });
  readonly #shadow: ShadowRoot;
  readonly #holder = element('div', { class: 'holder' });
  readonly #empty = element('p', { class: 'empty' });
  readonly #timers = element('ul', { class: 'timers', 'aria-label': 'Timers that run' });
  readonly #last = element('div', { class: 'last', role: 'status' });
  readonly #hover = element('div', { class: 'hover', hidden: true });
  #picture: ChartPicture | undefined;
  #svg: SVGSVGElement | undefined;
  #chart: string | undefined;
  #lit = '';
  #fitsWhole = false;
  #zoom = 1;

  constructor(
    private readonly inspection: Inspection,
    private readonly changed: () => void,
  ) {
    this.#shadow = this.#holder.attachShadow({ mode: 'open' });
    this.#stage.append(this.#holder);
    this.#follow.addEventListener('click', () => inspection.follow(!inspection.follows));
    this.#fit.addEventListener('click', () => this.toggleFit());
    this.#shadow.addEventListener('mouseover', (event) => this.#hovered(event.target));
    this.#holder.addEventListener('mouseleave', () => this.#hovered(null));
    new ResizeObserver(() => this.#scale()).observe(this.#stage);
    this.element = element(
      'section',
      { class: 'chart pane', 'aria-label': 'Chart of the machine' },
      element(
        'div',
        { class: 'pane-head' },
        this.#title,
        this.#state,
        element('span', { class: 'spring' }),
        this.#zoomer('−', 'Smaller (−)', 1 / zooming),
        this.#zoomer('+', 'Larger (+)', zooming),
        this.#fit,
        this.#follow,
      ),
      element('div', { class: 'stage-frame' }, this.#stage, this.#empty, this.#hover),
      this.#last,
      this.#timers,
    );
  }

  focus(): void {
    this.#stage.focus();
  }

  toggleFit(): void {
    this.#fitsWhole = !this.#fitsWhole;
    this.#zoom = 1;
    this.#rescale();
  }

  zoom(by: number): void {
    this.#zoom = Math.max(0.4, Math.min(4, this.#zoom * by));
    this.#rescale();
  }

  #rescale(): void {
    this.#scale();
    this.#lit = '';
    this.changed();
  }

  #zoomer(sign: string, title: string, by: number): HTMLButtonElement {
    const button = element(
      'button',
      { type: 'button', class: 'toggle zoom', title, 'aria-label': title },
      sign,
    );
    button.addEventListener('click', () => this.zoom(by));
    return button;
  }

  /** The chart as it is lit, and the name of its file. */
  file(): { readonly name: string; readonly text: string } | undefined {
    if (this.#svg === undefined || this.#picture === undefined) return undefined;
    return { name: `${this.#chart}.svg`, text: standalone(this.#svg, this.#picture) };
  }

  render(): void {
    const { inspection } = this;
    const record = inspection.shown;
    const condition =
      record === undefined ? undefined : inspection.timeline.conditionAt(inspection.world, record.number);
    setAttributes(this.#follow, {
      'aria-pressed': `${inspection.follows}`,
      disabled: inspection.callId === undefined,
    });
    setAttributes(this.#fit, { 'aria-pressed': `${this.#fitsWhole}` });
    setText(this.#title, record === undefined ? 'Chart' : nameOf(record));
    setAttributes(this.#title, {
      title: record === undefined ? '' : `${record.id}, machine ${record.number}`,
    });
    setText(this.#state, condition?.state ?? (record === undefined ? '' : 'not yet started'));
    setAttributes(this.#state, {
      class: `state-badge${condition?.isDone ? ' finished' : ''}`,
      hidden: record === undefined,
    });
    this.#show(record);
    this.#light(record, condition);
    this.#describe(condition);
    this.#showTimers(condition?.timers ?? []);
    // The server may be gone when they are wanted.
    if (inspection.connection === 'live')
      for (const chart of inspection.timeline.roster.charts) void chartPicture(chart);
  }

  #show(record: MachineRecord | undefined): void {
    if (record?.chart !== this.#chart) {
      this.#chart = record?.chart;
      this.#picture = undefined;
      this.#svg = undefined;
      this.#lit = '';
      this.#shadow.replaceChildren();
      if (record !== undefined) void this.#load(record.chart);
    }
    setAttributes(this.#empty, { hidden: this.#svg !== undefined });
    if (record === undefined)
      setText(
        this.#empty,
        'Choose a call or a machine on the left: its chart stands here, with its state lit.',
      );
  }

  async #load(chart: string): Promise<void> {
    setText(this.#empty, 'The chart is on its way …');
    const picture = await chartPicture(chart);
    if (this.#chart !== chart) return;
    if (picture === undefined) {
      setText(this.#empty, `There is no picture of ${chart}.`);
      return;
    }
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(picture.style + takenStyle + shadowStyle);
    this.#shadow.adoptedStyleSheets = [sheet];
    this.#picture = picture;
    this.#svg = picture.svg.cloneNode(true) as SVGSVGElement;
    this.#shadow.replaceChildren(this.#svg);
    this.#scale();
    this.changed();
  }

  #light(record: MachineRecord | undefined, condition: Condition | undefined): void {
    if (this.#svg === undefined) return;
    const lit = `${record?.number} ${condition?.state} ${condition?.last?.n}`;
    if (lit === this.#lit) return;
    this.#lit = lit;
    light(this.#svg, condition === undefined ? [] : lineage(condition.state), condition?.last?.arrows ?? []);
    if (!this.#fitsWhole || this.#zoom !== 1) this.#reveal();
  }

  /** Brings the innermost state that is lit into view. */
  #reveal(): void {
    const lit = [...(this.#svg?.querySelectorAll('.state.active') ?? [])].at(-1);
    if (lit === undefined) return;
    const stage = this.#stage.getBoundingClientRect();
    const box = lit.getBoundingClientRect();
    const isSeen =
      box.top >= stage.top &&
      box.bottom <= stage.bottom &&
      box.left >= stage.left &&
      box.right <= stage.right;
    if (isSeen) return;
    this.#stage.scrollBy({
      left: box.left + box.width / 2 - stage.left - stage.width / 2,
      top: box.top + box.height / 2 - stage.top - stage.height / 2,
    });
  }

  #scale(): void {
    const { clientWidth, clientHeight } = this.#stage;
    if (this.#svg === undefined || this.#picture === undefined || clientWidth === 0) return;
    const { width, height } = this.#picture;
    const whole = Math.min(1.1, (clientWidth - 4) / width, (clientHeight - 6) / height);
    const scale = this.#zoom * (this.#fitsWhole ? whole : Math.max(smallest, whole));
    this.#svg.setAttribute('width', `${Math.floor(width * scale)}`);
    this.#svg.setAttribute('height', `${Math.floor(height * scale)}`);
  }

  /** The clause of what the pointer is on: an arrow's line has it from its label. */
  #hovered(target: EventTarget | null): void {
    const arrow = target instanceof Element ? target.closest('[data-arrow]') : null;
    const id = arrow?.getAttribute('data-arrow');
    const labels =
      id == null ? [] : [...this.#shadow.querySelectorAll(`g.arrow[data-arrow="${CSS.escape(id)}"]`)];
    const clause = labels.map((label) => label.querySelector('title')?.textContent ?? '').join('');
    const words = labels
      .map((label) => [...label.querySelectorAll('text')].map((text) => text.textContent).join(' '))
      .join(' ');
    setText(this.#hover, [words, clause].filter((part) => part !== '').join('  ·  '));
    setAttributes(this.#hover, { hidden: labels.length === 0 });
  }

  #describe(condition: Condition | undefined): void {
    const step = condition?.last;
    if (step === undefined) {
      setText(this.#last, condition === undefined ? '' : 'Its steps are older than what is kept here.');
      return;
    }
    const effects = step.effects.map(({ type }) => type).join(', ');
    const parts = [
      step.event === undefined ? 'started' : step.event.type,
      ...(effects === '' ? [] : [`/ ${effects}`]),
    ];
    const text = parts.join(' ');
    const key = `${text} ${step.clauses.join(' ')}`;
    if (this.#last.dataset.key === key) return;
    this.#last.dataset.key = key;
    this.#last.replaceChildren(
      element('b', { class: 'last-event' }, parts[0] ?? ''),
      ` ${parts.slice(1).join(' ')} `,
      ...step.clauses.map((clause) => element('span', { class: 'clause' }, clause)),
    );
  }

  #showTimers(timers: readonly RunningTimer[]): void {
    const { now } = this.inspection;
    const key = timers.map(({ timer, until }) => `${timer} ${until}`).join(' ');
    if (this.#timers.dataset.key !== key) {
      this.#timers.dataset.key = key;
      this.#timers.replaceChildren(
        ...timers.map(({ timer }) =>
          element(
            'li',
            { class: 'running', 'data-timer': timer },
            icon('timer'),
            element('span', { class: 'timer-name' }, timer),
            element('span', { class: 'timer-left' }),
            element('progress', { max: 1, 'aria-label': `${timer}, time that is left` }),
          ),
        ),
      );
    }
    timers.forEach(({ from, until }, index) => {
      const item = this.#timers.children[index]!;
      const left = Math.max(0, until - now);
      setText(item.querySelector('.timer-left')!, remainder(left));
      const bar = item.querySelector('progress')!;
      bar.value = until > from ? left / (until - from) : 0;
    });
    setAttributes(this.#timers, { hidden: timers.length === 0 });
  }
}

const shadowStyle =
  ':host{display:block}svg{display:block;margin:auto}.canvas{fill:transparent}[data-arrow]:hover tspan{text-decoration:underline}';

import { clock } from './duration.js';
import { element, setAttributes, setText } from './element.js';
import type { Inspection } from './inspection.js';
import { type Geometry, geometryOf, heights, type Mark, marksOf } from './ladder-marks.js';
import { ladderPicture } from './ladder-picture.js';
import { Ladder, type LadderRow } from './ladder-rows.js';
import { messageText, textHeight } from './message-text.js';
import { VirtualList } from './virtual-list.js';
import { decodeWire, visible } from './wire-text.js';

/** The messages of the chosen call between its peers and our layers, and what became of our machines. */
export class LadderView {
  readonly element: HTMLElement;
  readonly #head = element('div', { class: 'lanes', 'aria-hidden': 'true' });
  readonly #lines = element('div', { class: 'lifelines', 'aria-hidden': 'true' });
  readonly #title = element('span', { class: 'quiet' });
  readonly #empty = element('p', { class: 'empty' }, 'Choose a call on the left: its messages stand here.');
  readonly #list: VirtualList<LadderRow>;
  readonly #opened = new Set<string>();
  #ladder = new Ladder([], () => undefined, []);
  #geometry: Geometry = geometryOf(600, []);
  #callId: string | undefined;
  #revealed: number | undefined;

  constructor(
    private readonly inspection: Inspection,
    private readonly changed: () => void,
  ) {
    this.#list = new VirtualList<LadderRow>({
      label: 'Ladder of the call',
      keyOf: ({ key }) => key,
      heightOf: (row) => heights[row.kind] + this.#detailHeight(row),
      stampOf: (row) => this.#stamp(row),
      render: (row) => this.#render(row),
      activate: (row) => this.#activate(row),
      placeOf: (row) => ({
        level: 1,
        isOpen: row.kind === 'message' ? this.#opened.has(row.key) : undefined,
      }),
      jump: ({ n }) => this.inspection.seek(n),
      sticks: true,
    });
    this.#list.content.prepend(this.#lines);
    new ResizeObserver(() => changed()).observe(this.#list.element);
    this.element = element(
      'section',
      { class: 'ladder pane', 'aria-label': 'Ladder' },
      element('div', { class: 'pane-head' }, element('h2', {}, 'Ladder'), this.#title),
      this.#head,
      element('div', { class: 'stage-frame' }, this.#list.element, this.#empty),
    );
  }

  focus(): void {
    this.#list.element.focus();
  }

  file(): { readonly name: string; readonly text: string } | undefined {
    const { call } = this.inspection;
    if (call === undefined) return undefined;
    return {
      name: 'ladder.svg',
      text: ladderPicture(this.#ladder, `Call ${visible(decodeWire(call.callId))}`),
    };
  }

  render(): void {
    const { call, timeline, isLive, n } = this.inspection;
    setAttributes(this.#empty, { hidden: call !== undefined });
    setAttributes(this.#list.element, { hidden: call === undefined });
    setAttributes(this.#head, { hidden: call === undefined });
    setText(
      this.#title,
      call === undefined ? '' : `${call.messages} ${call.messages === 1 ? 'message' : 'messages'}`,
    );
    const isOther = call?.callId !== this.#callId;
    this.#callId = call?.callId;
    if (call === undefined) return;
    if (this.#ladder.entries !== call.entries || this.#ladder.gaps !== timeline.gaps) {
      const { machines } = timeline.roster;
      this.#ladder = new Ladder(call.entries, (machine) => machines.get(machine)?.chart, timeline.gaps);
    }
    this.#ladder.extend();
    this.#measure();
    this.#list.update(this.#ladder.rows);
    if (isOther) this.#list.stick();
    if (isLive) {
      if (this.#revealed !== undefined) this.#list.stick();
      this.#revealed = undefined;
    } else if (this.#revealed !== n || isOther) {
      this.#revealed = n;
      this.#list.unstick();
      const row = this.#ladder.rows.findLast((each) => each.n <= n) ?? this.#ladder.rows[0];
      if (row !== undefined) this.#list.reveal(row.key);
    }
  }

  #measure(): void {
    const width = Math.max(420, this.#list.width);
    const { peers } = this.#ladder;
    const names = this.#geometry.lanes.filter(({ isPeer }) => isPeer).map(({ name }) => name);
    if (width === this.#geometry.width && names.join() === peers.join() && this.#head.childElementCount > 0)
      return;
    this.#geometry = geometryOf(width, peers);
    const { lanes } = this.#geometry;
    this.#head.replaceChildren(
      ...lanes.map(({ name, isPeer, x }) => {
        const [protocol = '', address = ''] = name.split(' ');
        const lane = isPeer
          ? element('span', { class: 'lane peer', title: name }, address, element('small', {}, protocol))
          : element('span', { class: 'lane' }, name);
        lane.style.left = `${x}px`;
        lane.style.maxWidth = `${Math.floor((width - 62) / lanes.length) - 4}px`;
        return lane;
      }),
    );
    this.#lines.replaceChildren(
      ...lanes.map(({ x, isPeer }) => {
        const line = element('div', { class: isPeer ? 'lifeline peer' : 'lifeline' });
        line.style.left = `${x}px`;
        return line;
      }),
    );
  }

  #detailHeight(row: LadderRow): number {
    return row.kind === 'message' && this.#opened.has(row.key) ? textHeight(row.entry) : 0;
  }

  #stamp(row: LadderRow): string {
    const { n, isLive, shown } = this.inspection;
    const { width, lanes } = this.#geometry;
    const isShown = row.kind === 'step' && row.machine === shown?.number;
    return `${row.n > n} ${!isLive && row.n === n} ${this.#opened.has(row.key)} ${width} ${lanes.length} ${isShown}`;
  }

  #activate(row: LadderRow): void {
    if (row.kind === 'message') {
      if (!this.#opened.delete(row.key)) this.#opened.add(row.key);
    } else if (row.kind === 'step') {
      const record = this.inspection.timeline.roster.machines.get(row.machine);
      if (record !== undefined) this.inspection.chooseMachine(record);
    }
    this.changed();
  }

  #render(row: LadderRow): HTMLElement {
    const { n, isLive, shown } = this.inspection;
    const classes = [
      'ladder-row',
      row.kind,
      row.n > n ? 'later' : '',
      !isLive && row.n === n ? 'now' : '',
      row.kind === 'step' && row.machine === shown?.number ? 'chosen' : '',
    ];
    const drawn = element(
      'div',
      { class: classes.join(' '), title: titleOf(row), 'data-n': row.n },
      ...marksOf(row, this.#geometry, clock(row.at)).map(drawMark),
    );
    drawn.style.height = `${heights[row.kind]}px`;
    if (row.kind !== 'message' || !this.#opened.has(row.key)) return drawn;
    return element('div', {}, drawn, messageText(row.entry));
  }
}

const titleOf = (row: LadderRow) =>
  row.kind === 'step' ? [`${row.id}: ${row.text}`, ...row.clauses].join('\n') : undefined;

function drawMark(mark: Mark): HTMLElement {
  const drawn = shape(mark);
  drawn.style.top = `${mark.y}px`;
  return drawn;
}

function shape(mark: Mark): HTMLElement {
  switch (mark.kind) {
    case 'arrow': {
      const direction = mark.to > mark.from ? 'rightwards' : 'leftwards';
      const line = element('div', { class: `mark arrow ${direction} ${mark.look}` });
      line.style.left = `${Math.min(mark.from, mark.to)}px`;
      line.style.width = `${Math.abs(mark.to - mark.from)}px`;
      return line;
    }
    case 'text': {
      const spans = mark.segments.map(({ text, style = 'plain' }) =>
        element('span', { class: `segment ${style}` }, text),
      );
      const text = element('div', { class: `mark text ${mark.anchor} ${mark.look}` }, ...spans);
      text.style.left = `${mark.x}px`;
      return text;
    }
    case 'pill': {
      const name = mark.name === '' ? [] : [element('span', { class: 'pill-name' }, mark.name)];
      const pill = element('div', { class: `mark pill ${mark.look}` }, ...name, mark.text);
      pill.style.left = `${mark.x - mark.width / 2}px`;
      pill.style.width = `${mark.width}px`;
      return pill;
    }
  }
}

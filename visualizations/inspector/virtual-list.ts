import { element, setAttributes } from './element.js';

export interface VirtualListOptions<Row> {
  /** What it is a list of. */
  readonly label: string;
  readonly keyOf: (row: Row) => string;
  /** Pixels. */
  readonly heightOf: (row: Row) => number;
  /** Says whether a row looks as it did. */
  readonly stampOf: (row: Row) => string;
  readonly render: (row: Row) => HTMLElement;
  readonly activate: (row: Row) => void;
  /** By a double click or Shift+Enter. */
  readonly jump?: (row: Row) => void;
  /** Its depth in the tree, and whether it is open where it can be opened. */
  readonly placeOf: (row: Row) => { readonly level: number; readonly isOpen?: boolean | undefined };
  /** Whether it stays at its end while it grows there; else it stays where it is when it grows above. */
  readonly sticks: boolean;
}

/** Above and below what is seen. */
const overscan = 240;

let lists = 0;

/** A tree of any length: only the rows that are seen are in the document. The arrow keys walk it, Enter opens. */
export class VirtualList<Row> {
  readonly element: HTMLElement;
  /** Holds the rows, and what is drawn behind them. */
  readonly content = element('div', { class: 'rows', role: 'presentation' });
  readonly #options: VirtualListOptions<Row>;
  readonly #id = `list${++lists}`;
  readonly #shown = new Map<string, { readonly element: HTMLElement; stamp: string; top: number }>();
  #rows: readonly Row[] = [];
  #tops: readonly number[] = [0];
  #active: string | undefined;
  #height = 0;
  #isAtEnd = true;

  constructor(options: VirtualListOptions<Row>) {
    this.#options = options;
    this.element = element(
      'div',
      { class: 'scroller', role: 'tree', tabindex: 0, 'aria-label': options.label },
      this.content,
    );
    this.element.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('click', (event) => this.#click(event));
    this.element.addEventListener('dblclick', (event) => this.#jump(keyAt(event)));
    new ResizeObserver(() => this.#resized()).observe(this.element);
  }

  get width(): number {
    return this.element.clientWidth;
  }

  update(rows: readonly Row[]): void {
    const { sticks, heightOf } = this.#options;
    const anchor = sticks ? undefined : this.#anchor();
    const tops = new Array<number>(rows.length + 1);
    let top = 0;
    rows.forEach((row, index) => {
      tops[index] = top;
      top += heightOf(row);
    });
    tops[rows.length] = top;
    this.#rows = rows;
    if (top !== this.#tops.at(-1)) this.content.style.height = `${top}px`;
    this.#tops = tops;
    if (sticks && this.#isAtEnd) this.element.scrollTop = top;
    else if (anchor !== undefined) this.#restore(anchor);
    this.#draw();
  }

  /** Scrolls a row into view, if it is not, and leaves the end. */
  reveal(key: string): void {
    const index = this.#indexOf(key);
    if (index < 0) return;
    const top = this.#tops[index]!;
    const bottom = this.#tops[index + 1]!;
    const { scrollTop } = this.element;
    if (top < scrollTop + 8) this.element.scrollTop = top - 40;
    else if (bottom > scrollTop + this.#height - 8) this.element.scrollTop = bottom - this.#height + 60;
    this.#draw();
  }

  /** Goes to the end, and stays there while the list grows. */
  stick(): void {
    this.#isAtEnd = true;
    this.element.scrollTop = this.#tops.at(-1)!;
  }

  unstick(): void {
    this.#isAtEnd = false;
  }

  #scrolled(): void {
    const { scrollTop } = this.element;
    this.#isAtEnd = scrollTop + this.#height >= this.#tops.at(-1)! - 4;
    this.#draw();
  }

  #resized(): void {
    this.#height = this.element.clientHeight;
    if (this.#options.sticks && this.#isAtEnd) this.element.scrollTop = this.#tops.at(-1)!;
    this.#draw();
  }

  /** The row at the top of what is seen, and how far it is scrolled out. */
  #anchor(): { readonly key: string; readonly offset: number } | undefined {
    const { scrollTop } = this.element;
    if (scrollTop === 0) return undefined;
    const index = this.#indexAt(scrollTop);
    const row = this.#rows[index];
    return row && { key: this.#options.keyOf(row), offset: scrollTop - this.#tops[index]! };
  }

  #restore({ key, offset }: { readonly key: string; readonly offset: number }): void {
    const index = this.#indexOf(key);
    if (index < 0) return;
    const top = this.#tops[index]! + offset;
    if (top !== this.element.scrollTop) this.element.scrollTop = top;
  }

  #indexOf(key: string): number {
    return this.#rows.findIndex((row) => this.#options.keyOf(row) === key);
  }

  #indexAt(y: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#tops[middle + 1]! <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #draw(): void {
    const { keyOf, stampOf } = this.#options;
    const { scrollTop } = this.element;
    const end = scrollTop + this.#height + overscan;
    const seen = new Set<string>();
    for (let index = this.#indexAt(Math.max(0, scrollTop - overscan)); index < this.#rows.length; index++) {
      const top = this.#tops[index]!;
      if (top > end) break;
      const row = this.#rows[index]!;
      const key = keyOf(row);
      seen.add(key);
      this.#place(row, key, stampOf(row), index, top);
    }
    for (const [key, shown] of this.#shown)
      if (!seen.has(key)) {
        shown.element.remove();
        this.#shown.delete(key);
      }
    const active = this.#active === undefined ? undefined : this.#shown.get(this.#active);
    setAttributes(this.element, { 'aria-activedescendant': active?.element.id });
  }

  #place(row: Row, key: string, stamp: string, index: number, top: number): void {
    const before = this.#shown.get(key);
    const place = this.#options.placeOf(row);
    const item = before?.element ?? element('div', { class: 'item', role: 'treeitem', 'data-key': key });
    setAttributes(item, {
      id: `${this.#id}-${index}`,
      'aria-level': place.level,
      'aria-expanded': place.isOpen === undefined ? undefined : `${place.isOpen}`,
      'aria-posinset': index + 1,
      'aria-setsize': this.#rows.length,
      'data-current': key === this.#active,
    });
    if (before?.top !== top) item.style.transform = `translateY(${top}px)`;
    if (before?.stamp !== stamp) item.replaceChildren(this.#options.render(row));
    if (before === undefined) {
      this.content.append(item);
      this.#shown.set(key, { element: item, stamp, top });
    } else {
      before.stamp = stamp;
      before.top = top;
    }
  }

  #click(event: MouseEvent): void {
    const key = keyAt(event);
    if (key !== undefined) this.#activate(key);
  }

  #jump(key: string | undefined): void {
    const row = key === undefined ? undefined : this.#rows[this.#indexOf(key)];
    if (row !== undefined) this.#options.jump?.(row);
  }

  #activate(key: string): void {
    this.#active = key;
    const row = this.#rows[this.#indexOf(key)];
    if (row !== undefined) this.#options.activate(row);
    this.#draw();
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter') {
      if (event.shiftKey) this.#jump(this.#active);
      else if (this.#active !== undefined) this.#activate(this.#active);
    } else {
      const index = this.#moved(event.key);
      const row = index === undefined ? undefined : this.#rows[index];
      if (row === undefined) return;
      this.#active = this.#options.keyOf(row);
      this.reveal(this.#active);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** The row that a key leads to. */
  #moved(key: string): number | undefined {
    const last = this.#rows.length - 1;
    const index = this.#active === undefined ? -1 : this.#indexOf(this.#active);
    const page = Math.max(1, Math.floor(this.#height / 40));
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: last,
    };
    const target = moves[key];
    return target === undefined ? undefined : Math.min(last, Math.max(0, target));
  }
}

/** The key of the row that was clicked, outside what it shows when it is open. */
function keyAt({ target }: MouseEvent): string | undefined {
  if (!(target instanceof Element) || target.closest('.detail') !== null) return undefined;
  return target.closest('.item')?.getAttribute('data-key') ?? undefined;
}

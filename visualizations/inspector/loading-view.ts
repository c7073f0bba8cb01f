import { element, setAttributes, setText } from './element.js';
import type { Inspection } from './inspection.js';

/** What stands in the place of all panes until what the server keeps is here. */
export class LoadingView {
  readonly #text = element('p', { role: 'status' });
  readonly #progress = element('progress', { max: 1, 'aria-label': 'How much of it is here' });
  readonly element = element(
    'section',
    { class: 'cover', 'aria-label': 'Loading' },
    this.#text,
    this.#progress,
  );

  constructor(private readonly inspection: Inspection) {}

  render(): void {
    const { backlog, complaint } = this.inspection;
    setText(this.#text, complaint ?? textOf(backlog));
    setAttributes(this.#progress, { hidden: backlog === undefined });
    if (backlog !== undefined) this.#progress.value = backlog.here / backlog.entries;
  }
}

const textOf = (backlog: Inspection['backlog']): string =>
  backlog === undefined
    ? 'Connecting …'
    : `Loading ${backlog.here.toLocaleString('en')} of ${backlog.entries.toLocaleString('en')} entries …`;

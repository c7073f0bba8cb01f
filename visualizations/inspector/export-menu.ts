import { addressOf } from './address.js';
import { element } from './element.js';
import type { Inspection } from './inspection.js';

interface File {
  readonly name: string;
  readonly text: string;
}

/** What can be taken away as a file. */
export class ExportMenu {
  readonly element = element('div', { class: 'menu', role: 'menu', 'aria-label': 'Export', hidden: true });
  readonly #ladder: HTMLButtonElement;
  readonly #chart: HTMLButtonElement;
  readonly #callMessages: HTMLButtonElement;

  constructor(
    private readonly inspection: Inspection,
    private readonly opener: HTMLButtonElement,
    files: { readonly chart: () => File | undefined; readonly ladder: () => File | undefined },
  ) {
    const item = (title: string, what: string, act: () => void) => {
      const button = element(
        'button',
        { type: 'button', role: 'menuitem' },
        element('b', {}, title),
        element('span', { class: 'quiet' }, what),
      );
      button.addEventListener('click', () => {
        this.close();
        act();
      });
      this.element.append(button);
      return button;
    };
    item('Recording', 'JSONL, for sipchart inspect and replay', () => void this.#recording());
    this.#chart = item('Chart', 'SVG, as it is lit', () => save(files.chart()));
    this.#ladder = item('Ladder', 'SVG, the whole call', () => save(files.ladder()));
    this.#callMessages = item(
      'Messages of the call',
      'pcapng, for Wireshark',
      () => void saveFrom('messages.pcapng', { callId: inspection.callId ?? '' }),
    );
    item('All messages', 'pcapng, for Wireshark', () => void saveFrom('messages.pcapng'));
    opener.addEventListener('click', () => this.toggle());
    this.element.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('pointerdown', ({ target }) => {
      if (target instanceof Node && !this.element.contains(target) && !opener.contains(target)) this.close();
    });
  }

  toggle(): void {
    if (!this.element.hidden) return this.close();
    const { call, shown } = this.inspection;
    this.#ladder.disabled = call === undefined;
    this.#callMessages.disabled = call === undefined;
    this.#chart.disabled = shown === undefined;
    this.element.hidden = false;
    this.opener.setAttribute('aria-expanded', 'true');
    this.#items()[0]?.focus();
  }

  close(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.opener.setAttribute('aria-expanded', 'false');
    this.opener.focus();
  }

  #items(): readonly HTMLButtonElement[] {
    return [...this.element.querySelectorAll('button')].filter(({ disabled }) => !disabled);
  }

  #key(event: KeyboardEvent): void {
    const items = this.#items();
    const index = items.findIndex((item) => item.matches(':focus'));
    if (event.key === 'ArrowDown') items[(index + 1) % items.length]?.focus();
    else if (event.key === 'ArrowUp') items[(index - 1 + items.length) % items.length]?.focus();
    else if (event.key === 'Escape') this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** The server's, where it keeps one; else what the page has, which says so. */
  async #recording(): Promise<void> {
    if (await saveFrom('recording.jsonl')) return;
    const { entries } = this.inspection.timeline;
    const head = {
      type: 'sipchart entries',
      version: 1,
      note: 'what an inspector page had; no recording was kept',
      entries: entries.length,
    };
    save({
      name: 'entries.jsonl',
      text: `${[head, ...entries].map((each) => JSON.stringify(each)).join('\n')}\n`,
    });
  }
}

function save(file: File | undefined): void {
  if (file !== undefined) saveBlob(file.name, new Blob([file.text], { type: 'text/plain;charset=utf-8' }));
}

/** Whether the server has it. It is no link: the browser keeps the addresses of what it downloads, and they have a token. */
async function saveFrom(name: string, query: Readonly<Record<string, string>> = {}): Promise<boolean> {
  const response = await fetch(addressOf(name, query)).catch(() => undefined);
  if (response?.ok !== true) return false;
  saveBlob(name, await response.blob());
  return true;
}

function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  follow(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function follow(href: string, download: string): void {
  const link = element('a', { href, download });
  document.body.append(link);
  link.click();
  link.remove();
}

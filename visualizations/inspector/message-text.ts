import type { MessageEntry } from '../../src/inspect/entry.js';
import { element } from './element.js';
import { decodeWire, visible } from './wire-text.js';

const line = 17;
const most = 22;

/** A message as it stood on the wire, its header names set off. */
export function messageText(entry: MessageEntry): HTMLElement {
  const lines = linesOf(entry);
  const end = lines.indexOf('');
  return element(
    'pre',
    { class: 'detail', tabindex: 0, role: 'group', 'aria-label': 'Message' },
    ...lines.flatMap((text, index) => {
      const colon = index > 0 && (end < 0 || index < end) ? text.indexOf(':') : -1;
      if (index === 0) return [element('b', {}, text), '\n'];
      if (colon < 1) return [`${text}\n`];
      return [element('span', { class: 'header-name' }, text.slice(0, colon)), `${text.slice(colon)}\n`];
    }),
  );
}

/** How high it stands, in pixels. */
export const textHeight = (entry: MessageEntry): number => Math.min(most, linesOf(entry).length) * line + 26;

const linesOf = ({ text }: MessageEntry): readonly string[] =>
  visible(decodeWire(text)).trimEnd().split('\n');

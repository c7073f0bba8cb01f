export type Style = keyof typeof codes;

/** A stretch of a line; its text is printable. */
export interface Segment {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** Renders a line's segments, cut to a number of columns. */
export type Paint = (segments: readonly Segment[], columns: number) => string;

export const plain: Paint = (segments, columns) =>
  cut(segments, columns)
    .map(({ text }) => text)
    .join('')
    .trimEnd();

export const coloured: Paint = (segments, columns) =>
  cut(segments, columns)
    .map(({ text, style }) => (style === undefined ? text : `\x1b[${codes[style]}m${text}\x1b[0m`))
    .join('');

/** FORCE_COLOR wins over NO_COLOR, which wins over whether a terminal reads. */
export function wantsColours(
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = environment;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTerminal && terminal !== 'dumb';
}

/**
 * A text with nothing in it that a terminal obeys: control characters appear as pictures (ESC as ␛), and what
 * reorders, hides or splits text as �.
 */
export function printable(text: string): string {
  return text
    .replace(/[\x00-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/\x7f/g, '\u2421')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

const longest = 1_000;

/** Text of the wire, one character a byte, as UTF-8 that is printable and not endless. */
export function fromWire(text: string): string {
  const bytes = Uint8Array.from(text.slice(0, longest), (character) => character.charCodeAt(0));
  return printable(decoder.decode(bytes));
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

const codes = {
  dim: '2',
  bold: '1',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
} as const;

/** The segments, cut to a number of columns between two words where none is as long as a URI. */
function cut(segments: readonly Segment[], columns: number): readonly Segment[] {
  if (widthOfAll(segments) <= columns) return segments;
  let left = wholeWords(segments.map(({ text }) => text).join(''), columns - 1).length;
  const kept: Segment[] = [];
  for (const { text, style } of segments) {
    if (left <= 0) break;
    kept.push({ text: text.slice(0, left), style });
    left -= text.length;
  }
  return [...kept, { text: '…', style: 'dim' }];
}

/** Half of a word says something else than the word. A word longer than this is a URI, whose beginning is worth so many columns. */
const longestWord = 20;
const worthwhile = 8;

function wholeWords(text: string, columns: number): string {
  const kept = beginning(text, columns);
  const start = kept.lastIndexOf(' ') + 1;
  const word = /^[^ ]*/.exec(text.slice(start))?.[0] ?? '';
  const isWhole = start + word.length === kept.length;
  const isWorthwhile = widthOf(word) > longestWord && kept.length - start >= worthwhile;
  return isWhole || start === 0 || isWorthwhile ? kept : kept.slice(0, start);
}

function beginning(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    end += character.length;
  }
  return text.slice(0, end);
}

export const widthOfAll = (segments: readonly Segment[]): number =>
  segments.reduce((sum, { text }) => sum + widthOf(text), 0);

/** At most so many columns: letters of the scripts beyond U+1100 may take two, marks take none of their own. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    width += (character.codePointAt(0) ?? 0) < 0x1100 || isSymbol(character) ? 1 : 2;
  return width;
}

const isSymbol = (character: string) => /[\u2010-\u2bff\ufffd]/.test(character);

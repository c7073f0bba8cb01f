import { type Arrow, actionsOf, eventsOf, type State } from './chart.js';

/** How a piece of text is set: `sizes` has the size of each. */
export type Style = 'title' | 'source' | 'key' | 'event' | 'guard' | 'action';

interface Span {
  readonly text: string;
  readonly style: Style;
}

/** One row of text. Lengths are in user units of the SVG. */
export interface Row {
  readonly spans: readonly Span[];
  readonly indent: number;
  readonly width: number;
  readonly height: number;
}

/** The rows that belong to one arrow, or to a state's entry or exit. */
export interface Block {
  readonly arrow?: Arrow;
  readonly rows: readonly Row[];
  readonly width: number;
  readonly height: number;
}

export const sizes: Readonly<Record<Style, number>> = {
  title: 19,
  source: 12,
  key: 14,
  event: 12,
  guard: 12,
  action: 11,
};

export const bold: ReadonlySet<Style> = new Set(['title', 'key', 'event']);

const widest = { arrow: 190, state: 250, banner: 520 };

/** An arrow's label: its events and guard, and the actions beneath. */
export function arrowLabel(arrow: Arrow): Block {
  const head = headOf(arrow);
  const whole = row(head);
  const heads = whole.width > widest.arrow ? head.map((word) => row([word])) : [whole];
  return block([...(head.length === 0 ? [] : heads), ...rows([], actionsOf(arrow), widest.arrow)], arrow);
}

/** What a state's box lists: entry, exit, and the arrows that don't leave it. */
export function stateBody(state: State): readonly Block[] {
  const order = (keyword: string, actions: readonly string[]) =>
    actions.length === 0 ? [] : [block(rows([event(keyword)], actions, widest.state, 10))];
  return [
    ...order('entry', state.entry),
    ...order('exit', state.exit),
    ...state.internal.map((arrow) => flat(arrow, widest.state)),
  ];
}

/** An arrow of the machine itself, as the line `any state: event → target / actions`. */
export function bannerLine(arrow: Arrow): Block {
  return flat(arrow, widest.banner, [{ text: 'any state:', style: 'guard' }]);
}

/** A row of one style. */
export function text(style: Style, content: string): Row {
  return row([{ text: content, style }]);
}

/** One below the other, as wide as the widest. */
export function block(stacked: readonly Row[], arrow?: Arrow): Block {
  return {
    ...(arrow === undefined ? {} : { arrow }),
    rows: stacked,
    width: Math.max(0, ...stacked.map((each) => each.indent + each.width)),
    height: stacked.reduce((sum, each) => sum + each.height, 0),
  };
}

function flat(arrow: Arrow, most: number, before: readonly Span[] = []): Block {
  const target: readonly Span[] =
    arrow.target === undefined ? [] : [{ text: `→ ${arrow.target}`, style: 'event' }];
  return block(rows([...before, ...headOf(arrow), ...target], actionsOf(arrow), most, 10), arrow);
}

function headOf(arrow: Arrow): readonly Span[] {
  const bare = arrow.guard === undefined && arrow.actions.length === 0;
  const events = arrow.events.length === 0 && bare ? 'always' : eventsOf(arrow);
  return [
    ...(events === '' ? [] : [event(events)]),
    ...(arrow.guard === undefined ? [] : [{ text: `[${arrow.guard}]`, style: 'guard' } as const]),
  ];
}

function event(name: string): Span {
  return { text: name, style: 'event' };
}

/** `head / action, action`, broken between actions where it would be wider than `most`. */
function rows(head: readonly Span[], actions: readonly string[], most: number, hang = 0): readonly Row[] {
  const lines: Span[][] = head.length === 0 ? [] : [[...head]];
  actions.forEach((name, index) => {
    const comma = index < actions.length - 1 ? ',' : '';
    const word: Span = { text: `${index === 0 ? '/ ' : ''}${name}${comma}`, style: 'action' };
    const open = lines.at(-1);
    if (open === undefined || row([...open, word]).width > most) lines.push([word]);
    else open.push(word);
  });
  return lines.map((words, index) => row(words, index === 0 ? 0 : hang));
}

const space: Span = { text: ' ', style: 'guard' };

/** Words with a space between them. */
function row(words: readonly Span[], indent = 0): Row {
  const spans = words.flatMap((word, index) => (index === 0 ? [word] : [space, word]));
  return {
    spans,
    indent,
    width: Math.ceil(spans.reduce((sum, span) => sum + textWidth(span), 0)),
    height: Math.round(Math.max(0, ...words.map((word) => sizes[word.style])) * 1.4),
  };
}

/** An estimate: the advance widths of Helvetica and Arial and a tenth more, for fonts that are wider. */
function textWidth({ text: content, style }: Span): number {
  let units = 0;
  for (const character of content) units += advance.get(character) ?? (character > '\u2e7f' ? 1000 : 600);
  return (units / 1000) * sizes[style] * 1.1 * (bold.has(style) ? 1.07 : 1);
}

const advance = new Map(
  (
    [
      [230, "'ijl|"],
      [280, ' !,./:;I[\\]ft'],
      [340, '"()-`r{}'],
      [500, 'Jckxyzsv'],
      [560, '#$0123456789?L_abdeghnopqu§'],
      [611, 'FTZ+<=>~'],
      [670, '&ABEKPSVXY'],
      [722, 'CDHNRUw'],
      [780, 'GOQ'],
      [840, 'Mm'],
      [1000, '%@W→…'],
    ] as const
  ).flatMap(([units, characters]) => [...characters].map((character) => [character, units] as const)),
);

import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { machines } from '../../machines/index.js';
import { type Arrow, chartOf } from '../../src/draw/chart.js';
import { layOut } from '../../src/draw/layout.js';
import { toSVG } from '../../src/draw/svg.js';
import { engine } from './engine.js';
import { small, wide } from './samples.js';

const drawn = [{ name: 'small sample', machine: small }, { name: 'wide sample', machine: wide }, ...machines];

describe.each(drawn)('the SVG of $name', async ({ machine }) => {
  const chart = chartOf(machine);
  const layout = await layOut(chart, engine);
  const svg = toSVG(chart, layout);

  test('is well-formed', () => {
    expect(unclosed(svg)).toEqual([]);
  });

  test('has an element for every state, with what it orders and the clause', () => {
    for (const state of chart.states) {
      const text = textOf(svg, `data-state="${state.id}"`);
      expect(text).toContain(state.key);
      for (const action of [...state.entry, ...state.exit]) expect(text).toContain(action);
      if (state.description) expect(titles(svg)).toContain(state.description);
    }
  });

  test('has an element for every arrow, with its events, guard, actions and clause', () => {
    const all: readonly Arrow[] = [
      ...chart.arrows,
      ...chart.anywhere,
      ...chart.states.flatMap((state) => state.internal),
    ];
    for (const arrow of all) {
      const text = textOf(svg, `data-arrow="${arrow.id}" data-event="${arrow.events.join(' ')}"`);
      for (const event of arrow.events) expect(text).toContain(event === '*' ? 'any event' : event);
      if (arrow.guard) expect(text).toContain(`[${arrow.guard}]`);
      for (const action of arrow.actions) expect(text).toContain(action);
      if (arrow.description) expect(titles(svg)).toContain(arrow.description);
    }
  });

  test('has one line with a head for every line of the layout and one dot for every initial state', () => {
    expect(svg.match(/<path class="line"[^>]* marker-end=/g)).toHaveLength(layout.lines.length);
    expect(svg.match(/<circle class="dot"/g)).toHaveLength(layout.dots.size);
  });

  test('is the same for the same machine', async () => {
    const again = chartOf(machine);
    expect(toSVG(again, await layOut(again, engine))).toBe(svg);
  });
});

describe('an SVG', () => {
  test('lights a state and the states around it', async () => {
    const chart = chartOf(wide);
    const svg = toSVG(chart, await layOut(chart, engine), { highlight: 'active.spacing' });
    const lit = [...svg.matchAll(/<g class="state [a-z]+ active" data-state="([^"]+)"/g)].map(([, id]) => id);
    expect(lit).toEqual(['active', 'active.spacing']);
  });

  test('has the machine, its RFC sections and the arrows that any state has at its head', async () => {
    const chart = chartOf(small);
    const svg = toSVG(chart, await layOut(chart, engine));
    const text = textOf(svg, '<svg');
    expect(text).toContain('small');
    expect(text).toContain('RFC 3261 §17.2; RFC 4320');
    expect(text).toContain('any state: transportError → terminated / report');
    expect(text).toContain('any state: unknown / report');
  });

  test('is light or dark as the reader asks', async () => {
    const chart = chartOf(small);
    expect(toSVG(chart, await layOut(chart, engine))).toContain('@media(prefers-color-scheme:dark)');
  });

  test.each([
    ['light', 0],
    ['dark', 1],
  ] as const)('is readable in its %s colours (WCAG 2.2 §1.4.3, §1.4.11, level AA)', async (_, scheme) => {
    const chart = chartOf(small);
    const [, css] = /<style>(.*)<\/style>/.exec(toSVG(chart, await layOut(chart, engine)))!;
    const colour = coloursOf(css!.split('@media(prefers-color-scheme:dark){')[scheme]!);
    const texts = ['text fill', '.source,.action fill', '.guard fill'];
    const grounds = ['.canvas,.label fill', '.box fill', '.bar fill', '.active>.box fill'];
    const pairs = [
      ...texts.flatMap((text) => grounds.map((ground) => [text, ground, 4.5] as const)),
      ['.line stroke', '.canvas,.label fill', 3],
      ['.box stroke', '.canvas,.label fill', 3],
      ['.box stroke', '.box fill', 3],
      ['.active>.box stroke', '.canvas,.label fill', 3],
      ['.active>.box stroke', '.active>.box fill', 3],
    ] as const;
    const faint = pairs.filter(([ink, ground, least]) => contrast(colour(ink), colour(ground)) < least);
    expect(faint).toEqual([]);
  });

  test('writes what XML would read as syntax by its number', async () => {
    const description = '1 < 2 & "3" > 2';
    const machine = createMachine({ id: 'a&b', initial: 'x<y', states: { 'x<y': { description } } });
    const chart = chartOf(machine);
    const svg = toSVG(chart, await layOut(chart, engine));
    expect(unclosed(svg)).toEqual([]);
    expect(svg).toContain('<title>1 &#60; 2 &#38; &#34;3&#34; &#62; 2</title>');
    expect(svg).toContain('data-state="x&#60;y"');
  });
});

/** The colours that a style sheet sets, by selector and property. */
function coloursOf(css: string): (name: string) => string {
  const colours = new Map<string, string>();
  for (const [, selector, declarations = ''] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g))
    for (const [, property, value = ''] of declarations.matchAll(/([a-z-]+):(#[0-9a-f]{6})/g))
      colours.set(`${selector} ${property}`, value);
  return (name) => {
    const colour = colours.get(name);
    if (colour === undefined) throw new Error(`no colour is set for ${name}`);
    return colour;
  };
}

/** The contrast ratio of WCAG 2.2. */
function contrast(one: string, other: string): number {
  const [dark = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The text of every element whose opening tag holds `mark`. */
function textOf(svg: string, mark: string): string {
  const texts: string[] = [];
  let depth = 0;
  for (const [, tag = '', text = ''] of svg.matchAll(/<([^>]+)>([^<]*)/g)) {
    const closing = tag.startsWith('/');
    const alone = tag.endsWith('/');
    if (depth > 0 || `<${tag}`.includes(mark)) {
      texts.push(text);
      if (!alone) depth += closing ? -1 : 1;
    }
  }
  return texts.join('').replaceAll('&#60;', '<').replaceAll('&#62;', '>');
}

function titles(svg: string): readonly string[] {
  return [...svg.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title!);
}

/** The elements that are not closed in order; the attributes of all must be of the form that XML asks for. */
function unclosed(svg: string): readonly string[] {
  const open: string[] = [];
  for (const [tag, slash, name, attributes = '', alone] of svg.matchAll(/<(\/?)([a-z]+)([^>]*?)(\/?)>/gi)) {
    expect(attributes, tag).toMatch(/^( [a-zA-Z:-]+="[^"<]*")*$/);
    if (slash && open.pop() !== name) return [`${name} closed`];
    if (!slash && !alone) open.push(name!);
  }
  expect(svg.replace(/<[^>]+>|&#\d+;/g, '')).not.toMatch(/<style>|[<&]/);
  return open;
}

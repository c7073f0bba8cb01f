import { type Arrow, type Chart, lineage, type State } from './chart.js';
import { type Block, bannerLine, block, bold, type Row, type Style, sizes, text } from './label.js';
import {
  type Box,
  barHeight,
  gap,
  type Layout,
  type Line,
  type Point,
  padding,
  sharedLabel,
  stateLabel,
} from './layout.js';

/**
 * Draws a chart where its layout puts it. Light or dark follows `prefers-color-scheme`.
 * Every element of a state has `data-state`, its path; every element of an arrow (line, label) has `data-arrow`, its id,
 * and `data-event`, its events separated by spaces; the state that is lit, and those around it, have the class `active`.
 */
export function toSVG(chart: Chart, layout: Layout, options: { readonly highlight?: string } = {}): string {
  const head = header(chart);
  const width = Math.max(layout.width, head.width + 2 * margin);
  const height = head.height + 2 * margin + layout.height;
  const left = Math.round((width - layout.width) / 2);
  const tip = `${chart.id}-arrowhead`;
  const svg = `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(chart.id)}" data-machine="${escaped(chart.id)}">`,
    `<style>${css}</style>`,
    `<defs><marker id="${escaped(tip)}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="tip" d="M0 1L10 5L0 9z"/></marker></defs>`,
    `<rect class="canvas" width="${width}" height="${height}" rx="12"/>`,
    ...head.elements,
    `<g transform="translate(${left} ${head.height + 2 * margin - 12})">`,
    ...chart.states.map((state) => drawState(state, layout.states.get(state.id)!)),
    ...[...layout.dots.values()].map(drawDot),
    ...layout.lines.map((line) => drawLine(line, tip)),
    ...layout.lines.flatMap(drawLabel),
    ...chart.states.map((state) => drawTexts(state, layout)),
    '</g>',
    '</svg>',
  ]
    .filter((element) => element !== '')
    .join('\n')}\n`;
  return lightSVG(svg, options.highlight === undefined ? [] : lineage(chart, options.highlight));
}

/** The same picture with these states lit. */
export function lightSVG(picture: string, states: readonly string[]): string {
  return states.reduce((svg, id) => {
    const mark = `" data-state="${escaped(id)}"`;
    return svg.replaceAll(mark, () => ` active${mark}`);
  }, picture);
}

const margin = 20;

function header(chart: Chart) {
  const title = block([text('title', chart.id), ...sources(chart.description)]);
  const blocks = [title, ...chart.anywhere.map(bannerLine)];
  const stacked = place(blocks, margin, margin, 6);
  return {
    elements: stacked.map(({ each, x, y }) => drawBlock(each, x, y)),
    width: Math.max(...blocks.map((each) => each.width)),
    height: blocks.reduce((sum, each) => sum + each.height, 0) + 6 * (blocks.length - 1),
  };
}

/** A row for every three sections, so that the head stays narrow. */
function sources(description: string | undefined): readonly Row[] {
  const sections = description?.split('; ') ?? [];
  return Array.from({ length: Math.ceil(sections.length / 3) }, (_, index) =>
    text('source', sections.slice(3 * index, 3 * index + 3).join('; ')),
  );
}

function drawState(state: State, box: Box): string {
  const { body } = stateLabel(state);
  const bar = barHeight(state);
  return [
    `<g class="state ${state.kind}" data-state="${escaped(state.id)}">`,
    hover(state.description),
    rect(box, state.kind === 'compound' ? 12 : 10, 'box'),
    state.kind === 'compound' ? titleBar(box, bar) : drawStateText(state, box),
    state.kind === 'final' ? rect(shrink(box, 3), 7, 'inner') : '',
    state.kind !== 'compound' && body.length > 0 ? rule(box, bar) : '',
    '</g>',
  ].join('');
}

/** What a compound state says is drawn after the lines that come near it. */
function drawTexts(state: State, layout: Layout): string {
  const texts = layout.texts.get(state.id);
  if (texts === undefined) return '';
  const { name, body } = stateLabel(state);
  return [
    `<g class="over" data-state="${escaped(state.id)}">`,
    drawBlock(name, texts.name.x, texts.name.y),
    texts.body === undefined ? '' : drawBlocks(body, texts.body.x, texts.body.y),
    '</g>',
  ].join('');
}

function drawStateText(state: State, box: Box): string {
  const { name, body } = stateLabel(state);
  const top = box.y + padding.body;
  return [
    drawBlock(name, box.x + box.width / 2, top, 'middle'),
    drawBlocks(body, box.x + padding.state, top + name.height + 2 * padding.body),
  ].join('');
}

function drawBlocks(blocks: readonly Block[], left: number, top: number): string {
  return place(blocks, left, top, gap)
    .map(({ each, x, y }) => drawBlock(each, x, y))
    .join('');
}

function titleBar(box: Box, bar: number): string {
  const { x, y, width } = box;
  const right = x + width;
  return `<path class="bar" d="M${n(x)} ${n(y + bar)}V${n(y + 12)}A12 12 0 0 1 ${n(x + 12)} ${n(y)}H${n(right - 12)}A12 12 0 0 1 ${n(right)} ${n(y + 12)}V${n(y + bar)}z"/>`;
}

function rule(box: Box, bar: number): string {
  return `<path class="rule" d="M${n(box.x)} ${n(box.y + bar)}h${n(box.width)}"/>`;
}

function drawDot(box: Box): string {
  const radius = box.width / 2;
  return `<circle class="dot" cx="${n(box.x + radius)}" cy="${n(box.y + radius)}" r="${n(radius - 1)}"/>`;
}

function drawLine({ arrows, points }: Line, tip: string): string {
  const path = `<path class="line" d="${rounded(points)}" marker-end="url(#${escaped(tip)})"/>`;
  return arrows.reduceRight((inner, arrow) => `<g ${data(arrow)}>${inner}</g>`, path);
}

function drawLabel({ arrows, label }: Line): readonly string[] {
  if (label === undefined) return [];
  const { blocks, height } = sharedLabel(arrows);
  const top = label.y + (label.height - height) / 2;
  return [
    rect(label, 4, 'label'),
    ...place(blocks, label.x + label.width / 2, top, gap).map(({ each, x, y }) =>
      drawBlock(each, x, y, 'middle'),
    ),
  ];
}

function drawBlock(each: Block, x: number, y: number, anchor: 'start' | 'middle' = 'start'): string {
  let top = y;
  const rows = each.rows.map((row) => {
    const drawn = drawRow(row, x + row.indent, top, anchor);
    top += row.height;
    return drawn;
  });
  return each.arrow === undefined
    ? rows.join('')
    : `<g class="arrow" ${data(each.arrow)}>${hover(each.arrow.description)}${rows.join('')}</g>`;
}

function drawRow(row: Row, x: number, y: number, anchor: 'start' | 'middle'): string {
  const size = Math.max(...row.spans.map((span) => sizes[span.style]));
  const baseline = y + (row.height + size * 0.72) / 2;
  const spans = row.spans.map(
    ({ text: content, style }) => `<tspan class="${style}">${escaped(content)}</tspan>`,
  );
  const middle = anchor === 'middle' ? ' text-anchor="middle"' : '';
  return `<text x="${n(x)}" y="${n(baseline)}"${middle} xml:space="preserve">${spans.join('')}</text>`;
}

function place(blocks: readonly Block[], x: number, y: number, between: number) {
  let top = y;
  return blocks.map((each) => {
    const placed = { each, x, y: top };
    top += each.height + between;
    return placed;
  });
}

/** A path through the points whose corners are round. */
function rounded(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let previous = first;
  let path = `M${n(first.x)} ${n(first.y)}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    if (next === undefined) {
      path += `L${n(point.x)} ${n(point.y)}`;
    } else {
      const radius = Math.min(7, distance(previous, point) / 2, distance(point, next) / 2);
      const before = towards(point, previous, radius);
      const after = towards(point, next, radius);
      path += `L${n(before.x)} ${n(before.y)}Q${n(point.x)} ${n(point.y)} ${n(after.x)} ${n(after.y)}`;
    }
    previous = point;
  });
  return path;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, length: number): Point {
  const share = length / (distance(from, to) || 1);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function shrink({ x, y, width, height }: Box, by: number): Box {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

function rect({ x, y, width, height }: Box, radius: number, name: string): string {
  return `<rect class="${name}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${radius}"/>`;
}

function data(arrow: Arrow): string {
  return `data-arrow="${escaped(arrow.id)}" data-event="${escaped(arrow.events.join(' '))}"`;
}

function hover(description: string | undefined): string {
  return description === undefined ? '' : `<title>${escaped(description)}</title>`;
}

function n(length: number): string {
  return String(Math.round(length * 10) / 10);
}

function escaped(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const fonts = `-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Liberation Sans',sans-serif`;

interface Colours {
  readonly canvas: string;
  readonly ink: string;
  readonly quiet: string;
  readonly guard: string;
  readonly line: string;
  readonly box: string;
  readonly border: string;
  readonly bar: string;
  readonly active: string;
  readonly activeBorder: string;
}

const light: Colours = {
  canvas: '#ffffff',
  ink: '#1f2430',
  quiet: '#5b6475',
  guard: '#8a4b08',
  line: '#6b7690',
  box: '#eef3fc',
  border: '#7189b6',
  bar: '#e3e9f5',
  active: '#ffe9a8',
  activeBorder: '#a87400',
};

const dark: Colours = {
  canvas: '#14171f',
  ink: '#e8ecf4',
  quiet: '#a3adc0',
  guard: '#f0b46c',
  line: '#8592ad',
  box: '#232c40',
  border: '#6f88b8',
  bar: '#262e40',
  active: '#4b3b0f',
  activeBorder: '#f2c14e',
};

function colours(c: Colours): string {
  return [
    `.canvas,.label{fill:${c.canvas}}`,
    `text{fill:${c.ink}}`,
    `.source,.action{fill:${c.quiet}}`,
    `.guard{fill:${c.guard}}`,
    `.line{stroke:${c.line}}`,
    `.tip{fill:${c.line}}`,
    `.dot{fill:${c.ink}}`,
    `.box{fill:${c.box};stroke:${c.border}}`,
    `.inner,.rule{stroke:${c.border}}`,
    `.compound>.box{fill:${c.canvas}}`,
    `.bar{fill:${c.bar}}`,
    `.over tspan{stroke:${c.canvas}}.over .key{stroke:${c.bar}}`,
    `.active>.box{fill:${c.active};stroke:${c.activeBorder}}`,
    `.active.compound>.box{fill:${c.canvas}}`,
    `.active>.bar{fill:${c.active}}`,
    `.over.active .key{stroke:${c.active}}`,
  ].join('');
}

const css = [
  `text{font-family:${fonts}}`,
  ...Object.entries(sizes).map(
    ([style, size]) => `.${style}{font-size:${size}px${bold.has(style as Style) ? ';font-weight:600' : ''}}`,
  ),
  '.line{fill:none;stroke-width:1.4}.box{stroke-width:1.4}.inner,.rule{fill:none;stroke-width:1}.over tspan{stroke-width:5px;stroke-linejoin:round;paint-order:stroke}',
  colours(light),
  `@media(prefers-color-scheme:dark){${colours(dark)}}`,
].join('');

import { clock } from './duration.js';
import { type Geometry, geometryOf, heights, type Mark, marksOf } from './ladder-marks.js';
import type { Ladder, LadderRow } from './ladder-rows.js';

const head = 64;
const laneWidth = 170;

/** A ladder as a picture that stands by itself. */
export function ladderPicture({ peers, rows }: Pick<Ladder, 'peers' | 'rows'>, title: string): string {
  const geometry = geometryOf(laneWidth * (peers.length + 4) + 60, peers);
  const height = head + rows.reduce((sum, { kind }) => sum + heights[kind], 0) + 16;
  const { width } = geometry;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${css}</style>`,
    `<rect class="canvas" width="${width}" height="${height}" rx="10"/>`,
    `<text class="title" x="16" y="26">${escaped(title)}</text>`,
    ...geometry.lanes.map(
      ({ name, x }) =>
        `<path class="life" d="M${x} ${head - 2}V${height - 8}"/><text class="lane" x="${x}" y="${head - 10}" text-anchor="middle">${escaped(name)}</text>`,
    ),
    ...drawRows(rows, geometry),
    '</svg>',
  ].join('\n')}\n`;
}

function drawRows(rows: readonly LadderRow[], geometry: Geometry): readonly string[] {
  let top = head;
  return rows.map((row) => {
    const marks = marksOf(row, geometry, clock(row.at)).map((mark) => drawMark(mark, top));
    top += heights[row.kind];
    return `<g>${marks.join('')}</g>`;
  });
}

function drawMark(mark: Mark, top: number): string {
  const y = top + mark.y;
  switch (mark.kind) {
    case 'arrow': {
      const side = mark.to > mark.from ? -1 : 1;
      const tip = `M${mark.to} ${y}l${side * 8} -4v8z`;
      return `<path class="arrow ${mark.look}" d="M${mark.from} ${y}H${mark.to + side * 6}"/><path class="tip ${mark.look}" d="${tip}"/>`;
    }
    case 'text': {
      const spans = mark.segments.map(
        ({ text, style = 'plain' }) => `<tspan class="${style}">${escaped(text)}</tspan>`,
      );
      return `<text class="${mark.look}" x="${mark.x}" y="${y + 4}" text-anchor="${mark.anchor}" xml:space="preserve">${spans.join('')}</text>`;
    }
    case 'pill': {
      const name = mark.name === '' ? '' : `<tspan class="name">${escaped(mark.name)} </tspan>`;
      return `<rect class="pill ${mark.look}" x="${mark.x - mark.width / 2}" y="${y - 10}" width="${mark.width}" height="20" rx="10"/><text class="in" x="${mark.x}" y="${y + 4}" text-anchor="middle" xml:space="preserve">${name}${escaped(mark.text)}</text>`;
    }
  }
}

/** What XML does not admit is left out. */
const escaped = (text: string) =>
  text
    .replace(
      /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '\ufffd',
    )
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

interface Colours {
  readonly canvas: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly pill: string;
  readonly lit: string;
  readonly green: string;
  readonly blue: string;
  readonly red: string;
  readonly amber: string;
}

const light: Colours = {
  canvas: '#ffffff',
  ink: '#1c2230',
  quiet: '#667085',
  line: '#d5dbe6',
  pill: '#eef2fa',
  lit: '#fff0c2',
  green: '#157f4a',
  blue: '#1f62c9',
  red: '#c4322b',
  amber: '#9a6200',
};

const dark: Colours = {
  canvas: '#12151c',
  ink: '#e6eaf2',
  quiet: '#98a2b5',
  line: '#323a4a',
  pill: '#212938',
  lit: '#4b3d14',
  green: '#53c98b',
  blue: '#79aefc',
  red: '#ff8078',
  amber: '#f0b755',
};

const colours = (c: Colours) =>
  [
    `.canvas{fill:${c.canvas}}text{fill:${c.ink}}.time,.lane,.name,.dim,.pass,text.timer{fill:${c.quiet}}`,
    `.life,.arrow.pass{stroke:${c.line}}.tip.pass{fill:${c.quiet}}.arrow.pass{stroke:${c.quiet}}`,
    `.arrow.received{stroke:${c.green}}.tip.received,.green{fill:${c.green}}`,
    `.arrow.sent{stroke:${c.blue}}.tip.sent,.blue,.cyan{fill:${c.blue}}`,
    `.arrow.again{stroke:${c.amber}}.tip.again,.yellow,.magenta{fill:${c.amber}}`,
    `.arrow.failure{stroke:${c.red}}.tip.failure,.red,text.failure{fill:${c.red}}`,
    `.pill{fill:${c.pill};stroke:${c.line}}.pill.change,.pill.start{fill:${c.lit}}.pill.failure{stroke:${c.red}}`,
  ].join('');

const css = [
  "text{font:11.5px -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}",
  '.title{font-size:15px;font-weight:600}.bold,.in{font-weight:600}.in{font-size:11px}.name{font-weight:400}.time{font-size:10px}',
  '.arrow{fill:none;stroke-width:1.6}.arrow.again{stroke-dasharray:5 4}.life{stroke-width:1}.pill.stay{fill:none}',
  colours(light),
  `@media(prefers-color-scheme:dark){${colours(dark)}}`,
].join('');

/** A machine's picture as it ships, and its own style. */
export interface ChartPicture {
  readonly svg: SVGSVGElement;
  readonly style: string;
  readonly width: number;
  readonly height: number;
}

const pictures = new Map<string, Promise<ChartPicture | undefined>>();

/** Fetches a machine's picture once; undefined where there is none. */
export function chartPicture(name: string): Promise<ChartPicture | undefined> {
  const before = pictures.get(name);
  if (before !== undefined) return before;
  const picture = fetchPicture(name).catch(() => {
    pictures.delete(name);
    return undefined;
  });
  pictures.set(name, picture);
  return picture;
}

async function fetchPicture(name: string): Promise<ChartPicture | undefined> {
  const response = await fetch(`charts/${encodeURIComponent(name)}.svg`);
  return response.ok ? readPicture(await response.text()) : undefined;
}

/** What a picture may consist of. */
const elements = new Set(['svg', 'g', 'rect', 'path', 'circle', 'text', 'tspan', 'title', 'defs', 'marker']);
const unwanted = /^(on|href$|xlink:|style$|src$)/i;

/** Its style is taken out before it is read: the page's policy admits none in a document. */
function readPicture(text: string): ChartPicture | undefined {
  const [, style = ''] = /<style>([^<]*)<\/style>/.exec(text) ?? [];
  const parsed = new DOMParser().parseFromString(
    text.replace(/<style\b[\s\S]*?<\/style>/g, ''),
    'image/svg+xml',
  );
  const svg = parsed.documentElement;
  if (!(svg instanceof SVGSVGElement)) return undefined;
  for (const inner of [...svg.querySelectorAll('*')]) if (!elements.has(inner.localName)) inner.remove();
  for (const inner of [svg, ...svg.querySelectorAll('*')])
    for (const { name } of [...inner.attributes]) if (unwanted.test(name)) inner.removeAttribute(name);
  const { width, height } = svg.viewBox.baseVal;
  return { svg: document.adoptNode(svg), style, width, height };
}

/** Lights a state, with those around it, and the arrows that were taken. */
export function light(svg: SVGSVGElement, states: readonly string[], arrows: readonly string[]): void {
  for (const state of svg.querySelectorAll('[data-state]'))
    state.classList.toggle('active', states.includes(state.getAttribute('data-state') ?? ''));
  for (const arrow of svg.querySelectorAll('[data-arrow]'))
    arrow.classList.toggle('taken', arrows.includes(arrow.getAttribute('data-arrow') ?? ''));
}

/** How a taken arrow looks; the picture's own style has no word for it. */
export const takenStyle = [
  '.taken>.line,.taken .line{stroke:#c26a00;stroke-width:2}',
  '.taken tspan{fill:#a85500;font-weight:600}',
  '.active>.box{stroke-width:2.6}',
  '.tip{fill:context-stroke}',
  '@media(prefers-color-scheme:dark){.taken>.line,.taken .line{stroke:#ffb454}.taken tspan{fill:#ffc478}}',
].join('');

/** The picture as it is lit, as a file that stands by itself. */
export function standalone(svg: SVGSVGElement, { style }: ChartPicture): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const sheet = document.createElementNS('http://www.w3.org/2000/svg', 'style');
  sheet.textContent = style + takenStyle;
  copy.removeAttribute('class');
  copy.prepend(sheet);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

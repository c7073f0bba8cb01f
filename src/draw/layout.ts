import { type Arrow, type Chart, lineage, type State, sharedArrows } from './chart.js';
import { arrowLabel, type Block, block, stateBody, text } from './label.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Where everything of a chart lies; the drawing's corner is 0, 0, lengths are user units of the SVG. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** By state. */
  readonly states: ReadonlyMap<string, Box>;
  /** By compound state. */
  readonly texts: ReadonlyMap<string, CompoundTexts>;
  /** The dots that point at initial states, by the state that holds them: the machine's is ''. */
  readonly dots: ReadonlyMap<string, Box>;
  readonly lines: readonly Line[];
}

/** Where a compound state's name stands, and what else it lists. */
interface CompoundTexts {
  readonly name: Box;
  readonly body?: Box;
}

/** One drawn line. Arrows between the same two states share it; a dot's line has none. */
export interface Line {
  readonly arrows: readonly Arrow[];
  readonly points: readonly Point[];
  readonly label?: Box;
}

/** The part of elkjs that is needed: `new ELK()` is one. */
export interface LayoutEngine {
  layout(graph: GraphNode): Promise<PlacedNode>;
}

interface GraphNode {
  readonly id: string;
  readonly width?: number;
  readonly height?: number;
  readonly layoutOptions?: Record<string, string>;
  readonly children?: GraphNode[];
  readonly edges?: GraphEdge[];
}

interface GraphEdge {
  readonly id: string;
  readonly sources: string[];
  readonly targets: string[];
  readonly labels?: {
    readonly text: string;
    readonly width: number;
    readonly height: number;
    readonly layoutOptions: Record<string, string>;
  }[];
  readonly layoutOptions?: Record<string, string>;
}

interface Placed {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
}

interface PlacedNode extends Placed {
  readonly id: string;
  readonly children?: readonly PlacedNode[];
  readonly edges?: readonly {
    readonly id: string;
    readonly labels?: readonly Placed[];
    readonly sections?: readonly {
      readonly startPoint: Point;
      readonly endPoint: Point;
      readonly bendPoints?: readonly Point[];
    }[];
  }[];
}

/** The room inside a box on each side of its text, and the least room around a label's. */
export const padding = { state: 12, body: 8, label: 4 };

/** Lays a chart out. The same chart gives the same layout. */
export async function layOut(chart: Chart, engine: LayoutEngine): Promise<Layout> {
  const lines = linesOf(chart);
  const placed = await engine.layout(graphOf(chart, lines));
  const boxes = new Map(boxesOf(placed));
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  const holders = [
    '',
    ...chart.states.filter((state) => state.initial !== undefined).map((state) => state.id),
  ];
  const drawn = lines.map(({ id, arrows }) => {
    const { sections = [], labels = [] } = edges.get(id)!;
    return {
      arrows,
      points: sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
        [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: round(x), y: round(y) })),
      ),
      ...(labels[0] === undefined ? {} : { label: boxOf(labels[0]) }),
    };
  });
  const states = new Map(chart.states.map((state) => [state.id, boxes.get(stateId(state.id))!]));
  const compounds = chart.states.filter(({ kind }) => kind === 'compound');
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    states,
    texts: new Map(compounds.map((state) => [state.id, textsIn(states.get(state.id)!, state, drawn)])),
    dots: new Map(holders.map((holder) => [holder, boxes.get(dotId(holder))!])),
    lines: drawn,
  };
}

/** What a compound state says keeps to the left, as far as lines that lead into the state leave room there. */
function textsIn(around: Box, state: State, lines: readonly Line[]): CompoundTexts {
  const { name, body } = stateLabel(state);
  const bar = barHeight(state);
  const below = { ...stack(body), y: around.y + bar + padding.body };
  return {
    name: leftmost(around, { width: name.width, height: name.height, y: around.y + padding.body }, lines),
    ...(body.length === 0 ? {} : { body: leftmost(around, below, lines) }),
  };
}

function leftmost(around: Box, { width, height, y }: Omit<Box, 'x'>, lines: readonly Line[]): Box {
  const left = around.x + padding.state;
  const crossing = lines
    .flatMap(({ points }) => points.slice(1).map((end, index) => [points[index]!, end] as const))
    .filter(([start, end]) => Math.min(start.y, end.y) < y + height && Math.max(start.y, end.y) > y)
    .map(([start, end]) => [Math.min(start.x, end.x), Math.max(start.x, end.x)] as const);
  const isFree = (x: number) =>
    x + width + padding.body <= around.x + around.width &&
    crossing.every(([from, to]) => to <= x - padding.label || from >= x + width + padding.label);
  const places = [left, ...crossing.map(([, to]) => to + padding.body).filter((x) => x > left)];
  return { x: places.sort((one, other) => one - other).find(isFree) ?? left, y, width, height };
}

/** The blocks of a label that several arrows share, one below the other. */
export function sharedLabel(
  arrows: readonly Arrow[],
): { readonly blocks: readonly Block[] } & Pick<Box, 'width' | 'height'> {
  const blocks = arrows.map(arrowLabel);
  return { blocks, ...stack(blocks) };
}

/** A state's name and, under it, what its box lists. */
export function stateLabel(state: State): {
  readonly name: Block;
  readonly body: readonly Block[];
} & Pick<Box, 'width' | 'height'> {
  const name = block([text('key', state.key)]);
  const body = stateBody(state);
  const { width, height } = stack(body);
  return {
    name,
    body,
    width: Math.max(name.width, width) + 2 * padding.state,
    height: name.height + 2 * padding.body + (body.length === 0 ? 0 : height + 2 * padding.body),
  };
}

/** Of the strip at the top of a state's box, which holds its name. */
export const barHeight = (state: State): number => stateLabel(state).name.height + 2 * padding.body;

/** The room between two blocks of a stack. */
export const gap = 4;

function stack(blocks: readonly Block[]): Pick<Box, 'width' | 'height'> {
  return {
    width: Math.max(0, ...blocks.map((each) => each.width)),
    height: blocks.reduce((sum, each) => sum + each.height, 0) + gap * Math.max(0, blocks.length - 1),
  };
}

interface Edge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly arrows: readonly Arrow[];
}

function linesOf(chart: Chart): readonly Edge[] {
  const holders = [{ id: '', initial: chart.initial }, ...chart.states];
  const initial = holders.flatMap(({ id, initial }) =>
    initial === undefined ? [] : [{ id: `${id}.`, source: dotId(id), target: stateId(initial), arrows: [] }],
  );
  const shared = sharedArrows(chart).map((arrows) => {
    const [{ source, target }] = arrows;
    return { id: `${source} → ${target}`, source: stateId(source), target: stateId(target!), arrows };
  });
  return [...initial, ...shared];
}

const dotSize = 14;

const rootOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.padding': '[top=12,left=12,bottom=12,right=12]',
};

const everyOptions = {
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.considerModelOrder.strategy': 'PREFER_EDGES',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.nodePlacement.favorStraightEdges': 'true',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '6',
  'elk.spacing.labelNode': '12',
  'elk.layered.spacing.nodeNodeBetweenLayers': '28',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
};

function graphOf(chart: Chart, lines: readonly Edge[]): GraphNode {
  const order = chart.states.map((state) => stateId(state.id));
  return {
    id: 'chart',
    layoutOptions: { ...everyOptions, ...rootOptions },
    children: childrenOf(chart, undefined),
    edges: [...lines.map((line) => edgeOf(line, order)), ...tiesOf(chart)],
  };
}

function edgeOf({ id, source, target, arrows }: Edge, order: readonly string[]): GraphEdge {
  const forward = order.indexOf(source) < order.indexOf(target);
  const { width, height } = sharedLabel(arrows);
  const room = {
    text: id,
    width: width + 2 * padding.label,
    height: height + 2 * padding.label,
    layoutOptions: { 'elk.edgeLabels.inline': 'true' },
  };
  return {
    id,
    sources: [source],
    targets: [target],
    labels: arrows.length === 0 ? [] : [room],
    layoutOptions: { 'elk.layered.priority.direction': forward ? '10' : '0' },
  };
}

/** A state that only arrows of the machine itself lead to is tied below the one before it; the tie is not drawn. */
function tiesOf(chart: Chart): readonly GraphEdge[] {
  const reached = new Set(chart.arrows.flatMap(({ target = '' }) => lineage(chart, target)));
  const siblings = chart.states.filter(({ parent }) => parent === undefined);
  return siblings.flatMap(({ id }, index) => {
    const before = siblings[index - 1];
    if (before === undefined || reached.has(id) || chart.initial.startsWith(id)) return [];
    return [{ id: `tie ${id}`, sources: [stateId(before.id)], targets: [stateId(id)] }];
  });
}

function childrenOf(chart: Chart, parent: string | undefined): GraphNode[] {
  const dot = { id: dotId(parent ?? ''), width: dotSize, height: dotSize };
  return [
    dot,
    ...chart.states.filter((state) => state.parent === parent).map((state) => nodeOf(chart, state)),
  ];
}

function nodeOf(chart: Chart, state: State): GraphNode {
  const { width, height } = stateLabel(state);
  if (state.kind !== 'compound') return { id: stateId(state.id), width: Math.max(width, narrowest), height };
  const widest = Math.max(
    narrowest,
    ...chart.states.filter(({ parent }) => parent === state.id).map((child) => stateLabel(child).width),
  );
  const right = Math.max(margin, Math.ceil(width - margin - widest));
  return {
    id: stateId(state.id),
    layoutOptions: {
      ...everyOptions,
      'elk.padding': `[top=${height + 16},left=${margin},bottom=${margin},right=${right}]`,
    },
    children: childrenOf(chart, state.id),
  };
}

const narrowest = 96;

/** Between a compound state and what it holds; wider on the right where its own text asks for it. */
const margin = 20;

function* boxesOf(node: PlacedNode): Generator<readonly [string, Box]> {
  for (const child of node.children ?? []) {
    yield [child.id, boxOf(child)];
    yield* boxesOf(child);
  }
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Placed): Box {
  return { x: round(x), y: round(y), width: round(width), height: round(height) };
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}

function stateId(id: string): string {
  return `state ${id}`;
}

function dotId(holder: string): string {
  return `dot ${holder}`;
}

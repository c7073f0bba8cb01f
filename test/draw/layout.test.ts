import { describe, expect, test } from 'vitest';
import { dialog, machines } from '../../machines/index.js';
import { type Chart, chartOf, lineage } from '../../src/draw/chart.js';
import {
  type Box,
  type Layout,
  type Line,
  layOut,
  type Point,
  sharedLabel,
  stateLabel,
} from '../../src/draw/layout.js';
import { engine } from './engine.js';
import { small, wide } from './samples.js';

const drawn = [{ name: 'small sample', machine: small }, { name: 'wide sample', machine: wide }, ...machines];

describe.each(drawn)('the layout of $name', async ({ machine }) => {
  const chart = chartOf(machine);
  const layout = await layOut(chart, engine);

  test('places every state, every dot and every arrow', () => {
    expect([...layout.states.keys()]).toEqual(chart.states.map((state) => state.id));
    expect([...layout.dots.values()].every((dot) => dot.width > 0)).toBe(true);
    expect(layout.lines.flatMap((line) => line.arrows.map((arrow) => arrow.id)).sort()).toEqual(
      chart.arrows.map((arrow) => arrow.id).sort(),
    );
    expect(layout.lines.filter((line) => line.points.length < 2)).toEqual([]);
  });

  test('lets no two states, dots or labels overlap', () => {
    const pieces = piecesOf(chart, layout);
    const overlapping = pieces.flatMap((one, index) =>
      pieces
        .slice(index + 1)
        .filter((other) => overlap(one.box, other.box))
        .map((other) => [one.name, other.name]),
    );
    expect(overlapping).toEqual([]);
  });

  test('leaves room for what every state and label says', () => {
    for (const state of chart.states) {
      expect(holds(layout.states.get(state.id)!, stateLabel(state)), state.id).toBe(true);
    }
    for (const line of layout.lines) {
      if (line.label) expect(holds(line.label, sharedLabel(line.arrows)), labelName(line)).toBe(true);
    }
    for (const [id, { name, body }] of layout.texts) {
      const label = stateLabel(chart.states.find((state) => state.id === id)!);
      expect(holds(name, label.name), id).toBe(true);
      expect(body === undefined, id).toBe(label.body.length === 0);
    }
  });

  test('keeps every child inside its parent and everything inside the drawing', () => {
    const whole = { x: 0, y: 0, width: layout.width, height: layout.height };
    for (const { id, parent } of chart.states) {
      const around = parent === undefined ? whole : layout.states.get(parent)!;
      expect(inside(layout.states.get(id)!, around), id).toBe(true);
    }
    for (const [id, { name, body = name }] of layout.texts) {
      expect(inside(name, layout.states.get(id)!), id).toBe(true);
      expect(inside(body, layout.states.get(id)!), id).toBe(true);
    }
    for (const { label } of layout.lines) if (label) expect(inside(label, whole)).toBe(true);
  });

  test('leads every line from its source to its target and around everything else', () => {
    for (const line of layout.lines) {
      const [arrow] = line.arrows;
      if (arrow?.target === undefined) continue;
      expect(touches(line.points[0]!, layout.states.get(arrow.source)!), arrow.id).toBe(true);
      expect(touches(line.points.at(-1)!, layout.states.get(arrow.target)!), arrow.id).toBe(true);
      const own = labelName(line);
      const crossed = piecesOf(chart, layout).filter(
        (piece) => piece.name !== own && crosses(line, piece.box),
      );
      expect(crossed.map((piece) => `${arrow.id} over ${piece.name}`)).toEqual([]);
    }
  });

  test('leads no line along another or along the side of a state', () => {
    const stretches = layout.lines.flatMap((line, index) =>
      stretchesOf(line).map((stretch) => ({ of: `line ${index}`, ...stretch })),
    );
    const sides = chart.states.flatMap(({ id }) =>
      sidesOf(layout.states.get(id)!).map((side) => ({ of: `side of ${id}`, ...side })),
    );
    const close = stretches.flatMap((one, index) =>
      [...stretches.slice(index + 1), ...sides]
        .filter((other) => one.of !== other.of && runsAlong(one, other, 6))
        .map((other) => [one.of, other.of]),
    );
    expect(close).toEqual([]);
  });

  test('puts every label on its own line, or beside it where the line is a loop', () => {
    for (const line of layout.lines) {
      const { arrows, label } = line;
      const reach = arrows[0]?.source === arrows[0]?.target ? 8 : 0;
      if (label) expect(crosses(line, grown(label, reach)), labelName(line)).toBe(true);
    }
  });

  test('is the same for the same chart', async () => {
    expect(await layOut(chartOf(machine), engine)).toEqual(layout);
  });
});

test('a compound state lies around its children alone', async () => {
  const chart = chartOf(wide);
  const { states } = await layOut(chart, engine);
  for (const compound of chart.states.filter(({ kind }) => kind === 'compound')) {
    const foreign = chart.states.filter(({ id }) => !lineage(chart, id).includes(compound.id));
    expect(foreign.filter(({ id }) => overlap(states.get(id)!, states.get(compound.id)!))).toEqual([]);
  }
});

test('a state that only arrows of the machine itself lead to lies below the state before it', async () => {
  const { states } = await layOut(chartOf(dialog), engine);
  const [before, last] = [states.get('confirmed')!, states.get('terminated')!];
  expect(last.y).toBeGreaterThan(before.y + before.height);
});

interface Piece {
  readonly name: string;
  readonly box: Box;
}

function piecesOf(chart: Chart, layout: Layout): readonly Piece[] {
  const leaves = chart.states.filter((state) => state.kind !== 'compound');
  return [
    ...leaves.map(({ id }) => ({ name: id, box: layout.states.get(id)! })),
    ...[...layout.texts].flatMap(([id, { name, body }]) => [
      { name: `name of ${id}`, box: name },
      ...(body === undefined ? [] : [{ name: `text of ${id}`, box: body }]),
    ]),
    ...[...layout.dots].map(([holder, box]) => ({ name: `dot of ${holder}`, box })),
    ...layout.lines.flatMap((line) => (line.label ? [{ name: labelName(line), box: line.label }] : [])),
  ];
}

function labelName(line: Line): string {
  return `label of ${line.arrows.map((arrow) => arrow.id).join(', ')}`;
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

interface Stretch {
  readonly from: Point;
  readonly to: Point;
}

function stretchesOf({ points }: Line): readonly Stretch[] {
  return points.slice(1).map((to, index) => ({ from: points[index]!, to }));
}

function sidesOf({ x, y, width, height }: Box): readonly Stretch[] {
  const [right, bottom] = [x + width, y + height];
  return [
    { from: { x, y }, to: { x: right, y } },
    { from: { x, y: bottom }, to: { x: right, y: bottom } },
    { from: { x, y }, to: { x, y: bottom } },
    { from: { x: right, y }, to: { x: right, y: bottom } },
  ];
}

/** Whether two upright or two level stretches lie side by side, nearer than so much. */
function runsAlong(one: Stretch, other: Stretch, near: number): boolean {
  return (['x', 'y'] as const).some((across) => {
    const along = across === 'x' ? 'y' : 'x';
    if (one.from[across] !== one.to[across] || other.from[across] !== other.to[across]) return false;
    const [mine, its] = [one, other].map(({ from, to }) => [from[along], to[along]].sort((a, b) => a - b));
    const shared = Math.min(mine![1]!, its![1]!) - Math.max(mine![0]!, its![0]!);
    return shared > 2 && Math.abs(one.from[across] - other.from[across]) < near;
  });
}

type Size = Pick<Box, 'width' | 'height'>;

function holds(box: Size, content: Size): boolean {
  return box.width >= content.width && box.height >= content.height;
}

function inside(box: Box, around: Box): boolean {
  return (
    box.x >= around.x &&
    box.y >= around.y &&
    box.x + box.width <= around.x + around.width &&
    box.y + box.height <= around.y + around.height
  );
}

function touches(point: Point, box: Box): boolean {
  return overlap(grown({ ...point, width: 0, height: 0 }, 1), box);
}

function grown({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** Whether one of the line's stretches, all of which are upright or level, enters the box. */
function crosses({ points }: Line, box: Box): boolean {
  const core = { x: box.x + 0.5, y: box.y + 0.5, width: box.width - 1, height: box.height - 1 };
  return points.slice(1).some((end, index) => {
    const start = points[index]!;
    const stretch = {
      x: Math.min(start.x, end.x),
      y: Math.min(start.y, end.y),
      width: Math.abs(start.x - end.x) || 0.01,
      height: Math.abs(start.y - end.y) || 0.01,
    };
    return overlap(stretch, core);
  });
}

import type { Segment } from '../../src/cli/styled-text.js';
import { type LadderRow, type Layer, layers, type MessageRow, type StepRow } from './ladder-rows.js';

/** Where the lines of a ladder stand. */
export interface Geometry {
  readonly width: number;
  readonly lanes: readonly Lane[];
}

interface Lane {
  readonly name: string;
  readonly isPeer: boolean;
  readonly x: number;
}

/** What a row is drawn of, from its left and its top. */
export type Mark =
  | {
      readonly kind: 'arrow';
      readonly from: number;
      readonly to: number;
      readonly y: number;
      readonly look: Look;
    }
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly anchor: 'start' | 'middle' | 'end';
      readonly segments: readonly Segment[];
      readonly look: Look;
    }
  | {
      readonly kind: 'pill';
      /** Its middle. */
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly name: string;
      readonly text: string;
      readonly look: Look;
    };

type Look =
  | 'received'
  | 'sent'
  | 'again'
  | 'pass'
  | 'failure'
  | 'change'
  | 'start'
  | 'done'
  | 'stay'
  | 'timer'
  | 'time'
  | 'gap'
  | 'label';

/** The times of day stand left of the lines. */
const gutter = 62;
const letter = 6.1;

export const heights: Readonly<Record<LadderRow['kind'], number>> = {
  message: 38,
  step: 25,
  pass: 28,
  timer: 23,
  loss: 24,
  gap: 28,
};

export function geometryOf(width: number, peers: readonly string[]): Geometry {
  const names = [
    ...peers.map((name) => ({ name, isPeer: true })),
    ...layers.map((name) => ({ name, isPeer: false })),
  ];
  const step = (width - gutter) / names.length;
  return {
    width,
    lanes: names.map((lane, index) => ({ ...lane, x: Math.round(gutter + (index + 0.5) * step) })),
  };
}

export function marksOf(row: LadderRow, geometry: Geometry, time: string): readonly Mark[] {
  const y = heights[row.kind] / 2;
  const at: Mark = {
    kind: 'text',
    x: 4,
    y: row.kind === 'message' ? 26 : y,
    anchor: 'start',
    segments: [{ text: time }],
    look: 'time',
  };
  switch (row.kind) {
    case 'message':
      return [at, ...messageMarks(row, geometry)];
    case 'step':
      return stepMarks(row, geometry, y);
    case 'pass': {
      const from = laneX(geometry, row.from);
      const to = laneX(geometry, row.to);
      const look = row.isFailure ? 'failure' : 'pass';
      const label: Mark = {
        kind: 'text',
        x: (from + to) / 2,
        y: y - 6,
        anchor: 'middle',
        segments: [{ text: row.text }],
        look,
      };
      const arrow: Mark = { kind: 'arrow', from, to, y: y + 5, look };
      return row.from === 'application' ? [at, arrow, label] : [arrow, label];
    }
    case 'timer': {
      const x = laneX(geometry, row.layer);
      return [at, pill(geometry, x, y, '', `${row.text} ends`, 'timer')];
    }
    case 'loss': {
      const x = laneX(geometry, 'transport');
      return [at, pill(geometry, x, y, '', `✕ ${row.text}`, 'failure')];
    }
    case 'gap':
      return [pill(geometry, geometry.width / 2, y, '', row.text, 'gap')];
  }
}

function messageMarks({ peer, entry, segments }: MessageRow, geometry: Geometry): readonly Mark[] {
  const ours = laneX(geometry, 'transport');
  const theirs = geometry.lanes.find(({ name, isPeer }) => isPeer && name === peer)?.x ?? gutter;
  const isReceived = entry.direction === 'received';
  const [from, to] = isReceived ? [theirs, ours] : [ours, theirs];
  const again: readonly Segment[] = entry.isRetransmission ? [{ text: '↻ again  ', style: 'yellow' }] : [];
  const look = entry.isRetransmission ? 'again' : entry.direction;
  return [
    { kind: 'arrow', from, to, y: 26, look },
    { kind: 'text', x: theirs + 8, y: 13, anchor: 'start', segments: [...again, ...segments], look: 'label' },
  ];
}

function stepMarks(row: StepRow, geometry: Geometry, y: number): readonly Mark[] {
  const mark = pill(geometry, laneX(geometry, row.layer), y, row.name, row.text, lookOf(row));
  if (row.timers.length === 0) return [mark];
  const text = row.timers.join(', ');
  const right = mark.x + mark.width / 2 + 8;
  const segments: readonly Segment[] = [{ text: `◷ ${text}` }];
  const fits = right + (text.length + 2) * letter < geometry.width - 4;
  const x = fits ? right : mark.x - mark.width / 2 - 8;
  return [mark, { kind: 'text', x, y, anchor: fits ? 'start' : 'end', segments, look: 'timer' }];
}

function lookOf({ isChange, isDone, text }: StepRow): Look {
  if (!isChange) return 'stay';
  if (isDone) return 'done';
  return text.includes('→') ? 'change' : 'start';
}

/** Wide enough for its text, and not over the edge. */
function pill(geometry: Geometry, x: number, y: number, name: string, text: string, look: Look) {
  const letters = text.length + (name === '' ? 0 : name.length + 1);
  const width = Math.min(geometry.width - gutter - 6, Math.round(letters * letter + 18));
  const middle = Math.min(geometry.width - 4 - width / 2, Math.max(gutter + width / 2, x));
  return { kind: 'pill', x: Math.round(middle), y, width, name, text, look } as const;
}

const laneX = ({ lanes }: Geometry, layer: Layer): number =>
  lanes.find(({ name, isPeer }) => !isPeer && name === layer)?.x ?? gutter;

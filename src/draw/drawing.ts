import type { AnyStateMachine } from 'xstate';
import { chartOf } from './chart.js';
import { type LayoutEngine, layOut } from './layout.js';
import { toMarkdown } from './markdown.js';
import { toSVG } from './svg.js';

/** The files that ship of one machine's picture. */
export interface Drawing {
  readonly md: string;
  readonly svg: string;
}

/** Draws a machine; `name` is that of its file. The same machine gives the same bytes. */
export async function drawingOf(
  { name, machine }: { readonly name: string; readonly machine: AnyStateMachine },
  engine: LayoutEngine,
): Promise<Drawing> {
  const chart = chartOf(machine);
  return { md: toMarkdown(name, chart), svg: toSVG(chart, await layOut(chart, engine)) };
}

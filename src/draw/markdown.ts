import { type Arrow, actionsOf, type Chart, eventsOf, type State } from './chart.js';
import { toMermaid } from './mermaid.js';

/** A page about one machine, as GitHub shows it: the Mermaid picture, and the clause that orders each arrow. */
export function toMarkdown(name: string, chart: Chart): string {
  const arrows = [...chart.anywhere, ...chart.states.flatMap((state) => inOrder(chart, state))];
  return `${[
    `# ${name}`,
    ...(chart.description === undefined ? [] : [chart.description]),
    `Drawn from \`machines/${name}.ts\` by \`npm run draw\`; [${name}.svg](${name}.svg) is the same chart.`,
    ['```mermaid', toMermaid(chart).trimEnd(), '```'].join('\n'),
    table(arrows.map(cells)),
  ].join('\n\n')}\n`;
}

/** The order in which arrows of one event are tried is part of their meaning. */
function inOrder(chart: Chart, { id, internal }: State): readonly Arrow[] {
  const place = (arrow: Arrow) => Number(arrow.id.slice(id.length + 1));
  const leaving = chart.arrows.filter((arrow) => arrow.source === id);
  return [...leaving, ...internal].sort((one, other) => place(one) - place(other));
}

const head = ['From', 'Event', 'Guard', 'To', 'Actions', 'Source'];

function table(rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cells(arrow: Arrow): readonly string[] {
  return [
    arrow.source === '' ? 'any state' : arrow.source,
    arrow.events.length === 0 ? 'always' : eventsOf(arrow),
    arrow.guard ?? '',
    arrow.target ?? '',
    actionsOf(arrow).join(', '),
    arrow.description ?? '',
  ].map((cell) => cell.replace(/[|\\<*_`[\]]/g, '\\$&').replace(/\s+/g, ' '));
}

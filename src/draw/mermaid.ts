import { type Arrow, actionsOf, type Chart, eventsOf, type State, sharedArrows } from './chart.js';

/** A chart as a Mermaid `stateDiagram-v2`, in the form that GitHub renders. */
export function toMermaid(chart: Chart): string {
  return [
    'stateDiagram-v2',
    ...inside(chart, undefined, chart.initial),
    ...sharedArrows(chart).map(edge),
    ...notes(chart),
  ]
    .map((line, index) => (index === 0 ? line : `  ${line}`))
    .join('\n')
    .concat('\n');
}

function inside(chart: Chart, parent: string | undefined, initial: string): readonly string[] {
  return [
    `[*] --> ${name(initial)}`,
    ...chart.states.filter((state) => state.parent === parent).flatMap((state) => drawn(chart, state)),
  ];
}

function drawn(chart: Chart, state: State): readonly string[] {
  const head = `state "${safe(state.key)}" as ${name(state.id)}`;
  if (state.initial !== undefined) {
    return [`${head} {`, ...inside(chart, state.id, state.initial).map((line) => `  ${line}`), '}'];
  }
  return [
    head,
    ...body(state).map((line) => `${name(state.id)} : ${line}`),
    ...(state.kind === 'final' ? [`${name(state.id)} --> [*]`] : []),
  ];
}

function body(state: State): readonly string[] {
  return [
    ...(state.entry.length > 0 ? [`entry / ${list(state.entry)}`] : []),
    ...(state.exit.length > 0 ? [`exit / ${list(state.exit)}`] : []),
    ...state.internal.map((arrow) => label(arrow)),
  ];
}

function edge(arrows: readonly [Arrow, ...Arrow[]]): string {
  const [{ source, target }] = arrows;
  const text = arrows.map((arrow) => label(arrow).replace(' / ', '<br>/ ')).join('<br><br>');
  return `${name(source)} --> ${name(target!)}${text === '' ? '' : ` : ${text}`}`;
}

/** What has no place on an arrow or in a box: the compound states' own orders, the machine's arrows, the clauses. */
function notes(chart: Chart): readonly string[] {
  const anywhere = chart.anywhere.map((arrow) => `any state#58; ${label(arrow, arrow.target)}`);
  const first = chart.states.find((state) => state.parent === undefined)?.id;
  return chart.states.flatMap((state) => {
    const lines = [
      ...(state.id === first ? anywhere : []),
      ...(state.kind === 'compound' ? body(state) : []),
      ...(state.description === undefined ? [] : [safe(state.description)]),
    ];
    return lines.length === 0 ? [] : [`note right of ${name(state.id)} : ${lines.join('<br>')}`];
  });
}

function label(arrow: Arrow, target = ''): string {
  const events = eventsOf(arrow);
  const actions = actionsOf(arrow);
  const words = [
    ...(events === '' ? [] : [safe(events)]),
    ...(arrow.guard === undefined ? [] : [`[${safe(arrow.guard)}]`]),
    ...(target === '' ? [] : [`→ ${safe(target)}`]),
    ...(actions.length === 0 ? [] : [`/ ${list(actions)}`]),
  ];
  return words.join(' ');
}

function list(actions: readonly string[]): string {
  return actions.map(safe).join(', ');
}

function name(id: string): string {
  return id.replace(/\W/g, '_');
}

/** Mermaid reads `#` and a code as a character, and much else as its own syntax. */
function safe(text: string): string {
  return text.replace(/[#;:"<>{}%\\\n]/g, (character) => `#${character.charCodeAt(0)};`);
}

import { type Arrow, actionsOf, type Chart, eventsOf, type State, sharedArrows } from './chart.js';

/** A chart as a Mermaid `stateDiagram-v2`, in the form that GitHub renders. */
export function toMermaid(chart: Chart): string {
  return [
    'stateDiagram-v2',
    ...inside(chart, undefined, chart.initial),
    ...anywhere(chart),
    ...sharedArrows(chart).map(edge),
    ...notes(chart),
  ]
    .map((line, index) => (index === 0 ? line : `  ${line}`))
    .join('\n')
    .concat('\n');
}

/** The same picture with these states lit; a compound state by its border alone, since pages are light or dark inside it. */
export function lightMermaid(picture: string, states: readonly string[]): string {
  const names = states.map(name);
  const compound = names.filter((each) => picture.includes(` as ${each} {\n`));
  const filled = names.filter((each) => !compound.includes(each));
  return [
    picture.trimEnd(),
    ...(compound.length === 0
      ? []
      : ['classDef around stroke:#c98a00,stroke-width:3px', `class ${compound.join(',')} around`]),
    ...(filled.length === 0
      ? []
      : [
          'classDef active fill:#ffe9a8,stroke:#a87400,stroke-width:2px,color:#1f2430',
          `class ${filled.join(',')} active`,
        ]),
  ]
    .join('\n  ')
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

/** The machine's own arrows are those of a dashed state, which stands for any. */
function anywhere(chart: Chart): readonly string[] {
  const leaving = chart.anywhere.filter(({ target }) => target !== undefined);
  const internal = chart.anywhere.filter(({ target }) => target === undefined);
  if (chart.anywhere.length === 0) return [];
  return [
    `state "any state" as ${name('')}`,
    ...internal.map((arrow) => `${name('')} : ${label(arrow)}`),
    'classDef any stroke-dasharray:4 3',
    `class ${name('')} any`,
    ...sharedArrows({ ...chart, arrows: leaving }).map(edge),
  ];
}

/** What has no place on an arrow or in a box: the compound states' own orders, and the clauses. */
function notes(chart: Chart): readonly string[] {
  return chart.states.flatMap((state) => {
    const lines = [
      ...(state.kind === 'compound' ? body(state) : []),
      ...(state.description === undefined ? [] : [safe(state.description)]),
    ];
    return lines.length === 0 ? [] : [`note left of ${name(state.id)} : ${lines.join('<br>')}`];
  });
}

function label(arrow: Arrow): string {
  const events = eventsOf(arrow);
  const actions = actionsOf(arrow);
  const words = [
    ...(events === '' ? [] : [safe(events)]),
    ...(arrow.guard === undefined ? [] : [`[${safe(arrow.guard)}]`]),
    ...(actions.length === 0 ? [] : [`/ ${list(actions)}`]),
  ];
  return words.join(' ');
}

function list(actions: readonly string[]): string {
  return actions.map(safe).join(', ');
}

/** The machine itself stands for any of its states. */
function name(id: string): string {
  return id === '' ? 'any_state' : id.replace(/\W/g, '_');
}

/** Mermaid reads `#` and a code as a character, and much else as its own syntax. */
function safe(text: string): string {
  return text.replace(/[#;:"<>{}%\\\n]/g, (character) => `#${character.charCodeAt(0)};`);
}

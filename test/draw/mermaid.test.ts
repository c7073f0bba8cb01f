import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { session } from '../../machines/index.js';
import { chartOf } from '../../src/draw/chart.js';
import { lightMermaid, toMermaid } from '../../src/draw/mermaid.js';
import { small } from './samples.js';

describe('a chart as Mermaid', () => {
  test('has every state, arrow, order and clause', () => {
    expect(toMermaid(chartOf(small))).toBe(`stateDiagram-v2
  [*] --> received
  state "received" as received
  state "deciding" as deciding {
    [*] --> deciding_trying
    state "trying" as deciding_trying
    deciding_trying : entry / report
    deciding_trying : retransmission / report
    state "proceeding" as deciding_proceeding
  }
  state "terminated" as terminated
  terminated --> [*]
  state "any state" as any_state
  any_state : unknown / report
  classDef any stroke-dasharray:4 3
  class any_state any
  any_state --> terminated : transportError<br>/ report
  received --> terminated : [isRefused]<br>/ respond
  received --> deciding : [else]
  deciding --> terminated : timer
  deciding_trying --> terminated : response [isFinal]<br>/ respond, report
  deciding_trying --> deciding_proceeding : response [else]<br>/ respond
  deciding_trying --> deciding_trying : restart
  deciding_proceeding --> terminated : cancel, timerF<br>/ respond
  note left of deciding : entry / startTimer<br>exit / stopTimer, report<br>any event / ignored<br>RFC 3261 §17.2.2
`);
  });

  test('draws the arrows of the machine itself to one state as one line', () => {
    const picture = lines(toMermaid(chartOf(session)));
    expect(picture.filter((line) => line.startsWith('any_state -->'))).toEqual([
      'any_state --> terminated : bye<br><br>dialogEnded<br>/ rememberDialogEnd',
    ]);
  });

  test('lights a state, and the states around it by their border', () => {
    const picture = toMermaid(chartOf(small));
    const lit = lightMermaid(picture, ['deciding', 'deciding.trying']);
    expect(lit.startsWith(picture)).toBe(true);
    expect(lines(lit.slice(picture.length))).toEqual([
      'classDef around stroke:#c98a00,stroke-width:3px',
      'class deciding around',
      'classDef active fill:#ffe9a8,stroke:#a87400,stroke-width:2px,color:#1f2430',
      'class deciding_trying active',
    ]);
    expect(lines(lightMermaid(picture, ['received']).slice(picture.length))).toEqual([
      'classDef active fill:#ffe9a8,stroke:#a87400,stroke-width:2px,color:#1f2430',
      'class received active',
    ]);
  });

  test('writes what Mermaid would read as syntax by its number', () => {
    const machine = createMachine({
      id: 'odd',
      initial: 'a-b',
      states: {
        'a-b': { description: 'one: "two"; <3> #4 {5}%', on: { 'x:y;': 'end' } },
        end: { type: 'final' },
      },
    });
    expect(toMermaid(chartOf(machine))).toBe(`stateDiagram-v2
  [*] --> a_b
  state "a-b" as a_b
  state "end" as end
  end --> [*]
  a_b --> end : x#58;y#59;
  note left of a_b : one#58; #34;two#34;#59; #60;3#62; #35;4 #123;5#125;#37;
`);
  });
});

const lines = (picture: string) =>
  picture
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());

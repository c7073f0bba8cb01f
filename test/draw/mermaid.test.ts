import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { chartOf } from '../../src/draw/chart.js';
import { toMermaid } from '../../src/draw/mermaid.js';
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
  received --> terminated : [isRefused]<br>/ respond
  received --> deciding : [else]
  deciding --> terminated : timer
  deciding_trying --> terminated : response [isFinal]<br>/ respond, report
  deciding_trying --> deciding_proceeding : response [else]<br>/ respond
  deciding_trying --> deciding_trying : restart
  deciding_proceeding --> terminated : cancel, timerF<br>/ respond
  note right of received : any state#58; transportError → terminated / report<br>any state#58; unknown / report
  note right of deciding : entry / startTimer<br>exit / stopTimer, report<br>any event / ignored<br>RFC 3261 §17.2.2
`);
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
  note right of a_b : one#58; #34;two#34;#59; #60;3#62; #35;4 #123;5#125;#37;
`);
  });
});

import { element } from './element.js';

/** What the keys do, as the `?` dialog tells. */
const keys: readonly (readonly [keys: string, does: string])[] = [
  ['/', 'search calls and machines'],
  ['1  2  3  4', 'go to the calls, the chart, the ladder, the log'],
  ['↑ ↓ PgUp PgDn Home End', 'walk a list; scroll the chart'],
  ['Enter', 'choose a call or machine, open a message or an entry'],
  ['Shift+Enter', 'go to the moment of a row of the ladder or the log; so does a double click'],
  [',  .', 'one step back, one step on (in the chosen call)'],
  ['Space', 'play, pause'],
  ['L', 'back to live; the end of a recording'],
  ['F', 'follow the call: show whichever machine moved last'],
  ['Z', 'fit the whole chart into its pane, or make it readable'],
  ['+  -', 'make the chart larger, smaller'],
  ['E', 'export'],
  ['Esc', 'close this; leave the search'],
  ['?', 'this'],
];

/** A dialog of what can be done by keyboard and what the colours mean. */
export function helpDialog(): HTMLDialogElement {
  const close = element('button', { type: 'button', class: 'tool wide' }, 'Close');
  const dialog = element(
    'dialog',
    { class: 'help', 'aria-labelledby': 'help-title' },
    element('h2', { id: 'help-title' }, 'Keys'),
    element(
      'dl',
      { class: 'keys' },
      ...keys.flatMap(([key, does]) => [
        element('dt', {}, ...key.split(/ +/).map((each) => element('kbd', {}, each))),
        element('dd', {}, does),
      ]),
    ),
    element('h2', {}, 'Signs'),
    element(
      'dl',
      { class: 'keys' },
      ...signs().flatMap(([sign, means]) => [element('dt', {}, sign), element('dd', {}, means)]),
    ),
    close,
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

const signs = (): readonly (readonly [Node, string])[] => [
  [element('span', { class: 'sample received' }), 'a message that came'],
  [element('span', { class: 'sample sent' }), 'a message that went'],
  [element('span', { class: 'sample again' }), 'a retransmission'],
  [
    element('span', { class: 'sample-pill failure' }, '✕'),
    'a loss: not delivered, unreadable, connection closed',
  ],
  [element('span', { class: 'sample-pill change' }, 'a → b'), 'a machine changes its state'],
  [element('span', { class: 'sample-pill timer' }, '◷'), 'a timer starts or ends'],
];

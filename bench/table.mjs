/** What the project set itself to reach, as ratios of one run. */
const limits = {
  echo: 2.5,
  sip: 1 / 4,
  'sip.js': 1 / 60,
  held: 1_200,
  live: 1.25,
  'echo, call': 3.5,
  dialog: 4_096,
  recording: 1.1,
  inspected: 1.05,
};

/**
 * The median figure of every row, the tables and the targets.
 *
 * @param {{ measurements: any[], live: any[] }} measured
 */
export const report = ({ measurements, live }) => {
  const rows = measurements.map(({ row, call, udp, inProcess, parse, held, holds, dialogs }) => ({
    row,
    call,
    udp: figures(udp),
    inProcess: figures(inProcess),
    parse: figures(parse)?.processor,
    held,
    holds,
    dialogs,
    notifications: median(udp.map((run) => run.notifications / run.transactions)),
  }));
  const levels = live.map(({ live, costs }) => ({ live, processor: figures(costs)?.processor }));
  const targets = judge(rows, levels);
  return {
    figures: { rows, live: levels, targets, windows: { measurements, live } },
    text: [
      table(rows.filter(({ call }) => !call)),
      callTable(rows.filter(({ call }) => call)),
      liveTable(levels),
      targetTable(targets),
    ]
      .filter((text) => text !== '')
      .join('\n'),
  };
};

const figures = (/** @type {any[]} */ costs) =>
  costs.length === 0
    ? undefined
    : {
        processor: median(costs.map(({ processor, transactions }) => processor / transactions)),
        rate: median(costs.map(({ wall, transactions }) => transactions / (wall / 1e6))),
      };

const median = (/** @type {number[]} */ values) => {
  const sorted = values.toSorted((first, second) => first - second);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const judge = (/** @type {any[]} */ rows, /** @type {any[]} */ levels) => {
  const processor = (/** @type {string} */ name) => rows.find(({ row }) => row === name)?.udp.processor;
  const ours = processor('sipchart');
  const ratios = ['echo', 'sip', 'sip.js'].map((name) => ({
    target: `CPU over UDP at most ${fraction(limits[name])} × that of ${name}`,
    limit: limits[name],
    value: ours / processor(name),
    show: name === 'echo' ? multiple : ratio,
  }));
  const call = {
    target: `CPU of a call over UDP at most ${limits['echo, call']} × that of the echo of its datagrams`,
    limit: limits['echo, call'],
    value: processor('sipchart, call') / processor('echo, call'),
    show: multiple,
  };
  const inspected = {
    target: `CPU over UDP of a REFER that is inspected, no page open, at most ${limits.inspected} × that of one that is not`,
    limit: limits.inspected,
    value: processor('sipchart, inspected') / ours,
    show: multiple,
  };
  const recording = {
    target: `CPU over UDP of a REFER that is recorded at most ${limits.recording} × that of one that is not`,
    limit: limits.recording,
    value: processor('sipchart, recording') / ours,
    show: multiple,
  };
  const held = {
    target: `at most ${limits.held} B held per completed transaction`,
    limit: limits.held,
    value: rows.find(({ row }) => row === 'sipchart')?.held ?? Number.NaN,
    show: bytes,
  };
  const dialog = {
    target: `at most ${limits.dialog} B held per established dialog`,
    limit: limits.dialog,
    value: rows.find(({ row }) => row === 'sipchart, call')?.dialogs?.established ?? Number.NaN,
    show: bytes,
  };
  const [first, last] = [levels[0], levels.at(-1)];
  const flat = {
    target: `flat CPU from ${first?.live} to ${last?.live} live: at most ${limits.live} ×`,
    limit: limits.live,
    value: last === undefined ? Number.NaN : last.processor / first.processor,
    show: multiple,
  };
  return [...ratios, held, flat, call, dialog, inspected, recording]
    .filter(({ value }) => !Number.isNaN(value))
    .map(({ target, limit, value, show }) => ({
      target,
      value,
      shown: show(value),
      reached: value <= limit,
    }));
};

const fraction = (/** @type {number} */ limit) => (limit < 1 ? `1/${Math.round(1 / limit)}` : `${limit}`);

const ratio = (/** @type {number} */ value) => (value < 1 ? `1/${(1 / value).toFixed(1)}` : multiple(value));

const multiple = (/** @type {number} */ value) => `${value.toFixed(2)} ×`;

const bytes = (/** @type {number} */ value) => `${Math.round(value)} B`;

const table = (/** @type {any[]} */ rows) => {
  const echo = rows.find(({ row }) => row === 'echo')?.udp.processor;
  return columns([
    [
      'server',
      'UDP µs CPU',
      '× echo',
      'UDP REFER/s',
      'in-process µs CPU',
      'in-process REFER/s',
      'parse µs',
      'B held',
    ],
    ...rows.map(({ row, udp, inProcess, parse, held, holds, notifications }) => [
      notifications > 0 ? `${row} (${notifications.toFixed(1)} each)` : row,
      microseconds(udp.processor),
      echo === undefined ? '–' : (udp.processor / echo).toFixed(2),
      thousands(udp.rate),
      microseconds(inProcess?.processor),
      thousands(inProcess?.rate),
      microseconds(parse),
      holds ?? thousands(held),
    ]),
  ]);
};

const callTable = (/** @type {any[]} */ rows) => {
  const echo = rows.find(({ row }) => row === 'echo, call')?.udp.processor;
  return columns([
    [
      'server',
      'UDP µs CPU',
      '× echo',
      'UDP calls/s',
      'in-process µs CPU',
      'in-process calls/s',
      'B held, established',
      'and INVITE transaction',
    ],
    ...rows.map(({ row, udp, inProcess, dialogs }) => [
      row,
      microseconds(udp.processor),
      echo === undefined ? '–' : (udp.processor / echo).toFixed(2),
      thousands(udp.rate),
      microseconds(inProcess?.processor),
      thousands(inProcess?.rate),
      thousands(dialogs?.established),
      thousands(dialogs?.withTransaction),
    ]),
  ]);
};

const liveTable = (/** @type {any[]} */ levels) =>
  levels.length === 0
    ? ''
    : columns([
        ['sipchart, live transactions', 'in-process µs CPU'],
        ...levels.map(({ live, processor }) => [thousands(live), microseconds(processor)]),
      ]);

const targetTable = (/** @type {any[]} */ targets) =>
  targets.length === 0
    ? ''
    : columns([
        ['target', 'measured', ''],
        ...targets.map(({ target, shown, reached }) => [target, shown, reached ? 'reached' : 'not reached']),
      ]);

const microseconds = (/** @type {number | undefined} */ value) =>
  value === undefined ? '–' : value.toFixed(value < 100 ? 1 : 0);

const thousands = (/** @type {number | undefined} */ value) =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en-US');

const columns = (/** @type {string[][]} */ lines) => {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const written = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  written.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return `\n${written.join('\n')}\n`;
};

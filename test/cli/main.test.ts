import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/index.js';
import { isBuilt, runCommand, unlessBuilt } from '../support/command.js';

describe.skipIf(!isBuilt)(`the command sipchart${unlessBuilt}`, () => {
  const words = (line: string) => line.split(' ').filter((word) => word !== '');

  test.each([
    [
      '',
      'sipchart: no command is named; it is one of serve, inspect, replay, draw and machines (sipchart --help tells more)',
    ],
    [
      'dance',
      'sipchart: there is no command dance; it is one of serve, inspect, replay, draw and machines (sipchart --help tells more)',
    ],
    [
      '\x1b[2J',
      'sipchart: there is no command ␛[2J; it is one of serve, inspect, replay, draw and machines (sipchart --help tells more)',
    ],
    ['serv', 'sipchart: there is no command serv; did you mean serve? (sipchart --help tells more)'],
    [
      'help dance',
      'sipchart: there is no command dance; it is one of serve, inspect, replay, draw and machines (sipchart --help tells more)',
    ],
    [
      'dance --help',
      'sipchart: there is no command dance; it is one of serve, inspect, replay, draw and machines (sipchart --help tells more)',
    ],
    [
      'serve --advertize x',
      'sipchart serve: there is no option --advertize; did you mean --advertise? (sipchart serve --help tells more)',
    ],
    ['serve --dance', 'sipchart serve: there is no option --dance (sipchart serve --help tells more)'],
    [
      'serve --udp 127.0.0.1:x',
      'sipchart serve: --udp: "x" is no port; name one from 1 to 65535, or 0 for a free one (sipchart serve --help tells more)',
    ],
    [
      'draw --format png',
      'sipchart draw: --format is mermaid or svg, not png (sipchart draw --help tells more)',
    ],
    [
      'draw dance',
      `sipchart draw: there is no machine dance; it is one of ${machines.map(({ name }) => name).join(', ')} (sipchart draw --help tells more)`,
    ],
    [
      'draw refer-aus',
      'sipchart draw: there is no machine refer-aus; did you mean refer-uas? (sipchart draw --help tells more)',
    ],
    [
      'draw refer-uas --highlight dance',
      'sipchart draw: refer-uas has no state dance; it is one of received, approving, deciding, accepted, redirected, rejected (sipchart draw --help tells more)',
    ],
    ['machines all', 'sipchart machines: it takes nothing, not all (sipchart machines --help tells more)'],
  ])('called as %j says so in one line, with status 2', async (line, complaint) => {
    expect(await runCommand(...words(line))).toEqual({ status: 2, output: '', complaint: `${complaint}\n` });
  });

  test.each([
    ['--help', /^sipchart: a SIP core/],
    ['-h', /^sipchart: a SIP core/],
    ['help', /^sipchart: a SIP core/],
    ['help help', /^sipchart: a SIP core/],
    ['help serve', /^sipchart serve: .*--advertise HOST/s],
    ['--help replay', /^sipchart replay FILE: /],
    ['inspect -h', /^sipchart inspect FILE: /],
    ['-v', /^sipchart \d+\.\d+\.\d+\n$/],
    ['draw -v', /^sipchart \d+\.\d+\.\d+\n$/],
    ['serve --help', /^sipchart serve: .*--udp HOST:PORT/s],
    ['serve --udp --help', /^sipchart serve: /],
    ['draw --help', /^sipchart draw \[MACHINE\]: .*--format mermaid\|svg/s],
    ['machines --help', /^sipchart machines: /],
    ['--version', /^sipchart \d+\.\d+\.\d+\n$/],
    ['serve --version', /^sipchart \d+\.\d+\.\d+\n$/],
  ])('called as %j prints it', async (line, expected) => {
    expect(await runCommand(...words(line))).toEqual({
      status: 0,
      output: expect.stringMatching(expected),
      complaint: '',
    });
  });

  test('lists every machine with its RFC sections, in columns', async () => {
    const { status, output } = await runCommand('machines');
    const lines = output.trimEnd().split('\n');
    expect(status).toBe(0);
    expect(lines.map((line) => line.split(/ +/)[0])).toEqual(machines.map(({ name }) => name));
    expect(new Set(lines.map((line) => line.indexOf('RFC'))).size).toBe(1);
  });

  test('draws a machine by the name of its file or by its id', async () => {
    const picture = await runCommand('draw', 'refer-uas');
    expect(picture).toEqual({
      status: 0,
      output: expect.stringMatching(/^stateDiagram-v2\n/),
      complaint: '',
    });
    expect(await runCommand('draw', 'referUAS')).toEqual(picture);
    expect((await runCommand('draw', 'refer-uas', '--format', 'svg')).output).toMatch(/^<svg /);
  });

  test('draws a machine with a state lit', async () => {
    const svg = await runCommand('draw', 'session', '--format', 'svg', '--highlight', 'early.stable');
    const lit = [...svg.output.matchAll(/<g class="state [a-z]+ active" data-state="([^"]+)"/g)];
    expect(lit.map(([, state]) => state)).toEqual(['early', 'early.stable']);
    const mermaid = await runCommand('draw', 'session', '--highlight', 'early.stable');
    expect(mermaid.output).toMatch(/\n {2}class early around\n.*\n {2}class early_stable active\n$/s);
  });

  test('draws all machines one after the other', async () => {
    const { status, output } = await runCommand('draw');
    expect(status).toBe(0);
    expect(output.match(/^%% .*$/gm)).toEqual(machines.map(({ name }) => `%% ${name}`));
    expect(output.match(/^stateDiagram-v2$/gm)).toHaveLength(machines.length);
  });
});

import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import {
  readDrawOptions,
  readMachinesOptions,
  readServeOptions,
  type ServeOptions,
} from '../../src/cli/options.js';

const words = (line: string) => line.split(' ').filter((word) => word !== '');

describe('sipchart serve', () => {
  const defaults: ServeOptions = {
    sockets: [
      { protocol: 'UDP', host: '127.0.0.1', port: 5060 },
      { protocol: 'TCP', host: '127.0.0.1', port: 5060 },
    ],
    advertise: undefined,
    trust: [],
    refer: 'deny',
    engine: 'compiled',
    limit: undefined,
    quiet: false,
    demo: false,
    inspect: undefined,
    record: undefined,
  };

  test.each<[string, Partial<ServeOptions>]>([
    ['', {}],
    ['--refer deny --engine compiled', {}],
    ['--trust 192.0.2.1 --trust [2001:db8::1]', { trust: ['192.0.2.1', '2001:db8::1'] }],
    ['--advertise sip.example.com', { advertise: 'sip.example.com' }],
    ['--advertise=[2001:db8::1]', { advertise: '2001:db8::1' }],
    ['--udp 5062', { sockets: [{ protocol: 'UDP', host: '127.0.0.1', port: 5062 }] }],
    ['--tcp localhost:0', { sockets: [{ protocol: 'TCP', host: '127.0.0.1', port: 0 }] }],
    ['--refer accept --demo', { refer: 'accept', demo: true }],
    ['--refer=deny --refer=accept', { refer: 'accept' }],
    ['--engine actor --limit 500000 --quiet', { engine: 'actor', limit: 500_000, quiet: true }],
    ['--record a.jsonl', { record: { file: 'a.jsonl', effects: false, bodies: false } }],
    [
      '--record=a.jsonl --record-effects --mask-bodies',
      { record: { file: 'a.jsonl', effects: true, bodies: true } },
    ],
    ['--inspect', { inspect: { host: '127.0.0.1', port: 8060 } }],
    ['--inspect --quiet', { inspect: { host: '127.0.0.1', port: 8060 }, quiet: true }],
    ['--inspect [::1]:0 --demo', { inspect: { host: '::1', port: 0 }, demo: true }],
    ['--inspect=127.0.0.1:80', { inspect: { host: '127.0.0.1', port: 80 } }],
    ['--udp 127.0.0.1:0', { sockets: [{ protocol: 'UDP', host: '127.0.0.1', port: 0 }] }],
    ['--tcp=[::1]:5070', { sockets: [{ protocol: 'TCP', host: '::1', port: 5070 }] }],
    [
      '--tcp 127.0.0.1:5060 --udp 127.0.0.1:5060 --udp 127.0.0.1:0 --udp 127.0.0.1:0',
      {
        sockets: [
          { protocol: 'UDP', host: '127.0.0.1', port: 5060 },
          { protocol: 'UDP', host: '127.0.0.1', port: 0 },
          { protocol: 'UDP', host: '127.0.0.1', port: 0 },
          { protocol: 'TCP', host: '127.0.0.1', port: 5060 },
        ],
      },
    ],
  ])('reads %j', (line, expected) => {
    expect(readServeOptions(words(line))).toEqual(right({ ...defaults, ...expected }));
  });

  test.each([
    ['--prot 5060', 'there is no option --prot'],
    ['--recrod a', 'there is no option --recrod; did you mean --record?'],
    ['-q', 'there is no option -q'],
    ['--constructor', 'there is no option --constructor'],
    ['--no-quiet', 'there is no option --no-quiet'],
    ['5060', 'it takes options only, not 5060'],
    ['-- --quiet', 'it takes options only, not --quiet'],
    ['--quiet=yes', '--quiet takes no value'],
    ['--udp', '--udp lacks its value: HOST:PORT'],
    ['--udp --quiet', '--udp lacks its value: HOST:PORT'],
    ['--udp=', '--udp lacks its value: HOST:PORT'],
    [
      '--udp 127.0.0.1',
      '--udp: "127.0.0.1" is not HOST:PORT, as in 127.0.0.1:5060 or [::1]:5060, nor a port alone',
    ],
    ['--tcp pbx:5060', '--tcp: "pbx" is no numeric address; write it as 127.0.0.1, [::1] or localhost'],
    ['--udp 5060 --udp localhost:5060', '--udp 127.0.0.1:5060 is named twice'],
    ['--advertise', '--advertise lacks its value: HOST'],
    [
      '--trust proxy.example.com',
      '--trust: "proxy.example.com" is no numeric address; name a proxy of yours, as in 192.0.2.1',
    ],
    [
      '--advertise 192.0.2.1:5060',
      '--advertise: "192.0.2.1:5060" is no host that others reach; name one without a port, as sip.example.com or 192.0.2.1',
    ],
    ['--udp 127.0.0.1:5060 --udp 127.0.0.1:5060', '--udp 127.0.0.1:5060 is named twice'],
    ['--refer', '--refer lacks its value: deny or accept'],
    ['--refer maybe', '--refer is deny or accept, not maybe'],
    ['--engine xstate', '--engine is compiled or actor, not xstate'],
    ['--limit 0', '--limit is a number of transactions from 1 to 999999999, not 0'],
    ['--limit=-1', '--limit is a number of transactions from 1 to 999999999, not -1'],
    ['--limit many', '--limit is a number of transactions from 1 to 999999999, not many'],
  ])('refuses %j: %s', (line, sentence) => {
    expect(readServeOptions(words(line))).toEqual(left(sentence));
  });
});

describe('sipchart draw', () => {
  test.each([
    ['', { machine: undefined, format: 'mermaid', highlight: undefined }],
    ['refer-uas', { machine: 'refer-uas', format: 'mermaid', highlight: undefined }],
    ['--format svg refer-uas', { machine: 'refer-uas', format: 'svg', highlight: undefined }],
    ['session --highlight early', { machine: 'session', format: 'mermaid', highlight: 'early' }],
  ])('reads %j', (line, expected) => {
    expect(readDrawOptions(words(line))).toEqual(right(expected));
  });

  test.each([
    ['--format png', '--format is mermaid or svg, not png'],
    ['--format svg', '--format svg draws one machine; name it, as in sipchart draw refer-uas --format svg'],
    ['refer-uas --highlight', '--highlight lacks its value: a state'],
    [
      '--highlight deciding',
      '--highlight lights a state of one machine; name it, as in refer-uas --highlight deciding',
    ],
    ['refer-uas dialog', 'it takes one machine, not dialog too'],
    ['--svg', 'there is no option --svg'],
  ])('refuses %j: %s', (line, sentence) => {
    expect(readDrawOptions(words(line))).toEqual(left(sentence));
  });
});

describe('sipchart machines', () => {
  test('takes nothing', () => {
    expect(readMachinesOptions([])).toEqual(right(undefined));
    expect(readMachinesOptions(['dialog'])).toEqual(left('it takes nothing, not dialog'));
    expect(readMachinesOptions(['--all'])).toEqual(left('there is no option --all'));
  });
});

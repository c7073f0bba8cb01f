import { describe, expect, test } from 'vitest';
import {
  createMemoryNetwork,
  createUserAgent,
  createVirtualScheduler,
  memoryBindingStore,
  memoryPublicationStore,
  nodeResolver,
  tcp,
  udp,
} from '../../src/index.js';
import { fileRecording, memoryRecording, recorder, replay, startInspector } from '../../src/inspect/index.js';
import { nearest } from '../../src/options/nearest.js';

const scheduler = createVirtualScheduler();
const address = { host: '192.0.2.1', port: 5060 };
const transports = () => [
  createMemoryNetwork({ scheduler, seed: 1 }).transport({ protocol: 'UDP', address }),
];

/** As a program without types calls it. */
const untyped =
  (call: (...given: never[]) => unknown) =>
  (...given: readonly unknown[]) =>
    call(...(given as never[]));

const agent = (options: unknown) =>
  untyped(createUserAgent)({ transports: transports(), ...(options as object) });

const example = "as in createUserAgent({ transports: [udp({ host: '127.0.0.1', port: 5060 })] })";
const limit = 'a whole number, 0 or more, or Infinity';

describe('createUserAgent', () => {
  test.each([
    [undefined, `its options can't be left out; give them ${example}`],
    [null, 'what it takes is an object of options, not null'],
    ['udp', 'what it takes is an object of options, not "udp"'],
    [[], 'what it takes is an object of options, not a list'],
    [{}, `transports can't be left out; give it ${example}`],
    [{ transports: [] }, `transports can't be left out; give it ${example}`],
    [{ transports: udp({ host: '127.0.0.1', port: 0 }) }, 'transports is a list, not an object'],
    [{ transports: [udp] }, 'transports[0] is a transport, as udp({ host, port }) makes, not a function'],
    [{ transports: [undefined] }, 'transports[0] is undefined'],
    [
      { transports: [{ host: '127.0.0.1', port: 5060 }] },
      'transports[0] is a transport, as udp({ host, port }) makes; this has no open()',
    ],
    [{ transport: [] }, 'there is no option transport; did you mean transports?'],
  ])('called with %j', (options, sentence) => {
    expect(() => untyped(createUserAgent)(options)).toThrow(new TypeError(`createUserAgent: ${sentence}`));
  });

  test.each<[unknown, string]>([
    [{ engine: 'turbo' }, 'engine is "compiled" or "actor", not "turbo"'],
    [{ engine: null }, 'engine is "compiled" or "actor", not null'],
    [{ limits: { transactions: Number.NaN } }, `limits.transactions is ${limit}, not NaN`],
    [{ limits: { dialogs: -1 } }, `limits.dialogs is ${limit}, not -1`],
    [{ limits: { subscriptions: 1.5 } }, `limits.subscriptions is ${limit}, not 1.5`],
    [{ limits: { body: '100' } }, `limits.body is ${limit}, not "100"`],
    [{ limits: { message: { headers: -1 } } }, `limits.message.headers is ${limit}, not -1`],
    [
      { limits: { transaction: 5 } },
      'there is no option limits.transaction; did you mean limits.transactions?',
    ],
    [{ limits: 5 }, 'limits is an object of options, not 5'],
    [{ eventPackages: { presence: 1 } }, 'eventPackages.presence is an object of options, not 1'],
    [{ eventPackages: { 'a b': {} } }, 'a name in eventPackages is a token of RFC 3261 §25.1, not "a b"'],
    [{ eventPackages: ['presence'] }, 'eventPackages is an object, each under its name, not a list'],
    [
      { eventPackages: { x: { minimum: 1.5 } } },
      'eventPackages.x.minimum is a whole number of seconds from 0 to 4294967295, not 1.5',
    ],
    [{ eventPackages: { x: { neutral: { body: 5 } } } }, 'eventPackages.x.neutral.body is a text, not 5'],
    [{ on: { invit: () => {} } }, 'there is no option on.invit; did you mean on.invite?'],
    [{ on: { INVITE: () => {} } }, 'there is no option on.INVITE; did you mean on.invite?'],
    [{ on: { bye: () => {} } }, 'there is no option on.bye; there are invite, reInvite, refer, '],
    [{ on: { refer: 'accept' } }, 'on.refer is a function, not "accept"'],
    [{ on: () => {} }, 'on is an object of options, not a function'],
    [{ policy: { refr: () => {} } }, 'there is no option policy.refr; did you mean policy.refer?'],
    [{ policy: { refer: { type: 'grant' } } }, 'policy.refer is a function, not an object'],
    [{ timers: { T1: '500' } }, 'timers.T1 is a positive number of milliseconds, not "500"'],
    [{ timers: { T3: 500 } }, 'there is no option timers.T3; did you mean timers.T1?'],
    [{ advertisedHost: 'a:5060' }, 'advertisedHost is a host that others reach, without a port, '],
    [{ advertisedHost: '0.0.0.0' }, 'advertisedHost is a host that others reach, '],
    [{ advertisedHost: 5 }, 'advertisedHost is a host that others reach, '],
    [{ server: 'a\r\nb: c' }, 'server is a text without a line break or NUL, not "a\\r\\nb: c"'],
    [{ displayName: 5 }, 'displayName is a text without a line break or NUL, not 5'],
    [{ supported: 'timer' }, 'supported is a list, not "timer"'],
    [{ supported: ['a\r\nb: c'] }, 'supported[0] is a token of RFC 3261 §25.1, not "a\\r\\nb: c"'],
    [{ accept: ['text'] }, 'accept[0] is a media type without parameters, as "text/plain", not "text"'],
    [{ accept: ['text/plain;q=1'] }, 'accept[0] is a media type without parameters, '],
    [{ languages: [5] }, 'languages[0] is a token of RFC 3261 §25.1, not 5'],
    [{ isOurs: true }, 'isOurs is a function, not true'],
    [{ referSuccess: 201 }, 'referSuccess is 200 or 202, not 201'],
    [{ referExpires: 0 }, 'referExpires is a whole number of seconds from 1 to 4294967295, not 0'],
    [{ referExpires: 5060n }, 'referExpires is a whole number of seconds from 1 to 4294967295, not 5060n'],
    [{ patience: -1 }, 'patience is a positive number of seconds, 24 days at most, not -1'],
    [{ infoPackages: ['a b'] }, 'infoPackages[0] is a token of RFC 3261 §25.1, not "a b"'],
    [
      { bindings: { store: new Map() } },
      'bindings.store is a store, as memoryBindingStore() makes; this has no revise()',
    ],
    [{ bindings: { maximum: Number.NaN } }, `bindings.maximum is ${limit}, not NaN`],
    [{ publications: { default: -60 } }, 'publications.default is a whole number of seconds from 0 to '],
    [{ scheduler: {} }, 'scheduler is a scheduler, as createTimerWheel() makes; this has no now()'],
    [{ entropy: Math.random }, 'entropy is a source of chance, not a function'],
    [
      { resolver: Promise.resolve() },
      'resolver is a resolver, as nodeResolver() makes; this has no resolve()',
    ],
    [
      { record: 'calls.jsonl' },
      'record is a recorder, as recorder(sink) of sipchart/inspect makes, not "calls.jsonl"',
    ],
    [{ logger: console }, 'there is no option logger; there are transports, policy, on, engine, '],
  ])('called with transports and %o', (options, sentence) => {
    expect(() => agent(options)).toThrow(`createUserAgent: ${sentence}`);
  });

  test('takes undefined for what is left out, in parts too', () => {
    const nothing = {
      limits: { transactions: undefined, message: { line: undefined } },
      timers: { T1: undefined },
      eventPackages: { x: { spacing: undefined, neutral: undefined } },
      on: { refer: undefined, message: () => ({ status: 200 }) },
      policy: undefined,
    };
    expect(agent(nothing)).toBeDefined();
  });

  test('takes handlers that are an instance of a class, with more of its own', () => {
    class Application {
      calls = 0;
      invite() {
        this.calls++;
      }
    }
    expect(agent({ on: new Application() })).toBeDefined();
  });
});

describe('what a user agent is told later', () => {
  const userAgent = () => createUserAgent({ transports: transports(), scheduler });

  test('is checked as well', async () => {
    expect(() => untyped(userAgent().inspect)()).toThrow('inspect: its options');
    expect(() => untyped(userAgent().watch)('all')).toThrow('watch: what it takes is a function, not "all"');
    await expect(userAgent().close({ drain: Number.NaN })).rejects.toThrow(
      'close: drain is a whole number of milliseconds from 0 to 2147483647, not NaN',
    );
  });
});

describe('what else is called with options', () => {
  const port = 'a whole number from 0 to 65535';
  const memory = { scheduler, seed: 1 };

  test.each<[string, () => unknown, string]>([
    [
      'udp',
      () => untyped(udp)(),
      "udp: its options can't be left out; give them as in udp({ host: '127.0.0.1', port: 5060 })",
    ],
    ['udp', () => untyped(udp)(5060), 'udp: what it takes is an object of options, not 5060'],
    ['udp', () => untyped(udp)({ port: 5060 }), "udp: host can't be left out; give it as in udp({ "],
    ['udp', () => untyped(udp)({ host: '::1' }), "udp: port can't be left out; give it as in udp({ "],
    ['udp', () => untyped(udp)({ host: '::1', port: '5060' }), `udp: port is ${port}, not "5060"`],
    ['udp', () => udp({ host: '::1', port: Number.NaN }), `udp: port is ${port}, not NaN`],
    ['udp', () => udp({ host: '::1', port: 70_000 }), `udp: port is ${port}, not 70000`],
    ['udp', () => untyped(udp)({ ...address, hots: 1 }), 'udp: there is no option hots; did you mean host?'],
    ['tcp', () => tcp({ host: '::1', port: -1 }), `tcp: port is ${port}, not -1`],
    ['tcp', () => untyped(tcp)({ host: 1, port: 1 }), 'tcp: host is a text, not 1'],
    [
      'tcp',
      () => tcp({ ...address, limits: { idle: Number.POSITIVE_INFINITY } }),
      'tcp: limits.idle is a whole number of milliseconds from 1 to 2147483647, not Infinity',
    ],
    [
      'tcp',
      () => tcp({ ...address, limits: { connections: -1 } }),
      `tcp: limits.connections is ${limit}, not -1`,
    ],
    [
      'tcp',
      () => tcp({ ...address, messageLimits: { line: 0.5 } }),
      `tcp: messageLimits.line is ${limit}, not 0.5`,
    ],
    [
      'nodeResolver',
      () => nodeResolver({ timeLimit: 0 }),
      'nodeResolver: timeLimit is a whole number of milliseconds',
    ],
    [
      'memoryBindingStore',
      () => memoryBindingStore({ addresses: Number.NaN }),
      `memoryBindingStore: addresses is ${limit}`,
    ],
    [
      'memoryPublicationStore',
      () => untyped(memoryPublicationStore)({ resource: 1 }),
      'did you mean resources?',
    ],
    ['createMemoryNetwork', () => untyped(createMemoryNetwork)(), 'createMemoryNetwork: its options'],
    [
      'createMemoryNetwork',
      () => createMemoryNetwork({ ...memory, loss: 2 }),
      'loss is a share from 0 to 1, not 2',
    ],
    [
      'createMemoryNetwork',
      () => createMemoryNetwork({ ...memory, delay: [5, -1] }),
      'delay[1] is a whole number',
    ],
    [
      'recorder',
      () => untyped(recorder)(),
      "recorder: its options can't be left out; give them as in recorder(fileRecording('calls.jsonl'))",
    ],
    [
      'recorder',
      () => untyped(recorder)('calls.jsonl'),
      'as fileRecording(path) or memoryRecording() gives, not "calls.jsonl"',
    ],
    ['recorder', () => untyped(recorder)(memoryRecording(), { effect: true }), 'did you mean effects?'],
    [
      'recorder',
      () => untyped(recorder)(memoryRecording(), { mask: true }),
      'mask is an object of options, not true',
    ],
    [
      'memoryRecording',
      () => memoryRecording({ size: Number.NaN }),
      `memoryRecording: size is ${limit}, not NaN`,
    ],
    ['fileRecording', () => untyped(fileRecording)(), 'fileRecording: its options'],
    ['replay', () => untyped(replay)(), 'replay: its options'],
    ['replay', () => untyped(replay)(Buffer.from('')), "as readFileSync(path, 'utf8') gives, not an object"],
    [
      'replay',
      () => untyped(replay)('', { engine: 'turbo' }),
      'replay: engine is "compiled" or "actor", not "turbo"',
    ],
  ])('%s', (_, call, sentence) => {
    expect(call).toThrow(sentence);
  });

  test.each<[unknown, string]>([
    [{ port: '8060' }, `startInspector: port is ${port}, not "8060"`],
    [{ ports: 8060 }, 'startInspector: there is no option ports; did you mean port?'],
    [{ pages: 0 }, 'startInspector: pages is a whole number from 1 to 65535, not 0'],
    [{ size: Number.NaN }, 'startInspector: size is a whole number from 1 to '],
    [{ recording: 'calls.jsonl' }, 'startInspector: recording is a function, not "calls.jsonl"'],
    [{ mask: { body: true } }, 'startInspector: there is no option mask.body; did you mean mask.bodies?'],
  ])('startInspector with %o', async (options, sentence) => {
    const userAgent = createUserAgent({ transports: transports(), scheduler });
    await expect(untyped(startInspector)(userAgent, options)).rejects.toThrow(sentence);
  });

  test('startInspector with what is no user agent', async () => {
    await expect(untyped(startInspector)({})).rejects.toThrow(
      'This is no user agent that createUserAgent has made',
    );
  });
});

test.each([
  ['invit', 'invite'],
  ['refre', 'refer'],
  ['reinvite', 'reInvite'],
  ['subcribe', 'subscribe'],
  ['x', undefined],
  ['', undefined],
  ['hangup', undefined],
])('the nearest to %j is %j', (word, other) => {
  expect(nearest(word, ['invite', 'reInvite', 'refer', 'subscribe', 'info'])).toBe(other);
});

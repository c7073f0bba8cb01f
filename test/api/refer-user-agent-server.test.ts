import { describe, expect, test } from 'vitest';
import {
  type IncomingRequestDelegate,
  IncomingRequestMessage,
  ReferUserAgentServer,
  type ResponseOptions,
  type SessionDialog,
  TransactionState,
  TransactionStateError,
  UserAgentCore,
  UserAgentServer,
} from '../../src/api/core.js';
import { createRequest, parseURI } from '../../src/message/index.js';
import { branch, coreStage, settled, statuses } from '../support/core-stage.js';
import { referRequest } from '../support/sample-messages.js';

type Method = 'accept' | 'progress' | 'redirect' | 'reject' | 'trying';

const methods = ['accept', 'progress', 'redirect', 'reject', 'trying'] as const;
const states = ['Trying', 'Proceeding', 'Completed', 'Terminated'] as const;

const call = (server: UserAgentServer, method: Method, options?: ResponseOptions) =>
  method === 'redirect' ? server.redirect(['sip:dave@example.net'], options) : server[method](options);

const serverIn = (state: (typeof states)[number]) => {
  const stage = coreStage();
  const server = new ReferUserAgentServer(stage.core, stage.message);
  if (state === 'Proceeding') server.trying();
  else if (state !== 'Trying') server.accept();
  if (state === 'Terminated') stage.scheduler.advance(0);
  stage.sent.length = 0;
  return { ...stage, server };
};

const lines = (text: string) => text.split('\r\n');

describe('ReferUserAgentServer', () => {
  describe('the constructor', () => {
    test('takes a core, and is found there by the branch until it ends', () => {
      const { core, message, scheduler } = coreStage();
      const server = new ReferUserAgentServer(core, message);
      expect([...core.userAgentServers]).toEqual([[branch, server]]);
      expect(server).toBeInstanceOf(UserAgentServer);
      expect(server.message).toBe(message);
      expect(server.loggerFactory).toBe(core.loggerFactory);
      expect(server.delegate).toBeUndefined();
      expect(server.transaction.id).toBe(branch);
      expect(server.transaction.state).toBe(TransactionState.Trying);

      server.accept();
      expect(core.userAgentServers.size).toBe(1);
      scheduler.advance(0);
      expect(core.userAgentServers.size).toBe(0);
    });

    test('takes a dialog for its core', () => {
      const { core, message } = coreStage();
      const dialog: SessionDialog = { userAgentCore: core };
      const server = new ReferUserAgentServer(dialog, message);

      expect(core.userAgentServers.get(branch)).toBe(server);
    });

    test('takes as core what has the fields of one', () => {
      const { core, transport, message, sent } = coreStage();
      const { configuration, loggerFactory } = core;
      const shape = { configuration, loggerFactory, transport, userAgentServers: new Map() };
      new ReferUserAgentServer({ ...shape, userAgentCore: undefined } as UserAgentCore, message).accept();

      expect(statuses(sent)).toEqual([200]);
    });

    test('overwrites a server of the same branch, which leaves that one alone when it ends', () => {
      const { core, message, scheduler } = coreStage('UDP');
      const first = new ReferUserAgentServer(core, message);
      const second = new ReferUserAgentServer(core, message);
      first.accept();
      scheduler.advance(31_999);
      expect(core.userAgentServers.get(branch)).toBe(second);

      first.dispose();
      expect(core.userAgentServers.get(branch)).toBe(second);
      second.dispose();
      expect(core.userAgentServers.size).toBe(0);
    });

    test('throws where there is no transport', () => {
      const { core, message } = coreStage();
      const { configuration } = core;
      const deaf = new UserAgentCore({ ...configuration, transportAccessor: () => undefined });

      expect(() => new ReferUserAgentServer(deaf, message)).toThrow(new Error('Transport undefined.'));
    });

    test('is content with a method and a branch', () => {
      const { core, sent, scheduler } = coreStage();
      const server = new ReferUserAgentServer(core, { method: 'REFER', viaBranch: 'z9hG4bKpoor' });
      scheduler.advance(3_500);
      server.accept();

      expect(core.userAgentServers.get('z9hG4bKpoor')).toBe(server);
      expect(sent.map(lines)).toEqual([
        ['SIP/2.0 100 Trying', 'Content-Length: 0', '', ''],
        ['SIP/2.0 200 OK', 'Supported: norefersub', 'User-Agent: sipchart', 'Content-Length: 0', '', ''],
      ]);
    });
  });

  describe('sends what its state lets pass, and else throws before it looks at the status', () => {
    const sends: Readonly<Record<Method, readonly string[]>> = {
      accept: ['Trying', 'Proceeding'],
      progress: [],
      redirect: ['Trying', 'Proceeding'],
      reject: ['Trying', 'Proceeding'],
      trying: ['Trying'],
    };
    const allowed: Readonly<Record<Method, string>> = {
      accept: 'acceptable',
      progress: 'progressable',
      redirect: 'redirectable',
      reject: 'rejectable',
      trying: 'tryingable',
    };
    const defaults: Readonly<Record<Method, number>> = {
      accept: 200,
      progress: 180,
      redirect: 302,
      reject: 480,
      trying: 100,
    };

    test.each(methods.flatMap((method) => states.map((state) => [method, state] as const)))(
      '%s in %s',
      (method, state) => {
        const { server, sent } = serverIn(state);
        const text = `REFER not ${allowed[method]} in state ${state}.`;

        if (sends[method].includes(state)) {
          const { message } = call(server, method);
          expect(sent).toEqual([message]);
          expect(statuses(sent)).toEqual([defaults[method]]);
          expect(server.transaction.state).toBe(method === 'trying' ? 'Proceeding' : 'Completed');
        } else {
          const error = new TransactionStateError(text);
          expect(() => call(server, method)).toThrow(error);
          expect(() => call(server, method, { statusCode: 7 })).toThrow(TransactionStateError);
          expect(sent).toEqual([]);
          expect(server.transaction.state).toBe(state);
        }
      },
    );
  });

  test.each([
    ['accept', 200, 299],
    ['redirect', 300, 399],
    ['reject', 400, 699],
  ] as const)('%s takes a status from %d to %d', (method, least, most) => {
    for (let statusCode = 0; statusCode <= 800; statusCode++) {
      const { server, sent } = serverIn('Trying');
      const act = () => call(server, method, { statusCode });
      if (statusCode === 408 && method === 'reject') {
        expect(act).toThrow(new Error('Final response 408 not allowed.'));
      } else if (statusCode >= least && statusCode <= most) {
        act();
        expect(statuses(sent)).toEqual([statusCode]);
      } else {
        expect(act).toThrow(new TypeError(`Invalid statusCode: ${statusCode}`));
        expect(sent).toEqual([]);
        expect(server.transaction.state).toBe('Trying');
      }
      server.dispose();
    }
  });

  test.each([
    ['no status', undefined],
    ['half a status', 200.5],
    ['no number', Number.NaN],
    ['a text', '200'],
  ])('accept refuses %s with a TypeError', (_what, statusCode) => {
    const { server, sent } = serverIn('Trying');
    const options = { statusCode } as ResponseOptions;

    expect(() => server.accept(options)).toThrow(new TypeError(`Invalid statusCode: ${statusCode}`));
    expect(sent).toEqual([]);
  });

  describe('a response', () => {
    test('repeats the request, then has Supported, User-Agent and the tag of this server', () => {
      const { server, sent } = serverIn('Trying');
      const { message } = server.accept();

      expect(sent).toEqual([message]);
      expect(lines(message)).toEqual([
        'SIP/2.0 200 OK',
        'Via: SIP/2.0/UDP alice.example.com:5060;branch=z9hG4bK74b43',
        'From: <sip:alice@example.com>;tag=9fxced76sl',
        'To: <sip:bob@example.org>;tag=a1b2c3d4e5f60718',
        'CSeq: 314 REFER',
        'Call-ID: 3848276298220188511@alice.example.com',
        'Supported: norefersub',
        'User-Agent: sipchart',
        'Content-Length: 0',
        '',
        '',
      ]);
    });

    test('has what the options say in place of the core', () => {
      const { server } = serverIn('Trying');
      const { message } = server.reject({
        statusCode: 603,
        reasonPhrase: 'Not today',
        toTag: 'mine',
        userAgent: 'other/2',
        supported: ['a', 'b'],
        extraHeaders: ['X-One: 1', 'X-Two: 2'],
        body: { contentDisposition: 'render', contentType: 'text/plain', content: 'é' },
      });

      expect(lines(message).filter((line) => !/^(Via|From|CSeq|Call-ID)/.test(line))).toEqual([
        'SIP/2.0 603 Not today',
        'To: <sip:bob@example.org>;tag=mine',
        'Supported: a, b',
        'User-Agent: other/2',
        'X-One: 1',
        'X-Two: 2',
        'Content-Type: text/plain',
        'Content-Length: 2',
        '',
        'é',
      ]);
    });

    test('keeps the tag that To has', () => {
      const { core } = coreStage();
      const request = createRequest({
        method: 'REFER',
        uri: 'sip:bob@example.org',
        headers: [
          ['Via', 'SIP/2.0/TCP a.example.com;branch=z9hG4bK1'],
          ['To', 'Bob <sip:bob@example.org>;tag=given'],
        ],
      });
      const server = new ReferUserAgentServer(core, IncomingRequestMessage.fromRequest(request));

      expect(lines(server.accept({ statusCode: 202, toTag: 'other' }).message)[2]).toBe(
        'To: Bob <sip:bob@example.org>;tag=given',
      );
    });

    test.each(['accept', 'redirect', 'reject', 'trying'] as const)(
      'leaves the options of %s as they are',
      (method) => {
        const statusCode = { accept: 200, redirect: 302, reject: 480, trying: 100 }[method];
        const options: ResponseOptions = Object.freeze({
          statusCode,
          extraHeaders: Object.freeze(['X-One: 1']) as string[],
        });
        const { message } = call(serverIn('Trying').server, method, options);

        expect(call(serverIn('Trying').server, method, options).message).toBe(message);
        expect(options).toEqual({ statusCode, extraHeaders: ['X-One: 1'] });
      },
    );

    test.each([
      ['reasonPhrase', { reasonPhrase: 'OK\r\nX: y' }],
      ['extraHeaders', { extraHeaders: ['A: b', 'X: y\nZ: w'] }],
      ['extraHeaders', { extraHeaders: ['X: \0'] }],
    ])('that would leave its line throws a RangeError naming %s, and nothing is sent', (name, options) => {
      const { server, sent } = serverIn('Trying');

      expect(() => server.accept({ statusCode: 200, ...options })).toThrow(RangeError);
      expect(() => server.accept({ statusCode: 200, ...options })).toThrow(name);
      expect(sent).toEqual([]);
      expect(server.transaction.state).toBe('Trying');
    });
  });

  describe('redirect', () => {
    const contact = parseURI('sip:dave@example.net;transport=tcp');

    test.each([
      ['a text', 'sip:dave@example.net;transport=tcp'],
      ['a parsed URI', contact._tag === 'Right' ? contact.right : ''],
      ['what writes itself', { toString: (): string => 'sip:dave@example.net;transport=tcp' }],
    ])('writes %s in angle brackets, after the extra headers', (_what, uri) => {
      const { server } = serverIn('Trying');
      const { message } = server.redirect([uri, 'tel:+1-201-555-0123'], {
        statusCode: 301,
        extraHeaders: ['X-One: 1'],
      });

      expect(lines(message).slice(8, 11)).toEqual([
        'X-One: 1',
        'Contact: <sip:dave@example.net;transport=tcp>',
        'Contact: <tel:+1-201-555-0123>',
      ]);
    });

    test.each(['sip:a@b>, <sip:evil@b', 'sip:a@b\r\nX: y', '"name" <sip:a@b>'])('refuses %j', (uri) => {
      const { server, sent } = serverIn('Trying');

      expect(() => server.redirect([uri])).toThrow(RangeError);
      expect(sent).toEqual([]);
    });
  });

  describe('trying', () => {
    test('heeds its options, but for the status and the tag of a To that goes back as it came', () => {
      const { server } = serverIn('Trying');
      const { message } = server.trying({ statusCode: 183, extraHeaders: ['X-One: 1'], toTag: 'mine' });

      expect(lines(message).filter((line) => /^(SIP|To|X)/.test(line))).toEqual([
        'SIP/2.0 100 Trying',
        'To: <sip:bob@example.org>',
        'X-One: 1',
      ]);
    });

    test('over UDP waits until 3.5 s after the request (RFC 4320 §4.1)', () => {
      const { core, message, sent, scheduler } = coreStage('UDP');
      const server = new ReferUserAgentServer(core, message);
      const trying = server.trying({ extraHeaders: ['X-One: 1'] });
      expect(sent).toEqual([]);
      expect(server.transaction.state).toBe('Trying');

      scheduler.advance(3_500);
      expect(sent).toEqual([trying.message]);
      expect(server.transaction.state).toBe('Proceeding');
      server.accept();
      expect(statuses(sent)).toEqual([100, 200]);
    });
  });

  test.each([
    ['UDP', [200, 200]],
    ['TCP', [200]],
  ])('over %s a retransmission after the answer sends %j', (protocol, expected) => {
    const { core, message, sent, scheduler } = coreStage(protocol);
    const server = new ReferUserAgentServer(core, message);
    server.accept();
    scheduler.advance(10);
    server.transaction.receiveRequest(message);

    expect(statuses(sent)).toEqual(expected);
  });

  describe('the delegate', () => {
    const recorder = () => {
      const told: string[] = [];
      const delegate: IncomingRequestDelegate = {
        onCancel: (message) => told.push(`cancel ${message.method}`),
        onTransportError: (error) => told.push(`transport error ${error.message}`),
        onRequestTimeout: () => told.push('timeout'),
      };
      return { told, delegate };
    };

    test('hears of a CANCEL, which leaves the answer alone (RFC 3261 §9.2)', () => {
      const { server, sent } = serverIn('Trying');
      const { told, delegate } = recorder();
      server.receiveCancel({ method: 'CANCEL', viaBranch: branch });
      server.delegate = delegate;
      server.receiveCancel({ method: 'CANCEL', viaBranch: branch });

      expect(told).toEqual(['cancel CANCEL']);
      expect(sent).toEqual([]);
      expect(server.transaction.state).toBe('Trying');
    });

    test('hears of a transport error, also when it is set after the response (RFC 6026 §8.8)', async () => {
      const { server, network, logs } = serverIn('Trying');
      const { told, delegate } = recorder();
      network.send = () => Promise.reject(new Error('no route'));
      server.accept();
      server.delegate = delegate;
      await settled();

      expect(told).toEqual(['transport error no route']);
      expect(logs).toEqual(['error sip.user-agent-server no route']);
      expect(server.transaction.state).toBe('Completed');
    });

    test('is not missed: without one a transport error is logged', async () => {
      const { server, network, logs } = serverIn('Trying');
      network.send = () => Promise.reject(new Error('no route'));
      server.accept();
      await settled();

      expect(logs).toEqual([
        'error sip.user-agent-server no route',
        'error sip.user-agent-server User agent server response transport error.',
      ]);
    });

    test.each(['UDP', 'TCP'])('over %s hears that 64·T1 have gone without an answer', (protocol) => {
      const { core, message, scheduler } = coreStage(protocol);
      const { told, delegate } = recorder();
      const server = new ReferUserAgentServer(core, message, delegate);
      scheduler.advance(31_999);
      expect(told).toEqual([]);

      scheduler.advance(1);
      expect(told).toEqual(['timeout']);
      expect(server.transaction.state).toBe('Terminated');
      expect(core.userAgentServers.size).toBe(0);
    });

    test('hears of no timeout once there is an answer', () => {
      const { server, scheduler } = serverIn('Trying');
      const { told, delegate } = recorder();
      server.delegate = delegate;
      server.accept();
      scheduler.advance(64_000);

      expect(told).toEqual([]);
    });
  });

  test('dispose stops the timers and leaves the core; the state stays', () => {
    const { server, core, scheduler } = serverIn('Completed');
    server.dispose();

    expect(scheduler.pending).toBe(0);
    expect(core.userAgentServers.size).toBe(0);
    expect(server.transaction.state).toBe('Completed');
    server.dispose();
  });

  test('a subclass sees the core, the logger, the tag and what is allowed', () => {
    class Watched extends ReferUserAgentServer {
      get seen() {
        const { acceptable, progressable, redirectable, rejectable, tryingable } = this;
        return [this.toTag, acceptable, progressable, redirectable, rejectable, tryingable];
      }
      get isIn() {
        return this.core;
      }
      write(content: string) {
        this.logger.warn(content);
      }
    }
    const { core, logs } = coreStage();
    const server = new Watched(core, IncomingRequestMessage.fromRequest(referRequest()));
    expect(server.isIn).toBe(core);
    expect(server.seen).toEqual(['a1b2c3d4e5f60718', true, false, true, true, true]);
    server.trying();
    expect(server.seen).toEqual(['a1b2c3d4e5f60718', true, false, true, true, false]);
    server.accept();
    expect(server.seen).toEqual(['a1b2c3d4e5f60718', false, false, false, false, false]);
    server.write('seen');
    expect(logs).toEqual(['warn sip.user-agent-server seen']);
  });

  test('by default time is real and tags are 64 random bits', async () => {
    const { core, transport, message } = coreStage();
    const { loggerFactory } = core;
    const real = new UserAgentCore({ loggerFactory, transportAccessor: () => transport });
    const tags = [1, 2].map(() => {
      const server = new ReferUserAgentServer(real, message);
      const tag = /To: .*;tag=(\w+)/.exec(server.accept().message)?.[1];
      server.dispose();
      return tag;
    });

    expect(tags[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(tags[1]).not.toBe(tags[0]);

    const server = new ReferUserAgentServer(real, message);
    const ended = new Promise<void>((resolve) => server.transaction.addStateChangeListener(resolve));
    server.accept();
    await ended;
    await new Promise<void>((resolve) => server.transaction.addStateChangeListener(resolve, { once: true }));
    expect(server.transaction.state).toBe('Terminated');
    expect(real.userAgentServers.size).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nonInviteServerTransaction } from '../../machines/non-invite-server-transaction.js';
import {
  NonInviteServerTransaction,
  type ServerTransactionUser,
  TransactionState,
  TransportError,
} from '../../src/api/core.js';
import { actor } from '../../src/engine/actor.js';
import { compiled } from '../../src/engine/compiled.js';
import { branch, coreStage, referMessage, settled } from '../support/core-stage.js';

const { Trying, Proceeding, Completed, Terminated } = TransactionState;
const { core, transport, message } = coreStage();

type State = 'Trying' | 'Proceeding' | 'Completed' | 'Terminated';

/** A transaction over a reliable transport, brought to a state; what it sent to get there is forgotten. */
const transactionIn = (state: State, engine = compiled(nonInviteServerTransaction)) => {
  const stage = coreStage('TCP', engine);
  const told: string[] = [];
  const user: ServerTransactionUser = {
    loggerFactory: stage.core.loggerFactory,
    onStateChange: (newState) => told.push(newState),
    onTransportError: (error) => told.push(error.message),
    onRequestTimeout: () => told.push('timeout'),
  };
  const transaction = new NonInviteServerTransaction(
    stage.message,
    stage.transport,
    user,
    stage.core.configuration,
  );
  if (state === 'Proceeding') transaction.receiveResponse(100, 'first 100');
  else if (state !== 'Trying') transaction.receiveResponse(200, 'first 200');
  if (state === 'Terminated') stage.scheduler.advance(0);
  stage.sent.length = 0;
  told.length = 0;
  return { ...stage, transaction, told };
};

const unexpected = (status: number) =>
  `Non-INVITE server transaction received unexpected ${status} response from TU while in state Terminated.`;
const notProvisional = 'Provisional response other than 100 not allowed.';
const never408 = 'Final response 408 not allowed.';

describe('Non-INVITE server transaction of the compatible core (RFC 3261 §17.2.2, RFC 4320)', () => {
  describe.each([
    ['compiled', () => compiled(nonInviteServerTransaction)],
    ['actor', () => actor(nonInviteServerTransaction)],
  ] as const)('a response over a reliable transport, engine %s', (_name, engine) => {
    test.each([
      ['Trying', 100, 'Proceeding', ['text']],
      ['Trying', 200, 'Completed', ['text']],
      ['Trying', 699, 'Completed', ['text']],
      ['Trying', 101, 'Trying', notProvisional],
      ['Trying', 199, 'Trying', notProvisional],
      ['Trying', 408, 'Trying', never408],
      ['Proceeding', 100, 'Proceeding', ['text']],
      ['Proceeding', 200, 'Completed', ['text']],
      ['Proceeding', 180, 'Proceeding', notProvisional],
      ['Proceeding', 408, 'Proceeding', never408],
      ['Completed', 100, 'Completed', []],
      ['Completed', 200, 'Completed', []],
      ['Completed', 699, 'Completed', []],
      ['Completed', 180, 'Completed', notProvisional],
      ['Completed', 408, 'Completed', never408],
      ['Terminated', 100, 'Terminated', unexpected(100)],
      ['Terminated', 200, 'Terminated', unexpected(200)],
      ['Terminated', 180, 'Terminated', notProvisional],
      ['Terminated', 408, 'Terminated', never408],
      ...(['Trying', 'Proceeding', 'Completed', 'Terminated'] as const).flatMap((state) =>
        [99, 700, 200.5, Number.NaN].map(
          (status) => [state, status, state, `Invalid status code ${status}`] as const,
        ),
      ),
    ] as const)('%s, %d: %s', (state, status, next, outcome) => {
      const { transaction, sent } = transactionIn(state, engine());
      const respond = () => transaction.receiveResponse(status, 'text');

      if (typeof outcome === 'string') expect(respond).toThrow(new Error(outcome));
      else respond();

      expect(transaction.state).toBe(next);
      expect(sent).toEqual(typeof outcome === 'string' ? [] : outcome);
    });
  });

  test.each([
    ['Trying', []],
    ['Proceeding', ['first 100']],
    ['Completed', ['first 200']],
    ['Terminated', []],
  ] as const)('a retransmission in %s sends %j', (state, expected) => {
    const { transaction, sent } = transactionIn(state);
    transaction.receiveRequest(referMessage());

    expect(sent).toEqual(expected);
    expect(transaction.state).toBe(state);
  });

  test('has what its request and transport say', () => {
    const transaction = new NonInviteServerTransaction(message, transport, core);

    expect(transaction.id).toBe(branch);
    expect(transaction.kind).toBe('nist');
    expect(transaction.request).toBe(message);
    expect(transaction.transport).toBe(transport);
    expect(transaction.state).toBe(Trying);
    transaction.dispose();
  });

  describe.each([
    ['UDP', 32_000],
    ['udp', 32_000],
    ['TCP', 0],
    ['TLS', 0],
    ['WS', 0],
    ['wss', 0],
  ] as const)('over %s', (protocol, timerJ) => {
    const start = () => {
      const stage = coreStage(protocol);
      return {
        ...stage,
        transaction: new NonInviteServerTransaction(
          stage.message,
          stage.transport,
          stage.core,
          stage.core.configuration,
        ),
      };
    };

    test(`Timer J ends after ${timerJ} ms`, () => {
      const { transaction, scheduler } = start();
      transaction.receiveResponse(200, 'ok');
      if (timerJ > 0) scheduler.advance(timerJ - 1);
      expect(transaction.state).toBe(Completed);

      scheduler.advance(timerJ > 0 ? 1 : 0);
      expect(transaction.state).toBe(Terminated);
      expect(scheduler.pending).toBe(0);
    });

    test('a request without an answer gets a 100 after 3.5 s and ends after 32 s', () => {
      const { transaction, scheduler, sent } = start();
      scheduler.advance(3_499);
      expect(sent).toEqual([]);
      scheduler.advance(1);
      expect(sent).toEqual([
        [
          'SIP/2.0 100 Trying',
          'Via: SIP/2.0/UDP alice.example.com:5060;branch=z9hG4bK74b43',
          'From: <sip:alice@example.com>;tag=9fxced76sl',
          'To: <sip:bob@example.org>',
          'Call-ID: 3848276298220188511@alice.example.com',
          'CSeq: 314 REFER',
          'Content-Length: 0',
          '',
          '',
        ].join('\r\n'),
      ]);
      expect(transaction.state).toBe(Proceeding);

      scheduler.advance(28_499);
      expect(transaction.state).toBe(Proceeding);
      scheduler.advance(1);
      expect(transaction.state).toBe(Terminated);
      expect(scheduler.pending).toBe(0);
      expect(sent).toHaveLength(1);
    });
  });

  test('over UDP a 100 waits until 3.5 s after the request', () => {
    const stage = coreStage('UDP');
    const { configuration } = stage.core;
    const transaction = new NonInviteServerTransaction(
      stage.message,
      stage.transport,
      stage.core,
      configuration,
    );
    transaction.receiveResponse(100, 'text');
    expect(stage.sent).toEqual([]);
    expect(transaction.state).toBe(Trying);

    stage.scheduler.advance(3_500);
    expect(stage.sent).toEqual(['text']);
    expect(transaction.state).toBe(Proceeding);
  });

  describe('tells of a change of state', () => {
    test('when the response has gone: first the user, then the listeners in their order', () => {
      const { transaction, sent, told } = transactionIn('Trying');
      transaction.addStateChangeListener(() => told.push(`first ${transaction.state} ${sent.length}`));
      transaction.addStateChangeListener(() => told.push('second'));
      transaction.receiveResponse(200, 'ok');

      expect(told).toEqual(['Completed', 'first Completed 1', 'second']);
    });

    test('once to a listener that wants it once, and not to one that was removed', () => {
      const { transaction, told } = transactionIn('Trying');
      const removed = () => told.push('removed');
      transaction.addStateChangeListener(() => told.push('once'), { once: true });
      transaction.addStateChangeListener(removed, { once: true });
      transaction.removeStateChangeListener(removed);
      transaction.receiveResponse(100, 'trying');
      transaction.receiveResponse(200, 'ok');

      expect(told).toEqual(['Proceeding', 'once', 'Completed']);
    });

    test('before the user hears that its time is over', () => {
      const { scheduler, told } = transactionIn('Trying');
      scheduler.advance(32_000);

      expect(told).toEqual(['Proceeding', 'Terminated', 'timeout']);
    });

    test('so that a listener may answer, which is done when it returns', () => {
      const { transaction, sent, told } = transactionIn('Trying');
      transaction.addStateChangeListener(() => {
        if (transaction.state !== Proceeding) return;
        transaction.receiveResponse(200, 'ok');
        told.push(`then ${transaction.state}`);
      });
      transaction.receiveResponse(100, 'trying');

      expect(sent).toEqual(['trying', 'ok']);
      expect(told).toEqual(['Proceeding', 'Completed', 'then Completed']);
    });

    test('and goes on where user and listeners throw', () => {
      const stage = coreStage();
      const user: ServerTransactionUser = {
        loggerFactory: stage.core.loggerFactory,
        onStateChange: () => {
          throw new Error('user');
        },
      };
      const { configuration } = stage.core;
      const transaction = new NonInviteServerTransaction(stage.message, stage.transport, user, configuration);
      transaction.addStateChangeListener(() => {
        throw new Error('listener');
      });
      transaction.receiveResponse(200, 'ok');
      stage.scheduler.advance(0);

      expect(transaction.state).toBe(Terminated);
      expect(stage.logs).toEqual([
        'error sip.transaction.nist user',
        'error sip.transaction.nist listener',
        'error sip.transaction.nist user',
        'error sip.transaction.nist listener',
      ]);
    });
  });

  describe('a transport that fails (RFC 6026 §8.8)', () => {
    const rejection = (error: unknown) => () => Promise.reject(error);
    const exception = (error: unknown) => () => {
      throw error;
    };

    test.each([
      ['rejects', rejection(new Error('no route'))],
      ['throws', exception(new Error('no route'))],
      ['rejects with a text', rejection('no route')],
    ])('leaves the transaction in its state and tells the user: one that %s', async (_how, send) => {
      const { transaction, network, told } = transactionIn('Trying');
      network.send = send;
      transaction.receiveResponse(200, 'ok');
      await settled();

      expect(transaction.state).toBe(Completed);
      expect(told).toEqual(['Completed', 'no route']);
    });

    test('hands on a TransportError as it is', async () => {
      const stage = coreStage();
      const errors: TransportError[] = [];
      const error = new TransportError('gone');
      stage.network.send = rejection(error);
      const transaction = new NonInviteServerTransaction(
        stage.message,
        stage.transport,
        { loggerFactory: stage.core.loggerFactory, onTransportError: (told) => errors.push(told) },
        stage.core.configuration,
      );
      transaction.receiveResponse(200, 'ok');
      await settled();

      expect(errors).toEqual([error]);
      expect(errors[0]).toBe(error);
    });

    test('is not told of after the end', async () => {
      const { transaction, network, scheduler, told } = transactionIn('Trying');
      network.send = rejection(new Error('late'));
      transaction.receiveResponse(200, 'ok');
      scheduler.advance(0);
      await settled();

      expect(told).toEqual(['Completed', 'Terminated']);
    });
  });

  test('dispose stops the timers and leaves the state', () => {
    const { transaction, scheduler, told } = transactionIn('Proceeding');
    transaction.dispose();

    expect(scheduler.pending).toBe(0);
    expect(transaction.state).toBe(Proceeding);
    expect(told).toEqual([]);
  });

  test('text beyond ASCII leaves as it was given', () => {
    const { transaction, sent } = transactionIn('Trying');
    transaction.receiveResponse(200, 'Grüße, 世界 🌍');

    expect(sent).toEqual(['Grüße, 世界 🌍']);
  });

  test('ends once whatever happens, and no timer outlives it', () => {
    const happening = fc.oneof(
      fc.record({ type: fc.constant('response' as const), status: fc.integer({ min: 90, max: 710 }) }),
      fc.record({ type: fc.constant('request' as const) }),
      fc.record({ type: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
    );
    fc.assert(
      fc.property(fc.constantFrom('UDP', 'TCP'), fc.array(happening), (protocol, happenings) => {
        const { core, transport, scheduler, message, sent } = coreStage(protocol);
        const told: string[] = [];
        const user: ServerTransactionUser = {
          loggerFactory: core.loggerFactory,
          onStateChange: (state) => told.push(state),
          onRequestTimeout: () => told.push('timeout'),
        };
        const transaction = new NonInviteServerTransaction(message, transport, user, core.configuration);
        for (const happening of happenings) {
          try {
            if (happening.type === 'response') transaction.receiveResponse(happening.status, 'text');
            else if (happening.type === 'request') transaction.receiveRequest(message);
            else scheduler.advance(happening.ms);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
        scheduler.advance(64_000);
        const before = sent.length;
        transaction.receiveRequest(message);

        expect(told.filter((state) => state === 'Terminated')).toHaveLength(1);
        expect(told.includes('timeout')).toBe(!told.includes('Completed'));
        expect(sent).toHaveLength(before);
        expect(scheduler.pending).toBe(0);
      }),
    );
  });
});

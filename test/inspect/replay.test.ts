import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/api/answer.js';
import { accept as answerWith, reject } from '../../src/api/answer.js';
import { endpointOf } from '../../src/api/user-agent.js';
import { accept, answer, description, offer } from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { requestText } from '../support/peer.js';
import { userAgentAddress } from '../support/stage.js';
import { engines, recordedStage, sameOnBoth } from './recorded.js';

const xml = 'application/pidf+xml';
const referTo = { lines: ['Refer-To: <sip:carol@192.0.2.3>'] };

const expectSame = (recording: string, least: number) => {
  const results = sameOnBoth(recording);
  expect(results).toEqual(engines.map((engine) => ({ engine, isSame: true, inputs: expect.any(Number) })));
  expect(recording.split('\n').length).toBeGreaterThan(least);
};

describe('a recording comes to the same effects on both engines', () => {
  test('of a REFER with its subscription, reported on from within its handler and later', async () => {
    const there = await recordedStage({
      onRefer: (referral) => {
        referral.accept();
        referral.progress(180);
      },
    });
    there.peer.send(requestText());
    there.scheduler.advance(5_000);
    there.referrals[0]?.finish(200);
    there.scheduler.advance(60_000);
    expect(there.peer.story.at(-1)).toContain('terminated');
    expectSame(await there.recorded(), 12);
  });

  test('of requests over a source’s share, and of a transport that asks whether the source is trusted', async () => {
    const asked: string[] = [];
    const there = await recordedStage({
      onRefer: () => {},
      limits: { perSource: { subscriptions: 2 } },
      isTrusted: (source) => asked.push(source) % 2 === 0,
      on: { limit: () => {} },
    });
    for (let index = 0; index < 5; index++) {
      there.peer.send(requestText());
      there.scheduler.advance(10);
      endpointOf(there.userAgent).trusts('192.0.2.9');
    }
    expect(there.peer.responses.filter(({ status }) => status === 503).length).toBe(3);
    expect(asked.length).toBe(8);
    there.scheduler.advance(400_000);
    expectSame(await there.recorded(), 10);
  });

  test('of a call with a reliable provisional response, an offer in it and a BYE', async () => {
    const there = await recordedStage({
      onInvite: (invitation) =>
        invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: answer }),
      on: { update: () => answerWith() },
    });
    const dialog = there.caller.invite({ lines: [...description, 'Supported: 100rel'], body: offer });
    there.scheduler.advance(1_000);
    accept(there.invitations[0]!);
    there.scheduler.advance(1_000);
    dialog.request('INVITE', { lines: description, body: offer });
    there.scheduler.advance(1_000);
    dialog.request('UPDATE', { lines: description, body: offer });
    there.scheduler.advance(1_000);
    dialog.bye();
    there.scheduler.advance(40_000);
    expect(there.told.at(-1)).toBe('call ended bye');
    expectSame(await there.recorded(), 15);
  });

  test('of a REFER in a dialog whose session is hung up from the listener of the referral', async () => {
    const there = await recordedStage({ onRefer: (referral) => void referral.accept() });
    const dialog = there.caller.invite();
    there.scheduler.advance(100);
    dialog.request('REFER', referTo);
    there.scheduler.advance(2_000);
    there.referrals[0]?.listen({ ended: () => void there.invitations[0]?.session.hangUp() });
    there.referrals[0]?.finish(200);
    there.scheduler.advance(60_000);
    expect(there.caller.heard.at(-1)).toBe('BYE');
    expectSame(await there.recorded(), 15);
  });

  test('of a REGISTER and a PUBLISH, whose stores are not asked again', async () => {
    const there = await recordedStage({
      eventPackages: { presence: { minimum: 60 } },
      accept: [xml],
      on: { register: () => answerWith(), publish: async () => answerWith() },
    });
    const ask = async (method: string, lines: string[], body = '') => {
      const { first } = there.caller.open(method, { lines, body, contact: undefined });
      there.scheduler.advance(10);
      for (let turn = 0; turn < 3; turn++) await settled();
      there.scheduler.advance(10);
      return first.status;
    };
    expect([
      await ask('REGISTER', ['Contact: <sip:alice@192.0.2.4>;expires=600']),
      await ask('REGISTER', ['Contact: <sip:alice@192.0.2.4>;expires=10']),
      await ask('PUBLISH', ['Event: presence', `Content-Type: ${xml}`], '<open/>'),
      await ask('PUBLISH', ['Event: presence', 'SIP-If-Match: nothing']),
    ]).toEqual([200, 423, 200, 412]);
    there.scheduler.advance(60_000);
    expectSame(await there.recorded(), 12);
  });

  test('of a store that fails, and a handler that throws', async () => {
    const there = await recordedStage({
      bindings: { store: { revise: () => async () => left(new Error('full')) } },
      on: {
        register: () => answerWith(),
        message: () => {
          throw new Error('broken');
        },
      },
    });
    there.caller.open('REGISTER', { lines: ['Contact: <sip:alice@192.0.2.4>'], contact: undefined });
    there.caller.open('MESSAGE');
    there.scheduler.advance(10);
    await settled();
    there.scheduler.advance(60_000);
    expect(there.caller.outcomes).toEqual(['REGISTER 500', 'MESSAGE 500']);
    expect(there.errors).toHaveLength(2);
    expectSame(await there.recorded(), 6);
  });

  test('of a TCP connection that dies before its answer', async () => {
    let decide = (_answer: Answer) => {};
    const there = await recordedStage({
      protocol: 'TCP',
      on: { message: () => new Promise<Answer>((resolve) => (decide = resolve)) },
    });
    const { first } = there.caller.open('MESSAGE');
    there.scheduler.advance(10);
    there.network.cut(userAgentAddress);
    there.scheduler.advance(10);
    decide(reject(486));
    await settled();
    there.scheduler.advance(60_000);
    expect(first.status).toBe(486);
    const recording = await there.recorded();
    expect(recording).toContain('"input":"closed"');
    expect(recording).toContain('"input":"sendFailed"');
    expectSame(recording, 6);
  });

  test('of calls, a ringing INVITE and a subscription that a close with a drain ends', async () => {
    const there = await recordedStage({ onRefer: (referral) => void referral.accept() });
    const dialog = there.caller.invite();
    there.scheduler.advance(100);
    dialog.request('REFER', referTo);
    there.scheduler.advance(2_000);
    there.caller.answer = () => undefined;
    const closed = there.userAgent.close({ drain: 3_000 });
    there.scheduler.advance(5_000);
    await closed;
    const recording = await there.recorded();
    expect(recording).toContain('"input":"drained"');
    expect(recording.trimEnd().split('\n').at(-1)).toContain('"end":"closed"');
    expectSame(recording, 10);
  });

  test('of a next hop that is resolved, and one that is not', async () => {
    for (const address of [right(['192.0.2.4']), left({ code: 'unresolved', message: '' } as const)]) {
      const there = await recordedStage({
        resolver: { resolve: () => async () => address },
        onRefer: (referral) => void referral.accept(),
      });
      there.caller.open('REFER', { ...referTo, contact: '<sip:alice@phone.example.com>' });
      there.scheduler.advance(10);
      await settled();
      there.scheduler.advance(60_000);
      const recording = await there.recorded();
      expect(recording).toContain('"input":"resolved"');
      expectSame(recording, 4);
    }
  });

  test('of a next hop whose addresses fail one after the other', async () => {
    const there = await recordedStage({
      resolver: { resolve: () => async () => right(['2001:db8::1', '192.0.2.7', '192.0.2.8', '192.0.2.4']) },
      onRefer: (referral) => void referral.accept(),
    });
    there.network.on(({ to }) => (to.host === '192.0.2.7' ? 'fail' : undefined));
    there.caller.open('REFER', { ...referTo, contact: '<sip:alice@phone.example.com>' });
    there.scheduler.advance(10);
    await settled();
    there.scheduler.advance(60_000);
    expect(there.caller.heard).toEqual(['NOTIFY active;expires=300 SIP/2.0 100 Trying']);
    expectSame(await there.recorded(), 4);
  });

  test('of a session whose connection is gone when it hangs up', async () => {
    const there = await recordedStage({ protocol: 'TCP' });
    there.caller.invite();
    there.scheduler.advance(100);
    there.network.cut(userAgentAddress);
    there.scheduler.advance(100);
    there.invitations[0]?.session.hangUp();
    there.scheduler.advance(60_000);
    expect(there.caller.heard).toEqual(['BYE']);
    expectSame(await there.recorded(), 4);
  });

  test('of what is refused without a transaction, and what is no SIP', async () => {
    const there = await recordedStage({ isOurs: (uri) => uri.text.includes('bob') });
    there.peer.send('no SIP');
    there.peer.send(requestText({ uri: 'sip:nobody@192.0.2.1' }));
    there.peer.send(requestText({ method: 'FOO' }));
    there.peer.send(requestText({ cseq: '1 INFO' }));
    there.scheduler.advance(10);
    expect(there.peer.story).toEqual(['404 REFER', '501 FOO', '400 INFO']);
    expectSame(await there.recorded(), 5);
  });
});

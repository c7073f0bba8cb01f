import { describe, expect, test, vi } from 'vitest';
import { acceptedTypes, callPolicy, scriptedPhone } from '../../src/cli/scripted-phone.js';
import { field, grant, type Response, refuse, revive } from '../../src/index.js';
import { Caller, type Wish } from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { requestText } from '../support/peer.js';
import { stage } from '../support/stage.js';

const phone = scriptedPhone(() => ({ host: '192.0.2.1', port: 4000 }));

describe('the policy of calls', () => {
  test.each([
    ['192.0.2.1', false, grant],
    ['127.0.0.1', false, grant],
    ['127.0.0.1', true, grant],
    ['192.0.2.1', true, refuse(603)],
  ])('an INVITE from %s that replaces a session: %s', (host, replaces, verdict) => {
    const request = revive(requestText({ method: 'INVITE' }));
    if (request.type !== 'request') throw new Error('no request');
    expect(callPolicy({ request, source: { host, port: 5060 }, protocol: 'UDP', replaces })).toEqual(verdict);
  });
});

describe('the phone', () => {
  test.each(['MESSAGE', 'REGISTER'])('refuses a %s from elsewhere', async (method) => {
    const { peer, scheduler } = await stage({ on: phone });
    peer.send(requestText({ method, uri: 'sip:192.0.2.1' }));
    scheduler.advance(10);
    expect(peer.story).toEqual([`403 ${method}`]);
  });

  test.each(['busy', 'b%75sy'])('is busy when %s is called', async (user) => {
    const { peer, scheduler } = await stage({ on: phone });
    const lines = ['Contact: <sip:alice@192.0.2.2>'];
    peer.send(requestText({ method: 'INVITE', uri: `sip:${user}@192.0.2.1`, lines }));
    scheduler.advance(10);
    expect(peer.story).toEqual(['486 INVITE']);
  });

  test('rings three minutes when ring is called and nobody gives up', async () => {
    const { peer, scheduler } = await stage({ on: phone });
    const lines = ['Contact: <sip:alice@192.0.2.2>'];
    peer.send(requestText({ method: 'INVITE', uri: 'sip:ring@192.0.2.1', lines }));
    scheduler.advance(179_000);
    expect(new Set(peer.story)).toEqual(new Set(['180 INVITE']));
    scheduler.advance(1_000);
    expect(peer.story.at(-1)).toBe('480 INVITE');
  });

  describe('asked for an offer', () => {
    const called = async (extension: string) => {
      const there = await stage({ on: phone });
      const caller = new Caller(there.network, there.scheduler);
      const dialog = caller.invite({ lines: [extension] });
      there.scheduler.advance(500);
      await settled();
      return { ...there, responses: dialog.first.responses };
    };

    test.each(['Require: 100rel', 'Supported: 100rel'])(
      'by an INVITE of %s gives it in the first reliable response (RFC 3262 §5)',
      async (extension) => {
        const { responses } = await called(extension);
        expect(responses.map(({ status, body }) => [status, body.includes('m=audio')])).toEqual([
          [180, true],
        ]);
        expect(field(responses[0] as Response, 'RSeq')).toBeDefined();
      },
    );

    test('by any other gives it in the 2xx', async () => {
      const { responses } = await called('Subject: none');
      expect(responses.map(({ status, body }) => [status, body])).toEqual([[180, '']]);
    });
  });

  const offer = (...lines: readonly string[]) =>
    ['v=0', 'o=alice 1 1 IN IP4 192.0.2.4', 's=-', 'c=IN IP4 192.0.2.4', 't=0 0', ...lines, ''].join('\r\n');
  const audio = offer('m=audio 5004 RTP/AVP 0');
  const sdp = ['Content-Type: application/sdp'];
  const streamsOf = (response: Response | undefined) =>
    response?.body
      .match(/^(?:[mo]=|a=(?:send|recv|in)).*$/gm)
      ?.map((line) => line.trim().replace(/o=sipchart \d+/, 'o='));

  const call = async (wish: Wish) => {
    const there = await stage({ on: phone, accept: acceptedTypes, policy: { invite: callPolicy } });
    const caller = new Caller(there.network, there.scheduler);
    const dialog = caller.invite(wish);
    there.scheduler.advance(100);
    return { ...there, caller, dialog };
  };

  /** The phone's second is one of the real clock. */
  const answered = async (wish: Wish) => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const there = await call(wish);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    there.scheduler.advance(100);
    return there;
  };

  test.each([
    ['nothing that can be taken', { lines: sdp, body: offer('m=video 5006 RTP/AVP 96') }, 488],
    ['what is no description', { lines: sdp, body: 'hello' }, 400],
  ])('refuses an offer of %s before it rings', async (_, wish, status) => {
    const { dialog } = await call(wish);
    expect(dialog.first.statuses).toEqual([status]);
    if (status === 488) expect(field(dialog.first.final as Response, 'Warning')).toMatch(/^305 /);
  });

  test('answers an offer, a hold and a resumption, by re-INVITE or UPDATE', async () => {
    const { dialog, scheduler } = await answered({ lines: sdp, body: audio });
    const ask = (method: string, body = '') => {
      const exchange = dialog.request(method, body === '' ? {} : { lines: sdp, body });
      scheduler.advance(100);
      return streamsOf(exchange.final);
    };
    const taken = 'm=audio 4000 RTP/AVP 0';
    expect(streamsOf(dialog.first.final)).toEqual(['o= 1 IN IP4 192.0.2.1', taken, 'a=sendrecv']);
    expect(ask('INVITE', `${audio}a=sendonly\r\n`)).toEqual(['o= 2 IN IP4 192.0.2.1', taken, 'a=recvonly']);
    expect(ask('UPDATE', audio)).toEqual(['o= 3 IN IP4 192.0.2.1', taken, 'a=sendrecv']);
    expect(ask('INVITE')).toEqual(['o= 3 IN IP4 192.0.2.1', taken, 'a=sendrecv']);
    expect(ask('UPDATE', audio.replace('5004', '0'))).toEqual([
      ...['o= 4 IN IP4 192.0.2.1', 'm=audio 0 RTP/AVP 0'],
    ]);
  });

  test('leaves the session as it was where an offer in it can not be taken', async () => {
    const { dialog, scheduler } = await answered({ lines: sdp, body: audio });
    for (const method of ['INVITE', 'UPDATE']) {
      const exchange = dialog.request(method, { lines: sdp, body: audio.replace('RTP/AVP', 'RTP/SAVP') });
      scheduler.advance(100);
      expect(exchange.status).toBe(488);
    }
    const exchange = dialog.request('INFO');
    scheduler.advance(100);
    expect(exchange.status).toBe(200);
  });

  test('finds the offer in a part of a body', async () => {
    const body = `--x\r\nContent-Type: text/plain\r\n\r\nm=?\r\n--x\r\nContent-Type: application/sdp\r\n\r\n${audio}--x--\r\n`;
    const { dialog } = await answered({ lines: ['Content-Type: multipart/mixed;boundary=x'], body });
    expect(streamsOf(dialog.first.final)?.[1]).toBe('m=audio 4000 RTP/AVP 0');
  });

  test('takes a call by Replaces at once, and does not ring (RFC 3891 §3)', async () => {
    const there = await answered({ lines: sdp, body: audio });
    const { dialog, network, scheduler, userAgent } = there;
    const other = new Caller(network, scheduler, 'UDP', { host: '127.0.0.1', port: 5066 }, 'carol');
    const replaces = `Replaces: ${dialog.callId};to-tag=${dialog.tag};from-tag=alice`;
    const taking = other.invite({ lines: [...sdp, replaces], body: audio, uri: 'sip:busy@192.0.2.1' });
    scheduler.advance(200);
    expect(taking.first.statuses).toEqual([200]);
    expect(there.caller.requests.map(({ method }) => method)).toEqual(['BYE']);
    expect(userAgent.counts().sessions).toBe(1);
  });
});

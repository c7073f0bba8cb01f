import { describe, expect, test } from 'vitest';
import { callPolicy, scriptedPhone } from '../../src/cli/scripted-phone.js';
import { field, grant, type Response, refuse, revive } from '../../src/index.js';
import { Caller } from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { requestText } from '../support/peer.js';
import { stage } from '../support/stage.js';

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
    const { peer, scheduler } = await stage({ on: scriptedPhone });
    peer.send(requestText({ method, uri: 'sip:192.0.2.1' }));
    scheduler.advance(10);
    expect(peer.story).toEqual([`403 ${method}`]);
  });

  test.each(['busy', 'b%75sy'])('is busy when %s is called', async (user) => {
    const { peer, scheduler } = await stage({ on: scriptedPhone });
    const lines = ['Contact: <sip:alice@192.0.2.2>'];
    peer.send(requestText({ method: 'INVITE', uri: `sip:${user}@192.0.2.1`, lines }));
    scheduler.advance(10);
    expect(peer.story).toEqual(['486 INVITE']);
  });

  test('rings three minutes when ring is called and nobody gives up', async () => {
    const { peer, scheduler } = await stage({ on: scriptedPhone });
    const lines = ['Contact: <sip:alice@192.0.2.2>'];
    peer.send(requestText({ method: 'INVITE', uri: 'sip:ring@192.0.2.1', lines }));
    scheduler.advance(179_000);
    expect(new Set(peer.story)).toEqual(new Set(['180 INVITE']));
    scheduler.advance(1_000);
    expect(peer.story.at(-1)).toBe('480 INVITE');
  });

  describe('asked for an offer', () => {
    const called = async (extension: string) => {
      const there = await stage({ on: scriptedPhone });
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
});

import { describe, expect, test } from 'vitest';
import { callPolicy, scriptedPhone } from '../../src/cli/scripted-phone.js';
import { grant, refuse, revive } from '../../src/index.js';
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
});

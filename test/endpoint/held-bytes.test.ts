import { describe, expect, test } from 'vitest';
import { grant } from '../../src/api/policy.js';
import { createTimerWheel } from '../../src/endpoint/timer-wheel.js';
import { heapHeldByEach } from '../support/heap.js';
import { type RequestFields, requestText, toTag } from '../support/peer.js';
import { stage } from '../support/stage.js';

/** A wheel whose time stands still: of a stopped timer it keeps nothing, as the virtual clock does until its time has come. */
const standing = () =>
  createTimerWheel({ epoch: 0, now: () => 0, setTimer: () => undefined, clearTimer: () => {} });

const large = 'x'.repeat(20_000);
const contact = 'Contact: <sip:alice@192.0.2.2:5060>';
const sdp = [contact, 'Content-Type: application/sdp'];
const many = (line: string, count: number) => Array.from({ length: count }, () => line);
const route = many(`Record-Route: ${'<sip:b;lr>,'.repeat(200)}<sip:b;lr>`, 2);
const parameters = Array.from({ length: 64 }, (_, index) => `;p${index}`).join('');

/** What a peer may have an endpoint hold, and where that is left. */
const cases: Readonly<Record<string, RequestFields>> = {
  'a ringing INVITE': { method: 'INVITE', uri: 'sip:ring@192.0.2.1', lines: sdp, body: large },
  'a refused INVITE without its ACK': {
    method: 'INVITE',
    uri: 'sip:busy@192.0.2.1',
    lines: sdp,
    body: large,
  },
  'an accepted INVITE without its ACK': { method: 'INVITE', lines: sdp, body: large },
  'a call': { method: 'INVITE', uri: 'sip:call@192.0.2.1', lines: sdp, body: large },
  'a call with a long route': { method: 'INVITE', uri: 'sip:call@192.0.2.1', lines: [contact, ...route] },
  'a ringing INVITE with a long route': {
    method: 'INVITE',
    uri: 'sip:ring@192.0.2.1',
    lines: [contact, ...route],
  },
  'a MESSAGE that nobody decides': { method: 'MESSAGE', lines: ['Content-Type: text/plain'], body: large },
  'a MESSAGE to a URI with many parameters': { method: 'MESSAGE', uri: `sip:bob@192.0.2.1${parameters}` },
  'a referral to a URI with many parameters': {
    lines: [contact, `Refer-To: <sip:carol@192.0.2.3${parameters}?${'a=b&'.repeat(63)}a=b>${parameters}`],
  },
  'an answered OPTIONS': {
    method: 'OPTIONS',
    lines: many(`Via: SIP/2.0/UDP host;branch=${large.slice(0, 7_000)}`, 2),
  },
  'a referral': { lines: [...sdp, 'Refer-To: <sip:carol@192.0.2.3>'], body: large },
};

describe('the bytes that an endpoint is taken to hold', () => {
  test.each(Object.entries(cases))('are at least four fifths of what it holds for %s', async (_, fields) => {
    const { peer, scheduler, userAgent } = await stage({
      schedule: standing,
      policy: { refer: () => grant },
      on: {
        invite: (invitation) => {
          if (invitation.request.uri.startsWith('sip:ring')) invitation.progress(180);
          else if (invitation.request.uri.startsWith('sip:busy')) invitation.reject(486);
          else invitation.accept();
        },
        refer: (referral) => void referral.accept(),
        message: () => new Promise(() => {}),
      },
    });
    const count = 1_000;
    let before = 0;
    const held = heapHeldByEach(count, (index) => {
      const callId = `call-${index}`;
      peer.send(requestText({ branch: `z9hG4bK${index}`, callId, ...fields }));
      scheduler.advance(10);
      const answer = peer.responses.at(-1);
      if (fields.uri?.startsWith('sip:call') === true && answer !== undefined) {
        const to = `<sip:bob@192.0.2.1>;tag=${toTag(answer)}`;
        peer.send(requestText({ method: 'ACK', branch: `z9hG4bKack${index}`, callId, to }));
      }
      scheduler.advance(10);
      peer.received.length = 0;
      if (index === 0) before = userAgent.counts().bytes;
    });
    const counted = (userAgent.counts().bytes - before) / count;
    expect(counted).toBeGreaterThan(0);
    expect(held).toBeLessThan(1.25 * counted);
  });
});

import { describe, expect, test } from 'vitest';
import { grantCalls } from '../../src/cli/simulated-referral.js';
import { grant, refuse, revive } from '../../src/index.js';
import { requestText } from '../support/peer.js';

describe('the policy of --refer accept', () => {
  test.each([
    ['127.0.0.1', grant],
    ['127.255.255.254', grant],
    ['::1', grant],
    ['128.0.0.1', refuse(603)],
    ['192.0.2.1', refuse(603)],
    ['0.0.0.0', refuse(603)],
    ['::', refuse(603)],
    ['2001:db8::1', refuse(603)],
    ['fe80::1', refuse(603)],
  ])('a REFER from %s', (host, verdict) => {
    const request = revive(requestText());
    if (request.type !== 'request') throw new Error('no request');
    expect(grantCalls({ request, source: { host, port: 5060 }, protocol: 'UDP', inDialog: false })).toEqual(
      verdict,
    );
  });

  test.each([
    ['<sip:carol@192.0.2.3>', grant, grant],
    ['<sips:carol@example.com>', grant, grant],
    ['<tel:+15551234>', grant, grant],
    ['<sip:carol@192.0.2.3;method=INVITE>', grant, grant],
    ['<sip:carol@192.0.2.3?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>', grant, grant],
    ['<sip:carol@192.0.2.3;method=BYE>', refuse(603), refuse(603)],
    ['<sips:carol@192.0.2.3;Method=SUBSCRIBE>', refuse(603), refuse(603)],
    ['<http://example.com/>', refuse(416), refuse(603)],
    ['https://example.com/', refuse(416), refuse(603)],
    ['<mailto:carol@example.com>', refuse(416), refuse(603)],
    ['<urn:service:sos>', refuse(416), refuse(603)],
  ])('a REFER to %s, outside a dialog and inside', (referTo, outside, inside) => {
    const request = revive(requestText({ lines: [`Refer-To: ${referTo}`] }));
    if (request.type !== 'request') throw new Error('no request');
    const source = { host: '127.0.0.1', port: 5060 };
    const judged = [false, true].map((inDialog) =>
      grantCalls({ request, source, protocol: 'UDP', inDialog }),
    );
    expect(judged).toEqual([outside, inside]);
  });
});

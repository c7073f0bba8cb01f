import { describe, expect, test } from 'vitest';
import { grantLoopback } from '../../src/cli/simulated-referral.js';
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
    expect(
      grantLoopback({ request, source: { host, port: 5060 }, protocol: 'UDP', inDialog: false }),
    ).toEqual(verdict);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarise } from '../../src/cli/message-summary.js';
import { requestText } from '../support/peer.js';

const line = (text: string) =>
  summarise(text)
    .segments.map((segment) => segment.text)
    .join('')
    .trimEnd();

const notify = (subscriptionState: string, body: string) =>
  requestText({
    method: 'NOTIFY',
    uri: 'sip:alice@192.0.2.2',
    lines: ['Event: refer', `Subscription-State: ${subscriptionState}`, 'Content-Type: message/sipfrag'],
    body,
  });

const response = (statusLine: string, method: string) =>
  [statusLine, 'Via: SIP/2.0/UDP 192.0.2.1', 'Call-ID: one', `CSeq: 1 ${method}`, '', ''].join('\r\n');

describe('what a line says of a message', () => {
  test.each([
    ['a REFER', requestText(), 'REFER to sip:carol@192.0.2.3  sip:bob@192.0.2.1'],
    ['an OPTIONS', requestText({ method: 'OPTIONS' }), 'OPTIONS sip:bob@192.0.2.1'],
    ['an unknown method', requestText({ method: 'DANCE' }), 'DANCE sip:bob@192.0.2.1'],
    [
      'a NOTIFY of progress',
      notify('active;expires=299', 'SIP/2.0 180 Ringing\r\n'),
      'NOTIFY 180 Ringing active 299 s  sip:alice@192.0.2.2',
    ],
    [
      'a last NOTIFY',
      notify('terminated;reason=noresource', 'SIP/2.0 603 Decline\r\nX: y\r\n'),
      'NOTIFY 603 Decline terminated noresource  sip:alice@192.0.2.2',
    ],
    [
      'a NOTIFY of presence',
      requestText({
        method: 'NOTIFY',
        uri: 'sip:alice@192.0.2.2',
        lines: ['Event: presence', 'Subscription-State: active;expires=600'],
        body: '<presence><tuple><status><basic>open</basic></status></tuple></presence>',
      }),
      'NOTIFY presence open active 600 s  sip:alice@192.0.2.2',
    ],
    [
      'a SUBSCRIBE',
      requestText({ method: 'SUBSCRIBE', lines: ['Event: presence;id=1', 'Expires: 600'] }),
      'SUBSCRIBE presence 600 s  sip:bob@192.0.2.1',
    ],
    [
      'a SUBSCRIBE that refreshes a referral',
      requestText({ method: 'SUBSCRIBE', lines: ['Event: refer;id=1', 'Expires: 600'] }),
      'SUBSCRIBE refer 600 s  sip:bob@192.0.2.1',
    ],
    [
      'a PUBLISH',
      requestText({
        method: 'PUBLISH',
        lines: ['Event: presence', 'Expires: 60'],
        body: '<basic>closed</basic>',
      }),
      'PUBLISH presence closed 60 s  sip:bob@192.0.2.1',
    ],
    [
      'a REGISTER',
      requestText({
        method: 'REGISTER',
        uri: 'sip:192.0.2.1',
        lines: ['Contact: <sip:bob@192.0.2.2>', 'Expires: 60'],
      }),
      'REGISTER sip:192.0.2.1 60 s  <sip:bob@192.0.2.2>',
    ],
    [
      'an INVITE with an offer',
      requestText({ method: 'INVITE', lines: ['Content-Type: application/SDP;x=y'], body: 'v=0\r\n' }),
      'INVITE sip:bob@192.0.2.1  sdp',
    ],
    ['an INVITE without an offer', requestText({ method: 'INVITE' }), 'INVITE sip:bob@192.0.2.1'],
    [
      'a MESSAGE',
      requestText({ method: 'MESSAGE', lines: ['Content-Type: text/plain'], body: 'hello\r\nthere' }),
      'MESSAGE sip:bob@192.0.2.1  hello',
    ],
    [
      'a reliable response',
      response('SIP/2.0 180 Ringing', 'INVITE').replace('\r\n\r\n', '\r\nRSeq: 7\r\n\r\n'),
      '180 Ringing (INVITE)  reliable',
    ],
    ['a NOTIFY without a body', notify('pending', ''), 'NOTIFY pending  sip:alice@192.0.2.2'],
    ['a response', response('SIP/2.0 202 Accepted', 'REFER'), '202 Accepted (REFER)'],
    ['a response without a reason', response('SIP/2.0 486 ', 'INVITE'), '486  (INVITE)'],
    ['a hostile reason', response('SIP/2.0 200 \x1b[2J', 'REFER'), '200 ␛[2J (REFER)'],
    ['a hostile URI', requestText({ method: 'INFO', uri: 'sip:\x1b]0;x\x07' }), 'INFO sip:␛]0;x␇'],
    ['another protocol', 'GET / HTTP/1.1\r\n\r\n', expect.stringMatching(/^GET \/ HTTP\/1\.1 {2}.*SIP/)],
    [
      'a truncated message',
      requestText().replace('Content-Length: 0', 'Content-Length: 9'),
      expect.stringMatching(/^REFER {2}.*Content-Length/),
    ],
  ])('%s', (_, text, expected) => {
    expect(line(text)).toEqual(expected);
  });

  test('comes with the Call-ID, where there is one', () => {
    expect(summarise(requestText({ callId: 'one' })).callId).toBe('one');
    expect(summarise('nonsense').callId).toBeUndefined();
  });

  test('is printable and short, whatever the bytes', () => {
    const hostile = fc.stringMatching(/^[\x01-\xff]{0,200}$/);
    fc.assert(
      fc.property(hostile, hostile, hostile, (uri, state, body) => {
        for (const text of [
          uri,
          requestText({ uri }),
          notify(state, body),
          response(`SIP/2.0 200 ${uri}`, state),
        ]) {
          expect(line(text)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      }),
    );
    expect(line(`REFER ${'x'.repeat(60_000)} SIP/2.0\r\n\r\n`).length).toBeLessThan(2_000);
  });
});

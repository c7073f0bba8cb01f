import { describe, expect, test } from 'vitest';
import { accept } from '../../src/api/answer.js';
import { grant } from '../../src/api/policy.js';
import { type RequestFields, requestText, toTag } from '../support/peer.js';
import { stage } from '../support/stage.js';

/** None of them can be read. */
const malformed: readonly string[] = [
  ...['Record-Route: sip:core.example.com:5054;lr', 'Record-Route: <sip:a;lr>;;', 'Route: sip:a', 'Path: <<'],
  ...['Contact: <<<', 'Contact: *, *', 'Max-Forwards: many', 'Max-Forwards: 256', 'Expires: soon'],
  ...['Content-Language: ;', 'Content-Encoding: ;', 'Content-Disposition: ;;', 'Content-Type: sdp', 'e: ,'],
  ...['Accept: ;', 'Accept: text', 'Accept-Encoding: ;', 'Accept-Language: ;', 'Supported: ;', 'k: a b'],
  ...['Event: ;', 'o: a;id', 'Allow-Events: ;', 'Allow: ;', 'Subscription-State: ;', 'Timestamp: \xe4 ;'],
  ...['Via: SIP/2.0', 'v: ;;,', 'Refer-Sub: maybe', 'Refer-To: <<<', 'Referred-By: "', 'Replaces: a'],
  ...['RAck: x', 'RSeq: 0', 'Info-Package: ;', 'Recv-Info: ;', 'SIP-If-Match: ,', 'SIP-ETag: ,', 'Date: now'],
  ...['Min-Expires: x', 'Retry-After: x', 'Session-Expires: x', 'Unsupported: ;', 'Proxy-Require: ;'],
  ...['Authorization: ;', 'Warning: x', 'Identity: <', 'Server: \x07', 'X-Unknown: "<'],
];

const contact = 'Contact: <sip:alice@192.0.2.2:5060>';

interface Used extends RequestFields {
  /** The fields that it uses, which it must be refused for. */
  readonly uses: RegExp;
}

const outside: readonly Used[] = [
  { method: 'OPTIONS', uses: /^Replaces/ },
  { method: 'MESSAGE', uses: /^Replaces/ },
  { method: 'REGISTER', lines: [], uses: /^(Contact|Replaces)/ },
  {
    method: 'PUBLISH',
    lines: ['Event: presence'],
    body: 'x',
    uses: /^(Event|o|SIP-If-Match|Expires|Replaces|Content-(Type|Enc)|e\b)/,
  },
  { method: 'NOTIFY', lines: ['Event: presence'], uses: /^(Event|o|Replaces)/ },
  {
    method: 'SUBSCRIBE',
    lines: [contact, 'Event: presence'],
    uses: /^(Contact|Record-Route|Event|o|Replaces)/,
  },
  {
    method: 'REFER',
    lines: [contact, 'Refer-To: <sip:c@d>'],
    uses: /^(Contact|Record-Route|Refer-To|Replaces)/,
  },
  { method: 'INVITE', lines: [contact], uses: /^(Contact|Record-Route|Replaces)/ },
  { method: 'CANCEL', uses: /^$/ },
];

const inside: readonly Used[] = [
  { method: 'BYE', uses: /^Replaces/ },
  { method: 'INFO', uses: /^(Info-Package|Replaces)/ },
  { method: 'INVITE', lines: [contact], uses: /^Contact/ },
  { method: 'UPDATE', lines: [contact], uses: /^(Contact|Replaces)/ },
  { method: 'PRACK', uses: /^(RAck|Replaces)/ },
  { method: 'OPTIONS', uses: /^Replaces/ },
  { method: 'MESSAGE', uses: /^Replaces/ },
  { method: 'NOTIFY', lines: ['Event: presence'], uses: /^(Event|o|Replaces)/ },
  { method: 'REFER', lines: [contact, 'Refer-To: <sip:c@d>'], uses: /^(Contact|Refer-To|Replaces)/ },
  { method: 'SUBSCRIBE', lines: [contact, 'Event: presence'], uses: /^(Contact|Event|o|Replaces)/ },
];

const answering = () =>
  stage({
    policy: { refer: () => grant },
    eventPackages: { presence: {} },
    accept: ['application/sdp', 'text/plain'],
    on: {
      refer: (referral) => referral.accept(),
      invite: (invitation) => invitation.accept(),
      reInvite: (invitation) => invitation.accept(),
      subscribe: (subscription) => subscription.accept({ contentType: 'text/plain', body: 'open' }),
      ...Object.fromEntries(
        ['update', 'info', 'message', 'notify', 'publish', 'register'].map((name) => [name, () => accept()]),
      ),
    },
  });

/** The final status of a request that has one more line, in a call where it is to be in one. */
const statusOf = async ({ uses, lines = [], body = '', ...fields }: Used, inCall: boolean, line?: string) => {
  const { peer, scheduler } = await answering();
  let dialog: RequestFields = {};
  if (inCall) {
    peer.send(requestText({ method: 'INVITE', callId: 'call', cseq: '1 INVITE', lines: [contact] }));
    scheduler.advance(10);
    const to = `<sip:bob@192.0.2.1>;tag=${toTag(peer.responses[0] as never)}`;
    peer.send(requestText({ method: 'ACK', callId: 'call', cseq: '1 ACK', to }));
    dialog = { callId: 'call', to, cseq: `2 ${fields.method}` };
  }
  const before = peer.responses.length;
  const own = body === '' ? lines : [...lines, 'Content-Type: text/plain'];
  peer.send(requestText({ ...dialog, ...fields, body, lines: line === undefined ? own : [...own, line] }));
  for (let turn = 0; turn < 3; turn++) {
    scheduler.advance(10);
    await new Promise(setImmediate);
  }
  return peer.responses[before]?.status;
};

describe('malformed fields (RFC 3261 §8.2.2)', () => {
  describe.each([
    ['outside a dialog', false, outside],
    ['in a call', true, inside],
  ] as const)('%s', (_, inCall, requests) => {
    test.each(requests.map((request) => [request.method, request]))(
      'that %s does not use are passed over',
      async (_method, request) => {
        const usual = await statusOf(request, inCall);
        expect(usual).toBeGreaterThanOrEqual(200);
        const unused = malformed.filter((line) => !request.uses.test(line));
        for (const line of unused)
          expect([line, await statusOf(request, inCall, line)]).toEqual([line, usual]);
      },
    );
  });

  test.each([
    ['INVITE', [contact]],
    ['SUBSCRIBE', [contact, 'Event: presence']],
    ['REFER', [contact, 'Refer-To: <sip:c@d>']],
  ])('a Record-Route without brackets is refused where %s makes a dialog', async (method, lines) => {
    const line = 'Record-Route: sip:core.example.com:5054;lr';
    expect(await statusOf({ method, lines, uses: /^$/ }, false, line)).toBe(400);
  });

  test('a Record-Route is of no use to a REFER that makes no dialog (RFC 4488 §4)', async () => {
    const lines = [contact, 'Refer-To: <sip:c@d>', 'Refer-Sub: false'];
    const line = 'Record-Route: sip:core.example.com:5054;lr';
    expect(await statusOf({ method: 'REFER', lines, uses: /^$/ }, false, line)).toBe(200);
  });

  test.each(malformed)('an ACK with %s ends the repetition of its 2xx', async (line) => {
    const { peer, scheduler } = await answering();
    peer.send(requestText({ method: 'INVITE', callId: 'call', cseq: '1 INVITE', lines: [contact] }));
    scheduler.advance(10);
    const to = `<sip:bob@192.0.2.1>;tag=${toTag(peer.responses[0] as never)}`;
    peer.send(requestText({ method: 'ACK', callId: 'call', cseq: '1 ACK', to, lines: [line] }));
    scheduler.advance(10_000);
    expect(peer.responses.map(({ status }) => status)).toEqual([200]);
  });
});

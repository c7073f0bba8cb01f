import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { ReInvitation } from '../../src/api/invitation.js';
import type { Resolver, TransportError } from '../../src/index.js';
import { field, parse } from '../../src/message/index.js';
import type { MemoryMessage } from '../../src/transports/memory.js';
import { type CallOptions, callStage, type Dialogue, nothing, remains } from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { Peer } from '../support/peer.js';
import { userAgentAddress } from '../support/stage.js';

const referTo = { lines: ['Refer-To: <sip:carol@192.0.2.3>'] };
const phone = '<sip:alice@phone.example.com>';

/** A resolver that answers when it is told to, the lookups in the order in which they came. */
const patientResolver = () => {
  const waiting: { readonly host: string; readonly answer: (hosts: readonly string[]) => void }[] = [];
  const resolver: Resolver = {
    resolve: (host) => () =>
      new Promise((resolve) => {
        waiting.push({
          host,
          answer: (hosts) =>
            resolve(hosts.length === 0 ? left({ code: 'unresolved', message: host }) : right(hosts)),
        });
      }),
  };
  return { resolver, waiting };
};

const resolverOf = (...hosts: readonly string[]): Resolver => ({
  resolve: () => async () => right(hosts),
});

const failing = (code: TransportError['code']): Resolver => ({
  resolve: () => async () => left({ code, message: 'no' }),
});

interface Sent {
  readonly to: string;
  readonly method: string;
  readonly cseq: string;
  readonly branch: string;
}

type DeliveryOptions = CallOptions & {
  /** What becomes of a message, as the network has it. */
  readonly decide?: (message: MemoryMessage) => 'lose' | 'fail' | undefined;
};

/** A stage that notes the requests that the user agent sends, each retransmission too, and the causes of those that fail. */
const deliveryStage = async ({ decide = () => undefined, ...options }: DeliveryOptions = {}) => {
  const there = await callStage({ onRefer: (referral) => void referral.accept(), ...options });
  const sent: Sent[] = [];
  const causes: (string | undefined)[] = [];
  /** Those that the other side has opened. */
  const connections = new Set<string>();
  there.userAgent.watch(({ direction, text, protocol, remote: { host, port } }) => {
    const parsed = parse(text);
    if (parsed._tag === 'Left' || parsed.right.type === 'response') return;
    const { right: request } = parsed;
    const to = `${protocol} ${host}:${port}`;
    const branch = /;branch=([^;]+)/.exec(field(request, 'Via') ?? '')?.[1] ?? '';
    if (direction === 'sent')
      sent.push({ to, method: request.method, cseq: field(request, 'CSeq') ?? '', branch });
    else if (protocol === 'TCP') connections.add(to);
  });
  there.userAgent.inspect((event) => {
    if (event.type === '@xstate.event' && event.event.type === 'requestFailed')
      causes.push((event.event as unknown as { cause?: string }).cause);
  });
  there.network.on(decide);
  const pass = async (milliseconds = 10) => {
    there.scheduler.advance(milliseconds);
    await settled();
    there.scheduler.advance(10);
  };
  return { ...there, sent, causes, connections, pass };
};

type DeliveryStage = Awaited<ReturnType<typeof deliveryStage>>;

const other = { host: '192.0.2.8', port: 5060 };

const loseBYE = ({ text }: MemoryMessage) => (text.startsWith('BYE') ? ('lose' as const) : undefined);

/** Where requests went, each once for each of its attempts. */
const wayOf = (sent: readonly Sent[]) => [...new Map(sent.map(({ to, branch }) => [branch, to])).values()];

describe('the numbers of a dialog’s requests (RFC 3261 §12.2.1.1)', () => {
  test('go up in the order in which the requests leave, whichever next hop is found first', async () => {
    const { resolver, waiting } = patientResolver();
    const { caller, sent, pass } = await deliveryStage({ resolver });
    const dialog = caller.open('REFER', { ...referTo, contact: phone });
    await pass();
    dialog.request('REFER', { ...referTo, contact: phone });
    await pass();
    expect(waiting.map(({ host }) => host)).toEqual(['phone.example.com', 'phone.example.com']);
    waiting[1]?.answer(['192.0.2.4']);
    await pass();
    waiting[0]?.answer(['192.0.2.4']);
    await pass();
    expect(sent.map(({ cseq }) => cseq)).toEqual(['1 NOTIFY', '2 NOTIFY']);
    expect(caller.requests.map((request) => field(request, 'Event'))).toEqual(['refer;id=2', 'refer;id=1']);
  });

  test('are not taken by a request whose next hop has no address', async () => {
    const { resolver, waiting } = patientResolver();
    const { caller, sent, pass, causes, told } = await deliveryStage({ resolver });
    const dialog = caller.open('REFER', { ...referTo, contact: phone });
    await pass();
    dialog.request('REFER', { ...referTo, contact: phone });
    await pass();
    waiting[0]?.answer([]);
    await pass();
    waiting[1]?.answer(['192.0.2.4']);
    await pass();
    expect(sent.map(({ cseq }) => cseq)).toEqual(['1 NOTIFY']);
    expect(causes).toEqual(['no address for phone.example.com']);
    expect(told).toEqual(['referral ended transportError']);
  });

  test('is taken by no request whose usage has ended before it could leave', async () => {
    const { resolver, waiting } = patientResolver();
    const there = await deliveryStage({ resolver });
    const dialog = there.caller.invite({ contact: phone });
    await there.pass(100);
    there.invitations[0]?.session.hangUp();
    await there.pass();
    dialog.bye();
    await there.pass();
    waiting[0]?.answer(['192.0.2.4']);
    await there.pass();
    expect(there.sent).toEqual([]);
    expect(there.told).toEqual(['call acknowledged', 'call ended hungUp']);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('the flow of a dialog', () => {
  type Call = DeliveryOptions & {
    readonly contact: string;
    /** The sent-by of every Via of the caller's. */
    readonly sentBy?: string;
    readonly routes?: readonly string[];
    /** What happens before the user agent hangs up. */
    readonly before?: (there: DeliveryStage, dialog: Dialogue) => void;
  };

  /** Where the BYE of such a call goes: the names of its targets in order, `connection` for one that the caller opened. */
  const wayOfBYE = async ({ contact, sentBy, routes = [], before = () => {}, ...options }: Call) => {
    const there = await deliveryStage({ resolver: failing('unresolved'), ...options });
    const { caller } = there;
    if (sentBy !== undefined)
      caller.via = (branch) => `SIP/2.0/${caller.protocol} ${sentBy};branch=${branch};rport`;
    const dialog = caller.invite({ contact, lines: routes.map((route) => `Record-Route: ${route}`) });
    await there.pass(100);
    before(there, dialog);
    await there.pass(100);
    const earlier = there.sent.length;
    there.invitations[0]?.session.hangUp();
    for (let second = 0; second < 100; second++) await there.pass(1_000);
    return wayOf(there.sent.slice(earlier)).map((to) => (there.connections.has(to) ? 'connection' : to));
  };

  test.each([
    ['a Contact that is its source', { contact: '<sip:alice@192.0.2.4:5060>' }, 'UDP 192.0.2.4:5060'],
    ['a Contact elsewhere', { contact: '<sip:alice@192.0.2.7:5070>' }, 'UDP 192.0.2.7:5070'],
    ['a Contact at another port', { contact: '<sip:alice@192.0.2.4:5070>' }, 'UDP 192.0.2.4:5070'],
    [
      'a Contact behind a NAT, as its Via',
      { contact: '<sip:alice@10.0.0.5:5062>', sentBy: '10.0.0.5:5062' },
      'UDP 192.0.2.4:5060',
    ],
    [
      'a Contact behind a NAT, with a name as its Via',
      { contact: '<sip:alice@pc.home.arpa>', sentBy: 'pc.home.arpa' },
      'UDP 192.0.2.4:5060',
    ],
    ['a Contact of .invalid', { contact: '<sip:alice@a1b2.invalid>' }, 'UDP 192.0.2.4:5060'],
    ['a Contact by TCP', { contact: '<sip:alice@192.0.2.4:5060;transport=tcp>' }, 'TCP 192.0.2.4:5060'],
    [
      'a route elsewhere',
      { contact: '<sip:alice@192.0.2.4>', routes: ['<sip:192.0.2.9;lr>'] },
      'UDP 192.0.2.9:5060',
    ],
    [
      'a route that is the neighbour, by the name in its Via',
      {
        contact: '<sip:alice@10.0.0.5>',
        routes: ['<sip:proxy.example.com;lr>'],
        sentBy: 'proxy.example.com',
      },
      'UDP 192.0.2.4:5060',
    ],
  ] as const)('by UDP, with %s', async (_name, call, way) => {
    expect((await wayOfBYE({ ...call, decide: loseBYE }))[0]).toBe(way);
  });

  test('by UDP is no connection, whatever connection there is to the address of the Contact (RFC 3263 §4.1)', async () => {
    const way = await wayOfBYE({
      contact: '<sip:alice@192.0.2.4:5060>',
      before: ({ caller }) => {
        caller.open('REFER', { ...referTo, contact: '<sip:alice@192.0.2.4:5060;transport=tcp>' });
      },
    });
    expect(way).toEqual(['UDP 192.0.2.4:5060']);
  });

  test.each([
    ['the transport of its connection', '<sip:alice@192.0.2.4:5060;transport=tcp>', ['connection']],
    ['no transport', '<sip:alice@192.0.2.4:5060>', ['connection']],
    ['.invalid', '<sip:alice@a1b2.invalid;transport=tcp>', ['connection']],
    ['a name without an address', '<sip:alice@pc.home.arpa;transport=tcp>', ['connection']],
    ['another host, that answers', '<sip:alice@192.0.2.8:5060;transport=tcp>', ['TCP 192.0.2.8:5060']],
    [
      'another host, that takes no connection',
      '<sip:alice@192.0.2.7:5060;transport=tcp>',
      ['TCP 192.0.2.7:5060', 'connection'],
    ],
  ])('by TCP, with a Contact of %s', async (_name, contact, way) => {
    const before = ({ network }: DeliveryStage) => void new Peer(network, 'TCP', other, userAgentAddress);
    expect(await wayOfBYE({ protocol: 'TCP', contact, before })).toEqual(way);
  });

  test.each([
    ['the transport of its connection', '<sip:alice@192.0.2.4:5060;transport=tcp>', ['TCP 192.0.2.4:5060']],
    ['no transport', '<sip:alice@192.0.2.4:5060>', ['UDP 192.0.2.4:5060']],
    ['.invalid', '<sip:alice@a1b2.invalid;transport=tcp>', []],
  ])('that is closed is none any more: a Contact of %s', async (_name, contact, way) => {
    const before = ({ network }: DeliveryStage) => network.cut(userAgentAddress);
    expect(await wayOfBYE({ protocol: 'TCP', contact, before })).toEqual(way);
  });

  test('by a connection to a proxy goes by that, and anew to the proxy where it is closed', async () => {
    const call = {
      protocol: 'TCP',
      contact: '<sip:alice@10.0.0.5:5060>',
      routes: ['<sip:192.0.2.4:5060;transport=tcp;lr>'],
    } as const;
    expect(await wayOfBYE(call)).toEqual(['connection']);
    const before = ({ network }: DeliveryStage) => network.cut(userAgentAddress);
    expect(await wayOfBYE({ ...call, before })).toEqual(['TCP 192.0.2.4:5060']);
  });

  test('that breaks under the request is followed by the target', async () => {
    let isFirst = true;
    const way = await wayOfBYE({
      protocol: 'TCP',
      contact: '<sip:alice@192.0.2.4:5060;transport=tcp>',
      decide: (message) => {
        const fate = isFirst && message.text.startsWith('BYE') ? 'fail' : undefined;
        if (fate !== undefined) isFirst = false;
        return fate;
      },
    });
    expect(way).toEqual(['connection', 'TCP 192.0.2.4:5060']);
  });

  describe('moves with the remote target (RFC 3261 §12.2.2)', () => {
    const elsewhere = '<sip:alice@192.0.2.7:5070>';
    const natted = '<sip:alice@10.0.0.5:5060>';

    test('to a Contact elsewhere, and not before the request is accepted', async () => {
      const call = { contact: natted, sentBy: '10.0.0.5:5060', decide: loseBYE };
      const reInvite = (_there: DeliveryStage, dialog: Dialogue) =>
        void dialog.request('INVITE', { contact: elsewhere });

      expect((await wayOfBYE({ ...call, before: reInvite }))[0]).toBe('UDP 192.0.2.7:5070');
      const onReInvite = (invitation: ReInvitation) => void invitation.reject(488);
      expect((await wayOfBYE({ ...call, before: reInvite, onReInvite }))[0]).toBe('UDP 192.0.2.4:5060');
    });

    test('to the connection by which its request came', async () => {
      const way = await wayOfBYE({
        protocol: 'TCP',
        contact: '<sip:alice@a1b2.invalid;transport=tcp>',
        before: ({ network, scheduler }, dialog) => {
          network.cut(userAgentAddress);
          scheduler.advance(10);
          dialog.request('INVITE', { contact: '<sip:alice@a1b2.invalid;transport=tcp>' });
        },
      });
      expect(way).toEqual(['connection']);
    });
  });
});

describe('the addresses of a next hop (RFC 3263 §4.2, §4.3)', () => {
  /** The first NOTIFY of a referral whose Contact has these addresses, and what became of it. */
  const notify = async (
    hosts: readonly string[],
    options: DeliveryOptions & { readonly contact?: string } = {},
  ) => {
    const { contact = phone, ...others } = options;
    const there = await deliveryStage({ resolver: resolverOf(...hosts), ...others });
    there.caller.open('REFER', { ...referTo, contact });
    for (let second = 0; second < 120; second++) await there.pass(1_000);
    return { ...there, way: wayOf(there.sent) };
  };
  const isTo = (host: string, { text, to }: MemoryMessage) => text.startsWith('NOTIFY') && to.host === host;

  test('are those that a transport reaches', async () => {
    const { way, causes } = await notify(['2001:db8::1', '192.0.2.4']);
    expect(way).toEqual(['UDP 192.0.2.4:5060']);
    expect(causes).toEqual([]);
  });

  test('are none where no transport reaches any', async () => {
    const { way, causes, told } = await notify(['2001:db8::1', '2001:db8::2']);
    expect(way).toEqual([]);
    expect(causes).toEqual(['no transport to [2001:db8::1]:5060']);
    expect(told).toEqual(['referral ended transportError']);
  });

  test('are tried one after the other until one takes the request: the same, in another transaction', async () => {
    const { sent, way, told } = await notify(['192.0.2.7', '192.0.2.8', '192.0.2.4'], {
      decide: (message) => (isTo('192.0.2.7', message) || isTo('192.0.2.8', message) ? 'fail' : undefined),
    });
    expect(way).toEqual(['192.0.2.7', '192.0.2.8', '192.0.2.4'].map((host) => `UDP ${host}:5060`));
    expect(sent.map(({ cseq }) => cseq)).toEqual(['1 NOTIFY', '1 NOTIFY', '1 NOTIFY']);
    expect(new Set(sent.map(({ branch }) => branch)).size).toBe(3);
    expect(told).toEqual([]);
  });

  test('that keep silent are left after 64·T1', async () => {
    const { way, sent } = await notify(['192.0.2.7', '192.0.2.4']);
    expect(way).toEqual(['UDP 192.0.2.7:5060', 'UDP 192.0.2.4:5060']);
    expect(sent.filter(({ to }) => to === 'UDP 192.0.2.7:5060')).toHaveLength(3);
  });

  test('that nobody has heard of get the request three times, all but the first once', async () => {
    const { sent } = await notify(['192.0.2.7', '192.0.2.8', '192.0.2.7', '192.0.2.9']);
    expect(sent.map(({ to }) => to)).toEqual([
      ...Array(3).fill('UDP 192.0.2.7:5060'),
      'UDP 192.0.2.8:5060',
      'UDP 192.0.2.9:5060',
    ]);
  });

  test('that fail all together fail the request, with the cause of the last', async () => {
    const { causes, told } = await notify(['192.0.2.7', '192.0.2.8'], {
      decide: (message) => (isTo('192.0.2.8', message) ? 'fail' : undefined),
    });
    expect(causes).toEqual(['UDP 192.0.2.8:5060 is unreachable']);
    expect(told).toEqual(['referral ended transportError']);
  });

  test('after one that has answered are left alone', async () => {
    const there = await deliveryStage({ resolver: resolverOf('192.0.2.4', '192.0.2.8') });
    there.caller.answer = () => ({ status: 100 });
    there.caller.open('REFER', { ...referTo, contact: phone });
    for (let second = 0; second < 60; second++) await there.pass(1_000);
    expect(wayOf(there.sent)).toEqual(['UDP 192.0.2.4:5060']);
    expect(there.told).toEqual(['referral ended timeout']);
  });

  test('are five at most', async () => {
    const hosts = Array.from({ length: 40 }, (_, index) => `192.0.2.${100 + index}`);
    const { way } = await notify(hosts, {
      decide: ({ text }) => (text.startsWith('NOTIFY') ? 'fail' : undefined),
    });
    expect(way).toEqual(hosts.slice(0, 5).map((host) => `UDP ${host}:5060`));
  });

  test('take more than 1,300 bytes by TCP first, each (RFC 3261 §18.1.1)', async () => {
    const { way } = await notify(['192.0.2.7', '192.0.2.4'], {
      contact: `<sip:${'a'.repeat(1_200)}@phone.example.com>`,
      decide: (message) => (isTo('192.0.2.7', message) ? 'fail' : undefined),
    });
    expect(way).toEqual(['TCP 192.0.2.7:5060', 'UDP 192.0.2.7:5060', 'TCP 192.0.2.4:5060']);
  });

  test.each([
    ['nobody knows', failing('unresolved'), 'no address for phone.example.com'],
    ['nobody tells in time', failing('timeout'), 'no address for phone.example.com (timeout)'],
    ['lead to none', resolverOf(), 'no address for phone.example.com'],
    [
      'a resolver that throws was asked for',
      { resolve: () => () => Promise.reject(new Error('no network')) },
      'no address for phone.example.com (failed)',
    ],
  ])('that %s fail the request, and say why', async (_name, resolver, cause) => {
    const { way, causes, told } = await notify([], { resolver });
    expect(way).toEqual([]);
    expect(causes).toEqual([cause]);
    expect(told).toEqual(['referral ended transportError']);
  });

  test.each([
    ['<sips:alice@192.0.2.4>', 'no TLS transport to 192.0.2.4:5061'],
    ['<sip:alice@192.0.2.4;transport=sctp>', 'no SCTP transport to 192.0.2.4:5060'],
    ['<sip:alice@[2001:db8::1]>', 'no transport to [2001:db8::1]:5060'],
  ])('%s has no target, and the failure says why', async (contact, cause) => {
    const { way, causes } = await notify([], { contact });
    expect(way).toEqual([]);
    expect(causes).toEqual([cause]);
  });
});

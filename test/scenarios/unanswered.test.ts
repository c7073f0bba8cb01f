import { describe, expect, test } from 'vitest';
import { reject } from '../../src/api/answer.js';
import { field, type Response } from '../../src/message/index.js';
import {
  answer,
  type CallOptions,
  callStage,
  description,
  type Exchange,
  nothing,
  offer,
  remains,
  type Wish,
} from '../support/caller.js';
import { settled } from '../support/core-stage.js';
import { nobody } from '../support/stage.js';

const described = { lines: description, body: offer };

interface Row {
  readonly method: string;
  readonly wish?: Wish;
  /** Whether it goes in a call. */
  readonly inCall?: boolean;
  /** What answers it where its handler says nothing, and after how many milliseconds. */
  readonly status: number;
  readonly after: number;
}

const rows: readonly Row[] = [
  { method: 'INVITE', wish: described, status: 480, after: 180_000 },
  { method: 'INVITE', wish: described, inCall: true, status: 488, after: 180_000 },
  { method: 'REFER', wish: { lines: ['Refer-To: <sip:carol@192.0.2.3>'] }, status: 200, after: 24_000 },
  { method: 'SUBSCRIBE', wish: { lines: ['Event: presence', 'Expires: 60'] }, status: 200, after: 24_000 },
  { method: 'UPDATE', wish: described, inCall: true, status: 504, after: 24_000 },
  { method: 'INFO', wish: {}, inCall: true, status: 500, after: 24_000 },
  {
    method: 'NOTIFY',
    wish: { lines: ['Event: presence', 'Subscription-State: active'] },
    status: 500,
    after: 24_000,
  },
  { method: 'MESSAGE', status: 500, after: 24_000 },
  { method: 'OPTIONS', status: 500, after: 24_000 },
  {
    method: 'PUBLISH',
    wish: { lines: ['Event: presence', 'Content-Type: text/plain'], body: 'open' },
    status: 500,
    after: 24_000,
  },
  { method: 'REGISTER', status: 500, after: 24_000 },
];

const title = ({ method, inCall = false }: Row) => `${inCall ? 'in a call ' : ''}${method}`;

type Handling = () => never | Promise<never>;

/** A request that every handler answers in the same way: not at all. The one that the call starts with is accepted. */
const asked = async (
  { method, wish = {}, inCall = false }: Row,
  handle: Handling,
  options: CallOptions = {},
) => {
  let isCalled = !inCall;
  const there = await callStage({
    eventPackages: { presence: {} },
    accept: ['application/sdp', 'text/plain'],
    ...options,
    onInvite: (invitation) => {
      if (isCalled) return handle();
      isCalled = true;
      return void invitation.accept();
    },
    on: {
      reInvite: handle,
      refer: handle,
      subscribe: handle,
      update: handle,
      info: handle,
      notify: handle,
      message: handle,
      options: handle,
      publish: handle,
      register: handle,
      prack: handle,
    },
  });
  const dialog = inCall ? there.caller.invite() : undefined;
  there.scheduler.advance(100);
  const exchange: Exchange = dialog?.request(method, wish) ?? there.caller.open(method, wish).first;
  return { ...there, dialog, exchange };
};

describe('a request that its handler never answers', () => {
  test.each(rows.map((row) => [title(row), row] as const))(
    '%s is answered in the end',
    async (_title, row) => {
      for (const protocol of ['UDP', 'TCP'] as const) {
        const there = await asked(row, () => new Promise<never>(() => {}), { protocol });
        there.scheduler.advance(row.after - 1);
        await settled();
        expect(there.exchange.status).toBeUndefined();
        there.scheduler.advance(100);
        expect(there.exchange.status).toBe(row.status);
        there.dialog?.bye();
        expect(remains(there)).toEqual(nothing);
      }
    },
  );

  test('PRACK with an offer is answered 500, and the call goes on', async () => {
    const there = await callStage({
      on: { prack: () => new Promise<never>(() => {}) },
      onInvite: (invitation) =>
        invitation.progress(183, { headers: [['Content-Type', 'application/sdp']], body: answer }),
    });
    there.caller.acknowledges.provisional = false;
    const dialog = there.caller.invite({ ...described, lines: [...description, 'Supported: 100rel'] });
    there.scheduler.advance(100);
    const prack = dialog.request('PRACK', { ...described, lines: [...description, 'RAck: 1 1 INVITE'] });
    there.scheduler.advance(24_100);
    expect(prack.status).toBe(500);
    expect(there.invitations[0]?.accept()).toBe('sent');
    there.scheduler.advance(100);
    expect(dialog.first.status).toBe(200);
    dialog.bye();
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a request whose handler fails', () => {
  const failures: Readonly<Record<string, Handling>> = {
    throws: () => {
      throw new Error('broken');
    },
    'gives back a promise that is rejected': () => Promise.reject(new Error('broken')),
  };
  const cases = Object.entries(failures).flatMap(([name, handle]) =>
    rows.map((row) => [title(row), name, row, handle] as const),
  );

  test.each(cases)('%s %s: 500', async (_title, _name, row, handle) => {
    const there = await asked(row, handle);
    there.scheduler.advance(100);
    await settled();
    there.scheduler.advance(100);
    expect(there.exchange.status).toBe(500);
    expect(there.errors).toEqual([new Error('broken')]);
    there.dialog?.bye();
    expect(remains(there)).toEqual({ ...nothing, errors: [new Error('broken')] });
  });

  test('that answers, then throws, keeps its answer', async () => {
    const there = await callStage({
      onInvite: (invitation) => {
        invitation.accept();
        throw new Error('late');
      },
    });
    const dialog = there.caller.invite();
    there.scheduler.advance(100);
    expect(dialog.first.status).toBe(200);
    expect(there.invitations[0]?.session.state).toBe('confirmed');
    dialog.bye();
    expect(remains(there)).toEqual({ ...nothing, errors: [new Error('late')] });
  });

  test('with an answer that is none: 500', async () => {
    const there = await callStage({ on: { message: () => reject(200) } });
    const { first } = there.caller.open('MESSAGE');
    there.scheduler.advance(100);
    expect(first.status).toBe(500);
    expect(there.errors).toHaveLength(1);
  });
});

describe('a user agent that closes', () => {
  const busy = async () => {
    let calls = 0;
    const there = await callStage({
      eventPackages: { presence: {} },
      onInvite: (invitation) => (++calls === 1 ? invitation.accept() : invitation.progress()),
      on: { subscribe: (subscription) => subscription.accept({ contentType: 'text/plain', body: 'open' }) },
    });
    const [established, ringing] = [there.caller.invite(), there.caller.invite()];
    const subscription = there.caller.open('SUBSCRIBE', { lines: ['Event: presence'] });
    there.scheduler.advance(2_000);
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 3, sessions: 2, subscriptions: 1 });
    return { ...there, established, ringing, subscription };
  };

  test('repeats the 480 of a ringing call that is lost until its ACK', async () => {
    const there = await callStage({ onInvite: (invitation) => invitation.progress() });
    const dialog = there.caller.invite();
    there.scheduler.advance(2_000);
    let lost = 0;
    there.network.on(({ text }) => (text.startsWith('SIP/2.0 480') && lost++ === 0 ? 'lose' : 'deliver'));
    let isClosed = false;
    const closing = there.userAgent.close({ drain: 10_000 }).then(() => {
      isClosed = true;
    });
    there.scheduler.advance(400);
    await Promise.resolve();
    expect([dialog.first.status, isClosed]).toEqual([undefined, false]);
    there.scheduler.advance(6_000);
    await closing;
    expect(dialog.first.status).toBe(480);
    expect(remains(there)).toEqual(nothing);
  });

  test('ends a ringing call by 480, a call by BYE and a subscription by NOTIFY, and leaves nothing', async () => {
    const there = await busy();
    let isClosed = false;
    const closing = there.userAgent.close({ drain: 10_000 }).then(() => {
      isClosed = true;
    });
    there.scheduler.advance(0);
    expect(there.ringing.first.status).toBe(480);
    await closing;
    expect(isClosed).toBe(true);
    expect(there.caller.heard).toEqual([
      'NOTIFY active;expires=3600 open',
      'BYE',
      'NOTIFY terminated;reason=deactivated open',
    ]);
    expect(there.told).toEqual(['call acknowledged', 'call 2 ended refused', 'call ended hungUp']);
    expect(there.userAgent.counts()).toEqual(nobody);
    expect(remains(there)).toEqual(nothing);
  });

  test('waits no longer than it is given for a peer that is silent', async () => {
    const there = await busy();
    there.caller.answer = () => undefined;
    const closing = there.userAgent.close({ drain: 10_000 });
    there.scheduler.advance(9_999);
    expect(there.userAgent.counts()).toMatchObject({ sessions: 1, subscriptions: 1 });
    there.scheduler.advance(1);
    await closing;
    expect(there.userAgent.counts()).toEqual(nobody);
    expect(remains(there)).toEqual(nothing);
  });

  test('answers a BYE in the meantime, and refuses a call with 503', async () => {
    const there = await busy();
    there.caller.answer = () => undefined;
    const closing = there.userAgent.close({ drain: 10_000 });
    const bye = there.established.bye();
    const late = there.caller.invite();
    there.scheduler.advance(100);
    expect(bye.status).toBe(200);
    expect(late.first.status).toBe(503);
    expect(field(late.first.final as Response, 'Retry-After')).toBe('10');
    there.scheduler.advance(10_000);
    await closing;
    expect(remains(there)).toEqual(nothing);
  });

  test('waits for the ACK of a call that was just accepted, then hangs up', async () => {
    const there = await callStage();
    there.caller.acknowledges.success = false;
    there.caller.invite();
    there.scheduler.advance(100);
    const closing = there.userAgent.close({ drain: 10_000 });
    there.scheduler.advance(100);
    expect(there.caller.heard).toEqual([]);
    there.caller.acknowledges.success = true;
    there.scheduler.advance(1_000);
    await closing;
    expect(there.caller.heard).toEqual(['BYE']);
    expect(there.scheduler.now()).toBeLessThan(2_000);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a limit of dialogs', () => {
  test.each<[string, CallOptions]>([
    ['established', {}],
    ['ringing', { onInvite: (invitation) => invitation.progress() }],
  ])('has an INVITE over it answered 503 with Retry-After: %s calls', async (_name, options) => {
    const there = await callStage({ limits: { dialogs: 2 }, ...options });
    const statuses: (number | undefined)[] = [];
    const calls = [1, 2, 3].map(() => {
      const call = there.caller.invite();
      there.scheduler.advance(100);
      statuses.push(call.first.responses.at(-1)?.status);
      return call;
    });
    const usual = options.onInvite === undefined ? 200 : 180;
    expect(statuses).toEqual([usual, usual, 503]);
    expect(field(calls[2]?.first.final as Response, 'Retry-After')).toBe('10');
    for (const call of calls.slice(0, 2)) call.bye();
    there.scheduler.advance(40_000);
    const again = there.caller.invite();
    there.scheduler.advance(100);
    expect(again.first.responses.at(-1)?.status).toBe(usual);
    again.bye();
    expect(remains(there)).toEqual(nothing);
  });

  test('leaves the requests of a call alone', async () => {
    const there = await callStage({ limits: { dialogs: 1 } });
    const call = there.caller.invite();
    there.scheduler.advance(100);
    for (const method of ['INVITE', 'INFO', 'UPDATE', 'OPTIONS', 'BYE']) {
      const exchange = call.request(method);
      there.scheduler.advance(100);
      expect([method, exchange.status]).toEqual([method, 200]);
    }
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a limit of transactions and of subscriptions', () => {
  test.each<[string, CallOptions, string, Wish]>([
    ['transactions', { limits: { transactions: 0 } }, 'INVITE', described],
    ['transactions', { limits: { transactions: 0 } }, 'OPTIONS', {}],
    ['subscriptions', { limits: { subscriptions: 0 } }, 'SUBSCRIBE', { lines: ['Event: presence'] }],
    [
      'subscriptions',
      { limits: { subscriptions: 0 } },
      'REFER',
      { lines: ['Refer-To: <sip:carol@192.0.2.3>'] },
    ],
  ])('%s has what is over it answered 503 with Retry-After', async (_name, options, method, wish) => {
    const there = await callStage(options);
    const { first } = there.caller.open(method, wish);
    there.scheduler.advance(100);
    expect(first.status).toBe(503);
    expect(field(first.final as Response, 'Retry-After')).toBe('10');
    expect(remains(there)).toEqual(nothing);
  });

  test('of transactions has room again when old ones have gone', async () => {
    const there = await callStage({ limits: { transactions: 2 } });
    const statuses: (number | undefined)[] = [];
    for (const pause of [100, 100, 40_000, 100]) {
      const { first } = there.caller.open('OPTIONS');
      there.scheduler.advance(pause);
      statuses.push(first.status);
    }
    expect(statuses).toEqual([200, 200, 503, 200]);
    expect(remains(there)).toEqual(nothing);
  });
});

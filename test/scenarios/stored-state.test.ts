import { describe, expect, test } from 'vitest';
import { accept, reject } from '../../src/api/answer.js';
import type { Subscription } from '../../src/api/subscription.js';
import { field, fields, type Response } from '../../src/message/index.js';
import { callStage, type Dialogue, nothing, remains, type Wish } from '../support/caller.js';
import { settled } from '../support/core-stage.js';

const xml = 'application/pidf+xml';
const report = (body: string) => ({ contentType: xml, body });

type Options = Parameters<typeof callStage>[0];

/** A user agent that serves presence, and a request to it that has its answer. */
const asked = async (method: string, wish: Wish, options: Options = {}) => {
  const there = await callStage({ eventPackages: { presence: { minimum: 60 } }, accept: [xml], ...options });
  const ask = async (dialog: Dialogue | undefined, next: Wish, by = method): Promise<Response> => {
    const exchange = dialog === undefined ? there.caller.open(by, next).first : dialog.request(by, next);
    there.scheduler.advance(10);
    await settled();
    there.scheduler.advance(10);
    if (exchange.final === undefined) throw new Error(`heard only ${exchange.statuses}`);
    return exchange.final;
  };
  return { ...there, ask, response: await ask(undefined, wish) };
};

describe('a MESSAGE (RFC 3428)', () => {
  test('is answered as its handler says, and makes no dialog', async () => {
    const texts: string[] = [];
    const there = await asked(
      'MESSAGE',
      { lines: ['Content-Type: text/plain'], body: 'Watson, come here.' },
      {
        accept: ['text/plain'],
        on: {
          message: ({ request }) => {
            texts.push(request.body);
            return accept({ status: 202 });
          },
        },
      },
    );
    expect(there.response.status).toBe(202);
    expect(field(there.response, 'Contact')).toBeUndefined();
    expect(texts).toEqual(['Watson, come here.']);
    expect(remains(there)).toEqual(nothing);
  });

  test('repeated is handled once', async () => {
    let count = 0;
    const there = await callStage({
      on: {
        message: () => {
          count++;
          return accept();
        },
      },
    });
    there.network.on(({ text }) => (text.startsWith('MESSAGE') ? 'duplicate' : 'deliver'));
    there.caller.open('MESSAGE');
    there.scheduler.advance(1_000);
    expect([count, there.caller.count('SIP/2.0 200')]).toEqual([1, 2]);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a subscription to presence (RFC 6665)', () => {
  const presence = (...lines: string[]): Wish => ({ lines: ['Event: presence', ...lines] });

  const subscribed = async (wish = presence('Expires: 600'), options: Options = {}) => {
    const subscriptions: Subscription[] = [];
    const ended: string[] = [];
    const there = await callStage({
      eventPackages: { presence: { minimum: 60, neutral: report('<neutral/>') } },
      ...options,
      on: {
        subscribe: (subscription) => {
          subscriptions.push(subscription);
          subscription.listen({ ended: (reason) => ended.push(reason) });
          subscription.accept(report('<open/>'));
        },
        ...options.on,
      },
    });
    const dialog = there.caller.open('SUBSCRIBE', wish);
    there.scheduler.advance(2_000);
    return { ...there, dialog, subscriptions, ended };
  };

  test('has a NOTIFY at once, one for each state, and a last one', async () => {
    const there = await subscribed();
    expect(there.dialog.first.status).toBe(200);
    expect(field(there.dialog.first.final as Response, 'Expires')).toBe('600');
    there.subscriptions[0]?.notify(report('<closed/>'));
    there.scheduler.advance(2_000);
    there.subscriptions[0]?.finish();
    there.scheduler.advance(2_000);
    expect(there.caller.heard).toEqual([
      'NOTIFY active;expires=600 <open/>',
      'NOTIFY active;expires=598 <closed/>',
      'NOTIFY terminated;reason=noresource <closed/>',
    ]);
    expect(there.ended).toEqual(['noresource']);
    expect(remains(there)).toEqual(nothing);
  });

  test('is refreshed, and ended by Expires: 0', async () => {
    const there = await subscribed();
    const refresh = there.dialog.request('SUBSCRIBE', presence('Expires: 900'));
    there.scheduler.advance(2_000);
    expect([refresh.status, field(refresh.final as Response, 'Expires')]).toEqual([200, '900']);
    there.scheduler.advance(700_000);
    expect(there.ended).toEqual([]);
    const end = there.dialog.request('SUBSCRIBE', presence('Expires: 0'));
    there.scheduler.advance(2_000);
    expect([end.status, field(end.final as Response, 'Expires')]).toEqual([200, '0']);
    expect(there.caller.heard.slice(1)).toEqual([
      'NOTIFY active;expires=900 <open/>',
      'NOTIFY terminated;reason=timeout <open/>',
    ]);
    expect([there.ended, there.subscriptions.length]).toEqual([['timeout'], 1]);
    const late = there.dialog.request('SUBSCRIBE', presence('Expires: 60'));
    there.scheduler.advance(100);
    expect(late.status).toBe(481);
    expect(remains(there)).toEqual(nothing);
  });

  test('stays as it was where a refresh is refused', async () => {
    const there = await subscribed();
    const brief = there.dialog.request('SUBSCRIBE', presence('Expires: 59'));
    const unknown = there.dialog.request('SUBSCRIBE', { lines: ['Event: winfo'] });
    there.scheduler.advance(2_000);
    expect([brief.status, unknown.status]).toEqual([423, 489]);
    expect(there.ended).toEqual([]);
    there.scheduler.advance(596_000);
    expect(there.ended).toEqual(['timeout']);
    expect(remains(there)).toEqual(nothing);
  });

  test('for no time fetches the state once (§4.4.3)', async () => {
    const there = await subscribed(presence('Expires: 0'));
    expect(there.dialog.first.status).toBe(200);
    expect(there.caller.heard).toEqual(['NOTIFY terminated;reason=timeout <open/>']);
    expect(there.ended).toEqual(['timeout']);
    expect(remains(there)).toEqual(nothing);
  });

  test('runs out by itself', async () => {
    const there = await subscribed(presence('Expires: 60'));
    there.scheduler.advance(60_000);
    expect(there.caller.heard.at(-1)).toBe('NOTIFY terminated;reason=timeout <open/>');
    expect(remains(there)).toEqual(nothing);
  });

  test.each<[string, Wish, number, string, string]>([
    ['too brief', presence('Expires: 59'), 423, 'Min-Expires', '60'],
    ['to an unknown package', { lines: ['Event: winfo'] }, 489, 'Allow-Events', 'refer, presence'],
    ['without a Contact', { ...presence(), contact: undefined }, 400, 'Contact', ''],
  ])('%s is refused, and nobody is asked', async (_name, wish, status, header, value) => {
    const there = await subscribed(wish);
    expect(there.dialog.first.status).toBe(status);
    expect(field(there.dialog.first.final as Response, header) ?? '').toBe(value);
    expect(there.subscriptions).toEqual([]);
    expect(remains(there)).toEqual(nothing);
  });

  test('held pending shows the neutral state, then is granted or rejected', async () => {
    for (const [decide, last] of [
      [(one: Subscription) => one.accept(report('<open/>')), 'NOTIFY active;expires=596 <open/>'],
      [(one: Subscription) => one.reject(), 'NOTIFY terminated;reason=rejected <neutral/>'],
    ] as const) {
      const held: Subscription[] = [];
      const there = await subscribed(presence('Expires: 600'), {
        on: {
          subscribe: (one) => {
            held.push(one);
            one.suspend();
          },
        },
      });
      there.scheduler.advance(2_000);
      expect(there.caller.heard).toEqual(['NOTIFY pending;expires=600 <neutral/>']);
      expect(decide(held[0] as Subscription)).toBe('sent');
      there.scheduler.advance(2_000);
      expect(there.caller.heard.at(-1)).toBe(last);
      expect(remains(there)).toEqual(nothing);
    }
  });

  test('in a session outlives it', async () => {
    const there = await callStage({
      eventPackages: { presence: {} },
      on: { subscribe: (subscription) => subscription.accept(report('<open/>')) },
    });
    const dialog = there.caller.invite();
    there.scheduler.advance(100);
    dialog.request('SUBSCRIBE', presence('Expires: 600'));
    there.scheduler.advance(2_000);
    dialog.bye();
    there.scheduler.advance(2_000);
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, sessions: 0, subscriptions: 1 });
    dialog.request('SUBSCRIBE', presence('Expires: 0'));
    there.scheduler.advance(2_000);
    expect(there.userAgent.counts()).toMatchObject({ dialogs: 0, subscriptions: 0 });
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a PUBLISH (RFC 3903)', () => {
  const publish = (lines: string[] = [], body = '<open/>'): Wish => ({
    uri: 'sip:alice@192.0.2.1',
    lines: ['Event: presence', ...(body === '' ? [] : [`Content-Type: ${xml}`]), ...lines],
    body,
  });
  const on = { publish: () => accept() };
  const tagOf = (response: Response) => field(response, 'SIP-ETag') ?? 'none';

  test('is refreshed, changed and removed by its entity-tag, a new one each time', async () => {
    const there = await asked('PUBLISH', publish(['Expires: 600']), { on });
    expect([there.response.status, field(there.response, 'Expires')]).toEqual([200, '600']);
    const first = tagOf(there.response);
    const refreshed = await there.ask(undefined, publish([`SIP-If-Match: ${first}`], ''));
    expect([refreshed.status, field(refreshed, 'Expires')]).toEqual([200, '3600']);
    const changed = await there.ask(undefined, publish([`SIP-If-Match: ${tagOf(refreshed)}`], '<closed/>'));
    expect(changed.status).toBe(200);
    const removed = await there.ask(
      undefined,
      publish([`SIP-If-Match: ${tagOf(changed)}`, 'Expires: 0'], ''),
    );
    expect([removed.status, field(removed, 'Expires')]).toEqual([200, '0']);
    expect(new Set([first, tagOf(refreshed), tagOf(changed)]).size).toBe(3);
    for (const tag of [first, tagOf(changed)])
      expect((await there.ask(undefined, publish([`SIP-If-Match: ${tag}`]))).status).toBe(412);
    expect(remains(there)).toEqual(nothing);
  });

  test('has its entity-tag no longer than it lasts: 412', async () => {
    const there = await asked('PUBLISH', publish(['Expires: 60']), { on });
    there.scheduler.advance(59_000);
    const refreshed = await there.ask(
      undefined,
      publish([`SIP-If-Match: ${tagOf(there.response)}`, 'Expires: 60'], ''),
    );
    expect(refreshed.status).toBe(200);
    there.scheduler.advance(60_000);
    const late = await there.ask(undefined, publish([`SIP-If-Match: ${tagOf(refreshed)}`]));
    expect(late.status).toBe(412);
  });

  test.each<[string, Wish, Options, number, string, string]>([
    ['too brief', publish(['Expires: 59']), { on }, 423, 'Min-Expires', '60'],
    ['of an unknown package', { lines: ['Event: winfo'] }, { on }, 489, 'Allow-Events', 'presence'],
    ['of nothing', publish([], ''), { on }, 400, 'SIP-ETag', ''],
    ['that the handler refuses', publish(), { on: { publish: () => reject(403) } }, 403, 'SIP-ETag', ''],
    ['that nobody handles', publish(), {}, 405, 'SIP-ETag', ''],
  ])('%s is refused', async (_name, wish, options, status, header, value) => {
    const there = await asked('PUBLISH', wish, options);
    expect([there.response.status, field(there.response, header) ?? '']).toEqual([status, value]);
    expect(remains(there)).toEqual(nothing);
  });
});

describe('a REGISTER (RFC 3261 §10.3, RFC 3665 §2)', () => {
  const register = (contact?: string, ...lines: string[]): Wish => ({
    uri: 'sip:192.0.2.1',
    to: '<sip:alice@192.0.2.1>',
    contact,
    lines,
  });
  const on = { register: () => accept() };
  const one = '<sip:alice@192.0.2.4>';
  const two = '<sip:alice@192.0.2.9>';
  const bindings = (response: Response) => [response.status, ...fields(response, 'Contact')];

  test('adds, shows, refreshes and removes bindings, which run out by themselves', async () => {
    const there = await asked('REGISTER', register(one, 'Expires: 600'), { on });
    expect(bindings(there.response)).toEqual([200, `${one};expires=600`]);
    there.scheduler.advance(100_000);
    expect(bindings(await there.ask(undefined, register(`${two};expires=60`)))).toEqual([
      200,
      `${one};expires=499`,
      `${two};expires=60`,
    ]);
    expect(bindings(await there.ask(undefined, register()))).toEqual([
      200,
      `${one};expires=499`,
      `${two};expires=59`,
    ]);
    there.scheduler.advance(60_000);
    expect(bindings(await there.ask(undefined, register(one)))).toEqual([200, `${one};expires=3600`]);
    expect(bindings(await there.ask(undefined, register(`${one};expires=0`)))).toEqual([200]);
    expect(remains(there)).toEqual(nothing);
  });

  test('removes every binding by *', async () => {
    const there = await asked('REGISTER', register(`${one}, ${two}`), { on });
    expect(bindings(there.response)).toHaveLength(3);
    expect(bindings(await there.ask(undefined, register('*', 'Expires: 0')))).toEqual([200]);
    expect(bindings(await there.ask(undefined, register('*', 'Expires: 1')))[0]).toBe(400);
  });

  test.each<[string, Wish, Options, number, string]>([
    ['too brief', register(`${one};expires=59`), { on }, 423, '60'],
    ['that the handler refuses', register(one), { on: { register: () => reject(403) } }, 403, ''],
    ['that nobody handles', register(one), {}, 405, ''],
  ])('%s is refused', async (_name, wish, options, status, minimum) => {
    const there = await asked('REGISTER', wish, options);
    expect([there.response.status, field(there.response, 'Min-Expires') ?? '']).toEqual([status, minimum]);
    expect(remains(there)).toEqual(nothing);
  });

  test('of the same Call-ID that comes out of order changes nothing: 500', async () => {
    const there = await callStage({ on });
    const dialog = there.caller.open('REGISTER', { ...register(one), sequence: 7 });
    const ask = async (wish: Wish) => {
      const exchange = dialog.request('REGISTER', { ...register(), ...wish });
      there.scheduler.advance(100);
      await settled();
      there.scheduler.advance(40_000);
      return exchange.final as Response;
    };
    there.scheduler.advance(100);
    await settled();
    expect((await ask({ contact: `${one};expires=0`, sequence: 6 })).status).toBe(500);
    expect(bindings(await ask({ sequence: 8 }))).toEqual([200, expect.stringContaining(one)]);
  });
});

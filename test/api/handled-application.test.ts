import { describe, expect, expectTypeOf, test } from 'vitest';
import { type Answer, accept, reject } from '../../src/api/answer.js';
import type { IncomingRequest } from '../../src/api/incoming-request.js';
import type { Invitation, ReInvitation } from '../../src/api/invitation.js';
import { grant, pending, refuse } from '../../src/api/policy.js';
import type { UserAgentHandlers, UserAgentOptions } from '../../src/api/user-agent-options.js';
import { field, type Response } from '../../src/message/index.js';
import { type RequestFields, requestText, toTag } from '../support/peer.js';
import { nobody, stage } from '../support/stage.js';

const contact = 'Contact: <sip:alice@192.0.2.2:5060>';
const invite: RequestFields = { method: 'INVITE', callId: 'one', lines: [contact] };

/** A user agent and what it has sent once these requests have come. */
const answers = async (
  options: Omit<Partial<UserAgentOptions>, 'transports'>,
  ...requests: readonly RequestFields[]
) => {
  const there = await stage(options);
  for (const fields of requests) there.peer.send(requestText(fields));
  there.scheduler.advance(10);
  await Promise.resolve();
  await Promise.resolve();
  there.scheduler.advance(10);
  return there;
};

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  'a user agent takes no T1 that never ends: %d',
  async (T1) => {
    await expect(stage({ timers: { T1 } })).rejects.toThrow('timers.T1 is a positive number of milliseconds');
  },
);

test.each<[string, Omit<Partial<UserAgentOptions>, 'transports'>, string]>([
  ['a minimum over the maximum', { bindings: { minimum: 7_200 } }, 'bindings.minimum'],
  ['a minimum over the default', { publications: { minimum: 90, default: 60 } }, 'publications.minimum'],
  ['a package likewise', { eventPackages: { x: { minimum: 9, maximum: 5 } } }, 'eventPackages.x.minimum'],
  ['patience that never ends', { patience: Number.POSITIVE_INFINITY }, 'patience'],
  ['a package named refer', { eventPackages: { refer: {} } }, 'referExpires'],
])('a user agent takes no %s', async (_name, options, message) => {
  await expect(stage(options)).rejects.toThrow(message);
});

test('a package whose subscriptions are shorter than a minute grants what it can', async () => {
  const { peer } = await answers(
    {
      eventPackages: { x: { maximum: 30 } },
      on: { subscribe: (subscription) => subscription.suspend() },
    },
    { method: 'SUBSCRIBE', lines: [contact, 'Event: x', 'Expires: 3600'] },
  );
  expect(peer.responses.map((response) => field(response, 'Expires'))).toEqual(['30']);
});

test('names no package that may not be subscribed to, for want of a handler', async () => {
  const options = { eventPackages: { x: {} } };
  const requests: RequestFields[] = [
    { method: 'SUBSCRIBE', lines: [contact, 'Event: x'] },
    { method: 'OPTIONS' },
  ];
  const packagesOf = async (on: UserAgentHandlers) =>
    (await answers({ ...options, on }, ...requests)).peer.responses.map((response) =>
      field(response, 'Allow-Events'),
    );
  expect(await packagesOf({})).toEqual(['refer', 'refer']);
  expect((await packagesOf({ subscribe: (subscription) => subscription.reject() }))[1]).toBe('refer, x');
});

test('takes the type of a package’s state with any parameters', async () => {
  const neutral = { contentType: 'application/x;charset=utf-8', body: '' };
  const { peer } = await answers(
    { eventPackages: { x: { neutral } }, on: { message: () => accept() } },
    { method: 'MESSAGE', lines: ['Content-Type: application/x'], body: 'hello' },
  );
  expect(peer.story).toEqual(['200 MESSAGE']);
});

test('media types and languages are taken in any case (RFC 3261 §20.15, §20.13)', async () => {
  const lines = ['Content-Type: Text/Plain', 'Content-Language: en-GB'];
  const { peer } = await answers(
    { accept: ['text/Plain'], languages: ['en-gb', 'en-GB'], on: { message: () => accept() } },
    { method: 'MESSAGE', lines, body: 'hello' },
  );
  expect(peer.story).toEqual(['200 MESSAGE']);
});

describe('one handler a method', () => {
  test('is told where it gives nothing back what it should have given', async () => {
    const { peer, errors } = await answers({ on: { message: (() => {}) as never } }, { method: 'MESSAGE' });
    expect(`${errors[0]}`).toContain('The handler of MESSAGE gives back accept() or reject(status)');
    expect(peer.story).toEqual(['500 MESSAGE']);
  });

  test('answers each with what it gives back, at once or later', async () => {
    const on: UserAgentHandlers = {
      message: ({ request }) => (request.body === 'spam' ? reject(603) : accept()),
      options: async () => reject(404, { reason: 'Not Here' }),
    };
    const { peer } = await answers(
      { on },
      { method: 'MESSAGE', lines: ['Content-Type: text/plain'], body: 'spam' },
      { method: 'MESSAGE', lines: ['Content-Type: text/plain'], body: 'hello' },
      { method: 'OPTIONS' },
    );
    expect(peer.story).toEqual(['603 MESSAGE', '200 MESSAGE', '404 OPTIONS']);
    expect(peer.responses[2]?.reason).toBe('Not Here');
  });

  test('allows INVITE, MESSAGE, PUBLISH and REGISTER only where they have one', async () => {
    const methods = ['INVITE', 'MESSAGE', 'PUBLISH', 'REGISTER'];
    const without = await answers({}, ...methods.map((method) => ({ method, lines: [contact] })));
    expect(without.peer.responses.map(({ status }) => status)).toEqual([405, 405, 405, 405]);
    const answer = () => reject(403);
    const all: UserAgentHandlers = {
      invite: (invitation) => invitation.reject(403),
      message: answer,
      publish: answer,
      register: answer,
    };
    const { peer } = await answers({ on: all }, { method: 'OPTIONS' });
    expect(field(peer.responses[0] as Response, 'Allow')).toBe(
      'INVITE, ACK, BYE, PRACK, UPDATE, INFO, CANCEL, OPTIONS, MESSAGE, REFER, SUBSCRIBE, NOTIFY, PUBLISH, REGISTER',
    );
    expect(field(peer.responses[0] as Response, 'Supported')).toBe('norefersub, 100rel, replaces');
  });

  test.each<[string, UserAgentHandlers, RequestFields]>([
    [
      'throws',
      {
        message: () => {
          throw new Error('no');
        },
      },
      { method: 'MESSAGE' },
    ],
    ['promises what fails', { message: () => Promise.reject(new Error('no')) }, { method: 'MESSAGE' }],
    ['gives back nothing', { message: () => undefined as never }, { method: 'MESSAGE' }],
    ['promises nothing', { message: async () => undefined as never }, { method: 'MESSAGE' }],
    ['gives back a provisional response', { message: () => ({ status: 180 }) }, { method: 'MESSAGE' }],
    ['gives back 408', { message: () => ({ status: 408 }) }, { method: 'MESSAGE' }],
    [
      'throws at an INVITE',
      {
        invite: () => {
          throw new Error('no');
        },
      },
      invite,
    ],
    ['promises what fails at an INVITE', { invite: () => Promise.reject(new Error('no')) }, invite],
  ])('that %s has its request answered 500, and is told of', async (_what, on, fields) => {
    const { peer, errors } = await answers({ on }, fields);
    expect(peer.responses.map(({ status }) => status)).toEqual([500]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(Error);
  });

  test('that never gives back an answer is answered for after 48·T1', async () => {
    let told = 0;
    const { peer, scheduler, userAgent } = await answers(
      {
        on: {
          message: (request) => {
            request.listen({ undecided: () => told++ });
            return new Promise<Answer>(() => {});
          },
        },
      },
      { method: 'MESSAGE' },
    );
    scheduler.advance(24_000);
    expect(peer.story).toEqual(['100 MESSAGE', '500 MESSAGE']);
    expect(told).toBe(1);
    scheduler.advance(32_000);
    expect(userAgent.counts()).toEqual(nobody);
  });

  test.each([
    ['UDP', 'waits', ['200 MESSAGE']],
    ['TCP', 'sent', ['100 MESSAGE', '200 MESSAGE']],
  ] as const)('is told of a 100 by %s that it %s (RFC 4320 §4.1)', async (protocol, sending, story) => {
    const effects: unknown[] = [];
    const { peer, scheduler } = await stage({
      protocol,
      on: {
        message: async (request) => {
          effects.push(request.trying());
          return accept();
        },
      },
    });
    peer.send(
      requestText({ method: 'MESSAGE', via: `SIP/2.0/${protocol} 192.0.2.2:5060;branch=z9hG4bKa;rport` }),
    );
    scheduler.advance(10);
    await Promise.resolve();
    await Promise.resolve();
    scheduler.advance(10);
    expect(effects).toEqual([sending]);
    expect(peer.story).toEqual(story);
  });

  test('has no order that its method forbids', () => {
    expectTypeOf<IncomingRequest>().not.toHaveProperty('progress');
    expectTypeOf<IncomingRequest>().not.toHaveProperty('accept');
    expectTypeOf<IncomingRequest>().not.toHaveProperty('reject');
    expectTypeOf<ReInvitation>().not.toHaveProperty('redirect');
    expectTypeOf<Invitation>().toHaveProperty('redirect');
    expectTypeOf<() => void>().not.toExtend<UserAgentHandlers['message']>();
    expectTypeOf<() => Answer>().toExtend<UserAgentHandlers['message']>();
    expectTypeOf(pending).not.toExtend<
      ReturnType<NonNullable<NonNullable<UserAgentOptions['policy']>['invite']>>
    >();
  });
});

describe('an invitation', () => {
  test('tells of each order what becomes of it', async () => {
    const effects: unknown[] = [];
    const { peer } = await answers(
      {
        on: {
          invite: (invitation) => {
            effects.push(
              invitation.session.state,
              invitation.session.hangUp(),
              invitation.trying(),
              invitation.progress(),
              invitation.session.state,
              invitation.session.hangUp(),
              invitation.trying(),
              invitation.accept(),
              invitation.session.state,
              invitation.accept(),
              invitation.progress(),
              invitation.reject(),
              invitation.redirect(['sip:carol@192.0.2.3']),
            );
          },
        },
      },
      invite,
    );
    expect(effects).toEqual([
      ...[undefined, false, 'sent'],
      ...['sent', 'early', false, false],
      ...['sent', 'confirmed', false, false, false, false],
    ]);
    expect(peer.story).toEqual(['100 INVITE', '180 INVITE', '200 INVITE']);
  });

  test('tells which of its responses wait for a PRACK (RFC 3262 §3)', async () => {
    const effects: unknown[] = [];
    const { peer } = await answers(
      {
        on: {
          invite: (invitation) => {
            effects.push(
              invitation.progress(183, { reliable: true }),
              invitation.progress(180, { reliable: true }),
              invitation.progress(181),
              invitation.accept(),
              invitation.progress(182),
              invitation.session.hangUp(),
            );
          },
        },
      },
      { ...invite, lines: [contact, 'Supported: 100rel'] },
    );
    expect(effects).toEqual(['sent', 'waits', 'sent', 'waits', false, false]);
    expect(peer.story).toEqual(['183 INVITE', '181 INVITE']);
  });

  test('refused while its 2xx waits for a PRACK is refused at once', async () => {
    const effects: unknown[] = [];
    const { peer } = await answers(
      {
        on: {
          invite: (invitation) => {
            effects.push(
              invitation.progress(183, { reliable: true }),
              invitation.accept(),
              invitation.reject(486),
            );
          },
        },
      },
      { ...invite, lines: [contact, 'Supported: 100rel'] },
    );
    expect(effects).toEqual(['sent', 'waits', 'sent']);
    expect(peer.story).toEqual(['183 INVITE', '486 INVITE']);
  });

  test.each([
    ['progress(100)', (invitation: Invitation) => invitation.progress(100), 'from 101 to 199'],
    ['progress(200)', (invitation: Invitation) => invitation.progress(200), 'from 101 to 199'],
    ['accept({ status: 180 })', (invitation: Invitation) => invitation.accept({ status: 180 }), 'from 200'],
    ['reject(200)', (invitation: Invitation) => invitation.reject(200), 'from 300 to 699'],
    ['redirect([nonsense])', (invitation: Invitation) => invitation.redirect(['<<>']), 'is no URI'],
  ])('refuses %s by naming what would do', async (_name, order, message) => {
    const { errors, peer } = await answers({ on: { invite: (invitation) => order(invitation) } }, invite);
    expect(`${errors[0]}`).toContain(message);
    expect(peer.story).toEqual(['500 INVITE']);
  });

  test('is refused by a policy before its handler hears of it, and an OPTIONS likewise', async () => {
    let handled = 0;
    const { peer } = await answers(
      {
        policy: { invite: ({ source }) => (source.host === '192.0.2.9' ? grant : refuse(403, 'Not You')) },
        on: { invite: () => void handled++ },
      },
      invite,
      { method: 'OPTIONS' },
    );
    expect(peer.story).toEqual(['403 INVITE', '403 OPTIONS']);
    expect(handled).toBe(0);
  });

  test.each([() => undefined, () => pending, () => refuse(200), async () => grant])(
    'is refused by a policy that gives no verdict of its own, %#',
    async (policy) => {
      const { peer, errors } = await answers(
        { policy: { invite: policy as never }, on: { invite: () => {} } },
        invite,
      );
      expect(peer.story).toEqual(['603 INVITE']);
      expect(errors).toHaveLength(1);
    },
  );

  test('is the way to its session from every request in its dialog', async () => {
    const ends: unknown[] = [];
    const there = await answers(
      {
        on: {
          invite: (invitation) => {
            invitation.session.listen({ ended: (reason) => ends.push(reason) });
            invitation.accept();
          },
          info: ({ inSession }) => {
            if (inSession._tag === 'Some') ends.push(inSession.value.hangUp());
            return accept();
          },
        },
      },
      invite,
    );
    const to = `<sip:bob@192.0.2.1>;tag=${toTag(there.peer.responses[0] as Response)}`;
    there.peer.send(requestText({ method: 'ACK', callId: 'one', to, cseq: '1 ACK' }));
    there.peer.send(requestText({ method: 'INFO', callId: 'one', to, cseq: '2 INFO' }));
    there.scheduler.advance(60_000);
    expect(there.peer.story).toEqual(['200 INVITE', 'BYE undefined ', '487 INFO']);
    expect(ends).toEqual(['sent', 'hungUp']);
    expect(there.userAgent.counts()).toEqual(nobody);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/api/subscription.js';
import { endpointOf } from '../../src/api/user-agent.js';
import { Dialog } from '../../src/endpoint/live-machine.js';
import { field } from '../../src/message/index.js';
import { type CallStage, callStage, nothing, remains } from '../support/caller.js';

const referTo = { lines: ['Refer-To: <sip:carol@192.0.2.3>'] };
const subscribe = (id: number) => ({ lines: [`Event: presence;id=${id}`, 'Expires: 600'] });
const open = { contentType: 'application/pidf+xml', body: '<open/>' };

interface HeldStage extends CallStage {
  readonly subscriptions: readonly Subscription[];
  /** What the subscriptions heard. */
  readonly ends: string[];
}

const heldStage = async (): Promise<HeldStage> => {
  const subscriptions: Subscription[] = [];
  const ends: string[] = [];
  const there = await callStage({
    eventPackages: { presence: {} },
    on: {
      subscribe: (subscription) => {
        const name = `subscription ${subscriptions.push(subscription)}`;
        subscription.listen({
          cancelled: () => void ends.push(`${name} cancelled`),
          ended: (reason) => void ends.push(`${name} ended ${reason}`),
        });
      },
    },
  });
  return { ...there, subscriptions, ends };
};

/** The requests that may make a usage of their dialog, and how the application accepts the first, the second, … of them. */
const kinds = [
  ['REFER', () => referTo, (there: HeldStage, index: number) => there.referrals[index]!.accept()],
  ['SUBSCRIBE', subscribe, (there: HeldStage, index: number) => there.subscriptions[index]!.accept(open)],
] as const;

/** An accepted request that made its dialog, and a second one in it that waits for the application. */
const waiting = async ([method, wish, accept]: (typeof kinds)[number]) => {
  const there = await heldStage();
  const dialog = there.caller.open(method, wish(1));
  there.scheduler.advance(100);
  accept(there, 0);
  there.scheduler.advance(2_000);
  dialog.request(method, wish(2));
  there.scheduler.advance(100);
  expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, subscriptions: 1 });
  return { ...there, dialog, acceptSecond: () => accept(there, 1) };
};

type Waiting = Awaited<ReturnType<typeof waiting>>;

/** How the only usage of the dialog ends while the second request waits. */
const ends: readonly (readonly [string, (there: Waiting) => void])[] = [
  [
    'a NOTIFY answered 481',
    (there) => {
      there.caller.answer = () => ({ status: 481 });
      if (!there.referrals[0]?.progress(180)) there.subscriptions[0]?.notify(open);
      there.scheduler.advance(100);
      there.caller.answer = () => ({ status: 200 });
    },
  ],
  [
    'its last NOTIFY',
    (there) => {
      if (!there.referrals[0]?.finish(200)) there.subscriptions[0]?.finish();
      there.scheduler.advance(2_000);
    },
  ],
];

const lastNotify = ({ caller }: CallStage) => caller.requests.findLast(({ method }) => method === 'NOTIFY')!;

describe('a dialog whose last usage ends while a request in it waits (RFC 5057 §4.1)', () => {
  describe.each(kinds.map((kind) => [kind[0], kind] as const))('%s', (method, kind) => {
    describe.each(ends)('after %s', (_, end) => {
      test('is there for the usage that the request makes', async () => {
        const there = await waiting(kind);
        end(there);
        expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, subscriptions: 0 });
        expect(there.acceptSecond()).toBe('sent');
        there.scheduler.advance(100);
        expect(there.dialog.last.status).toBe(200);
        expect(field(lastNotify(there), 'Event')).toMatch(/id=2$/);
        expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, subscriptions: 1 });
        expect(remains(there)).toEqual(nothing);
        expect(method === 'REFER' ? there.told.at(-1) : there.ends.at(-1)).toMatch(/ 2 ended timeout$/);
      });

      test('is there for the pending one of a request that nobody decides', async () => {
        const there = await waiting(kind);
        end(there);
        there.scheduler.advance(48 * 500);
        expect(there.dialog.last.status).toBe(200);
        expect(field(lastNotify(there), 'Subscription-State')).toMatch(/^pending/);
        expect(remains(there)).toEqual(nothing);
      });

      test('ends with a request that is refused', async () => {
        const there = await waiting(kind);
        end(there);
        expect((there.referrals[1] ?? there.subscriptions[1])?.reject(603)).toBe('sent');
        expect(there.dialog.last.status).toBeUndefined();
        there.scheduler.advance(100);
        expect(there.dialog.last.status).toBe(603);
        expect(there.userAgent.counts()).toMatchObject({ dialogs: 0, subscriptions: 0 });
        expect(remains(there)).toEqual(nothing);
      });

      test('does not grow in what it holds, round after round', async () => {
        const there = await waiting(kind);
        end(there);
        for (let round = 3; round < 8; round++) {
          there.acceptSecond();
          there.dialog.request(method, kind[1](round));
          there.scheduler.advance(100);
          (there.referrals[round - 1] ?? there.subscriptions[round - 1])?.reject(603);
        }
        expect(there.userAgent.counts()).toMatchObject({ dialogs: 1, subscriptions: 1 });
        expect(remains(there)).toEqual(nothing);
      });
    });

    test('is over for the request as well where the peer says that the dialog is gone (RFC 5057 §5.1)', async () => {
      const there = await waiting(kind);
      there.caller.answer = () => ({ status: 404 });
      if (!there.referrals[0]?.progress(180)) there.subscriptions[0]?.notify(open);
      there.scheduler.advance(100);
      expect(there.dialog.last.status).toBe(487);
      expect(there.acceptSecond()).toBe(false);
      expect(method === 'REFER' ? there.told.at(-1) : there.ends.at(-1)).toMatch(/ 2 cancelled$/);
      expect(there.userAgent.counts()).toMatchObject({ dialogs: 0, subscriptions: 0 });
      expect(remains(there)).toEqual(nothing);
    });
  });
});

/** What is asked of dialogs that are over: to take one more usage, or to send. */
const ordersTooLate = ({ userAgent }: HeldStage): readonly string[] => {
  const late: string[] = [];
  const endpoint = endpointOf(userAgent);
  const dispatch = endpoint.dispatch.bind(endpoint);
  endpoint.dispatch = (live, event) => {
    const isOver = live instanceof Dialog && live.instance.snapshot.status === 'done';
    if (isOver && ['usageStarted', 'confirm', 'send', 'ready'].includes(event.type)) late.push(event.type);
    dispatch(live, event);
  };
  return late;
};

/** What may happen next in a dialog. */
const happening = fc.record({
  what: fc.constantFrom('request', 'accept', 'reject', 'finish', 'answer', 'wait', 'bye'),
  method: fc.constantFrom('REFER', 'SUBSCRIBE', 'MESSAGE'),
  index: fc.nat(5),
  status: fc.constantFrom(200, 404, 481, 503),
  ms: fc.constantFrom(100, 1_000, 25_000, 301_000),
});

describe('a dialog, whatever happens in it and in whatever order,', () => {
  test('leaves nothing behind, and each request accepted in it a NOTIFY that was sent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('INVITE', 'REFER', 'SUBSCRIBE'),
        fc.array(happening, { maxLength: 12 }),
        async (first, happenings) => {
          const there = await heldStage();
          const late = ordersTooLate(there);
          const wish = (method: string) =>
            method === 'REFER' ? referTo : method === 'SUBSCRIBE' ? subscribe(9) : {};
          const dialog = there.caller.open(first, wish(first));
          there.scheduler.advance(100);
          there.referrals[0]?.accept();
          there.subscriptions[0]?.accept(open);
          let accepted = there.referrals.length + there.subscriptions.length;
          there.scheduler.advance(100);
          for (const { what, method, index, status, ms } of happenings) {
            const referral = there.referrals[index];
            const subscription = there.subscriptions[index];
            if (what === 'request') dialog.request(method, wish(method));
            else if (what === 'accept') {
              const before = there.userAgent.counts().subscriptions;
              referral?.accept();
              subscription?.accept(open);
              accepted += Math.max(0, there.userAgent.counts().subscriptions - before);
            } else if (what === 'reject') void (referral ?? subscription)?.reject(603);
            else if (what === 'finish') void (referral?.finish(200) || subscription?.finish());
            else if (what === 'answer') there.caller.answer = () => ({ status });
            else if (what === 'bye') dialog.bye();
            else there.scheduler.advance(ms);
            there.scheduler.advance(1);
          }
          dialog.bye();
          expect(remains(there)).toEqual(nothing);
          expect(late).toEqual([]);
          expect(there.caller.count('NOTIFY')).toBeGreaterThanOrEqual(accepted);
        },
      ),
      { numRuns: 200 },
    );
  });
});

import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { grant } from '../../../src/api/policy.js';
import type { Referral } from '../../../src/api/referral.js';
import { endpointOf } from '../../../src/api/user-agent.js';
import { lineage, statePath } from '../../../src/draw/state-path.js';
import { createTimerWheel } from '../../../src/endpoint/timer-wheel.js';
import type { InspectionEvent } from '../../../src/engine/inspection.js';
import { Feed } from '../../../src/inspect/feed.js';
import { type Inspector, serveInspector } from '../../../src/inspect/inspector-server.js';
import { memoryRecording } from '../../../src/inspect/memory-recording.js';
import { recorder } from '../../../src/inspect/recorder.js';
import { replay } from '../../../src/inspect/replay.js';
import { addressAt } from '../../inspect/pages.js';
import { type CallOptions, callStage } from '../../support/caller.js';
import { hasChromium, launchChromium, unlessChromium } from '../../support/chromium.js';
import { requestText } from '../../support/peer.js';
import { stage } from '../../support/stage.js';
import { transfer } from './observed.js';

/** So high that every row of a call is in the document. */
const tall = { width: 1280, height: 7_000 };

let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What the page complained of: errors, and what its policy has stopped. */
let complaints: string[];
const closers: (() => Promise<unknown>)[] = [];

const served = async (
  feed: Feed,
  options: { readonly port?: number; readonly recording?: () => Readable } = {},
) => {
  const opened = await serveInspector(feed, { port: 0, token: 'a&b', ...options })();
  if (opened._tag === 'Left') throw opened.left;
  closers.push(opened.right.close);
  return opened.right;
};

/** A call stage that a page shows; the states of its machines, by number, and all that they were in, are as XState's inspection tells of them. */
const shownStage = async (
  options: CallOptions & { readonly size?: number; readonly isTimed?: boolean } = {},
) => {
  const { size, isTimed = false, ...others } = options;
  const there = await callStage({ onRefer: (referral: Referral) => void referral.accept(), ...others });
  const { scheduler } = there;
  const feed = new Feed(
    { ...(size === undefined ? {} : { size }), ...(isTimed ? { now: () => scheduler.now() } : {}) },
    endpointOf(there.userAgent),
  );
  const numbers = new Map<string, number>();
  const states = new Map<number, string>();
  const histories = new Map<number, string[]>();
  there.userAgent.inspect((event: InspectionEvent) => {
    const { sessionId } = event.actorRef;
    if (event.type === '@xstate.actor') numbers.set(sessionId, numbers.size + 1);
    if (event.type !== '@xstate.snapshot') return;
    const number = numbers.get(sessionId)!;
    const state = statePath(event.snapshot.value);
    states.set(number, state);
    histories.set(number, [...(histories.get(number) ?? []), state]);
  });
  return { ...there, feed, states, histories, inspector: await served(feed) };
};

const open = async ({ url }: Inspector, viewport = tall) => {
  await page.setViewportSize(viewport);
  await page.goto(url);
};

/** Waits for what will be. */
const soon = <Value>(read: () => Value | Promise<Value>) => expect.poll(read);

/** Until the page has all that the feed has. */
const caughtUp = (feed: Feed) =>
  soon(async () => {
    const [, last] = / \/ (\d+)$/.exec((await page.locator('.moment').textContent()) ?? '') ?? [];
    return feed.next - 1 - Number(last ?? 0);
  }).toBe(0);

/** Until what was asked for before is drawn. */
const drawn = () =>
  page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');

const texts = (selector: string) => page.locator(selector).allTextContents();

const attributes = (selector: string, name: string) =>
  page
    .locator(selector)
    .evaluateAll((found, attribute) => found.map((each) => each.getAttribute(attribute)), name);

/** The state of each machine as the list says it. */
const listed = async () => {
  const numbers = await attributes('.machine', 'data-machine');
  const states = await texts('.machine .state');
  return new Map(numbers.map((number, index) => [Number(number), states[index] ?? '']));
};

/** The states that are lit in the chart, the outermost first, and the arrows that were taken. */
const lit = async () => ({
  states: await attributes('.holder .state.active', 'data-state'),
  arrows: [...new Set(await attributes('.holder .taken[data-arrow]', 'data-arrow'))],
});

/** All that the page says of the moment that it shows. */
const picture = async () => ({
  calls: await texts('.call, .machine'),
  chart: await lit(),
  ladder: await page
    .locator('.ladder-row')
    .evaluateAll((rows) => rows.map((row) => `${row.className} ${row.textContent}`)),
  log: await page
    .locator('.log-row')
    .evaluateAll((rows) => rows.map((row) => `${row.className} ${row.textContent}`)),
});

const sortedBy = (states: ReadonlyMap<number, string>) =>
  new Map([...states].toSorted(([one], [other]) => one - other));

const exported = async (item: string): Promise<Download> => {
  await page.locator('.scroller').first().focus();
  await page.keyboard.press('e');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('menuitem')
      .filter({ has: page.getByText(item, { exact: true }) })
      .click(),
  ]);
  return download;
};

const bytesOf = async (download: Download) => readFile(await download.path());

describe.skipIf(!hasChromium)(`the inspector's page${unlessChromium}`, () => {
  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    context = await browser.newContext({ acceptDownloads: true });
    context.setDefaultTimeout(0);
    page = await context.newPage();
    complaints = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return async () => {
      await context.close();
      for (const close of closers.splice(0)) await close();
    };
  });

  test('shows a call with a REFER in its dialog as it goes, every machine in the state that it is in', async () => {
    const there = await shownStage();
    await open(there.inspector);
    const seen: string[] = [];
    await transfer(there, async (done) => {
      await caughtUp(there.feed);
      await soon(listed).toEqual(sortedBy(there.states));
      for (const [number, state] of there.states) {
        await page.locator(`.machine[data-machine="${number}"]`).click();
        await soon(async () => [number, (await lit()).states]).toEqual([number, lineage(state)]);
      }
      seen.push(done);
    });
    expect(seen).toHaveLength(5);
    expect(there.caller.heard.filter((each) => each.startsWith('NOTIFY'))).toHaveLength(3);
    expect(complaints).toEqual([]);
  });

  test('shows at each step of a call the state that each machine was in, and lights it', async () => {
    const there = await shownStage();
    await open(there.inspector);
    await transfer(there);
    await caughtUp(there.feed);
    await page.locator('.ladder .scroller').focus();
    for (let step = 1; step < there.feed.next; step++) await page.keyboard.press(',');
    const steps = new Map<number, number>();
    const expected = new Map<number, string>();
    const shown = new Set<string>();
    for (const entry of there.feed.read()) {
      await page.keyboard.press('.');
      await drawn();
      if (entry.kind === 'step') {
        const index = steps.get(entry.machine) ?? 0;
        steps.set(entry.machine, index + 1);
        expected.set(entry.machine, there.histories.get(entry.machine)?.[index] ?? 'no state');
      }
      const started = [...(await listed())].filter(([, state]) => state !== 'not yet');
      expect([entry.n, new Map(started)]).toEqual([entry.n, sortedBy(expected)]);
      const [chosen] = await attributes('.machine.chosen', 'data-machine');
      const state = expected.get(Number(chosen));
      if (state === undefined) continue;
      await soon(async () => (await lit()).states).toEqual(lineage(state));
      shown.add(state);
    }
    expect(sortedBy(expected)).toEqual(sortedBy(there.states));
    expect([...shown]).toEqual(
      expect.arrayContaining([
        'proceeding.deciding',
        'confirmed.stable',
        'deciding',
        'active.notifying',
        'ending.last',
      ]),
    );
  });

  test('lights the arrow that was taken, tells its clause, and counts the timers down', async () => {
    const there = await shownStage();
    await open(there.inspector);
    there.caller.invite();
    there.scheduler.advance(100);
    await caughtUp(there.feed);
    await page.locator('.machine', { hasText: 'INVITE server' }).click();
    await soon(async () => (await lit()).arrows).not.toEqual([]);
    expect(await page.locator('.last .clause').allTextContents()).toContain('RFC 6026 §7.1');
    expect(await page.locator('[data-timer="timerL"]').count()).toBe(1);
    const left = () => page.locator('[data-timer="timerL"] .timer-left').textContent();
    const before = Number.parseFloat((await left()) ?? '');
    expect(before).toBeGreaterThan(0);
    await soon(async () => Number.parseFloat((await left()) ?? '')).toBeLessThan(before);
    const [arrow] = (await lit()).arrows;
    await page.locator(`.holder g.arrow[data-arrow="${arrow}"] text`).first().hover();
    expect(await page.locator('.hover').textContent()).toContain('RFC 6026');
  });

  test('shows the same at the same moment, forth and back', async () => {
    const there = await shownStage();
    await open(there.inspector);
    await transfer(there);
    await caughtUp(there.feed);
    await page.locator('.machine', { hasText: 'notifier' }).click();
    await page.locator('.ladder .scroller').focus();
    const pictures: unknown[] = [];
    for (let step = 0; step < 24; step++) {
      await page.keyboard.press(',');
      await drawn();
      pictures.push(await picture());
    }
    expect(new Set(pictures.map((each) => JSON.stringify(each))).size).toBe(24);
    for (let step = 22; step >= 0; step--) {
      await page.keyboard.press('.');
      await soon(picture).toEqual(pictures[step]);
    }
    expect((await texts('.ladder-row.later')).length).toBeGreaterThan(0);
    await page.keyboard.press('l');
    await soon(listed).toEqual(sortedBy(there.states));
    expect(await texts('.later')).toEqual([]);
  });

  test('loses nothing by a reload in the middle of a call', async () => {
    const there = await shownStage();
    await open(there.inspector);
    await transfer(there, async (done) => {
      if (done !== 'the REFER is accepted') return;
      await caughtUp(there.feed);
      await page.reload();
    });
    await caughtUp(there.feed);
    await soon(listed).toEqual(sortedBy(there.states));
    await page.getByRole('button', { name: 'Everything' }).click();
    const numbers = () => attributes('.log-row', 'data-n');
    await expect
      .poll(numbers)
      .toEqual(Array.from({ length: there.feed.next - 1 }, (_, index) => `${index + 1}`));
  });

  test('goes on after its connection was lost, without a loss', async () => {
    const there = await shownStage();
    await open(there.inspector);
    there.caller.invite();
    there.scheduler.advance(100);
    await caughtUp(there.feed);
    const { port } = new URL(there.inspector.url);
    await there.inspector.close();
    await page.getByText('connection lost').waitFor();
    there.caller.invite();
    there.scheduler.advance(100);
    await served(there.feed, { port: Number(port) });
    await caughtUp(there.feed);
    expect(await page.locator('.gap-note').isHidden()).toBe(true);
    await page.getByRole('button', { name: 'Everything' }).click();
    await soon(() => page.locator('.log-row').count()).toBe(there.feed.next - 1);
  });

  test('begins anew where the server is another, though it be further on', async () => {
    const there = await shownStage();
    await open(there.inspector);
    there.caller.invite();
    there.scheduler.advance(100);
    await caughtUp(there.feed);
    await there.inspector.close();
    const { port } = new URL(there.inspector.url);
    const next = await shownStage();
    for (let calls = 0; calls < 5; calls++) next.caller.invite();
    next.scheduler.advance(100);
    expect(next.feed.next).toBeGreaterThan(there.feed.next);
    await served(next.feed, { port: Number(port) });
    await caughtUp(next.feed);
    expect(await page.locator('.gap-note').isHidden()).toBe(true);
    await soon(() => page.locator('.counts').textContent()).toContain(`${next.feed.next - 1} entries`);
  });

  test('takes its token out of the address bar, and shows it to nobody', async () => {
    const there = await shownStage();
    const asked: { readonly path: string; readonly isTold: boolean; readonly referer: string }[] = [];
    page.on('request', (request) => {
      const { referer = '' } = request.headers();
      asked.push({
        path: new URL(request.url()).pathname,
        isTold: request.url().includes('token='),
        referer,
      });
    });
    await open(there.inspector);
    there.caller.invite();
    there.scheduler.advance(100);
    await caughtUp(there.feed);
    const { origin } = new URL(there.inspector.url);
    expect(page.url()).toBe(`${origin}/`);
    await page.reload();
    await caughtUp(there.feed);
    await page.locator('.holder .state.active').first().waitFor();
    expect(page.url()).toBe(`${origin}/`);
    expect(new Set(asked.filter(({ isTold }) => isTold).map(({ path }) => path))).toEqual(
      new Set(['/', '/events']),
    );
    expect(asked.filter(({ referer }) => referer !== '')).toEqual([]);
    expect(asked.filter(({ path }) => path === '/').map(({ isTold }) => isTold)).toEqual([true, false]);
    expect(complaints).toEqual([]);
  });

  test('says why it shows nothing where it was opened without the token', async () => {
    const there = await shownStage();
    await open(there.inspector);
    await caughtUp(there.feed);
    const other = await context.newPage();
    await other.goto(page.url());
    await other.locator('.cover', { hasText: 'open the URL that the inspector printed' }).waitFor();
    expect(await other.locator('.connection').textContent()).toBe('refused, trying again …');
  });

  test('says how much is here until all is, and shows no call before', async () => {
    const there = await shownStage({ isTimed: true });
    for (let made = 0; made < 4; made++) await transfer(there);
    const entries = there.feed.read();
    const half = Math.floor(entries.length / 2);
    const event = (name: string, data: unknown, n = 0) =>
      `id: start:${n}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    const hello = event('hello', {
      ...{ version: 1, start: 'start', live: true, now: 0, size: 20_000, machines: there.feed.standings() },
      ...{ first: 1, next: entries.length + 1, charts: [] },
    });
    const answers = [entries.slice(0, half), entries.slice(half)].map(
      (part) => `retry: 10\n\n${hello}${event('entries', part, part.at(-1)?.n)}`,
    );
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/events*', async (route) => {
      const body = answers.shift();
      if (answers.length === 0) await released;
      if (body !== undefined) await route.fulfill({ contentType: 'text/event-stream', body });
    });
    await open(there.inspector);
    await soon(() => page.locator('.cover').textContent()).toBe(
      `Loading ${half} of ${entries.length} entries …`,
    );
    await drawn();
    expect(await page.locator('.item, .lane, .holder .state').count()).toBe(0);
    expect(await page.locator('.counts').textContent()).toBe('');
    release();
    await page.locator('.cover').waitFor({ state: 'hidden' });
    await soon(() => page.locator('.counts').textContent()).toContain(`${entries.length} entries`);
    expect(await page.locator('.call').count()).toBe(4);
    await page.locator('.call.chosen', { hasText: `${entries.at(-1)?.callId}` }).waitFor();
  });

  test('draws no more often than batches come, until all is here', async () => {
    const there = await shownStage({ isTimed: true });
    while (there.feed.next < 6_000) await transfer(there);
    await page.addInitScript(countFrames);
    await open(there.inspector);
    await page.locator('.cover').waitFor({ state: 'hidden' });
    await caughtUp(there.feed);
    const batches = Math.ceil(there.feed.next / 100);
    expect(await page.evaluate<number>('globalThis.frames')).toBeLessThan(batches);
  });

  test('names the calls that were there before the inspector', async () => {
    const there = await callStage();
    for (let made = 0; made < 40; made++) there.caller.invite();
    there.scheduler.advance(1_000);
    await open(await served(new Feed({}, endpointOf(there.userAgent))));
    await soon(() => page.locator('.call').count()).toBe(40);
    expect(new Set(await texts('.call-line'))).toEqual(new Set(['INVITEalice → bob']));
  });

  test('says that the user agent has closed, and keeps what it shows', async () => {
    const there = await shownStage();
    await open(there.inspector);
    there.caller.invite();
    there.scheduler.advance(100);
    await caughtUp(there.feed);
    await page.locator('.holder .state.active').first().waitFor();
    await there.userAgent.close();
    await page.getByText('the user agent has closed', { exact: true }).waitFor();
    await caughtUp(there.feed);
    expect(await page.locator('.counts').textContent()).toMatch(/^0 live machines · 1 call · /);
    await page.getByRole('button', { name: 'End' }).waitFor();
    expect(await texts('.ladder-row.message')).not.toEqual([]);
    await page.locator('.machine', { hasText: 'inviteUAS' }).click();
    await soon(async () => (await lit()).states).toEqual(['acknowledged']);
    expect(complaints).toEqual([]);
  });

  test('asks again where it was refused', async () => {
    const there = await shownStage();
    await page.route('**/events*', (route) => route.fulfill({ status: 503 }), { times: 1 });
    await open(there.inspector);
    await page.getByText('connection lost').waitFor();
    there.caller.invite();
    there.scheduler.advance(100);
    await caughtUp(there.feed);
  });

  test('says what it has missed where the server could not keep it', async () => {
    const there = await shownStage({ size: 40 });
    await open(there.inspector);
    there.caller.invite();
    there.scheduler.advance(100);
    await caughtUp(there.feed);
    const { port } = new URL(there.inspector.url);
    await there.inspector.close();
    await page.getByText('connection lost').waitFor();
    for (let calls = 0; calls < 5; calls++) there.caller.invite();
    there.scheduler.advance(100);
    await served(there.feed, { port: Number(port) });
    await caughtUp(there.feed);
    await soon(() => page.locator('.gap-note').textContent()).toMatch(/^\d+ entries missed$/);
    await page.getByRole('button', { name: 'Everything' }).click();
    await soon(() => page.locator('.log-row.gap').count()).toBe(1);
  });

  test('shows what others have written as text', async () => {
    const { feed, inspector, peer, scheduler } = await hostileStage();
    await open(inspector);
    const script = '<img src=x onerror="globalThis.isHurt = true"><script>globalThis.isHurt = true</script>';
    peer.send(
      requestText({
        from: `"${script.replaceAll('"', '\\"')}" <sip:<b>@192.0.2.2>;tag=1`,
        callId: script.replace(/[ "]/g, ''),
      }),
    );
    peer.send(
      requestText({
        from: `"${script.replaceAll('"', '\\"')}" <sip:alice@192.0.2.2>;tag=2`,
        callId: 'hostile',
      }),
    );
    scheduler.advance(1);
    await caughtUp(feed);
    await page.locator('.call', { hasText: 'hostile' }).click();
    await page.locator('.ladder-row.message').first().click();
    await soon(() => page.locator('pre.detail').first().textContent()).toContain('onerror');
    expect(await page.locator('.parties', { hasText: '<script>' }).count()).toBeGreaterThan(0);
    expect(await page.locator('img, body script').count()).toBe(0);
    expect(await page.evaluate('globalThis.isHurt')).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  test('answers no other origin', async () => {
    const { inspector } = await shownStage();
    for (const path of ['', 'events', 'recording.jsonl', 'messages.pcapng']) {
      const refused = await page.request.get(addressAt(inspector.url, path), {
        headers: { Origin: 'http://evil.example' },
      });
      expect([path, refused.status()]).toEqual([path, 403]);
    }
  });

  test('works by keyboard alone', async () => {
    const there = await shownStage({ isTimed: true });
    await open(there.inspector, { width: 1280, height: 800 });
    await transfer(there);
    await caughtUp(there.feed);
    const { keyboard } = page;
    await keyboard.press('?');
    expect(await page.getByRole('dialog').isVisible()).toBe(true);
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await keyboard.press('/');
    await keyboard.type('notifier');
    await soon(() => texts('.machine-id')).toEqual(['notifier']);
    await keyboard.press('Escape');
    await soon(() => page.locator('.machine-id').count()).toBeGreaterThan(5);
    await keyboard.press('1');
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'Enter']) await keyboard.press(key);
    await soon(() => page.locator('.machine.chosen').textContent()).toContain('inviteUAS');
    await soon(() => page.locator('.chart h2').textContent()).toBe('inviteUAS');
    await keyboard.press('f');
    await expect
      .poll(() => page.getByRole('button', { name: 'Follow' }).getAttribute('aria-pressed'))
      .toBe('true');
    await keyboard.press('3');
    for (const key of ['Home', 'Enter']) await keyboard.press(key);
    await soon(() => page.locator('.ladder pre.detail').textContent()).toMatch(/^INVITE sip:bob/);
    await keyboard.press('Enter');
    await soon(() => page.locator('.ladder pre.detail').count()).toBe(0);
    for (let step = 0; step < 30; step++) await keyboard.press(',');
    await soon(() => page.locator('.ladder-row.later').count()).toBeGreaterThan(0);
    await keyboard.press('Space');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await keyboard.press('Space');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await keyboard.press('l');
    await expect
      .poll(() => page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed'))
      .toBe('true');
    const focused =
      'getComputedStyle(document.activeElement).outlineStyle + document.activeElement.className';
    expect(await page.evaluate(focused)).toBe('solidscroller');
  });

  test('gives the recording, the chart, the ladder and the messages away as files', async () => {
    const there = await shownStage();
    await open(there.inspector);
    await transfer(there);
    await caughtUp(there.feed);
    const entries = `${await bytesOf(await exported('Recording'))}`
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(entries[0]).toMatchObject({ type: 'sipchart entries', version: 1, entries: there.feed.next - 1 });
    expect(entries.slice(1)).toEqual(JSON.parse(JSON.stringify(there.feed.read())));
    await page.locator('.machine', { hasText: 'notifier' }).click();
    await soon(async () => (await lit()).states).toEqual(['terminated']);
    for (const [item, name, part] of [
      ['Chart', 'notifier.svg', 'active'],
      ['Ladder', 'ladder.svg', 'REFER'],
    ] as const) {
      const download = await exported(item);
      const text = `${await bytesOf(download)}`;
      expect(download.suggestedFilename()).toBe(name);
      expect(text).toContain(part);
      expect(text).not.toMatch(/<(script|image|use|foreignObject)|href=|url\((?!#)/);
      const root = `new DOMParser().parseFromString(${JSON.stringify(text)}, 'image/svg+xml').documentElement.localName`;
      expect(await page.evaluate(root)).toBe('svg');
    }
    const messages = await bytesOf(await exported('All messages'));
    expect(messages.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect((await bytesOf(await exported('Messages of the call'))).readUInt32LE(0)).toBe(0x0a0d0d0a);
  });

  test('shows a recording, and gives it away as it is', async () => {
    const recording = memoryRecording();
    const there = await callStage({
      onRefer: (referral) => void referral.accept(),
      record: recorder(recording),
    });
    await transfer(there);
    await soon(() => recording.text).toContain('BYE');
    let feed: Feed | undefined;
    const replayed = replay(recording.text, {
      journal: (now) => {
        feed = new Feed({ now });
        return feed;
      },
    });
    expect(replayed).toMatchObject({ right: { isSame: true } });
    await open(await served(feed!, { recording: () => Readable.from([recording.text]) }));
    await page.locator('.connection.recording').waitFor();
    await caughtUp(feed!);
    expect(await texts('.machine-id')).toContain('referUAS');
    expect((await texts('.ladder-row.message')).some((text) => text.includes('REFER'))).toBe(true);
    expect(`${await bytesOf(await exported('Recording'))}`).toBe(recording.text);
  });

  test('draws what comes where 2,000 machines live for less than five times what it costs where 200 do', async () => {
    const cost = async (referrals: number) => {
      const { feed, inspector, peer, scheduler, userAgent, gather, close } = await crowdedStage(referrals);
      const work = await pageWork(page);
      await open(inspector, { width: 1280, height: 800 });
      await gather();
      await caughtUp(feed);
      const { serverTransactions, dialogs, subscriptions, clientTransactions } = userAgent.counts();
      expect(serverTransactions + dialogs + subscriptions + clientTransactions).toBeGreaterThanOrEqual(
        3 * referrals,
      );
      await page.getByRole('button', { name: 'Everything' }).click();
      await page.locator('.search').fill('state:active');
      await soon(() => page.locator('.found').textContent()).toBe(`${referrals} calls found`);
      await work.perDraw();
      for (let round = 0; round < 10; round++) {
        for (let each = 0; each < 5; each++) peer.send(requestText({ method: 'OPTIONS', lines: [] }));
        scheduler.advance(1);
        await caughtUp(feed);
      }
      const perDraw = await work.perDraw();
      expect(await page.locator('.counts').textContent()).toContain(
        ` ${(feed.next - 1).toLocaleString('en')} entries`,
      );
      await close();
      return perDraw;
    };
    const [few, many] = [await cost(70), await cost(700)];
    expect(many / few).toBeLessThan(5);
  });
});

/** A user agent that grants a REFER and answers OPTIONS. */
const hostileStage = async () => {
  const there = await stage({ on: { refer: (referral) => void referral.accept() } });
  const feed = new Feed({}, endpointOf(there.userAgent));
  return { ...there, feed, inspector: await served(feed) };
};

/** So many referrals that wait, each with a transaction, a dialog and a subscription, under the real clock. */
const crowdedStage = async (referrals: number) => {
  const wheel = createTimerWheel();
  const there = await stage({
    scheduler: wheel,
    policy: { refer: () => grant },
    on: { refer: (referral) => void referral.accept() },
  });
  const feed = new Feed({}, endpointOf(there.userAgent));
  return {
    ...there,
    feed,
    inspector: await served(feed),
    gather: async () => {
      await page.locator('.connection.live').waitFor();
      for (let made = 0; made < referrals; made++) there.peer.send(requestText());
      for (let hop = 0; hop < 4; hop++) there.scheduler.advance(1);
      expect(there.userAgent.counts().subscriptions).toBe(referrals);
    },
    close: async () => {
      await there.userAgent.close();
      wheel.close();
    },
  };
};

/** How often it is asked to draw while something is not yet here. */
const countFrames = `
  globalThis.frames = 0;
  const asked = globalThis.requestAnimationFrame;
  globalThis.requestAnimationFrame = (draw) => {
    if (document.querySelector('.cover')?.hidden === false) globalThis.frames++;
    return asked(draw);
  };
`;

/** What the page's own code does for each picture that it draws: how often V8 comes to a block of it. */
const pageWork = async (page: Page) => {
  await page.addInitScript(`if (globalThis.draws === undefined) {
    const request = globalThis.requestAnimationFrame.bind(globalThis);
    globalThis.draws = 0;
    globalThis.requestAnimationFrame = (draw) => request((now) => { globalThis.draws++; draw(now); });
  }`);
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  let drawn = 0;
  return {
    /** Since the last time that it was asked for. */
    perDraw: async () => {
      const { result } = await session.send('Profiler.takePreciseCoverage');
      const all = await page.evaluate<number>('globalThis.draws');
      const blocks = result
        .filter(({ url }) => url.includes('/assets/'))
        .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
        .reduce((sum, count) => sum + count, 0);
      const draws = all - drawn;
      drawn = all;
      return blocks / draws;
    },
  };
};

import type { Standing } from '../../src/inspect/entry.js';
import { chartPicture } from './chart-picture.js';
import { type Hello, openFeed } from './feed-stream.js';
import { Inspection } from './inspection.js';
import { Page } from './page.js';
import { Timeline } from './timeline.js';

let isScheduled = false;
/** Timers count down though nothing happens. */
let wakesAt: ReturnType<typeof setTimeout> | undefined;

const inspection = new Inspection(schedule);
const page = new Page(document.body, inspection, schedule);

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(draw);
}

function draw(now: number): void {
  isScheduled = false;
  inspection.tick(now);
  if (inspection.isLoaded) chooseFirst();
  page.render(now);
  clearTimeout(wakesAt);
  if (inspection.isPlaying) schedule();
  else if (inspection.isLoaded && inspection.isLive && inspection.isRunning)
    wakesAt = setTimeout(schedule, 100);
}

/** The newest call is shown until one is chosen. */
function chooseFirst(): void {
  if (inspection.callId !== undefined) return;
  const newest = [...inspection.timeline.roster.calls.values()].findLast(
    ({ callId, machines }) => callId !== '' && machines.length > 0,
  );
  if (newest !== undefined) inspection.callId = newest.callId;
}

/** What a connection began with, until its first entries say from when on. */
let pending:
  | { readonly n: number; readonly now: number; readonly standings: readonly Standing[] }
  | undefined;

function muster(at: number): void {
  if (pending === undefined) return;
  const { n, standings } = pending;
  pending = undefined;
  if (n >= inspection.timeline.last) inspection.timeline.append([{ kind: 'muster', n, at, standings }]);
}

let feed: { close(): void } | undefined;

/** For what comes after an entry. */
function connect(after = inspection.timeline.last): void {
  feed?.close();
  feed = openFeed(
    {
      hello: (hello) => greet(hello),
      entries: (entries) => {
        muster(entries[0]?.at ?? 0);
        inspection.timeline.append(entries);
        schedule();
      },
      gap: (first) => {
        if (pending === undefined) connect(first - 1);
      },
      connected: (isConnected) => {
        if (!isConnected && inspection.connection !== 'recording') inspection.connection = 'lost';
        schedule();
      },
      closed: () => {
        inspection.connection = 'closed';
        schedule();
      },
      refused: (sentence) => {
        inspection.complaint = sentence;
        if (sentence !== undefined) inspection.connection = 'refused';
        schedule();
        setTimeout(connect, patience);
      },
    },
    start === undefined ? undefined : `${start}:${after}`,
  );
}

/** Milliseconds. */
const patience = 3_000;

/** Of what is shown. */
let start: string | undefined;

function greet({ start: its, live, now, first, next, size, machines, charts }: Hello): void {
  // Another process: nothing that is shown here is its own, nor may this page be.
  if (start !== undefined && its !== start) return location.reload();
  const { timeline } = inspection;
  inspection.connection = live ? 'live' : 'recording';
  inspection.complaint = undefined;
  inspection.begin(first, next - 1);
  // All of them now, since the server may end before they are asked for.
  for (const name of charts) void chartPicture(name);
  inspection.clockOffset = now - Date.now();
  const isNew = start === undefined;
  if (isNew) inspection.timeline = new Timeline(Math.max(size, 5_000));
  start = its;
  const isGap = !isNew && first > timeline.last + 1;
  pending = isNew || isGap ? { n: first - 1, now, standings: machines } : undefined;
  if (first === next) muster(now);
  schedule();
}

connect();
schedule();

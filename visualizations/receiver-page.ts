import { createWebSocketReceiver, createWindowReceiver } from '@xstate/inspect';
import { type Summary, summarise } from './receiver-summary.js';

declare const location: { readonly search: string };

/**
 * An inspector's page with the unmodified receivers of @xstate/inspect 0.8: that of its query's `server`, or else that of
 * the window around it. What it has read stands in `read`; `onread` is called at each.
 */
const page: { read: Summary[]; onread: () => void } = { read: [], onread: () => {} };
Object.assign(globalThis, { page });

const server = new URLSearchParams(location.search).get('server');
const receiver =
  server === null ? createWindowReceiver() : createWebSocketReceiver({ server, serialize: undefined });
receiver.subscribe((event) => {
  page.read.push(summarise(event));
  page.onread();
});

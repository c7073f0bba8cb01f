import { right } from 'fp-ts/lib/Either.js';
import { map } from 'fp-ts/lib/TaskEither.js';
import {
  type AnswerHandler,
  accept,
  addressOfRecord,
  type EventPackage,
  field,
  memoryPublicationStore,
  type Publication,
  type PublicationStore,
  parseURI,
  type Report,
  reject,
  type Subscription,
} from '../index.js';
import { isLoopback } from './simulated-referral.js';

const contentType = 'application/pidf+xml';

/** What is known of somebody: `open` or `closed` to calls (RFC 3863). */
const presenceReport = (entity: string, basic: 'open' | 'closed'): Report => ({
  contentType,
  body: [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${escapeXML(entity)}">`,
    `<tuple id="phone"><status><basic>${basic}</basic></status></tuple>`,
    '</presence>',
    '',
  ].join('\n'),
});

const escapeXML = (text: string) => text.replace(/[^\w.:@+-]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The event package `presence` (RFC 3856), as a demonstration. */
export const presencePackage: Readonly<Record<'presence', Partial<EventPackage>>> = {
  presence: { neutral: presenceReport('sip:anonymous@anonymous.invalid', 'closed') },
};

/** Takes a PUBLISH of a presence document, and one that refreshes or removes what was published. */
export const acceptPresence: AnswerHandler = ({ request }) =>
  request.body === '' || field(request, 'Content-Type')?.toLowerCase().startsWith(contentType) === true
    ? accept()
    : reject(415, { headers: [['Accept', contentType]] });

interface Presentity {
  readonly watchers: Set<Subscription>;
  /** What was published last, or that nothing is. */
  report: Report;
  expiry: NodeJS.Timeout | undefined;
}

/** Tells who subscribes what was published last, and `closed` where nothing is. */
export class Presence {
  readonly #publications = memoryPublicationStore();
  readonly #presentities = new Map<string, Presentity>();

  /** Where what is published stays until it expires. */
  readonly store: PublicationStore = {
    revise: (resource, eventPackage, change, now) =>
      map((publications: readonly Publication[]) => {
        this.#changed(resource, publications.at(-1), now);
        return publications;
      })(this.#publications.revise(resource, eventPackage, change, now)),
  };

  /** Accepts a SUBSCRIBE that comes from this machine's loopback; refuses any other with 403. */
  subscribe(subscription: Subscription): void {
    if (!isLoopback(subscription.source.host)) return void subscription.reject(403);
    const resource = resourceOf(subscription.request.uri);
    const { watchers, report } = this.#presentity(resource);
    watchers.add(subscription);
    subscription.listen({
      ended: () => {
        watchers.delete(subscription);
        this.#forget(resource);
      },
    });
    subscription.accept(report);
  }

  #changed(resource: string, published: Publication | undefined, now: number): void {
    const presentity = this.#presentity(resource);
    clearTimeout(presentity.expiry);
    presentity.expiry = published === undefined ? undefined : this.#expiryOf(resource, published, now);
    const report = published ?? presenceReport(resource, 'closed');
    const isNews = report.body !== presentity.report.body;
    presentity.report = report;
    if (isNews) for (const watcher of presentity.watchers) watcher.notify(report);
    this.#forget(resource);
  }

  #expiryOf(resource: string, { expiresAt }: Publication, now: number): NodeJS.Timeout {
    const expire = this.store.revise(
      resource,
      'presence',
      (publications) => right(publications.filter((other) => other.expiresAt > expiresAt)),
      expiresAt,
    );
    return setTimeout(() => void expire(), expiresAt - now).unref();
  }

  #presentity(resource: string): Presentity {
    const known = this.#presentities.get(resource);
    if (known !== undefined) return known;
    const report = presenceReport(resource, 'closed');
    const presentity: Presentity = { watchers: new Set(), report, expiry: undefined };
    this.#presentities.set(resource, presentity);
    return presentity;
  }

  /** Nothing stays of somebody whom nobody watches and who has published nothing. */
  #forget(resource: string): void {
    const { watchers, expiry } = this.#presentity(resource);
    if (watchers.size === 0 && expiry === undefined) this.#presentities.delete(resource);
  }
}

function resourceOf(text: string): string {
  const uri = parseURI(text);
  return uri._tag === 'Right' ? addressOfRecord(uri.right) : text;
}

import type { SessionEnd } from '../../machines/effects.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { Session as LiveSession } from '../endpoint/live-machine.js';
import type { Sending } from './sending.js';

export interface SessionListener {
  /** It is over. */
  ended?(reason: SessionEnd): void;
}

const nobody: SessionListener = Object.freeze({});

/** The session that an INVITE asks for: from the first response that makes a dialog until BYE (RFC 3261 §13 to §15). */
export class Session {
  readonly #endpoint: Endpoint;
  #live: LiveSession | undefined;
  #listener = nobody;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** `early` before the 2xx, `confirmed` from then on; undefined before it starts and after its end. */
  get state(): 'early' | 'confirmed' | undefined {
    if (this.#live?.is('early') === true) return 'early';
    return this.#live?.is('accepted', 'confirmed') === true ? 'confirmed' : undefined;
  }

  /** Hears of the end; one listener at a time. */
  listen(listener: SessionListener): void {
    this.#listener = listener;
  }

  /**
   * Sends BYE, once the 2xx has its ACK (RFC 3261 §15), and answers 487 to the requests of the dialog that still wait. Has
   * no effect on an INVITE without a 2xx, which is rejected instead.
   */
  hangUp(): Sending {
    const live = this.#live;
    if (live === undefined || this.state !== 'confirmed') return false;
    const sending = live.is('confirmed') ? 'sent' : 'waits';
    this.#endpoint.order(live, { type: 'hangUp' });
    return sending;
  }

  /** The endpoint has started it. */
  begin(live: LiveSession): void {
    this.#live = live;
    live.handle = this;
  }

  /** The endpoint has ended it. */
  end(reason: SessionEnd): void {
    this.#live = undefined;
    this.#listener.ended?.(reason);
  }
}

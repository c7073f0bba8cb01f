import type { ApplicationEvent } from '../../machines/effects.js';
import type { Verdict } from '../../machines/refer-uas.js';
import type { Application } from '../endpoint/configuration.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import { Notifier, type UAS } from '../endpoint/live-machine.js';
import type { Request, URI } from '../message/index.js';
import type { Flow, TransportError } from '../transports/transport.js';
import { type IncomingRequest, SingleResponseRequest } from './incoming-request.js';
import { checkedVerdict, refuse } from './policy.js';
import { Referral } from './referral.js';
import type { UserAgentOptions, WireMessage } from './user-agent.js';

const decline = refuse(603);

/** The application that handlers and a policy make: what they throw goes to `on.error` and no further. */
export class HandledApplication implements Application {
  readonly #options: UserAgentOptions;
  readonly #watchers = new Set<(message: WireMessage) => void>();
  endpoint: Endpoint | undefined;

  constructor(options: UserAgentOptions) {
    this.#options = options;
  }

  judge(request: Request, source: Flow, inDialog: boolean): Verdict {
    const { policy, on } = this.#options;
    if (policy?.refer === undefined || on?.refer === undefined) return decline;
    try {
      const { remote, transport } = source;
      return checkedVerdict(
        policy.refer({ request, source: remote, protocol: transport.protocol, inDialog }),
      );
    } catch (error) {
      this.failed(error as Error);
      return decline;
    }
  }

  /** Whether a Request-URI is one of ours: any is, unless the application says otherwise. */
  owns(uri: URI): boolean {
    try {
      return this.#options.isOurs?.(uri) ?? true;
    } catch (error) {
      this.failed(error as Error);
      return false;
    }
  }

  handles(method: string): boolean {
    return method === 'OPTIONS' && this.#options.on?.options !== undefined;
  }

  told(live: UAS | Notifier, event: ApplicationEvent): void {
    const uas = live instanceof Notifier ? live.uas : live;
    if (event.type === 'request') return this.#hand(uas);
    try {
      (uas.handle as IncomingRequest | undefined)?.tell(event);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  watched(direction: 'received' | 'sent', text: string, { transport, remote }: Flow): void {
    if (this.#watchers.size === 0) return;
    const message: WireMessage = { direction, text, protocol: transport.protocol, remote };
    for (const watcher of this.#watchers) {
      try {
        watcher(message);
      } catch (error) {
        this.failed(error as Error);
      }
    }
  }

  watch(watcher: (message: WireMessage) => void): { unsubscribe(): void } {
    this.#watchers.add(watcher);
    return { unsubscribe: () => void this.#watchers.delete(watcher) };
  }

  failed(error: TransportError | Error): void {
    const report = this.#options.on?.error;
    try {
      if (report !== undefined) report(error);
      else if (error instanceof Error) console.error(error);
    } catch (thrown) {
      console.error(thrown);
    }
  }

  /** Hands a request to its handler. */
  #hand(uas: UAS): void {
    const { endpoint } = this;
    const { on } = this.#options;
    if (endpoint === undefined) return;
    const isReferral = uas.arrival.request.method === 'REFER';
    const incoming = isReferral ? new Referral(endpoint, uas) : new SingleResponseRequest(endpoint, uas);
    uas.handle = incoming;
    const fail = (error: unknown) => {
      this.failed(error as Error);
      incoming.reject(500);
    };
    try {
      const handled: unknown =
        incoming instanceof Referral
          ? on?.refer?.(incoming)
          : on?.options?.(incoming as SingleResponseRequest);
      if (handled instanceof Promise) handled.catch(fail);
    } catch (error) {
      fail(error);
    }
  }
}

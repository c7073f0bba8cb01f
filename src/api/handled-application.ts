import type { ApplicationEvent } from '../../machines/effects.js';
import type { InviteVerdict } from '../../machines/invite-uas.js';
import type { Verdict } from '../../machines/refer-uas.js';
import type { Application, HandlerName } from '../endpoint/configuration.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { LimitReached } from '../endpoint/limit-report.js';
import { type Session as LiveSession, Notifier, type UAS, type Usage } from '../endpoint/live-machine.js';
import type { Request, URI } from '../message/index.js';
import type { Flow, TransportError } from '../transports/transport.js';
import { type Answer, checkedAnswer } from './answer.js';
import { IncomingRequest } from './incoming-request.js';
import { Invitation, ReInvitation } from './invitation.js';
import { checkedInviteVerdict, checkedVerdict, grant, refuse } from './policy.js';
import { Referral } from './referral.js';
import type { Session } from './session.js';
import { Subscription } from './subscription.js';
import type { WireMessage } from './user-agent.js';
import type { AnswerHandler, UserAgentHandlers, UserAgentOptions } from './user-agent-options.js';

/** The application that handlers and a policy make: what they throw goes to `on.error` and no further. */
export class HandledApplication implements Application {
  readonly #options: UserAgentOptions;
  readonly #on: UserAgentHandlers;
  readonly #watchers = new Set<(message: WireMessage) => void>();
  endpoint: Endpoint | undefined;

  constructor(options: UserAgentOptions) {
    this.#options = options;
    this.#on = options.on ?? {};
  }

  judge(request: Request, source: Flow, inDialog: boolean): Verdict {
    const refer = this.#options.policy?.refer;
    if (refer === undefined || this.#on.refer === undefined) return decline;
    try {
      const { remote, transport } = source;
      return checkedVerdict(refer({ request, source: remote, protocol: transport.protocol, inDialog }));
    } catch (error) {
      this.failed(error as Error);
      return decline;
    }
  }

  admit(request: Request, source: Flow, replaces: boolean): InviteVerdict {
    const invite = this.#options.policy?.invite;
    if (invite === undefined) return replaces ? decline : grant;
    try {
      const { remote, transport } = source;
      return checkedInviteVerdict(
        invite({ request, source: remote, protocol: transport.protocol, replaces }),
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

  /** Whether a source may have all of every limit: none may, unless the application says so. */
  trusts(source: string): boolean {
    try {
      return this.#options.isTrusted?.(source) ?? false;
    } catch (error) {
      this.failed(error as Error);
      return false;
    }
  }

  handles(handler: HandlerName): boolean {
    return this.#on[handler] !== undefined;
  }

  sessionStarted(session: LiveSession, uas: UAS): void {
    (uas.handle as Invitation).session.begin(session);
  }

  told(live: UAS | Usage, event: ApplicationEvent): void {
    if (event.type === 'request') return this.#hand(live as UAS);
    try {
      if (event.type === 'sessionEnded') return ((live as LiveSession).handle as Session).end(event.reason);
      const uas = live instanceof Notifier ? live.uas : (live as UAS);
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

  limited(report: LimitReached): void {
    try {
      if (this.#on.limit !== undefined) this.#on.limit(report);
      else console.warn(report.message);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  failed(error: TransportError | Error): void {
    const report = this.#on.error;
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
    if (endpoint === undefined) return;
    const { request } = uas.arrival;
    switch (request.method) {
      case 'INVITE':
        return uas.arrival.dialog === undefined
          ? this.#give(uas, new Invitation(endpoint, uas), this.#on.invite)
          : this.#give(uas, new ReInvitation(endpoint, uas), this.#on.reInvite);
      case 'REFER':
        return this.#give(uas, new Referral(endpoint, uas), this.#on.refer);
      case 'SUBSCRIBE':
        return this.#give(uas, new Subscription(endpoint, uas), this.#on.subscribe);
      default:
        return this.#ask(endpoint, uas, this.#on[answered[request.method] ?? 'options']);
    }
  }

  /** What lives on after its answer is an object of the application's. */
  #give<Incoming extends Invitation | ReInvitation | Referral | Subscription>(
    uas: UAS,
    incoming: Incoming,
    handler: ((incoming: Incoming) => unknown) | undefined,
  ): void {
    uas.handle = incoming;
    this.#settle(
      () => handler?.(incoming),
      () => {},
      () => incoming.reject(500),
    );
  }

  /** What ends with its answer is answered by what the handler gives back. */
  #ask(endpoint: Endpoint, uas: UAS, handler: AnswerHandler | undefined): void {
    const incoming = new IncomingRequest(endpoint, uas);
    uas.handle = incoming;
    const answer = ({ status, ...options }: Answer) =>
      endpoint.order(uas, { type: 'answer', answer: checkedAnswer(status, 200, 699, options) });
    this.#settle(
      () => handler?.(incoming),
      (given) => answer(answerOf(given, uas.arrival.request)),
      () => answer({ status: 500 }),
    );
  }

  /** Takes what a handler gives back or promises; where it fails, says so and refuses. */
  #settle(handle: () => unknown, take: (given: unknown) => void, refuse: () => void): void {
    const fail = (error: unknown) => {
      this.failed(error as Error);
      refuse();
    };
    try {
      const given = handle();
      if (isPromise(given)) given.then((settled) => this.#settle(() => settled, take, refuse), fail);
      else take(given);
    } catch (error) {
      fail(error);
    }
  }
}

/** What a handler gave back, where it is an answer. */
const answerOf = (given: unknown, { method }: Request): Answer => {
  if (typeof (given as Answer | null | undefined)?.status === 'number') return given as Answer;
  throw new TypeError(`The handler of ${method} gives back accept() or reject(status), not ${typeof given}`);
};

const decline = refuse(603);

const isPromise = (given: unknown): given is PromiseLike<unknown> =>
  typeof (given as PromiseLike<unknown> | undefined)?.then === 'function';

/** The handlers that give back an answer, by method. */
const answered: Readonly<
  Record<string, 'info' | 'message' | 'notify' | 'prack' | 'publish' | 'register' | 'update'>
> = {
  INFO: 'info',
  MESSAGE: 'message',
  NOTIFY: 'notify',
  PRACK: 'prack',
  PUBLISH: 'publish',
  REGISTER: 'register',
  UPDATE: 'update',
};

import type { Invitation, ReInvitation } from '../../src/api/invitation.js';
import { grant } from '../../src/api/policy.js';
import type { Referral } from '../../src/api/referral.js';
import {
  type Address,
  createRequest,
  createResponse,
  field,
  header,
  isFinal,
  isProvisional,
  isSuccess,
  parse,
  type Request,
  type Response,
} from '../../src/message/index.js';
import type { createMemoryNetwork } from '../../src/transports/memory.js';
import type { Flow, Transport } from '../../src/transports/transport.js';
import { toTag, type VirtualScheduler } from './peer.js';
import { noMachines, type Stage, stage, userAgentAddress } from './stage.js';

const callerAddress = { host: '192.0.2.4', port: 5060 };
export const offer = 'v=0\r\no=alice 1 1 IN IP4 192.0.2.4\r\n';
export const answer = 'v=0\r\no=bob 1 1 IN IP4 192.0.2.1\r\n';
export const description = ['Content-Type: application/sdp'];

const T1 = 500;
const T2 = 4_000;

/** A request of the caller's besides what its dialog gives it; `lines` are whole header lines. */
export interface Wish {
  readonly uri?: string;
  readonly to?: string;
  readonly lines?: readonly string[];
  readonly body?: string;
  /** In place of the next one. */
  readonly sequence?: number;
  readonly contact?: string | undefined;
}

/** A request of the caller's and the responses to it: a client transaction (RFC 3261 §17.1, RFC 6026 §7.2). */
export class Exchange {
  readonly responses: Response[] = [];
  /** No response came in 64·T1. */
  failed = false;

  constructor(
    readonly method: string,
    readonly branch: string,
    readonly sequence: number,
    /** The Request-URI, which CANCEL and the ACK of a refusal have too (RFC 3261 §9.1, §17.1.1.3). */
    readonly uri: string,
    readonly text: string,
  ) {}

  /** The one final response. */
  get final(): Response | undefined {
    return this.responses.find(({ status }) => isFinal(status));
  }

  get status(): number | undefined {
    return this.final?.status;
  }

  /** Each status once, in order. */
  get statuses(): readonly number[] {
    return [...new Set(this.responses.map(({ status }) => status))];
  }
}

/**
 * A caller on the memory network that keeps to RFC 3261 by itself: repeats its requests (Timers A and E), acknowledges every
 * final response to an INVITE and every reliable provisional one, and answers requests, a retransmission as before.
 */
export class Caller {
  readonly received: (Request | Response)[] = [];
  readonly exchanges: Exchange[] = [];
  /** What it answers a request with; undefined for silence. */
  answer: (
    request: Request,
  ) => { status: number; headers?: readonly (readonly [string, string])[] } | undefined = () => ({
    status: 200,
  });
  /** Whether it acknowledges a 2xx by ACK, a refusal by ACK, a reliable provisional response by PRACK. */
  readonly acknowledges = { success: true, refusal: true, provisional: true };
  readonly scheduler: VirtualScheduler;
  readonly protocol: 'UDP' | 'TCP';
  readonly #transports: readonly Transport[];
  readonly #dialogs: Dialogue[] = [];
  readonly #answered = new Map<string, string>();
  #branches = 0;

  constructor(
    network: ReturnType<typeof createMemoryNetwork>,
    scheduler: VirtualScheduler,
    protocol: 'UDP' | 'TCP' = 'UDP',
    readonly address: Address = callerAddress,
    readonly user = 'alice',
  ) {
    this.scheduler = scheduler;
    this.protocol = protocol;
    const receiver = {
      received: (text: string, flow: Flow) => this.#receive(text, flow),
      unframed: () => {},
      closed: () => {},
    };
    this.#transports = [protocol, protocol === 'UDP' ? ('TCP' as const) : ('UDP' as const)].map((each) => {
      const transport = network.transport({ protocol: each, address });
      void transport.open(receiver)();
      return transport;
    });
  }

  get contact(): string {
    const { host, port } = this.address;
    return `<sip:${this.user}@${host}:${port}${this.protocol === 'TCP' ? ';transport=tcp' : ''}>`;
  }

  get requests(): readonly Request[] {
    return this.received.filter((message) => message.type === 'request');
  }

  /** The requests that came, each once, in the order of their CSeq, a NOTIFY with its Subscription-State and first line. */
  get heard(): readonly string[] {
    const once = new Map(this.requests.map((request) => [`${branchOf(request)} ${request.method}`, request]));
    return [...once.values()]
      .toSorted((one, other) => sequenceOf(one) - sequenceOf(other))
      .map((request) =>
        request.method === 'NOTIFY'
          ? `NOTIFY ${field(request, 'Subscription-State')} ${request.body.trim()}`
          : request.method,
      );
  }

  /** How often a request or a response of this first line came. */
  count(start: string): number {
    return this.received.filter(({ text }) => text.startsWith(start)).length;
  }

  /** Every request that was sent but for ACK, and what became of it. */
  get outcomes(): readonly string[] {
    return this.exchanges.map(
      ({ method, status, failed }) => `${method} ${status ?? (failed ? 'silence' : 'waits')}`,
    );
  }

  /** Nobody is there any more. */
  leave(): void {
    for (const transport of this.#transports) void transport.close();
  }

  /** A request outside any dialog, and the dialog that it may make. */
  open(method: string, wish: Wish = {}): Dialogue {
    const dialog = new Dialogue(this, `${method}-${this.user}-${++this.#branches}`, wish);
    this.#dialogs.push(dialog);
    dialog.request(method, wish);
    return dialog;
  }

  invite(wish: Wish = { lines: description, body: offer }): Dialogue {
    return this.open('INVITE', wish);
  }

  nextBranch(): string {
    return `z9hG4bK-${this.user}-${++this.#branches}`;
  }

  via(branch: string): string {
    return `SIP/2.0/${this.protocol} ${this.address.host}:${this.address.port};branch=${branch};rport`;
  }

  send(text: string): void {
    const [transport] = this.#transports;
    transport?.send(text, transport.flowTo(userAgentAddress), { sendFailed: () => {} });
  }

  /** Sends a request until a response stops it (RFC 3261 §17.1.1.2, §17.1.2.2). */
  start(exchange: Exchange): void {
    this.exchanges.push(exchange);
    this.send(exchange.text);
    this.#repeat(exchange, T1, T1);
  }

  #repeat(exchange: Exchange, interval: number, elapsed: number): void {
    const { responses } = exchange;
    const again = () => {
      if (exchange.final !== undefined) return;
      const isInvite = exchange.method === 'INVITE';
      if (isInvite && responses.length > 0) return;
      if (elapsed >= 64 * T1) {
        exchange.failed = true;
        return;
      }
      if (this.protocol === 'UDP') this.send(exchange.text);
      const grown = responses.length > 0 ? T2 : 2 * interval;
      const next = Math.min(isInvite ? grown : Math.min(grown, T2), 64 * T1 - elapsed);
      this.#repeat(exchange, next, elapsed + next);
    };
    this.scheduler.start({ timerEnded: again }, 'caller', interval);
  }

  #receive(text: string, flow: Flow): void {
    const parsed = parse(text);
    if (parsed._tag === 'Left') throw new Error(parsed.left.message);
    const message = parsed.right;
    this.received.push(message);
    if (message.type === 'request') this.#respond(message, flow);
    else this.#take(message);
  }

  #respond(request: Request, flow: Flow): void {
    const key = `${branchOf(request)} ${request.method}`;
    const given = this.#answered.get(key);
    const answered = given === undefined ? this.answer(request) : undefined;
    const text =
      given ??
      (answered && createResponse(request, answered.status, { headers: answered.headers ?? [] }).text);
    if (text === undefined) return;
    this.#answered.set(key, text);
    flow.transport.send(text, flow, { sendFailed: () => {} });
  }

  #take(response: Response): void {
    const exchange = this.exchanges.find(
      ({ branch, method }) => branch === branchOf(response) && method === methodOf(response),
    );
    const dialog = this.#dialogs.find(
      ({ exchanges }) => exchange !== undefined && exchanges.includes(exchange),
    );
    if (exchange === undefined || dialog === undefined) return;
    // What is final stays final: a provisional response that comes late is dropped (RFC 3261 §17.1.1.2).
    if (isProvisional(response.status) && exchange.final !== undefined) return;
    exchange.responses.push(response);
    dialog.take(exchange, response);
  }
}

/** What a caller keeps of a dialog, and of the request that makes it (RFC 3261 §12.1.2). */
export class Dialogue {
  readonly exchanges: Exchange[] = [];
  /** What the ACK of a 2xx brings. */
  acknowledgement: Wish = {};
  readonly #caller: Caller;
  readonly #acknowledgements = new Map<string, string>();
  #sequence = 0;
  #tag = '';
  #target = 'sip:bob@192.0.2.1';
  #to = '<sip:bob@192.0.2.1>';
  #routes: readonly string[] = [];
  /** The RSeq of the last reliable provisional response, by INVITE. */
  readonly #acknowledged = new Map<Exchange, number>();
  /** The INVITE that waits for a provisional response, to be cancelled. */
  #cancelled: Exchange | undefined;

  constructor(
    caller: Caller,
    readonly callId: string,
    { uri, to }: Wish,
  ) {
    this.#caller = caller;
    this.#target = uri ?? this.#target;
    this.#to = to ?? this.#to;
  }

  get tag(): string {
    return this.#tag;
  }

  get first(): Exchange {
    return this.exchanges[0]!;
  }

  get last(): Exchange {
    return this.exchanges.at(-1)!;
  }

  /** Sends a request in the dialog, or the one that makes it. */
  request(method: string, wish: Wish = {}): Exchange {
    const sequence = wish.sequence ?? ++this.#sequence;
    const branch = this.#caller.nextBranch();
    const uri = wish.uri ?? this.#target;
    const text = this.#write(method, branch, sequence, wish);
    const exchange = new Exchange(method, branch, sequence, uri, text);
    this.exchanges.push(exchange);
    this.#caller.start(exchange);
    return exchange;
  }

  bye(): Exchange {
    return this.request('BYE', { contact: undefined });
  }

  /** Sends CANCEL, not before a provisional response (RFC 3261 §9.1). */
  cancel(exchange = this.first): void {
    if (exchange.responses.length === 0) this.#cancelled = exchange;
    else if (exchange.final === undefined) this.#sendCancel(exchange);
  }

  take(exchange: Exchange, response: Response): void {
    const { status } = response;
    const isEstablished = this.#tag !== '' || !dialogMethods.has(exchange.method);
    if (status > 100 && status < 300 && !isEstablished) this.#establish(response);
    if (exchange.method !== 'INVITE') return;
    if (isProvisional(status)) {
      if (exchange === this.#cancelled && exchange.responses.length === 1) this.#sendCancel(exchange);
      this.#acknowledgeProvisional(exchange, response);
    } else this.#acknowledge(exchange, response);
  }

  /** RFC 3261 §12.1.2. */
  #establish(response: Response): void {
    const contact = header(response, 'Contact');
    const routes = header(response, 'Record-Route');
    this.#tag = toTag(response);
    if (contact._tag === 'Right' && contact.right !== '*' && contact.right[0] !== undefined)
      this.#target = contact.right[0].uri.text;
    if (routes._tag === 'Right') this.#routes = routes.right.map(({ uri }) => `<${uri.text}>`).toReversed();
  }

  /** The ACK of a 2xx is a request of its own, that of a refusal belongs to the INVITE (RFC 3261 §13.2.2.4, §17.1.1.3). */
  #acknowledge(exchange: Exchange, response: Response): void {
    const isAccepted = isSuccess(response.status);
    const { success, refusal } = this.#caller.acknowledges;
    if (isAccepted ? !success : !refusal) return;
    const known = this.#acknowledgements.get(exchange.branch);
    const branch = isAccepted ? this.#caller.nextBranch() : exchange.branch;
    const wish = isAccepted ? this.acknowledgement : { uri: exchange.uri };
    const text =
      known ??
      this.#write('ACK', branch, exchange.sequence, { ...wish, contact: undefined }, toTag(response));
    this.#acknowledgements.set(exchange.branch, text);
    this.#caller.send(text);
  }

  /** RFC 3262 §4: in order, and each once. */
  #acknowledgeProvisional(exchange: Exchange, response: Response): void {
    const sequence = Number(field(response, 'RSeq'));
    const last = this.#acknowledged.get(exchange);
    if (Number.isNaN(sequence) || !this.#caller.acknowledges.provisional) return;
    if (last !== undefined && sequence !== last + 1) return;
    this.#acknowledged.set(exchange, sequence);
    this.request('PRACK', { lines: [`RAck: ${sequence} ${exchange.sequence} INVITE`] });
  }

  #sendCancel({ branch, sequence, uri, text: invite }: Exchange): void {
    const tag = invite.match(/^To:.*;tag=(.*)\r$/m)?.[1] ?? '';
    const text = this.#write('CANCEL', branch, sequence, { uri, contact: undefined }, tag);
    const exchange = new Exchange('CANCEL', branch, sequence, uri, text);
    this.exchanges.push(exchange);
    this.#caller.start(exchange);
  }

  #write(method: string, branch: string, sequence: number, wish: Wish, tag = this.#tag): string {
    const { lines = [], body = '', uri = this.#target, to = this.#to } = wish;
    const contact = 'contact' in wish ? wish.contact : this.#caller.contact;
    const { user } = this.#caller;
    return createRequest({
      method,
      uri,
      headers: [
        ['Via', this.#caller.via(branch)],
        ...this.#routes.map((route) => ['Route', route] as const),
        ['Max-Forwards', '70'],
        ['From', `<sip:${user}@192.0.2.4>;tag=${user}`],
        ['To', tag === '' ? to : `${to};tag=${tag}`],
        ['Call-ID', this.callId],
        ['CSeq', `${sequence} ${method}`],
        ...(contact === undefined ? [] : [['Contact', contact] as const]),
        ...lines.map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
        }),
      ],
      body,
    }).text;
  }
}

const dialogMethods: ReadonlySet<string> = new Set(['INVITE', 'REFER', 'SUBSCRIBE']);

const branchOf = (message: Request | Response): string => {
  const vias = header(message, 'Via');
  return vias._tag === 'Right' ? (vias.right[0].branch ?? '') : '';
};

const cseqOf = (message: Request | Response) => {
  const cseq = header(message, 'CSeq');
  return cseq._tag === 'Right' ? cseq.right : { sequence: 0, method: '' };
};

const methodOf = (message: Request | Response) => cseqOf(message).method;

const sequenceOf = (message: Request | Response) => cseqOf(message).sequence;

export interface CallStage extends Stage {
  readonly caller: Caller;
  /** What the application was given, and what it heard, in order. */
  readonly invitations: Invitation[];
  readonly reInvitations: ReInvitation[];
  readonly referrals: Referral[];
  readonly told: string[];
}

export type CallOptions = NonNullable<Parameters<typeof stage>[0]> & {
  /** What the application does with a call, a re-INVITE, a referral; by default it accepts the first two and leaves the other. */
  readonly onInvite?: (invitation: Invitation) => void;
  readonly onReInvite?: (invitation: ReInvitation) => void;
  readonly onRefer?: (referral: Referral) => void;
};

export const accept = (invitation: ReInvitation): void =>
  void invitation.accept({ headers: [['Content-Type', 'application/sdp']], body: answer });

/** A stage with a caller on it, and an application that keeps what it is given and notes what it hears. */
export const callStage = async ({
  onInvite = accept,
  onReInvite = accept,
  onRefer = () => {},
  ...options
}: CallOptions = {}): Promise<CallStage> => {
  const kept = {
    invitations: [] as Invitation[],
    reInvitations: [] as ReInvitation[],
    referrals: [] as Referral[],
    told: [] as string[],
  };
  const note = (name: string) => ({
    cancelled: () => void kept.told.push(`${name} cancelled`),
    undecided: () => void kept.told.push(`${name} undecided`),
    failed: (failure: string) => void kept.told.push(`${name} failed ${failure}`),
    acknowledged: (ack: Request) =>
      void kept.told.push(`${name} acknowledged${ack.body === '' ? '' : ' with a description'}`),
    ended: (reason: string) => void kept.told.push(`${name} ended ${reason}`),
  });
  const there = await stage({
    policy: { refer: () => grant },
    ...options,
    on: {
      invite: (invitation) => {
        const name = kept.invitations.push(invitation) === 1 ? 'call' : `call ${kept.invitations.length}`;
        invitation.listen(note(name));
        invitation.session.listen({ ended: note(name).ended });
        return onInvite(invitation);
      },
      reInvite: (invitation) => {
        kept.reInvitations.push(invitation);
        invitation.listen(note('re-INVITE'));
        return onReInvite(invitation);
      },
      refer: (referral) => {
        const name = kept.referrals.push(referral) === 1 ? 'referral' : `referral ${kept.referrals.length}`;
        referral.listen(note(name));
        return onRefer(referral);
      },
      ...options.on,
    },
  });
  return { ...there, ...kept, caller: new Caller(there.network, there.scheduler, options.protocol) };
};

/** Long enough for everything to have ended by itself. */
const longest = 800_000;

/** That nothing is left once all is over: no machine, no timer, no error. */
export const remains = ({ scheduler, userAgent, errors }: Stage) => {
  scheduler.advance(longest);
  const { refused, ...counts } = userAgent.counts();
  return { counts, pending: scheduler.pending, errors };
};

export const nothing = { counts: noMachines, pending: 0, errors: [] };

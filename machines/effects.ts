import type { Message, Request, Response } from '../src/message/index.js';
import type { TimerName } from './timers.js';

/** What any machine may order: a plain value, whole in its JSON form, that the interpreter carries out. */
export type Effect = TransactionEffect | UserAgentEffect | DialogEffect | DeliveryEffect;

/** What a transaction orders (RFC 3261 §17). */
export type TransactionEffect =
  | SendRequest
  | SendResponse
  | PassToUser
  | ReportFailure
  | StartTimer
  | StopTimer;

/** What a user agent server or a subscription orders (RFC 3261 §8.2, RFC 6665). */
export type UserAgentEffect =
  | Respond
  | StartSession
  | TellSession
  | ReplaceSession
  | AcknowledgeProvisional
  | StartNotifier
  | RefreshSubscription
  | EndSubscription
  | CancelTransaction
  | ReviseBindings
  | RevisePublication
  | SendInDialog
  | EndRequests
  | ConfirmDialog
  | LeaveDialog
  | TellApplication
  | StartTimer
  | StopTimer;

/** What a dialog orders (RFC 3261 §12.2, RFC 5057 §5.1). */
export type DialogEffect =
  | RequestInDialog
  | NumberRequest
  | PassToUsage
  | RefuseRequest
  | EndUsages
  | EndRequests;

/** What the delivery of a request orders (RFC 3263 §4). */
export type DeliveryEffect = Locate | TakeNumber | TryTarget | PassToUser | ReportFailure;

/** The effects that call out of the machines; each is the last of its step. */
export const callouts: ReadonlySet<Effect['type']> = new Set([
  'passToUser',
  'reportFailure',
  'passToUsage',
  'tellApplication',
]);

export type HeaderField = readonly [name: string, value: string];

export interface SendRequest {
  readonly type: 'sendRequest';
  readonly request: Request;
}

/** Sends a client transaction's request, or sends it again (RFC 3261 §17.1.2.2). */
export const sendRequest = (request: Request): SendRequest => ({ type: 'sendRequest', request });

export interface SendResponse {
  readonly type: 'sendResponse';
  readonly response: Response;
}

/** Sends a server transaction's response, or sends it again, on the way of RFC 3261 §18.2.2. */
export const sendResponse = (response: Response): SendResponse => ({ type: 'sendResponse', response });

export interface PassToUser {
  readonly type: 'passToUser';
  readonly message: Message;
}

/** Hands a request or a response to the transaction's user. */
export const passToUser = (message: Message): PassToUser => ({ type: 'passToUser', message });

export type Failure = 'timeout' | 'transportError';

export interface ReportFailure {
  readonly type: 'reportFailure';
  readonly failure: Failure;
  /** For people: `no address for phone.example.com`. */
  readonly cause?: string;
}

/** Tells the transaction's user that no response came, or that a message could not be sent (RFC 3261 §17.1.4, RFC 6026 §8.8). */
export const reportFailure = (failure: Failure, cause?: string): ReportFailure => ({
  type: 'reportFailure',
  failure,
  ...(cause === undefined ? {} : { cause }),
});

export interface StartTimer {
  readonly type: 'startTimer';
  readonly timer: TimerName;
  /** Milliseconds. */
  readonly delay: number;
}

/** Starts a timer of this machine, or starts it anew; its end comes back as the event of its name. */
export const startTimer = (timer: TimerName, delay: number): StartTimer => ({
  type: 'startTimer',
  timer,
  delay,
});

export interface StopTimer {
  readonly type: 'stopTimer';
  readonly timer: TimerName;
}

export const stopTimer = (timer: TimerName): StopTimer => ({ type: 'stopTimer', timer });

/** A response as its user agent server decides it; the endpoint adds what RFC 3261 §8.2.6 copies from the request. */
export interface ResponseDraft {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly headers?: readonly HeaderField[] | undefined;
  /** Latin1 text, one character a byte. */
  readonly body?: string | undefined;
}

export interface Respond {
  readonly type: 'respond';
  readonly response: ResponseDraft;
  /** The user agent server's own, besides the draft's. */
  readonly headers: readonly HeaderField[];
  /** Whether Contact goes with it, and Record-Route where it makes a dialog (RFC 3261 §12.1.1). */
  readonly hasContact: boolean;
}

const noHeaders: readonly HeaderField[] = [];

/** Answers the request: the `response` event of its transaction. A 2xx to a REFER or SUBSCRIBE has a Contact (RFC 3515 §2.2, RFC 6665 §8.3.1). */
export const respond = (
  response: ResponseDraft,
  contact: 'withContact' | 'withoutContact' = 'withoutContact',
  headers = noHeaders,
): Respond => ({ type: 'respond', response, headers, hasContact: contact === 'withContact' });

export interface StartSession {
  readonly type: 'startSession';
}

/** Starts the session of an INVITE and its dialog, which the first response with a To tag makes (RFC 3261 §12.1.1). */
export const startSession = (): StartSession => ({ type: 'startSession' });

/** What becomes of the INVITEs and the offers of a session (RFC 3261 §13, §14, RFC 3264, RFC 3311). */
export type SessionEvent =
  /** The peer has sent an offer in a re-INVITE or an UPDATE, or asks for one by a re-INVITE without. */
  | { readonly type: 'offered' }
  /** The offer has its answer, or was refused. */
  | { readonly type: 'offerSettled' }
  /** An INVITE has its 2xx. */
  | { readonly type: 'accepted' }
  /** That 2xx has its ACK. */
  | { readonly type: 'acknowledged' }
  /** It has none after 64·T1 (RFC 3261 §13.3.1.4). */
  | { readonly type: 'unacknowledged' }
  /** An INVITE was refused. */
  | { readonly type: 'refused' }
  /** The peer's BYE has come. */
  | { readonly type: 'bye' };

export interface TellSession {
  readonly type: 'tellSession';
  readonly event: SessionEvent;
}

/** Tells the session of the request's dialog, where there is one. */
export const tellSession = (event: SessionEvent): TellSession => ({ type: 'tellSession', event });

export interface ReplaceSession {
  readonly type: 'replaceSession';
}

/** Ends the session that the INVITE's Replaces names, now that the new one is accepted (RFC 3891 §3). */
export const replaceSession = (): ReplaceSession => ({ type: 'replaceSession' });

export interface AcknowledgeProvisional {
  readonly type: 'acknowledgeProvisional';
}

/** Tells an INVITE's user agent server that the reliable provisional response has its PRACK (RFC 3262 §3). */
export const acknowledgeProvisional = (): AcknowledgeProvisional => ({ type: 'acknowledgeProvisional' });

/** The body of a NOTIFY. */
export interface Report {
  readonly contentType: string;
  /** Latin1 text, one character a byte. */
  readonly body: string;
}

export interface StartNotifier {
  readonly type: 'startNotifier';
  readonly state: 'pending' | 'active';
  /** What the first NOTIFY says; the package's neutral state where it is left out. */
  readonly report?: Report;
  /** Seconds; the package's own where they are left out. */
  readonly expires?: number;
}

/** Starts a subscription in the request's dialog, which the 2xx makes where there is none (RFC 3515 §2.4.4, RFC 6665 §4.2.1). */
export const startNotifier = (
  state: 'pending' | 'active',
  report?: Report,
  expires?: number,
): StartNotifier => ({
  type: 'startNotifier',
  state,
  ...(report === undefined ? {} : { report }),
  ...(expires === undefined ? {} : { expires }),
});

export interface RefreshSubscription {
  readonly type: 'refreshSubscription';
  /** Seconds. */
  readonly expires: number;
}

/** Extends the subscription that a SUBSCRIBE names (RFC 6665 §4.2.1). */
export const refreshSubscription = (expires: number): RefreshSubscription => ({
  type: 'refreshSubscription',
  expires,
});

export interface EndSubscription {
  readonly type: 'endSubscription';
}

/** Ends the subscription that a SUBSCRIBE with `Expires: 0` names. */
export const endSubscription = (): EndSubscription => ({ type: 'endSubscription' });

export interface CancelTransaction {
  readonly type: 'cancelTransaction';
}

/** Hands a CANCEL to the user agent server whose request it names (RFC 3261 §9.2). */
export const cancelTransaction = (): CancelTransaction => ({ type: 'cancelTransaction' });

export interface ReviseBindings {
  readonly type: 'reviseBindings';
}

/** Has the store change the bindings as a REGISTER asks (RFC 3261 §10.3); comes back as `revised`, `outOfOrder` or `storeFailed`. */
export const reviseBindings = (): ReviseBindings => ({ type: 'reviseBindings' });

export interface RevisePublication {
  readonly type: 'revisePublication';
}

/** Has the store make, refresh, change or remove the event state as a PUBLISH asks (RFC 3903 §6); comes back as `revised`, `unmatched` or `storeFailed`. */
export const revisePublication = (): RevisePublication => ({ type: 'revisePublication' });

/** A request that a usage wants sent in its dialog. */
export interface RequestDraft {
  readonly method: 'NOTIFY' | 'BYE';
  readonly headers: readonly HeaderField[];
  readonly body: string;
}

export interface SendInDialog {
  readonly type: 'sendInDialog';
  readonly request: RequestDraft;
}

/** Sends a usage's request: the `send` event of its dialog. What comes of it is the event `requestAnswered` or `requestFailed`. */
export const sendInDialog = (request: RequestDraft): SendInDialog => ({ type: 'sendInDialog', request });

export interface EndRequests {
  readonly type: 'endRequests';
}

/** Has every request of the dialog that waits for its answer answered 487, since the session or the dialog is over (RFC 3261 §15.1.2, RFC 5057 §5.1). */
export const endRequests = (): EndRequests => ({ type: 'endRequests' });

export interface ConfirmDialog {
  readonly type: 'confirmDialog';
}

/** Makes an early dialog a confirmed one (RFC 3261 §12.1.1). */
export const confirmDialog = (): ConfirmDialog => ({ type: 'confirmDialog' });

export interface LeaveDialog {
  readonly type: 'leaveDialog';
}

/** Ends one usage of the dialog (RFC 5057 §4). */
export const leaveDialog = (): LeaveDialog => ({ type: 'leaveDialog' });

export type ApplicationEvent =
  | { readonly type: 'request' }
  | { readonly type: 'cancel' }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'undecided' }
  /** The 2xx to an INVITE has its ACK, whose body may be the answer to an offer. */
  | { readonly type: 'acknowledged'; readonly request: Request }
  | { readonly type: 'sessionEnded'; readonly reason: SessionEnd }
  /** A report that waited for its turn leaves. */
  | { readonly type: 'reportSent'; readonly report: Report }
  /** A newer one has its turn. */
  | { readonly type: 'reportReplaced'; readonly report: Report }
  | { readonly type: 'subscriptionEnded'; readonly reason: SubscriptionEnd };

/** Why a session ended: by the peer's BYE, by ours, because its INVITE was refused, because no ACK came, or because the dialog is gone (RFC 5057 §5.1). */
export type SessionEnd = 'bye' | 'hungUp' | 'refused' | 'unacknowledged' | 'dialogEnded';

/** Why a subscription ended: the reason in its last NOTIFY (RFC 6665 §4.1.3), that a NOTIFY was refused or lost, or that the dialog is gone (RFC 5057 §5.1). */
export type SubscriptionEnd = TerminationReason | 'refused' | 'dialogEnded' | Failure;

/** RFC 6665 §4.1.3. */
export type TerminationReason =
  | 'deactivated'
  | 'probation'
  | 'rejected'
  | 'timeout'
  | 'giveup'
  | 'noresource'
  | 'invariant';

export interface TellApplication {
  readonly type: 'tellApplication';
  readonly event: ApplicationEvent;
}

export const tellApplication = (event: ApplicationEvent): TellApplication => ({
  type: 'tellApplication',
  event,
});

export interface RequestInDialog {
  readonly type: 'requestInDialog';
  /** The live machine that wants the request sent, and its response back. */
  readonly usage: number;
  readonly method: string;
  /** The Request-URI (RFC 3261 §12.2.1.1). */
  readonly uri: string;
  /** The URI that says where to send: the first route's, or the Request-URI (RFC 3261 §8.1.2). */
  readonly nextHop: string;
  /** What all requests of the dialog have, up to Call-ID. */
  readonly identity: readonly HeaderField[];
  /** The request's own. */
  readonly headers: readonly HeaderField[];
  readonly body: string;
}

/** Starts the delivery of a request, which has no number yet; the endpoint adds Via, CSeq, Contact and Content-Length. */
export const requestInDialog = (request: Omit<RequestInDialog, 'type'>): RequestInDialog => ({
  type: 'requestInDialog',
  ...request,
});

export interface NumberRequest {
  readonly type: 'numberRequest';
  /** The live machine whose request it is. */
  readonly usage: number;
  readonly sequence: number;
}

/** Gives a request its CSeq: the `numbered` event of its delivery (RFC 3261 §12.2.1.1). */
export const numberRequest = (usage: number, sequence: number): NumberRequest => ({
  type: 'numberRequest',
  usage,
  sequence,
});

/** One address to send to, and how (RFC 3263 §4). */
export interface Target {
  readonly protocol: 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';
  /** Numeric, without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface Locate {
  readonly type: 'locate';
  readonly uri: string;
}

/** Asks for the addresses of a URI's host (RFC 3263 §4.2); comes back as `located`. */
export const locate = (uri: string): Locate => ({ type: 'locate', uri });

export interface TakeNumber {
  readonly type: 'takeNumber';
}

/** Tells the dialog that a request can leave: its `ready` event; comes back as `numbered`. */
export const takeNumber = (): TakeNumber => ({ type: 'takeNumber' });

export interface TryTarget {
  readonly type: 'tryTarget';
  readonly target: Target;
  /** The CSeq of the request. */
  readonly sequence: number;
  /** From 1. */
  readonly attempt: number;
}

/** Sends the request to a target in a client transaction of its own (RFC 3263 §4.3). */
export const tryTarget = (target: Target, sequence: number, attempt: number): TryTarget => ({
  type: 'tryTarget',
  target,
  sequence,
  attempt,
});

export interface PassToUsage {
  readonly type: 'passToUsage';
  /** The key of the request's server transaction. */
  readonly transaction: string;
}

/** Lets a request that came in the dialog go on to its user agent server. */
export const passToUsage = (transaction: string): PassToUsage => ({ type: 'passToUsage', transaction });

export interface RefuseRequest {
  readonly type: 'refuseRequest';
  /** The key of the request's server transaction. */
  readonly transaction: string;
  readonly response: ResponseDraft;
}

/** Answers a request that the dialog does not let pass. */
export const refuseRequest = (transaction: string, response: ResponseDraft): RefuseRequest => ({
  type: 'refuseRequest',
  transaction,
  response,
});

export interface EndUsages {
  readonly type: 'endUsages';
}

/** Ends every usage of a dialog that a response has ended (RFC 5057 §5.1). */
export const endUsages = (): EndUsages => ({ type: 'endUsages' });

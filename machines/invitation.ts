/**
 * What the user agent servers of an INVITE and of a re-INVITE have in common: RFC 3261 §13.3, §14.2 and RFC 3262 §3.
 * Until the final response: provisional ones, one reliable one at a time until its PRACK; CANCEL, BYE and expiry answer
 * for the application. After a 2xx: the same again until its ACK, over any transport (RFC 3261 §13.3.1.4).
 */
import { assign, emit, matchesState, type StateValue, setup } from 'xstate';
import type { Request } from '../src/message/index.js';
import {
  type Failure,
  type HeaderField,
  type ResponseDraft,
  replaceSession,
  respond,
  startSession,
  startTimer,
  stopTimer,
  tellApplication,
  tellSession,
  type UserAgentEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';
import {
  type AnswerInput,
  type ContentInput,
  hasNotOneContact,
  type Refusal,
  refusalArrows,
} from './refusals.js';
import {
  provisionalExpiry,
  provisionalRefresh,
  provisionalRetransmission,
  successExpiry,
  successRetransmission,
  type TimerValues,
} from './timers.js';

export interface Input extends ContentInput, AnswerInput {
  /** Whether there is exactly one Contact, a SIP URI (RFC 3261 §8.1.1.8). */
  readonly hasOneContact: boolean;
  /** Whether the application answers. */
  readonly handled: boolean;
  /** What the request says of reliable provisional responses: Require, Supported, or neither names 100rel (RFC 3262 §3). */
  readonly reliability: 'required' | 'supported' | 'none';
  /** The RSeq of the first one, from 1 to 2**31 - 1 (RFC 3262 §3). */
  readonly firstSequence: number;
  /** Seconds that the INVITE is good for, by its Expires (RFC 3261 §13.3.1); undefined where it doesn't say. */
  readonly expires: number | undefined;
  /** Seconds that the application may take where the INVITE is good for longer. */
  readonly patience: number;
  /** Header fields of a 2xx: Allow, Supported, … (RFC 3261 §13.3.1.4). */
  readonly capabilities: readonly HeaderField[];
  readonly timers: TimerValues;
}

export interface Context {
  readonly input: Input;
  readonly answer: ResponseDraft;
  /** The last provisional response that was sent, whether it was reliable, and the last RSeq. */
  readonly provisional: ResponseDraft;
  readonly reliable: boolean;
  readonly sequence: number;
  /** Those that wait for the PRACK of the one before. */
  readonly waiting: readonly ResponseDraft[];
  /** Of the next repetition, in milliseconds. */
  readonly interval: number;
}

export type Event =
  | { readonly type: 'trying' }
  /** A response from 101 to 199; reliable where the peer supports it and it is asked for or has a body. */
  | { readonly type: 'progress'; readonly answer: ResponseDraft; readonly reliable?: boolean | undefined }
  | { readonly type: 'accept'; readonly answer: ResponseDraft }
  | { readonly type: 'redirect'; readonly answer: ResponseDraft }
  | { readonly type: 'reject'; readonly answer: ResponseDraft }
  | { readonly type: 'prack' }
  | { readonly type: 'ack'; readonly request: Request }
  | { readonly type: 'cancel' }
  | { readonly type: 'sessionEnded' }
  | { readonly type: 'failure'; readonly failure: Failure }
  | { readonly type: 'expiry' }
  | { readonly type: 'decision' }
  | { readonly type: 'provisionalRefresh' }
  | { readonly type: 'provisionalRetransmission' }
  | { readonly type: 'provisionalExpiry' }
  | { readonly type: 'successRetransmission' }
  | { readonly type: 'successExpiry' };

export const eventTypes = listEventTypes<Event>({
  trying: true,
  progress: true,
  accept: true,
  redirect: true,
  reject: true,
  prack: true,
  ack: true,
  cancel: true,
  sessionEnded: true,
  failure: true,
  expiry: true,
  decision: true,
  provisionalRefresh: true,
  provisionalRetransmission: true,
  provisionalExpiry: true,
  successRetransmission: true,
  successExpiry: true,
});

/** What tells an INVITE's user agent server from a re-INVITE's. */
interface Character<Own extends Input> {
  /** Tried in order, after the Contact. */
  readonly refusals: readonly Refusal<Own>[];
  /** Where the application has no handler. */
  readonly unhandled: ResponseDraft;
  /** Where the application has not answered in time. */
  readonly undecided: ResponseDraft;
  /** Ordered when the application is asked. */
  readonly begin: readonly 'tellOffered'[];
  /** Ordered before the first response that has a To tag. */
  readonly establish: readonly 'startSession'[];
  /** Ordered after the 2xx. */
  readonly succeed: readonly 'replaceSession'[];
}

export const invitation = <const Id extends string, Own extends Input>(
  id: Id,
  description: string,
  { refusals, unhandled, undecided, begin, establish, succeed }: Character<Own>,
) => {
  const refusing = refusalArrows(
    [hasNotOneContact, ...refusals],
    'refused',
    ({ input }: Context) => input as Own,
  );
  return setup({
    types: {} as { input: Own; context: Context; events: Event; emitted: UserAgentEffect },
    guards: {
      ...(refusing.guards as Record<never, never>),
      isHandled: ({ context }) => context.input.handled,
      isReliable: ({ context, event }) =>
        event.type === 'progress' && isReliable(context, event.answer, event.reliable),
      wasReliable: ({ context }) => context.reliable,
      wasDescription: ({ context }) => hasBody(context.provisional),
      descriptionWaits: ({ context }) => context.waiting.some(hasBody),
      oneWaits: ({ context }) => context.waiting.length > 0,
    },
    actions: {
      ...(refusing.actions as Record<never, never>),
      rememberAnswer: assign(({ event }) => ('answer' in event ? { answer: event.answer } : {})),
      rememberUnreliable: assign(({ event }) =>
        'answer' in event ? { provisional: event.answer, reliable: false } : {},
      ),
      rememberReliable: assign(({ context, event }) =>
        'answer' in event ? nextReliable(context, event.answer) : {},
      ),
      renewReliable: assign(({ context }) => nextReliable(context, withoutBody(context.provisional))),
      keepProvisional: assign(({ context, event }) =>
        'answer' in event ? { waiting: [...context.waiting, event.answer] } : {},
      ),
      takeProvisional: assign(({ context }) => {
        const [next, ...waiting] = context.waiting;
        return { ...nextReliable(context, next ?? context.provisional), waiting };
      }),
      doubleInterval: assign(({ context }) => ({
        interval: provisionalRetransmission(context.input.timers, context.interval),
      })),
      resetInterval: assign(({ context }) => ({ interval: successRetransmission(context.input.timers) })),
      growInterval: assign(({ context }) => ({
        interval: successRetransmission(context.input.timers, context.interval),
      })),
      respondTrying: emit(respond({ status: 100 })),
      respondUnreliably: emit(({ event }) =>
        respond((event as Extract<Event, { type: 'progress' }>).answer, 'withContact'),
      ),
      respondAgain: emit(({ context }) => respond(context.provisional, 'withContact')),
      respondReliably: emit(({ context }) =>
        respond(context.provisional, 'withContact', [
          ['Require', '100rel'],
          ['RSeq', `${context.sequence}`],
        ]),
      ),
      respondSuccess: emit(({ context }) =>
        respond(context.answer, 'withContact', context.input.capabilities),
      ),
      respond: emit(({ context }) => respond(context.answer)),
      respondUnhandled: emit(respond(unhandled)),
      respondUndecided: emit(respond(undecided)),
      respondTerminated: emit(respond({ status: 487 })),
      respondUnacknowledged: emit(respond({ status: 504, reason: 'Provisional Response Not Acknowledged' })),
      startSession: emit(startSession()),
      replaceSession: emit(replaceSession()),
      tellOffered: emit(tellSession({ type: 'offered' })),
      tellOfferSettled: emit(tellSession({ type: 'offerSettled' })),
      tellAccepted: emit(tellSession({ type: 'accepted' })),
      tellAcknowledged: emit(tellSession({ type: 'acknowledged' })),
      tellUnacknowledged: emit(tellSession({ type: 'unacknowledged' })),
      tellRefused: emit(tellSession({ type: 'refused' })),
      startLimit: emit(
        ({
          context: {
            input: { expires, patience },
          },
        }) =>
          expires !== undefined && expires < patience
            ? startTimer('expiry', expires * 1_000)
            : startTimer('decision', patience * 1_000),
      ),
      stopExpiry: emit(stopTimer('expiry')),
      stopDecision: emit(stopTimer('decision')),
      startRefresh: emit(startTimer('provisionalRefresh', provisionalRefresh)),
      stopRefresh: emit(stopTimer('provisionalRefresh')),
      startRepeating: emit(({ context }) => startTimer('provisionalRetransmission', context.interval)),
      stopRepeating: emit(stopTimer('provisionalRetransmission')),
      startProvisionalExpiry: emit(({ context }) =>
        startTimer('provisionalExpiry', provisionalExpiry(context.input.timers)),
      ),
      stopProvisionalExpiry: emit(stopTimer('provisionalExpiry')),
      startRepeatingSuccess: emit(({ context }) => startTimer('successRetransmission', context.interval)),
      startSuccessExpiry: emit(({ context }) =>
        startTimer('successExpiry', successExpiry(context.input.timers)),
      ),
      tellRequest: emit(tellApplication({ type: 'request' })),
      tellACK: emit(({ event }) =>
        tellApplication({ type: 'acknowledged', request: (event as ACK).request }),
      ),
      tellCancel: emit(tellApplication({ type: 'cancel' })),
      tellUndecided: emit(tellApplication({ type: 'undecided' })),
      tellFailure: emit(({ event }) =>
        tellApplication({ type: 'failure', failure: 'failure' in event ? event.failure : 'timeout' }),
      ),
    },
  }).createMachine({
    id,
    description,
    context: ({ input }) => ({
      input,
      answer: undecided,
      provisional: { status: 180 },
      reliable: false,
      sequence: input.firstSequence - 1,
      waiting: [],
      interval: 0,
    }),
    initial: 'received',
    states: {
      received: {
        always: [
          ...(refusing.arrows as []),
          { guard: 'isHandled', target: 'proceeding' },
          { target: 'refused', actions: 'respondUnhandled' },
        ],
      },
      proceeding: {
        entry: [...begin, 'startLimit', 'tellRequest'],
        exit: ['stopExpiry', 'stopDecision'],
        initial: 'deciding',
        states: {
          deciding: {
            on: {
              trying: { actions: 'respondTrying' },
              progress: [
                {
                  description: 'RFC 3262 §3',
                  guard: 'isReliable',
                  target: 'unacknowledged',
                  actions: [...establish, 'rememberReliable', 'respondReliably'],
                },
                { target: 'early', actions: [...establish, 'rememberUnreliable', 'respondAgain'] },
              ],
              accept: { target: `#${id}.accepted`, actions: [...establish, 'rememberAnswer'] },
            },
          },
          early: {
            entry: 'startRefresh',
            exit: 'stopRefresh',
            on: {
              progress: [
                {
                  description: 'RFC 3262 §3',
                  guard: 'isReliable',
                  target: 'unacknowledged',
                  actions: ['rememberReliable', 'respondReliably'],
                },
                { actions: ['rememberUnreliable', 'respondAgain'] },
              ],
              provisionalRefresh: [
                {
                  description: 'RFC 3261 §13.3.1.1; RFC 3262 §3; no second offer (RFC 3261 §13.2.1)',
                  guard: 'wasReliable',
                  target: 'unacknowledged',
                  actions: ['renewReliable', 'respondReliably'],
                },
                { description: 'RFC 3261 §13.3.1.1', actions: ['respondAgain', 'startRefresh'] },
              ],
              accept: { target: `#${id}.accepted`, actions: 'rememberAnswer' },
            },
          },
          unacknowledged: {
            entry: ['startRepeating', 'startProvisionalExpiry'],
            exit: ['stopRepeating', 'stopProvisionalExpiry'],
            initial: 'ringing',
            states: {
              ringing: {
                on: {
                  progress: [
                    {
                      description: 'RFC 3262 §3: one at a time',
                      guard: 'isReliable',
                      actions: 'keepProvisional',
                    },
                    { actions: 'respondUnreliably' },
                  ],
                  prack: [
                    {
                      description: 'RFC 3262 §5',
                      guard: 'wasDescription',
                      target: `#${id}.proceeding.settling`,
                      actions: 'tellOfferSettled',
                    },
                    { target: `#${id}.proceeding.settling` },
                  ],
                  accept: {
                    description: 'RFC 3262 §3: the 2xx waits for the PRACK',
                    target: 'accepting',
                    actions: 'rememberAnswer',
                  },
                },
              },
              accepting: {
                entry: ['stopExpiry', 'stopDecision'],
                on: {
                  prack: [
                    {
                      description: 'RFC 3262 §5',
                      guard: 'wasDescription',
                      target: `#${id}.proceeding.concluding`,
                      actions: 'tellOfferSettled',
                    },
                    { target: `#${id}.proceeding.concluding` },
                  ],
                },
              },
            },
            on: {
              provisionalRetransmission: {
                description: 'RFC 3262 §3',
                actions: ['respondReliably', 'doubleInterval', 'startRepeating'],
              },
              provisionalExpiry: {
                description: 'RFC 3262 §3',
                target: `#${id}.refused`,
                actions: ['respondUnacknowledged', 'tellRefused', 'tellUndecided'],
              },
            },
          },
          settling: {
            always: [
              {
                guard: 'oneWaits',
                target: 'unacknowledged',
                actions: ['takeProvisional', 'respondReliably'],
              },
              { target: 'early' },
            ],
          },
          concluding: {
            always: [
              {
                description: 'RFC 3262 §3: no 2xx before the PRACK of a description',
                guard: 'descriptionWaits',
                target: 'unacknowledged.accepting',
                actions: ['takeProvisional', 'respondReliably'],
              },
              { target: `#${id}.accepted` },
            ],
          },
        },
        on: {
          redirect: { target: 'redirected', actions: ['rememberAnswer', 'respond', 'tellRefused'] },
          reject: { target: 'refused', actions: ['rememberAnswer', 'respond', 'tellRefused'] },
          cancel: {
            description: 'RFC 3261 §9.2',
            target: 'cancelled',
            actions: ['respondTerminated', 'tellRefused', 'tellCancel'],
          },
          sessionEnded: {
            description: 'RFC 3261 §15.1.2',
            target: 'cancelled',
            actions: ['respondTerminated', 'tellCancel'],
          },
          expiry: {
            description: 'RFC 3261 §13.3.1',
            target: 'refused',
            actions: ['respondTerminated', 'tellRefused', 'tellUndecided'],
          },
          decision: { target: 'refused', actions: ['respondUndecided', 'tellRefused', 'tellUndecided'] },
          failure: { description: 'RFC 6026 §8.8', actions: 'tellFailure' },
        },
      },
      accepted: {
        entry: [
          'respondSuccess',
          'tellAccepted',
          ...succeed,
          'resetInterval',
          'startRepeatingSuccess',
          'startSuccessExpiry',
        ],
        on: {
          successRetransmission: {
            description: 'RFC 3261 §13.3.1.4',
            actions: ['respondSuccess', 'growInterval', 'startRepeatingSuccess'],
          },
          ack: {
            description: 'RFC 3261 §13.3.1.4',
            target: 'acknowledged',
            actions: ['tellAcknowledged', 'tellACK'],
          },
          successExpiry: {
            description: 'RFC 3261 §13.3.1.4',
            target: 'unacknowledged',
            actions: 'tellUnacknowledged',
          },
        },
      },
      acknowledged: { type: 'final' },
      unacknowledged: { type: 'final' },
      redirected: { type: 'final' },
      refused: { type: 'final' },
      cancelled: { type: 'final' },
    },
  });
};

/** Whether the 2xx waits for the PRACK of a reliable provisional response (RFC 3262 §3). */
export const successWaits = ({ value }: { readonly value: StateValue }): boolean =>
  matchesState({ proceeding: 'unacknowledged' }, value);

/** Whether a provisional response does. */
export const provisionalWaits = (
  { value, context }: { readonly value: StateValue; readonly context: Context },
  { answer, reliable }: Extract<Event, { readonly type: 'progress' }>,
): boolean => successWaits({ value }) && isReliable(context, answer, reliable);

type ACK = Extract<Event, { type: 'ack' }>;

const hasBody = ({ body }: ResponseDraft) => body !== undefined && body !== '';

const withoutBody = ({ headers, body, ...statusLine }: ResponseDraft): ResponseDraft => statusLine;

/** RFC 3262 §3: the RSeq of each is one more than that of the last. */
const nextReliable = ({ sequence, input: { timers } }: Context, provisional: ResponseDraft) => ({
  provisional,
  reliable: true,
  sequence: sequence + 1,
  interval: provisionalRetransmission(timers),
});

const isReliable = (
  { input: { reliability } }: Context,
  provisional: ResponseDraft,
  asked: boolean | undefined,
) => reliability === 'required' || (reliability === 'supported' && (asked ?? hasBody(provisional)));

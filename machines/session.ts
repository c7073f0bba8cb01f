/**
 * The INVITE usage of a dialog, as its UAS keeps it: RFC 3261 §13 to §15, RFC 5057 §4. It knows whose offer waits for its
 * answer (RFC 3264 §4, RFC 3311 §5.2), and when a BYE may leave: not before the ACK (RFC 3261 §15).
 * A re-INVITE that is refused leaves the session as it was (RFC 3261 §14.1): it is stable again.
 */
import { assign, emit, setup } from 'xstate';
import {
  confirmDialog,
  endRequests,
  type Failure,
  leaveDialog,
  type SessionEnd,
  type SessionEvent,
  sendInDialog,
  tellApplication,
  type UserAgentEffect,
} from './effects.js';
import { listEventTypes } from './event-types.js';

export interface Input {
  /** Whether the INVITE brought an offer. */
  readonly offered: boolean;
}

export interface Context extends Input {
  /** Why it ends: by the peer's BYE where nothing else has ended it. */
  readonly end: SessionEnd;
}

export type Event =
  | SessionEvent
  /** The application hangs up, or another session takes this one's place (RFC 3891 §3). */
  | { readonly type: 'hangUp' }
  | { readonly type: 'requestAnswered'; readonly status: number }
  /** The cause is for people. */
  | { readonly type: 'requestFailed'; readonly failure: Failure; readonly cause?: string | undefined }
  /** The dialog is gone (RFC 5057 §5.1). */
  | { readonly type: 'dialogEnded' };

export const eventTypes = listEventTypes<Event>({
  offered: true,
  offerSettled: true,
  accepted: true,
  acknowledged: true,
  unacknowledged: true,
  refused: true,
  bye: true,
  hangUp: true,
  requestAnswered: true,
  requestFailed: true,
  dialogEnded: true,
});

export const session = setup({
  types: {} as { input: Input; context: Context; events: Event; emitted: UserAgentEffect },
  actions: {
    rememberHangUp: assign({ end: 'hungUp' }),
    rememberRefusal: assign({ end: 'refused' }),
    rememberSilence: assign({ end: 'unacknowledged' }),
    rememberDialogEnd: assign({ end: 'dialogEnded' }),
    confirmDialog: emit(confirmDialog()),
    sendBYE: emit(sendInDialog({ method: 'BYE', headers: [], body: '' })),
    endRequests: emit(endRequests()),
    leaveDialog: emit(leaveDialog()),
    tellEnd: emit(({ context }) => tellApplication({ type: 'sessionEnded', reason: context.end })),
  },
}).createMachine({
  id: 'session',
  description: 'RFC 3261 §13–§15; RFC 3264 §4; RFC 3311 §5.2; RFC 5057 §4',
  context: ({ input: { offered } }) => ({ offered, end: 'bye' }),
  initial: 'early',
  states: {
    early: {
      initial: 'negotiating',
      states: {
        negotiating: { on: { offerSettled: { description: 'RFC 3262 §5', target: 'stable' } } },
        stable: { on: { offered: { description: 'RFC 3311 §5.2', target: 'answering' } } },
        answering: { on: { offerSettled: { target: 'stable' } } },
      },
      on: {
        accepted: { description: 'RFC 3261 §13.3.1.4', target: 'accepted', actions: 'confirmDialog' },
        refused: { description: 'RFC 3261 §12.3', target: 'terminated', actions: 'rememberRefusal' },
      },
    },
    accepted: {
      on: {
        acknowledged: { target: 'confirmed' },
        unacknowledged: {
          description: 'RFC 3261 §13.3.1.4',
          target: 'ending',
          actions: 'rememberSilence',
        },
        hangUp: { description: 'RFC 3261 §15: no BYE before the ACK', target: 'leaving' },
      },
    },
    leaving: {
      on: {
        acknowledged: { target: 'ending', actions: 'rememberHangUp' },
        unacknowledged: { target: 'ending', actions: 'rememberHangUp' },
      },
    },
    confirmed: {
      initial: 'stable',
      states: {
        stable: { on: { offered: { description: 'RFC 3261 §14.2; RFC 3311 §5.2', target: 'answering' } } },
        answering: {
          on: {
            offerSettled: { target: 'stable' },
            refused: { description: 'RFC 3261 §14.1: the session stays as it was', target: 'stable' },
          },
        },
      },
      on: {
        accepted: { description: 'RFC 3261 §14.2', target: 'accepted' },
        hangUp: { description: 'RFC 3261 §15.1.1', target: 'ending', actions: 'rememberHangUp' },
      },
    },
    ending: {
      entry: ['sendBYE', 'endRequests'],
      on: {
        requestAnswered: { description: 'RFC 3261 §15.1.1', target: 'terminated' },
        requestFailed: { description: 'RFC 3261 §15.1.1', target: 'terminated' },
        bye: { description: 'RFC 3261 §15.1.1: it is over since our BYE', target: 'terminated' },
        dialogEnded: { description: 'RFC 3261 §15.1.1: it is over since our BYE', target: 'terminated' },
      },
    },
    terminated: { type: 'final', entry: ['endRequests', 'leaveDialog', 'tellEnd'] },
  },
  on: {
    bye: { description: 'RFC 3261 §15.1.2', target: '.terminated' },
    dialogEnded: { description: 'RFC 5057 §5.1', target: '.terminated', actions: 'rememberDialogEnd' },
  },
});

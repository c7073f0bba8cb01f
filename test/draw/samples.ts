import { setup } from 'xstate';

type Event =
  | { type: 'grant' }
  | { type: 'progress'; final: boolean }
  | { type: 'end' }
  | { type: 'subscribe'; expires: number }
  | { type: 'response'; status: number }
  | { type: 'timeout' }
  | { type: 'transportError' }
  | { type: 'expiry' }
  | { type: 'notifySpacing' };

const nothing = () => {};

/** Every kind of state and arrow that the subset knows, once. */
export const small = setup({
  guards: { isRefused: () => true, isFinal: () => true },
  actions: { respond: nothing, startTimer: nothing, stopTimer: nothing, report: nothing },
}).createMachine({
  id: 'small',
  description: 'RFC 3261 §17.2; RFC 4320',
  initial: 'received',
  on: {
    transportError: { target: '.terminated', actions: 'report', description: 'RFC 6026 §8.8' },
    unknown: { actions: 'report' },
  },
  states: {
    received: {
      always: [
        { guard: 'isRefused', target: 'terminated', actions: 'respond', description: 'RFC 3261 §8.2' },
        { target: 'deciding' },
      ],
    },
    deciding: {
      description: 'RFC 3261 §17.2.2',
      initial: 'trying',
      entry: 'startTimer',
      exit: ['stopTimer', 'report'],
      on: { timer: { target: 'terminated' }, '*': {} },
      states: {
        trying: {
          entry: 'report',
          on: {
            response: [
              { guard: 'isFinal', target: '#small.terminated', actions: ['respond', 'report'] },
              { target: 'proceeding', actions: 'respond' },
            ],
            retransmission: { target: 'trying', actions: 'report' },
            restart: { target: 'trying', reenter: true },
          },
        },
        proceeding: {
          on: {
            cancel: { target: '#small.terminated', actions: 'respond' },
            timerF: { target: '#small.terminated', actions: 'respond' },
          },
        },
      },
    },
    terminated: { type: 'final' },
  },
});

/** A chart as wide and as deep as the widest that ships: two levels, nine leaves, long labels. */
export const wide = setup({
  types: {} as { context: { expires: number }; events: Event },
  guards: {
    isFinal: () => true,
    isUnsubscribe: () => true,
    isSuccess: () => true,
    hasRetryAfter: () => true,
    hasWaiting: () => true,
  },
  actions: {
    rememberExpires: nothing,
    rememberWaiting: nothing,
    forgetWaiting: nothing,
    sendNotify: nothing,
    sendWaitingNotify: nothing,
    sendFinalNotify: nothing,
    respondToSubscribe: nothing,
    startExpiry: nothing,
    stopExpiry: nothing,
    startNotifySpacing: nothing,
    stopNotifySpacing: nothing,
    reportLostSubscription: nothing,
    reportEnd: nothing,
  },
}).createMachine({
  id: 'wide',
  description: 'RFC 6665 §4.2.2; RFC 3515 §2.4.4',
  context: { expires: 60 },
  initial: 'pending',
  on: {
    transportError: {
      target: '.terminated',
      actions: ['stopExpiry', 'reportLostSubscription'],
      description: 'RFC 6665 §4.2.2',
    },
  },
  states: {
    pending: {
      initial: 'notifying',
      entry: ['startExpiry'],
      description: 'RFC 6665 §4.1.3',
      on: {
        grant: { target: 'active', actions: ['rememberWaiting'], description: 'RFC 6665 §4.2.2' },
        expiry: { target: 'ending', actions: ['rememberWaiting'], description: 'RFC 6665 §4.2.2' },
        end: { target: 'ending', actions: ['rememberWaiting', 'stopExpiry'] },
      },
      states: {
        notifying: {
          entry: ['sendNotify'],
          on: {
            response: [
              { guard: 'isSuccess', target: 'spacing', actions: ['startNotifySpacing'] },
              {
                guard: 'hasRetryAfter',
                target: 'spacing',
                actions: ['startNotifySpacing', 'rememberWaiting'],
              },
              { target: '#wide.terminated', actions: ['stopExpiry', 'reportLostSubscription'] },
            ],
            timeout: { target: '#wide.terminated', actions: ['stopExpiry', 'reportLostSubscription'] },
            subscribe: { actions: ['rememberExpires', 'respondToSubscribe', 'rememberWaiting'] },
          },
        },
        spacing: {
          on: {
            notifySpacing: [{ guard: 'hasWaiting', target: 'notifying' }, { target: 'ready' }],
            subscribe: { actions: ['rememberExpires', 'respondToSubscribe', 'rememberWaiting'] },
          },
        },
        ready: {
          on: { subscribe: { target: 'notifying', actions: ['rememberExpires', 'respondToSubscribe'] } },
        },
      },
    },
    active: {
      initial: 'notifying',
      exit: ['stopNotifySpacing'],
      on: {
        expiry: { target: 'ending', actions: ['rememberWaiting'], description: 'RFC 6665 §4.2.2' },
        end: { target: 'ending', actions: ['rememberWaiting', 'stopExpiry'] },
      },
      states: {
        notifying: {
          entry: ['sendNotify'],
          on: {
            response: [
              { guard: 'isSuccess', target: 'spacing', actions: ['startNotifySpacing'] },
              {
                guard: 'hasRetryAfter',
                target: 'spacing',
                actions: ['startNotifySpacing', 'rememberWaiting'],
              },
              {
                target: '#wide.terminated',
                actions: ['stopExpiry', 'reportLostSubscription'],
                description: 'RFC 6665 §4.2.2; RFC 5057 §5.1',
              },
            ],
            timeout: { target: '#wide.terminated', actions: ['stopExpiry', 'reportLostSubscription'] },
            progress: { actions: ['rememberWaiting'], description: 'RFC 3515 §2.4.5' },
          },
        },
        spacing: {
          on: {
            notifySpacing: [
              { guard: 'hasWaiting', target: 'notifying', actions: ['sendWaitingNotify', 'forgetWaiting'] },
              { target: 'ready' },
            ],
            progress: { actions: ['rememberWaiting'] },
          },
        },
        ready: {
          on: {
            progress: [
              {
                guard: 'isFinal',
                target: '#wide.ending.last',
                actions: ['sendFinalNotify', 'stopExpiry'],
              },
              { target: 'notifying', actions: ['rememberWaiting', 'sendNotify'] },
            ],
            subscribe: [
              {
                guard: 'isUnsubscribe',
                target: '#wide.ending.last',
                actions: ['respondToSubscribe', 'stopExpiry', 'sendFinalNotify'],
                description: 'RFC 6665 §4.1.2.3',
              },
              {
                target: 'notifying',
                actions: ['rememberExpires', 'respondToSubscribe', 'startExpiry', 'sendNotify'],
              },
            ],
          },
        },
      },
    },
    ending: {
      initial: 'notifying',
      states: {
        notifying: {
          on: {
            response: [
              { guard: 'isSuccess', target: 'spacing', actions: ['startNotifySpacing'] },
              { target: '#wide.terminated', actions: ['reportEnd'] },
            ],
            timeout: { target: '#wide.terminated', actions: ['reportEnd'] },
          },
        },
        spacing: { on: { notifySpacing: { target: 'last', actions: ['sendFinalNotify'] } } },
        last: {
          on: {
            response: { target: '#wide.terminated', actions: ['reportEnd'] },
            timeout: { target: '#wide.terminated', actions: ['reportEnd'] },
          },
        },
      },
    },
    terminated: { type: 'final' },
  },
});

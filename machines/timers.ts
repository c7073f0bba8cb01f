/** RFC 3261 Table 4, in milliseconds: the values every timer is made of. */
export interface TimerValues {
  readonly T1: number;
  readonly T2: number;
  readonly T4: number;
}

export const defaultTimerValues: TimerValues = { T1: 500, T2: 4_000, T4: 5_000 };

/** A timer's name is the type of the event that its end is. */
export type TimerName =
  | 'timerE'
  | 'timerF'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerJ'
  | 'timerK'
  | 'timerL'
  | 'tryingDelay'
  | 'decision'
  | 'expiry'
  | 'provisionalRefresh'
  | 'provisionalRetransmission'
  | 'provisionalExpiry'
  | 'successRetransmission'
  | 'successExpiry'
  | 'notifySpacing';

/** The first interval of Timer E, and the one after `interval` (RFC 3261 §17.1.2.2). */
export const timerE = (values: TimerValues, interval?: number) =>
  interval === undefined ? values.T1 : Math.min(2 * interval, values.T2);

export const timerF = (values: TimerValues) => 64 * values.T1;

/** The first interval of Timer G, and the one after `interval` (RFC 3261 §17.2.1). */
export const timerG = (values: TimerValues, interval?: number) =>
  interval === undefined ? values.T1 : Math.min(2 * interval, values.T2);

export const timerH = (values: TimerValues) => 64 * values.T1;

export const timerI = (values: TimerValues, reliable: boolean) => (reliable ? 0 : values.T4);

export const timerJ = (values: TimerValues, reliable: boolean) => (reliable ? 0 : 64 * values.T1);

export const timerK = (values: TimerValues, reliable: boolean) => (reliable ? 0 : values.T4);

export const timerL = (values: TimerValues) => 64 * values.T1;

/** An INVITE whose user has said nothing by then is answered 100 (RFC 3261 §17.2.1). */
export const inviteTryingDelay = 200;

/** How long a client's Timer E takes to be reset to T2: before that, no 100 over an unreliable transport (RFC 4320 §4.1). */
export const tryingDelay = ({ T1, T2 }: TimerValues) => {
  let delay = 0;
  for (let interval = T1; interval < T2; interval *= 2) delay += interval;
  return delay;
};

/** Past this a response to a non-INVITE request comes too late for its client (RFC 4320 §4.2). */
export const transactionExpiry = (values: TimerValues) => 64 * values.T1;

/** How long an application may think about a request before the user agent answers for it. */
export const decision = (values: TimerValues) => 48 * values.T1;

/** A provisional response keeps the proxies of a ringing call from giving up (RFC 3261 §13.3.1.1). */
export const provisionalRefresh = 60_000;

/** Between the repetitions of a reliable provisional response (RFC 3262 §3): the first interval, and the one after `interval`. */
export const provisionalRetransmission = (values: TimerValues, interval?: number) =>
  interval === undefined ? values.T1 : 2 * interval;

/** How long its PRACK may take (RFC 3262 §3). */
export const provisionalExpiry = (values: TimerValues) => 64 * values.T1;

/** Between the repetitions of a 2xx to an INVITE, over any transport (RFC 3261 §13.3.1.4): the first interval, and the one after `interval`. */
export const successRetransmission = (values: TimerValues, interval?: number) =>
  interval === undefined ? values.T1 : Math.min(2 * interval, values.T2);

/** How long its ACK may take (RFC 3261 §13.3.1.4). */
export const successExpiry = (values: TimerValues) => 64 * values.T1;

/** NOTIFYs of a referral come no faster than this (RFC 3515 §3.10). */
export const notifySpacing = 1_000;

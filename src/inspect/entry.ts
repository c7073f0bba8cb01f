import type { EventObject, StateValue } from 'xstate';

/** One thing that happened in a user agent, as it leaves the process: plain JSON, its secrets masked. */
export type Entry = InputEntry | MessageEntry | StepEntry;

interface Common {
  /** From 1, without gaps. */
  readonly n: number;
  /** Milliseconds since 1970 (or since the start of a recording that is replayed). */
  readonly at: number;
  /** The `n` of the input that all of this comes of; an input's own. */
  readonly cause: number;
  /** Of what it belongs to, where that is known. */
  readonly callId?: string;
}

/** What came from outside but for a message: the end of a timer, an order of the application's, a failure to send. */
export interface InputEntry extends Common {
  readonly kind: 'input';
  readonly input:
    | 'timerEnded'
    | 'order'
    | 'sendFailed'
    | 'resolved'
    | 'closed'
    | 'unframed'
    | 'close'
    | 'drained'
    /** The last of a user agent: it has closed. */
    | 'ended';
  /** The number of the machine that it goes to. */
  readonly machine?: number;
  /** The timer's name, the order's type, the error's code. */
  readonly what?: string;
}

export interface MessageEntry extends Common {
  readonly kind: 'message';
  readonly direction: 'received' | 'sent';
  readonly protocol: string;
  /** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
  readonly remote: string;
  /** Latin1 text, one character a byte, masked. */
  readonly text: string;
  /** `INVITE`, or `200 INVITE`. */
  readonly label: string;
  /** Whether the same message went the same way before. */
  readonly isRetransmission: boolean;
}

/** One step of a machine. The first of a machine has no `event` and no `from`. */
export interface StepEntry extends Common {
  readonly kind: 'step';
  /** The machine's number. */
  readonly machine: number;
  /** The machine's id: `inviteUAS`. */
  readonly id: string;
  /** The name of its file and its picture: `invite-uas`. */
  readonly chart: string;
  /** The machine that it was started for: a user agent server's transaction, a usage's dialog. */
  readonly parent?: number;
  /** Of the request that it was made for. */
  readonly method?: string;
  readonly event?: EventObject;
  readonly from?: StateValue;
  readonly to: StateValue;
  readonly status: 'active' | 'done';
  /** The arrows taken, as `data-arrow` in the picture names them. */
  readonly arrows: readonly string[];
  /** The clauses of those arrows, and of the states that were entered. */
  readonly clauses: readonly string[];
  readonly effects: readonly EventObject[];
}

/** A machine as it stands now: what is known of it when its first steps have left the ring. */
export interface Standing {
  readonly machine: number;
  readonly id: string;
  readonly chart: string;
  readonly parent?: number;
  readonly method?: string;
  readonly callId?: string;
  /** The From and To of its call, as they stand on the wire, masked; without them where no machine of the call knows them any more. */
  readonly from?: string;
  readonly to?: string;
  readonly value: StateValue;
  readonly status: 'active' | 'done';
  /** When it started and last moved, as in `Entry.at`. */
  readonly since: number;
  readonly at: number;
  /** The timers that run: when each was started and when it will end. */
  readonly timers: readonly { readonly timer: string; readonly from: number; readonly until: number }[];
}

/** What becomes of what is ordered: it is sent at once, it waits for its turn, or the order came too late and has no effect. */
export type Sending = 'sent' | 'waits' | false;

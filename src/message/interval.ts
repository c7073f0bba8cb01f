/**
 * The seconds until an end, as an `expires` parameter tells them; both times are in whole milliseconds. They are rounded
 * down, so that nobody is told more than was granted, but for the last one: 0 would say that all is over (RFC 3261 §10.2.2,
 * RFC 6665 §4.1.3).
 */
export const secondsUntil = (end: number, now: number): number =>
  end <= now ? 0 : Math.max(1, Math.floor((end - now) / 1_000));

/** Milliseconds in words: `250 ms`, `4.2 s`, `32 s`, `5 min 2 s`. */
export function duration(ms: number): string {
  const rounded = Math.max(0, Math.round(ms));
  if (rounded < 1_000) return `${rounded} ms`;
  if (rounded < 10_000) return `${trimmed(rounded / 1_000)} s`;
  const seconds = Math.round(rounded / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const rest = seconds % 60;
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** What is left of a timer, which does not jump about: `31.4 s`. */
export const remainder = (ms: number): string =>
  ms < 60_000 ? `${(Math.max(0, ms) / 1_000).toFixed(1)} s` : duration(ms);

const trimmed = (seconds: number) => seconds.toFixed(1).replace(/\.0$/, '');

/** A moment: local time of day, or what has passed since a recording's start. */
export function clock(at: number): string {
  if (at < 1e11) return `+${(at / 1_000).toFixed(3)}`;
  const time = new Date(at);
  return `${time.toTimeString().slice(0, 8)}.${`${time.getMilliseconds()}`.padStart(3, '0')}`;
}

/** Chance as a port: a cryptographic source below a user agent, a seeded one below a test or a replay. */
export interface Entropy {
  /** An unpredictable token for a tag, a branch or a Call-ID: at least 64 bits (RFC 3261 §19.3). */
  token(): string;
  /** An unpredictable whole number from 0 to `limit` - 1; `limit` is 2**32 at most. */
  number(limit: number): number;
  /** A token that is always the same for the same text, and that nobody else can tell (RFC 3261 §8.2.7). */
  tokenOf(text: string): string;
}

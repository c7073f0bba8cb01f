/** What a message may not exceed. */
export interface Limits {
  /** Bytes of a whole message. */
  readonly message: number;
  /** Number of header lines. */
  readonly headers: number;
  /** Bytes of a header line with its folds. */
  readonly line: number;
  /** Bytes of the start line. */
  readonly startLine: number;
}

/** A UDP datagram's most, and twice and more what the long values of RFC 4475 §3.1.1.7 need. */
export const defaultLimits: Limits = { message: 65_535, headers: 256, line: 8_192, startLine: 4_096 };

export const noLimits: Limits = {
  message: Number.POSITIVE_INFINITY,
  headers: Number.POSITIVE_INFINITY,
  line: Number.POSITIVE_INFINITY,
  startLine: Number.POSITIVE_INFINITY,
};

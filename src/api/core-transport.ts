/** The one way to the peer that a `UserAgentCore` has. */
export interface Transport {
  /** As Via writes it. UDP, in any case, is unreliable (RFC 3261 §17); any other is reliable. */
  readonly protocol: string;
  /** Resolves when the text is sent, rejects where it can't be. */
  send(message: string): Promise<void>;
}

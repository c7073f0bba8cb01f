/** A host and port as they stand on the wire or in a socket: a numeric host has no brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A SIP request (RFC 3261 §7.1). Header fields are read with `field`, `fields` and `header`. */
export interface Request {
  readonly type: 'request';
  readonly method: string;
  /** The Request-URI as written. */
  readonly uri: string;
  /** In upper case: `SIP/2.0` in a good message. */
  readonly version: string;
  /** The message as latin1 text, one character a byte, with the `received` and `rport` that the server transport added to the top Via (RFC 3261 §18.2.1, RFC 3581 §4). */
  readonly text: string;
  /** The body as latin1 text, cut to Content-Length. */
  readonly body: string;
  toJSON(): string;
}

/** A SIP response (RFC 3261 §7.2). */
export interface Response {
  readonly type: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  readonly text: string;
  readonly body: string;
  toJSON(): string;
}

export type Message = Request | Response;

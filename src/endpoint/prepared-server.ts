import { isRight } from 'fp-ts/lib/Either.js';
import type { AnyStateMachine } from 'xstate';
import type { Instance } from '../engine/engine.js';
import { header, type Request } from '../message/index.js';
import type { Endpoint } from './endpoint.js';
import type { Arrival, Dialog, UASJoins } from './live-machine.js';

/** A user agent server about to start. */
interface PreparedServer {
  readonly instance: Instance<AnyStateMachine>;
  readonly joins?: UASJoins;
  /** Where it is not the request's own. */
  readonly tag?: string | undefined;
}

/** Makes the user agent server of a method's request. */
export type Prepare = (endpoint: Endpoint, arrival: Arrival, dialog: Dialog | undefined) => PreparedServer;

/** What Expires asks for. */
export const secondsOf = (request: Request): number | undefined => {
  const expires = header(request, 'Expires');
  return isRight(expires) ? expires.right : undefined;
};

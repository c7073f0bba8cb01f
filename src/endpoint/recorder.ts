import type { Configuration } from './configuration.js';
import type { Endpoint } from './endpoint.js';

/** What writes down all that comes to an endpoint; it stands between the endpoint and its ports. */
export interface Recorder {
  /** An endpoint of this configuration that is recorded from its start. Throws a TypeError where it records another one. */
  begin(configuration: Configuration): Endpoint;
  /** Nothing comes any more. */
  end(): void;
}

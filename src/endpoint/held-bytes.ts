import { isSIPURI, type NameAddress, type URI } from '../message/index.js';
import type { Essentials } from './matching.js';

/** What a live machine takes without its texts, its timers and its places in the tables included. `npm run bench` measures less. */
export const machineSize = 1_024;

/** What a parameter or a route takes that was read, without its text. */
export const recordSize = 64;

/** What a request takes that waits: its text, and what its mandatory header fields were read into. */
export const requestSize = (text: string, { uri, from, to, via }: Essentials): number =>
  text.length +
  recordSize *
    (via.parameters.size + parametersOf(uri) + parametersOfAddress(from) + parametersOfAddress(to));

const parametersOfAddress = ({ uri, parameters }: NameAddress) => parameters.size + parametersOf(uri);

const parametersOf = (uri: URI) => (isSIPURI(uri) ? uri.parameters.size + uri.headers.length : 0);

/** The user agent server of OPTIONS: RFC 3261 §11.2. */
import { singleResponseUAS } from './single-response-uas.js';

export { eventTypes } from './single-response-uas.js';

export const options = singleResponseUAS('options', 'RFC 3261 §11.2');

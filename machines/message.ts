/** The user agent server of MESSAGE: RFC 3428 §7. It makes no dialog. */
import { singleResponseUAS } from './single-response-uas.js';

export { eventTypes } from './single-response-uas.js';

export const message = singleResponseUAS('message', 'RFC 3428 §7');

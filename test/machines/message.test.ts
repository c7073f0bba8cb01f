import { describe } from 'vitest';
import { eventTypes, message } from '../../machines/message.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { testSingleResponse } from '../support/single-response-figure.js';

describe('MESSAGE user agent server (RFC 3428 §7)', () => {
  testSingleResponse(message, eventTypes, {
    handled: true,
    answer: { status: 405 },
    contentRefusal: undefined,
    timers,
  });
});

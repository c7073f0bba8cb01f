import { describe } from 'vitest';
import { eventTypes, options } from '../../machines/options.js';
import { defaultTimerValues as timers } from '../../machines/timers.js';
import { testSingleResponse } from '../support/single-response-figure.js';

const capabilities = { status: 200, headers: [['Allow', 'OPTIONS, REFER']] } as const;

describe('OPTIONS user agent server (RFC 3261 §11.2)', () => {
  testSingleResponse(options, eventTypes, {
    handled: true,
    answer: capabilities,
    contentRefusal: undefined,
    timers,
  });
});

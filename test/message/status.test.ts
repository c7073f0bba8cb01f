import { expect, test } from 'vitest';
import { isFinal, isProvisional, isSuccess, reasonPhrase } from '../../src/message/index.js';

test.each([
  [100, 'Trying'],
  [200, 'OK'],
  [202, 'Accepted'],
  [481, 'Call/Transaction Does Not Exist'],
  [489, 'Bad Event'],
  [500, 'Server Internal Error'],
  [603, 'Decline'],
])('%i is %s (RFC 3261 §21)', (status, phrase) => expect(reasonPhrase(status)).toBe(phrase));

test.each([
  [199, 'Early Dialog Terminated'],
  [299, 'OK'],
  [399, 'Multiple Choices'],
  [499, 'Bad Request'],
  [599, 'Server Internal Error'],
  [699, 'Busy Everywhere'],
])('%i, where no RFC names it, is its class’s x00 (RFC 3261 §8.1.3.2): %s', (status, phrase) =>
  expect(reasonPhrase(status)).toBe(phrase),
);

test.each([
  [100, true, false, false],
  [199, true, false, false],
  [200, false, true, true],
  [299, false, true, true],
  [300, false, false, true],
  [699, false, false, true],
])('%i: provisional %s, success %s, final %s (RFC 3261 §7.2)', (status, provisional, success, final) => {
  expect([isProvisional(status), isSuccess(status), isFinal(status)]).toEqual([provisional, success, final]);
});

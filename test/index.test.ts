import { expect, test } from 'vitest';
import * as machines from '../machines/index.js';
import * as core from '../src/api/core.js';
import * as sipchart from '../src/index.js';

test('the library exports these values and no others', () => {
  expect(Object.keys(sipchart).toSorted()).toMatchInlineSnapshot(`
    [
      "CompileError",
      "IncomingRequest",
      "IncomingRequestMessage",
      "Levels",
      "Logger",
      "LoggerFactory",
      "ReferUserAgentServer",
      "Referral",
      "SingleResponseRequest",
      "TransactionState",
      "TransactionStateError",
      "UserAgentCore",
      "actor",
      "compile",
      "compiled",
      "createFramer",
      "createMemoryNetwork",
      "createRequest",
      "createResponse",
      "createTimerWheel",
      "createUserAgent",
      "createVirtualScheduler",
      "decodeUser",
      "defaultLimits",
      "defaultTimerValues",
      "equalURI",
      "field",
      "fields",
      "formatNameAddress",
      "formatURI",
      "grant",
      "header",
      "isFinal",
      "isProvisional",
      "isSIPURI",
      "isSuccess",
      "nodeResolver",
      "parse",
      "parseURI",
      "pending",
      "reasonPhrase",
      "refuse",
      "revive",
      "tcp",
      "topVia",
      "udp",
    ]
  `);
});

test('sipchart/machines exports every machine and their list', () => {
  expect(Object.keys(machines).toSorted()).toMatchInlineSnapshot(`
    [
      "cancel",
      "dialog",
      "machines",
      "nonInviteClientTransaction",
      "nonInviteServerTransaction",
      "notifier",
      "options",
      "referUAS",
      "subscribeUAS",
    ]
  `);
});

test('sipchart/core exports the classes of the seed', () => {
  expect(Object.keys(core).toSorted()).toMatchInlineSnapshot(`
    [
      "Exception",
      "IncomingRequestMessage",
      "Levels",
      "Logger",
      "LoggerFactory",
      "NonInviteServerTransaction",
      "ReferUserAgentServer",
      "ServerTransaction",
      "TransactionState",
      "TransactionStateError",
      "TransportError",
      "UserAgentCore",
      "UserAgentServer",
      "constructOutgoingResponse",
    ]
  `);
});

import { requestText } from '../support/peer.js';

/** The password of a URI, wherever one may stand. */
export const secret = 'hunter2';

const uri = `sip:alice:${secret}@192.0.2.2:5060`;

/** Requests that hold a password in each of their URIs. */
export const secretRequests = (): readonly string[] => [
  requestText({
    uri: `sip:bob:${secret}@192.0.2.1`,
    from: `"Alice" <${uri}>;tag=1`,
    to: `sip:bob:${secret}@192.0.2.1`,
    callId: `sip:call:${secret}@192.0.2.2`,
    lines: [
      `Route: <sip:bob:${secret}@192.0.2.1;lr>`,
      `Record-Route: <sip:core:${secret}@192.0.2.2:5060;lr>,<sips:edge:${secret}@192.0.2.2:5060;lr>`,
      `Contact: <${uri}>`,
      `Refer-To: <sip:carol:${secret}@192.0.2.3?Referred-By=%3Csip:bob:${secret}%40192.0.2.1%3E>`,
      `Referred-By: ${uri}`,
      `Call-Info: <http://alice:${secret}@192.0.2.2/card>;purpose=card`,
    ],
  }),
  requestText({ method: 'OPTIONS', uri: `tel:bob:${secret}@192.0.2.1` }),
  requestText({ method: 'OPTIONS', uri: `sip:bob:${secret} ${secret}@192.0.2.1` }),
  requestText({ from: `<sip:alice:${secret}{@192.0.2.2>;tag=1` }),
  requestText({
    method: 'MESSAGE',
    lines: ['Content-Type: message/sipfrag'],
    body: `SIP/2.0 302 Moved\r\nContact: <${uri}>\r\n`,
  }),
  requestText({
    method: 'MESSAGE',
    lines: ['Content-Type: application/pidf+xml'],
    body: `<presence entity="${uri}"><contact>${uri}</contact></presence>`,
  }),
  requestText({
    method: 'MESSAGE',
    lines: ['Content-Type: text/plain'],
    body: `${uri}\r\na=crypto :1 AES inline:${secret}\r\n`,
  }),
];

import { sequencePlaceholder, Template } from './template.mjs';

/**
 * A REFER outside a dialog whose branch, From tag and Call-ID end in a sequence number.
 *
 * @param {number} serverPort
 * @param {number} clientPort
 * @param {{ subscription?: boolean }} [options] with a subscription there is no `Refer-Sub: false` (RFC 4488)
 */
export const referTemplate = (serverPort, clientPort, { subscription = false } = {}) =>
  new Template([
    `REFER sip:bench@127.0.0.1:${serverPort} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${clientPort};branch=z9hG4bK${sequencePlaceholder};rport`,
    'Max-Forwards: 70',
    `From: "A caller" <sip:caller@127.0.0.1:${clientPort}>;tag=${sequencePlaceholder}`,
    `To: <sip:bench@127.0.0.1:${serverPort}>`,
    `Call-ID: ${sequencePlaceholder}@127.0.0.1`,
    'CSeq: 1 REFER',
    `Contact: <sip:caller@127.0.0.1:${clientPort}>`,
    'Refer-To: <sip:target@127.0.0.1:5070>',
    ...(subscription ? [] : ['Refer-Sub: false']),
    'User-Agent: bench',
    'Content-Length: 0',
  ]);

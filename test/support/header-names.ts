import { reasonPhrase } from '../../src/message/index.js';

/** The header fields that SIP's RFCs register, in lower case. */
const headerNames: ReadonlySet<string> = new Set(
  `accept accept-contact accept-encoding accept-language accept-resource-priority alert-info allow allow-events
  answer-mode authentication-info authorization call-id call-info cellular-network-info contact
  content-disposition content-encoding content-id content-language content-length content-type cseq date encryption
  error-info event expires feature-caps flow-timer from geolocation geolocation-error geolocation-routing hide
  history-info identity identity-info info-package in-reply-to join max-breadth max-forwards mime-version
  min-expires min-se organization p-access-network-info p-answer-state p-asserted-identity p-asserted-service
  p-associated-uri p-called-party-id p-charging-function-addresses p-charging-vector p-early-media
  p-preferred-identity p-preferred-service p-private-network-indication p-profile-key p-served-user
  p-visited-network-id path permission-missing policy-contact policy-id priority priority-share priority-verstat
  priv-answer-mode privacy proxy-authenticate proxy-authorization proxy-require rack reason reason-phrase
  record-route recv-info refer-events-at refer-sub refer-to referred-by reject-contact relayed-charge replaces
  reply-to request-disposition require resource-priority resource-share response-key response-source
  restoration-info retry-after route rseq security-client security-server security-verify server service-route
  session-expires session-id sip-etag sip-if-match subject subscription-state supported suppress-if-match
  target-dialog timestamp to trigger-consent unsupported user-agent user-to-user via warning www-authenticate`.split(
    /\s+/,
  ),
);

/** The header field that a reason phrase names, unless an RFC gave the status this phrase. */
export const namedHeader = (status: number, phrase: string): string | undefined =>
  phrase === reasonPhrase(status)
    ? undefined
    : phrase
        .toLowerCase()
        .split(/[^\w-]+/)
        .find((word) => headerNames.has(word));

import { isLeft } from 'fp-ts/lib/Either.js';
import type { Registration } from '../../src/endpoint/bindings.js';
import { readEssentials } from '../../src/endpoint/request-inspection.js';
import { createRequest } from '../../src/message/index.js';

interface RegistrationParts {
  readonly contacts?: readonly string[];
  readonly expires?: string;
  readonly callId?: string;
  readonly sequence?: number;
}

/** A REGISTER of Bob's, as the registrar reads it. */
export const registration = ({
  contacts = [],
  expires,
  callId = '843817637684230@998sdasdh09',
  sequence = 1826,
}: RegistrationParts): Registration => {
  const request = createRequest({
    method: 'REGISTER',
    uri: 'sip:example.com',
    headers: [
      ['Via', 'SIP/2.0/UDP bob.example.com:5060;branch=z9hG4bKnashds7'],
      ['Max-Forwards', '70'],
      ['To', '<sip:bob@example.com>'],
      ['From', '<sip:bob@example.com>;tag=456248'],
      ['Call-ID', callId],
      ['CSeq', `${sequence} REGISTER`],
      ...contacts.map((contact) => ['Contact', contact] as const),
      ...(expires === undefined ? [] : [['Expires', expires] as const]),
    ],
  });
  const essentials = readEssentials(request);
  if (isLeft(essentials)) throw new Error(`The REGISTER is answered ${essentials.left.status}.`);
  return { request, essentials: essentials.right };
};

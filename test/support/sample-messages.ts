import { createRequest, createResponse, type Request } from '../../src/message/index.js';

const fields = (method: string, others: readonly (readonly [string, string])[] = []) =>
  [
    ['Via', 'SIP/2.0/UDP alice.example.com:5060;branch=z9hG4bK74b43'],
    ['Max-Forwards', '70'],
    ['From', '<sip:alice@example.com>;tag=9fxced76sl'],
    ['To', '<sip:bob@example.org>'],
    ['Call-ID', '3848276298220188511@alice.example.com'],
    ['CSeq', `314 ${method}`],
    ...others,
  ] as const;

const contact = ['Contact', '<sip:alice@alice.example.com>'] as const;
const referTo = ['Refer-To', '<sip:carol@example.net>'] as const;

export const inviteRequest = createRequest({
  method: 'INVITE',
  uri: 'sip:bob@example.org',
  headers: fields('INVITE', [contact]),
});

/** The ACK of a 2xx to the INVITE. */
export const ackRequest = createRequest({
  method: 'ACK',
  uri: 'sip:bob@example.org',
  headers: fields('ACK'),
});

export const optionsRequest = createRequest({
  method: 'OPTIONS',
  uri: 'sip:bob@example.org',
  headers: fields('OPTIONS', [contact]),
});

/** A REFER with these fields besides the mandatory ones; one that is right without an argument. */
export const referRequest = (headers: readonly (readonly [string, string])[] = [contact, referTo]): Request =>
  createRequest({ method: 'REFER', uri: 'sip:bob@example.org', headers: fields('REFER', headers) });

/** A REFER that asks for no subscription (RFC 4488 §4). */
export const referWithoutSubscription = referRequest([contact, referTo, ['Refer-Sub', 'false']]);

/** A REGISTER of Alice's with these fields besides the mandatory ones. */
export const registerRequest = (headers: readonly (readonly [string, string])[] = [contact]): Request =>
  createRequest({
    method: 'REGISTER',
    uri: 'sip:example.com',
    headers: fields('REGISTER', headers),
  });

/** A PUBLISH of Alice's presence with these fields besides the mandatory ones and Event. */
export const publishRequest = (
  headers: readonly (readonly [string, string])[] = [],
  body = '<presence/>',
): Request =>
  createRequest({
    method: 'PUBLISH',
    uri: 'sip:alice@example.com',
    headers: fields('PUBLISH', [['Event', 'presence'], ...headers]),
    body,
  });

export const notifyRequest = createRequest({
  method: 'NOTIFY',
  uri: 'sip:alice@alice.example.com',
  headers: fields('NOTIFY', [
    ['Event', 'refer;id=314'],
    ['Subscription-State', 'active;expires=60'],
  ]),
  body: 'SIP/2.0 100 Trying\r\n',
});

/** A response to the OPTIONS. */
export const response = (status: number) => createResponse(optionsRequest, status, { toTag: 'a6c85cf' });

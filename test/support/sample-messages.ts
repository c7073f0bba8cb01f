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

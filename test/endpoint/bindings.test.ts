import fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import {
  type Binding,
  formatBindings,
  type Registration,
  reviseBindings,
} from '../../src/endpoint/bindings.js';
import { equalURI, header, parseURI, revive } from '../../src/message/index.js';
import { hasValidContacts } from '../../src/message/registration.js';
import { registration } from '../support/registrations.js';

const intervals = { default: 1_800, maximum: 7_200 };
const revise = (current: readonly Binding[], request: Registration, now = 0) =>
  reviseBindings(current, request, now, intervals);

/** The bindings that REGISTERs leave, each as it came a second after the last. */
const bindingsAfter = (...requests: readonly Registration[]): readonly Binding[] =>
  requests.reduce<readonly Binding[]>((current, request, index) => {
    const revised = revise(current, request, index * 1_000);
    if (isLeft(revised)) throw new Error(`REGISTER ${index} is out of order.`);
    return revised.right;
  }, []);

const contactsAfter = (...requests: readonly Registration[]) =>
  bindingsAfter(...requests).map(({ contact }) => contact);

const desk = '<sip:bob@192.0.2.4>';
const pocket = '<sip:bob@192.0.2.5>';
const first = { sequence: 1 };
const second = { sequence: 2 };
const other = { callId: 'other', sequence: 1 };

describe('Bindings (RFC 3261 §10.3 steps 6 and 7)', () => {
  test('are added, with what their REGISTER says of them', () => {
    const request = registration({
      contacts: [`"Bob, B." ${desk};q=0.7;expires=60;Methods="INVITE,BYE"`, 'sip:bob@192.0.2.5;expires=30;x'],
      callId: 'a@b',
      sequence: 7,
    });

    expect(revise([], request, 5_000)).toEqual({
      _tag: 'Right',
      right: [
        {
          uri: 'sip:bob@192.0.2.4',
          contact: `"Bob, B." ${desk};q=0.7;Methods="INVITE,BYE"`,
          q: 0.7,
          callId: 'a@b',
          sequence: 7,
          expiresAt: 65_000,
        },
        {
          uri: 'sip:bob@192.0.2.5',
          contact: 'sip:bob@192.0.2.5;x',
          q: undefined,
          callId: 'a@b',
          sequence: 7,
          expiresAt: 35_000,
        },
      ],
    });
  });

  test.each([
    ['quotes that nothing needs', '<sip:b@h>;+sip.instance="abc";x="sip:192.0.2.77:6060"'],
    ['what needs them', '<sip:b@h>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"'],
    ['an empty quoted string', '<sip:b@h>;+sip.x=""'],
    ['escapes that nothing needs', '"B\\ob" <sip:b@h>;x="\\a\\"b"'],
    ['case', '"BOB" <SIP:%62ob@Example.COM:05060;Transport=UDP>;Q=0.50;REG-ID=1'],
    ['a bare URI', 'sip:b@h;x=[::1]:5060'],
    ['a name that is a token', 'Bob  B. <sip:b@h>'],
    ['white space', '<sip:b@h> ; x = 1'],
    ['UTF-8', '"J\xc3\xbcrgen" <sip:b@h>;x="\xc3\xbc"'],
  ])('keep the bytes of their Contact: %s', (_, contact) => {
    expect(contactsAfter(registration({ contacts: [contact] }))).toEqual([contact]);
  });

  test.each([
    ['<sip:b@h>;expires=60;+x="a"', '<sip:b@h>;+x="a"'],
    ['<sip:b@h> ; Expires = "60" ;x=""', '<sip:b@h> ;x=""'],
    ['<sip:b@h>;a;expires', '<sip:b@h>;a'],
    ['<sip:b@h;expires=7>;x', '<sip:b@h;expires=7>;x'],
    ['sip:b@h;expires=60', 'sip:b@h'],
    ['"a;expires=1" <sip:b@h>;expires=60', '"a;expires=1" <sip:b@h>'],
  ])('lose the expires of their Contact and nothing else: %j', (contact, kept) => {
    expect(contactsAfter(registration({ contacts: [contact] }))).toEqual([kept]);
  });

  test.each([
    ['its own', { contacts: [`${desk};expires=60`], expires: '90' }, 60],
    ['that of Expires', { contacts: [desk], expires: '90' }, 90],
    ['the default', { contacts: [desk] }, 1_800],
    ['the maximum where it asks for more', { contacts: [`${desk};expires=7201`] }, 7_200],
    ['the maximum where Expires asks for more', { contacts: [desk], expires: '4294967295' }, 7_200],
    ['the maximum where it asks for very much', { contacts: [`${desk};expires=${'9'.repeat(400)}`] }, 7_200],
    ['an hour where its own can’t be read', { contacts: [`${desk};expires=soon`], expires: '90' }, 3_600],
    ['an hour where its own is empty', { contacts: [`${desk};expires`], expires: '90' }, 3_600],
    ['an hour where it is negative', { contacts: [`${desk};expires=-1`] }, 3_600],
    ['an hour where it is a date', { contacts: [`${desk};expires="Thu, 01 Dec 1994 16:00:00 GMT"`] }, 3_600],
    [
      'an hour where Expires is a date',
      { contacts: [desk], expires: 'Thu, 01 Dec 1994 16:00:00 GMT' },
      3_600,
    ],
  ])('stay for the interval of a contact: %s', (_, parts, seconds) => {
    expect(bindingsAfter(registration(parts))).toMatchObject([{ expiresAt: seconds * 1_000 }]);
  });

  test.each([
    ['0.7', 0.7],
    ['1', 1],
    ['1.000', 1],
    ['0', 0],
    ['0.', 0],
    ['1.1', undefined],
    ['0.1234', undefined],
    ['-1', undefined],
    ['high', undefined],
    ['1e-1', undefined],
  ])('have the preference of their contact: q=%s', (text, q) => {
    expect(bindingsAfter(registration({ contacts: [`${desk};q=${text}`] }))[0]!.q).toBe(q);
  });

  test('stay as they are after a REGISTER without a Contact', () => {
    const bindings = bindingsAfter(registration({ contacts: [desk, pocket] }));

    expect(revise(bindings, registration({}))).toEqual({ _tag: 'Right', right: bindings });
  });

  test('are refreshed where the URI is equivalent, not where it is written alike', () => {
    const requests = [
      registration({
        contacts: ['<sip:%62ob@EXAMPLE.com;transport=tcp>', '<sip:Bob@example.com>'],
        ...first,
      }),
      registration({ contacts: ['"B" <sip:bob@example.com;transport=TCP;x=1>;q=1'], ...second }),
    ];

    expect(contactsAfter(...requests)).toEqual([
      '<sip:Bob@example.com>',
      '"B" <sip:bob@example.com;transport=TCP;x=1>;q=1',
    ]);
    expect(bindingsAfter(...requests)).toMatchObject([
      { sequence: 1 },
      { sequence: 2, expiresAt: 1_801_000 },
    ]);
  });

  test('are removed one by one by an interval of 0', () => {
    expect(
      contactsAfter(
        registration({ contacts: [desk, pocket], ...first }),
        registration({ contacts: [`${desk};expires=0`], ...second }),
      ),
    ).toEqual([pocket]);
    expect(
      contactsAfter(
        registration({ contacts: [desk, pocket], ...first }),
        registration({ contacts: [pocket, `${desk};expires=60`], expires: '0', ...second }),
      ),
    ).toEqual([desk]);
  });

  test('are not missed where one is removed that was never there', () => {
    expect(bindingsAfter(registration({ contacts: [`${desk};expires=0`] }))).toEqual([]);
  });

  test('are all removed by a *, whoever made them', () => {
    expect(
      contactsAfter(
        registration({ contacts: [desk], ...first }),
        registration({ contacts: [pocket], ...other }),
        registration({ contacts: ['*'], expires: '0', ...second }),
      ),
    ).toEqual([]);
  });

  test('are gone when their time is over', () => {
    const bindings = bindingsAfter(
      registration({ contacts: [`${desk};expires=60`, `${pocket};expires=61`] }),
    );
    const left = (now: number) => {
      const revised = revise(bindings, registration({}), now);
      return isRight(revised) ? revised.right.map(({ contact }) => contact) : [];
    };

    expect(left(59_999)).toEqual([desk, pocket]);
    expect(left(60_000)).toEqual([pocket]);
    expect(left(61_000)).toEqual([]);
  });

  test('take the last of two contacts that are equivalent', () => {
    expect(contactsAfter(registration({ contacts: [`${desk};q=0.1`, `${desk};q=0.2`] }))).toEqual([
      `${desk};q=0.2`,
    ]);
  });

  describe('MUST stay as they are where a REGISTER of the same Call-ID is out of order', () => {
    const bindings = bindingsAfter(
      registration({ contacts: [desk], ...second }),
      registration({ contacts: [pocket], ...other }),
    );
    const outOfOrder = { _tag: 'Left', left: 'outOfOrder' };

    test.each([
      ['to refresh', { contacts: [desk] }],
      ['to remove', { contacts: [`${desk};expires=0`] }],
      ['to remove all', { contacts: ['*'], expires: '0' }],
      ['to refresh it and add another', { contacts: ['<sip:bob@192.0.2.6>', desk] }],
    ])('%s', (_, parts) => {
      expect(revise(bindings, registration({ ...parts, sequence: 1 }))).toEqual(outOfOrder);
      expect(revise(bindings, registration({ ...parts, sequence: 2 }))).toEqual(outOfOrder);
      expect(isRight(revise(bindings, registration({ ...parts, sequence: 3 })))).toBe(true);
      expect(isRight(revise(bindings, registration({ ...parts, callId: 'new', sequence: 1 })))).toBe(true);
    });

    test('but not where it means another’s binding, or none', () => {
      expect(isRight(revise(bindings, registration({ contacts: [pocket], sequence: 1 })))).toBe(true);
      expect(isRight(revise(bindings, registration({ sequence: 1 })))).toBe(true);
    });

    test('nor where the binding has expired', () => {
      expect(isRight(revise(bindings, registration({ contacts: [desk], ...first }), 1_800_000))).toBe(true);
    });
  });

  test('are told with the seconds that they stay, rounded down to 1 at the least, and without those whose time is over', () => {
    const bindings = bindingsAfter(
      registration({ contacts: [`"B" ${desk};q=0.5;expires=60`, `${pocket};expires=30`] }),
    );

    expect(formatBindings(bindings, 0)).toEqual([`"B" ${desk};q=0.5;expires=60`, `${pocket};expires=30`]);
    expect(formatBindings(bindings, 29_001)).toEqual([`"B" ${desk};q=0.5;expires=30`, `${pocket};expires=1`]);
    expect(formatBindings(bindings, 30_000)).toEqual([`"B" ${desk};q=0.5;expires=30`]);
  });

  test.each([
    [
      'cparam01',
      'sip:+19725552222@gw1.example.net;unknownparam',
      'sip:+19725552222@gw1.example.net;unknownparam',
    ],
    [
      'cparam02',
      '<sip:+19725552222@gw1.example.net;unknownparam>',
      '<sip:+19725552222@gw1.example.net;unknownparam>',
    ],
    [
      'regescrt',
      '<sip:user@example.com?Route=%3Csip:sip.example.com%3E>',
      '<sip:user@example.com?Route=%3Csip:sip.example.com%3E>',
    ],
  ])('keep what belongs to the URI in it (RFC 4475, %s)', (_, contact, expected) => {
    expect(contactsAfter(registration({ contacts: [contact] }))).toEqual([expected]);
  });

  test('tell two users of nothing but NULs apart (RFC 4475, escnull)', () => {
    expect(
      contactsAfter(
        registration({ contacts: ['<sip:%00@host5.example.com>', '<sip:%00%00@host5.example.com>'] }),
      ),
    ).toHaveLength(2);
  });

  describe('whatever REGISTERs come', () => {
    const contact = fc
      .tuple(
        fc.constantFrom('a', 'b', '%61'),
        fc.constantFrom('', ';transport=tcp', ';x=1'),
        fc.constantFrom('', ';expires=0', ';expires=10', ';expires=90000', ';expires=x'),
        fc.constantFrom('', ';q=0.5', ';y="\\"z,;"'),
      )
      .map(([user, uriParameters, expires, others]) => `<sip:${user}@h${uriParameters}>${others}${expires}`);
    const arrival = fc.record({
      parts: fc.oneof(
        fc.record({
          contacts: fc.array(contact, { maxLength: 4 }),
          callId: fc.constantFrom('x', 'y'),
          sequence: fc.nat(5),
        }),
        fc.record({ contacts: fc.constant(['*']), expires: fc.constant('0'), sequence: fc.nat(5) }),
      ),
      pause: fc.nat(20_000),
    });

    test('they are apart, unexpired, within the maximum, and come back as they are told', () => {
      fc.assert(
        fc.property(fc.array(arrival, { maxLength: 12 }), (arrivals) => {
          let now = 0;
          let bindings: readonly Binding[] = [];
          for (const { parts, pause } of arrivals) {
            now += pause;
            const request = registration(parts);
            const revised = revise(bindings, request, now);
            expect(hasValidContacts(request.request)).toBe(true);
            if (isLeft(revised)) continue;
            bindings = revised.right;

            const uris = bindings
              .map(({ uri }) => parseURI(uri))
              .flatMap((uri) => (isRight(uri) ? [uri.right] : []));
            expect(uris).toHaveLength(bindings.length);
            uris.forEach((uri, index) => {
              expect(uris.slice(index + 1).some((another) => equalURI(uri, another))).toBe(false);
            });
            for (const { expiresAt } of bindings) {
              expect(expiresAt).toBeGreaterThan(now);
              expect(expiresAt).toBeLessThanOrEqual(now + 7_200_000);
            }
            expect(readContacts(formatBindings(bindings, now))).toEqual(uris.map(({ text }) => text));
          }
        }),
        { numRuns: 200 },
      );
    });

    test('the same one again is out of order, unless it left nothing to compare it with', () => {
      fc.assert(
        fc.property(arrival, ({ parts }) => {
          const request = registration(parts);
          const revised = revise([], request);
          if (isLeft(revised)) throw new Error('There was nothing before it.');

          expect(isLeft(revise(revised.right, request))).toBe(revised.right.length > 0);
        }),
      );
    });
  });
});

/** The URIs of Contact values, as a message that has them is read. */
const readContacts = (values: readonly string[]) => {
  const lines = values.map((value) => `Contact: ${value}\r\n`).join('');
  const contacts = header(revive(`SIP/2.0 200 OK\r\n${lines}\r\n`), 'Contact');
  return isRight(contacts) && contacts.right !== '*' ? contacts.right.map(({ uri }) => uri.text) : undefined;
};

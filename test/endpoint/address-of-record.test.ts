import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOfRecord } from '../../src/endpoint/address-of-record.js';
import { parseURI, type URI } from '../../src/message/index.js';

const read = (text: string): URI => {
  const uri = parseURI(text);
  if (uri._tag === 'Left') throw new Error(uri.left.message);
  return uri.right;
};

describe('Address of record (RFC 3261 §10.3 step 5)', () => {
  test.each([
    ['sip:bob@example.com', 'sip:bob@example.com'],
    ['SIP:bob@EXAMPLE.com;transport=tcp;user=phone', 'sip:bob@example.com'],
    ['sip:%62%6Fb@example.com', 'sip:bob@example.com'],
    ['sip:b%C3%B6b@example.com', 'sip:b\u00c3\u00b6b@example.com'],
    ['sip:null-%00-null@example.com', 'sip:null-\0-null@example.com'],
    ['sip:a%40b@example.com', 'sip:a@b@example.com'],
    ['sip:bob:secret@example.com', 'sip:bob@example.com'],
    ['sip:bob@example.com?Subject=x', 'sip:bob@example.com'],
    ['sip:+15551234;ext=1@example.com', 'sip:+15551234;ext=1@example.com'],
    ['sip:example.com', 'sip:example.com'],
    ['sip:bob@[2001:DB8::1]:5070', 'sip:bob@[2001:db8::1]:5070'],
    ['tel:+15551234;ext=1', 'tel:+15551234;ext=1'],
  ])('of %s is %j', (uri, expected) => expect(addressOfRecord(read(uri))).toBe(expected));

  test.each([
    ['the user’s case', 'sip:bob@example.com', 'sip:Bob@example.com'],
    ['the port', 'sip:bob@example.com', 'sip:bob@example.com:5060'],
    ['the scheme', 'sip:bob@example.com', 'sips:bob@example.com'],
    ['the host', 'sip:bob@example.com', 'sip:bob@example.org'],
    ['whether there is a user', 'sip:example.com', 'sip:example.com@example.com'],
  ])('goes by %s', (_, one, other) =>
    expect(addressOfRecord(read(one))).not.toBe(addressOfRecord(read(other))),
  );

  test('is the same however a user is escaped', () => {
    const escaped = (character: string) =>
      `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`;
    const user = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.!~*'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(user, fc.infiniteStream(fc.boolean()), (name, escapes) => {
        const written = [...name].map((one) => (escapes.next().value ? escaped(one) : one)).join('');

        expect(addressOfRecord(read(`sip:${written}@example.com`))).toBe(`sip:${name}@example.com`);
      }),
    );
  });
});

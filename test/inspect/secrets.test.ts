import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskSecrets, secretsOf } from '../../src/inspect/secret-search.js';
import { type HeaderName, header, parse } from '../../src/message/index.js';
import { requestText } from '../support/peer.js';
import { recordedStage, sameOnBoth } from './recorded.js';

const parts = [
  ...[
    'sip:',
    'SIPS:',
    'http://',
    'x:',
    'bob',
    'a.b',
    ':',
    ':',
    '@',
    '@',
    'host',
    ':5060',
    '%41',
    '%zz',
    '%3A',
  ],
  ...[
    '%40',
    '%3Csip%3A',
    '%253A',
    '%2540',
    '<',
    '>',
    '<sip:',
    '"',
    ' ',
    ',',
    ';',
    '?',
    '&',
    '=',
    '/',
    '#',
    '[',
  ],
  ...['?body=', '&Authorization=', ';tag=', '\r\n ', '\xfc', '{', 'inline:', '1234', ']'],
];

const value = fc.array(fc.constantFrom(...parts), { maxLength: 14 }).map((chosen) => chosen.join(''));

const text = fc
  .array(fc.constantFrom(...parts, '\r\n', '\r', '\n', 'a=crypto', 'k=', 'Authorization', 'SIP/2.0'), {
    maxLength: 30,
  })
  .map((chosen) => chosen.join(''));

describe('what is masked', () => {
  test('is as long as before, and is not masked any further', () => {
    fc.assert(
      fc.property(text, (given) => {
        const masked = maskSecrets(given);
        expect(masked).toHaveLength(given.length);
        expect(maskSecrets(masked)).toBe(masked);
      }),
      { numRuns: 3_000 },
    );
  });

  test('is found though the text be looked at closely only where it may have a secret', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(maskSecrets(given)).toBe(secretsOf(given).masked());
      }),
      { numRuns: 3_000 },
    );
  });

  test.each(['From', 'Contact', 'Record-Route', 'Refer-To'] satisfies HeaderName[])(
    'is read as before: %s',
    (name) => {
      const read = (given: string) => {
        const message = parse(given);
        return message._tag === 'Left' ? message.left.code : header(message.right, name)._tag;
      };
      fc.assert(
        fc.property(value, (given) => {
          const message = requestText({ lines: [`${name}: ${given}`] });
          expect(read(maskSecrets(message))).toBe(read(message));
        }),
        { numRuns: 2_000 },
      );
    },
  );

  test('is answered as before', async () => {
    const values = fc.sample(value, { numRuns: 150 });
    const there = await recordedStage({ onRefer: (referral) => void referral.accept() });
    for (const each of values) {
      there.peer.send(requestText({ lines: [`Refer-To: ${each}`] }));
      there.peer.send(requestText({ method: 'OPTIONS', from: `${each};tag=1` }));
      there.peer.send(requestText({ method: 'OPTIONS' }).replace(/sip:\S+/, each.replaceAll(/\s/g, '')));
      there.scheduler.advance(10);
    }
    there.scheduler.advance(100_000);
    expect(sameOnBoth(await there.recorded())).toMatchObject([{ isSame: true }, { isSame: true }]);
  });
});

describe('what masking costs', () => {
  test.each([
    ...[
      '<?',
      '<',
      '?',
      '&',
      '@',
      ':',
      '%',
      '%25',
      '%2',
      '"',
      ' ',
      '\t',
      '\r\n',
      '\r\n ',
      '\r',
      '?body=',
      '<?body=',
    ],
    ...[
      'sip:',
      'sip:a:',
      'sip:a:b',
      'sip:a:b@',
      '<sip:a:b@>',
      '<sip:a:b@',
      'sip%3Aa%3Ab%40',
      'http://',
      'a://b:c',
    ],
    ...[
      'sip:a:1,',
      ';:@',
      '&Authorization=',
      '?body',
      'inline:',
      'inline',
      'Authorization: \r\n ',
      '\r\na=crypto ',
    ],
    ...['\r\na ', '\r\nk=', '\r\nAuthorization ', '@\r\n ', ':@', 'a=', 's', 'si', '1'],
  ])('is a few looks at each character, though it be %j again and again', (part) => {
    for (const start of starts) {
      const given = start + part.repeat(Math.ceil(10_000 / part.length));
      for (const mask of [() => secretsOf(given).masked(), () => maskSecrets(given)])
        expect(looksDuring(mask)).toBeLessThan(20 * given.length);
    }
  });
});

const starts = ['', 'INVITE sip:a:b@c SIP/2.0\r\n', 'INVITE sip:a SIP/2.0\r\nTo: <sip:a:', 'X: sip:a:b@'];

/** How many characters are read. */
const looksDuring = (work: () => unknown): number => {
  const { charCodeAt } = String.prototype;
  let looks = 0;
  String.prototype.charCodeAt = function (index) {
    looks++;
    return charCodeAt.call(this, index);
  };
  try {
    work();
  } finally {
    String.prototype.charCodeAt = charCodeAt;
  }
  return looks;
};

import fc from 'fast-check';
import { isLeft, isRight, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import {
  type Publication,
  publicationInterval,
  revisePublications,
} from '../../src/endpoint/publications.js';
import { createRequest, type Request } from '../../src/message/index.js';

interface Parts {
  readonly entityTag?: string | undefined;
  readonly expires?: string | undefined;
  readonly body?: string;
}

const publication = ({ entityTag, expires, body = '' }: Parts): Request =>
  createRequest({
    method: 'PUBLISH',
    uri: 'sip:presentity@example.com',
    headers: [
      ['Event', 'presence'],
      ...(entityTag === undefined ? [] : [['SIP-If-Match', entityTag] as const]),
      ...(expires === undefined ? [] : [['Expires', expires] as const]),
      ...(body === '' ? [] : [['Content-Type', 'application/pidf+xml; charset=UTF-8'] as const]),
    ],
    body,
  });

const intervals = { default: 1_800, maximum: 3_600 };
const revise = (current: readonly Publication[], parts: Parts, now: number, entityTag: string) =>
  revisePublications(current, publication(parts), now, entityTag, intervals);

const busy: Publication = {
  entityTag: 'one',
  contentType: 'application/pidf+xml; charset=UTF-8',
  body: '<busy/>',
  expiresAt: 60_000,
};
const away: Publication = { ...busy, entityTag: 'two', body: '<away/>', expiresAt: 90_000 };
const both = [busy, away];
const unmatched = { _tag: 'Left', left: 'unmatched' };

describe('Publications (RFC 3903 §6 steps 3 to 5)', () => {
  test('are added by an initial publication, beside the others', () => {
    expect(revise([busy], { body: '<free/>', expires: '60' }, 1_000, 'new')).toEqual(
      right([busy, { ...busy, entityTag: 'new', body: '<free/>', expiresAt: 61_000 }]),
    );
  });

  test('keep their body where they are refreshed, under a new entity-tag alone', () => {
    expect(revise(both, { entityTag: 'one', expires: '100' }, 1_000, 'new')).toEqual(
      right([away, { ...busy, entityTag: 'new', expiresAt: 101_000 }]),
    );
  });

  test('have another body where they are modified', () => {
    expect(revise(both, { entityTag: 'one', body: '<free/>' }, 0, 'new')).toEqual(
      right([away, { ...busy, entityTag: 'new', body: '<free/>', expiresAt: 1_800_000 }]),
    );
  });

  test('are removed by an interval of 0', () => {
    expect(revise(both, { entityTag: 'one', expires: '0' }, 0, 'new')).toEqual(right([away]));
  });

  test('MUST NOT be stored by an initial publication whose interval is 0', () => {
    expect(revise(both, { body: '<free/>', expires: '0' }, 0, 'new')).toEqual(right(both));
  });

  test.each([
    ['to refresh', { entityTag: 'three' }],
    ['to modify', { entityTag: 'three', body: '<free/>' }],
    ['to remove', { entityTag: 'three', expires: '0' }],
    ['with an entity-tag in another case', { entityTag: 'ONE' }],
  ])('stay as they are where no entity-tag matches: %s', (_, parts) => {
    expect(revise(both, parts, 0, 'new')).toEqual(unmatched);
  });

  test('are gone when their time is over', () => {
    expect(revise(both, { entityTag: 'one' }, 59_999, 'new')).toMatchObject({ _tag: 'Right' });
    expect(revise(both, { entityTag: 'one' }, 60_000, 'new')).toEqual(unmatched);
    expect(revise(both, { entityTag: 'two', expires: '0' }, 60_000, 'new')).toEqual(right([]));
  });

  test.each([
    ['60', 60],
    ['0', 0],
    [undefined, 1_800],
    ['3600', 3_600],
    ['4294967295', 3_600],
  ])('stay for the interval that is asked for, if it is not too long: %s', (expires, seconds) => {
    expect(publicationInterval(publication({ expires, body: '<free/>' }), intervals)).toBe(seconds);
  });

  test('an entity-tag is good for one change, and each change leaves its own (whatever PUBLISHes come)', () => {
    const step = fc.record({
      guess: fc.nat(12),
      matches: fc.boolean(),
      expires: fc.constantFrom(undefined, '0', '5', '99999'),
      body: fc.constantFrom('', '<a/>', '<b/>'),
      pause: fc.nat(4_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        let now = 0;
        let publications: readonly Publication[] = [];
        /** What is published by its entity-tag, as a user agent that hears every answer knows it. */
        const known = new Map<string, { body: string; expiresAt: number }>();
        steps.forEach(({ guess, matches, expires, body, pause }, index) => {
          now += pause;
          const entityTag = matches ? `tag-${guess}` : undefined;
          const earlier = entityTag === undefined ? undefined : known.get(entityTag);
          const isThere = earlier !== undefined && earlier.expiresAt > now;
          const revised = revise(
            publications,
            { entityTag, expires, body: matches ? body : '<a/>' },
            now,
            `tag-${index}`,
          );
          expect(isLeft(revised)).toBe(matches && !isThere);
          if (!isRight(revised)) return;

          publications = revised.right;
          if (entityTag !== undefined) known.delete(entityTag);
          const seconds = expires === undefined ? 1_800 : Math.min(Number(expires), 3_600);
          const published = matches ? body || earlier!.body : '<a/>';
          if (seconds > 0) known.set(`tag-${index}`, { body: published, expiresAt: now + seconds * 1_000 });
          const live = [...known].filter(([, { expiresAt }]) => expiresAt > now);
          expect(publications.map((one) => [one.entityTag, one.body, one.expiresAt])).toEqual(
            live.map(([tag, state]) => [tag, state.body, state.expiresAt]),
          );
        });
      }),
      { numRuns: 300 },
    );
  });
});

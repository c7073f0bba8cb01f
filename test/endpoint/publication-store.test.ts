import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { memoryPublicationStore, type PublicationStore } from '../../src/endpoint/publication-store.js';
import type { Publication } from '../../src/endpoint/publications.js';

const publication = (entityTag: string, expiresAt = 60_000): Publication => ({
  entityTag,
  contentType: 'application/pidf+xml',
  body: '<presence/>',
  expiresAt,
});

const bob = 'sip:bob@example.com';
const store = (
  publicationStore: PublicationStore,
  resource: string,
  eventPackage: string,
  publications: readonly Publication[],
  now = 0,
) => publicationStore.revise(resource, eventPackage, () => right(publications), now)();
const read = (publicationStore: PublicationStore, resource: string, eventPackage: string) =>
  publicationStore.revise(resource, eventPackage, right, 0)();
const full = { _tag: 'Left', left: expect.any(Error) };

describe('Publications in memory', () => {
  test('are kept by resource and event package', async () => {
    const publications = memoryPublicationStore();
    await store(publications, bob, 'presence', [publication('a')]);
    await store(publications, bob, 'dialog', [publication('b')]);

    expect(await read(publications, bob, 'presence')).toEqual(right([publication('a')]));
    expect(await read(publications, bob, 'dialog')).toEqual(right([publication('b')]));
    expect(await read(publications, 'sip:carol@example.com', 'presence')).toEqual(right([]));
  });

  test('are nobody else’s where a user has a space in its name', async () => {
    const publications = memoryPublicationStore();
    await store(publications, 'sip:presence sip:x@example.com', 'dialog', [publication('a')]);

    expect(await read(publications, 'sip:x@example.com', 'dialog')).toEqual(right([]));
    expect(await read(publications, 'sip:x@example.com', 'presence')).toEqual(right([]));
  });

  test('stay as they are where the change refuses', async () => {
    const publications = memoryPublicationStore();
    await store(publications, bob, 'presence', [publication('a')]);

    expect(await publications.revise(bob, 'presence', () => left('unmatched'), 0)()).toEqual(
      left('unmatched'),
    );
    expect(await read(publications, bob, 'presence')).toEqual(right([publication('a')]));
  });

  test('are of as many bytes as the limits say, and those whose time is over make room', async () => {
    const publications = memoryPublicationStore({ bytes: 3_000 });
    const large = (entityTag: string, expiresAt: number) => ({
      ...publication(entityTag, expiresAt),
      body: 'x'.repeat(2_000),
    });

    await store(publications, bob, 'presence', [large('a', 1_000)]);
    expect(await store(publications, bob, 'dialog', [large('b', 9_000)], 999)).toEqual(full);
    expect(await store(publications, bob, 'presence', [large('c', 1_000)], 999)).toEqual(
      right([large('c', 1_000)]),
    );
    expect(await store(publications, bob, 'dialog', [large('d', 9_000)], 1_000)).toEqual(
      right([large('d', 9_000)]),
    );
    expect(await store(publications, bob, 'dialog', [], 1_000)).toEqual(right([]));
    expect(await store(publications, bob, 'presence', [large('e', 9_000)], 1_000)).toEqual(
      right([large('e', 9_000)]),
    );
  });

  test('are as many as the limits say, and those whose time is over make room', async () => {
    const publications = memoryPublicationStore({ resources: 1, publicationsPerResource: 2 });
    const two = [publication('a', 1_000), publication('b', 2_000)];

    expect(await store(publications, bob, 'presence', [...two, publication('c')])).toEqual(full);
    expect(await store(publications, bob, 'presence', two)).toEqual(right(two));
    expect(await store(publications, bob, 'dialog', [publication('d')], 1_999)).toEqual(full);
    expect(await store(publications, bob, 'dialog', [publication('d')], 2_000)).toEqual(
      right([publication('d')]),
    );
    expect(await read(publications, bob, 'presence')).toEqual(right([]));
  });
});

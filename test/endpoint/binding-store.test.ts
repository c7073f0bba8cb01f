import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { type BindingStore, memoryBindingStore } from '../../src/endpoint/binding-store.js';
import type { Binding } from '../../src/endpoint/bindings.js';

const binding = (user: string, expiresAt = 60_000): Binding => ({
  uri: `sip:${user}@192.0.2.4`,
  contact: `<sip:${user}@192.0.2.4>`,
  q: undefined,
  callId: 'a@b',
  sequence: 1,
  expiresAt,
});

const bob = 'sip:bob@example.com';
const store = (bindingStore: BindingStore, address: string, bindings: readonly Binding[], now = 0) =>
  bindingStore.revise(address, () => right(bindings), now)();
const read = (bindingStore: BindingStore, address: string) => bindingStore.revise(address, right, 0)();
const full = { _tag: 'Left', left: expect.any(Error) };

describe('Bindings in memory', () => {
  test('are none at first', async () => {
    expect(await read(memoryBindingStore(), bob)).toEqual(right([]));
  });

  test('are kept by address of record, and the new ones given', async () => {
    const bindings = memoryBindingStore();

    expect(await store(bindings, bob, [binding('a'), binding('b')])).toEqual(
      right([binding('a'), binding('b')]),
    );
    await store(bindings, 'sip:carol@example.com', [binding('c')]);

    expect(await read(bindings, bob)).toEqual(right([binding('a'), binding('b')]));
    expect(await read(bindings, 'sip:carol@example.com')).toEqual(right([binding('c')]));
  });

  test('are shown to the change that is to be made', async () => {
    const bindings = memoryBindingStore();
    await store(bindings, bob, [binding('a')]);
    await bindings.revise(bob, (current) => right([...current, binding('b')]), 0)();

    expect(await read(bindings, bob)).toEqual(right([binding('a'), binding('b')]));
  });

  test('stay as they are where the change refuses', async () => {
    const bindings = memoryBindingStore();
    await store(bindings, bob, [binding('a')]);

    expect(await bindings.revise(bob, () => left('outOfOrder'), 0)()).toEqual(left('outOfOrder'));
    expect(await read(bindings, bob)).toEqual(right([binding('a')]));
  });

  test('are changed in the order of the REGISTERs, though none waits for the one before', async () => {
    const bindings = memoryBindingStore();
    const added = ['a', 'b', 'c'].map((user) =>
      bindings.revise(bob, (current) => right([...current, binding(user)]), 0)(),
    );
    await Promise.all(added);

    expect(await read(bindings, bob)).toEqual(right([binding('a'), binding('b'), binding('c')]));
  });

  test('are nobody else’s to change', async () => {
    const bindings = memoryBindingStore();
    const given = [{ ...binding('a') }];
    await store(bindings, bob, given);
    Object.assign(given[0]!, { contact: 'another' });

    expect(await read(bindings, bob)).toEqual(right([binding('a')]));
  });

  test('are ten at most for an address, and stay as they were where there would be more', async () => {
    const bindings = memoryBindingStore();
    const users = [...'abcdefghij'].map((user) => binding(user));

    expect(await store(bindings, bob, users)).toEqual(right(users));
    expect(await store(bindings, bob, [...users, binding('k')])).toEqual(full);
    expect(await read(bindings, bob)).toEqual(right(users));
  });

  test('are those of 10,000 addresses at most', async () => {
    const bindings = memoryBindingStore();
    for (let index = 0; index < 10_000; index++) await store(bindings, `${index}`, [binding('a')]);

    expect(await store(bindings, 'one more', [binding('a')])).toEqual(full);
    expect(await store(bindings, '9999', [binding('b')])).toEqual(right([binding('b')]));
  });

  describe('of two addresses, full', () => {
    const filled = async () => {
      const bindings = memoryBindingStore({ addresses: 2, bindingsPerAddress: 2 });
      await store(bindings, 'short', [binding('a', 1_000), binding('b', 2_000)]);
      await store(bindings, 'long', [binding('c', 9_000)]);
      return bindings;
    };

    test('take no third', async () => {
      const bindings = await filled();

      expect(await store(bindings, 'third', [binding('d')], 1_999)).toEqual(full);
      expect(await read(bindings, 'third')).toEqual(right([]));
    });

    test('take a third when all of another’s have expired, which are gone then', async () => {
      const bindings = await filled();

      expect(await store(bindings, 'third', [binding('d')], 2_000)).toEqual(right([binding('d')]));
      expect(await read(bindings, 'short')).toEqual(right([]));
      expect(await read(bindings, 'long')).toEqual(right([binding('c', 9_000)]));
    });

    test('take a third when another has none left', async () => {
      const bindings = await filled();
      await store(bindings, 'long', []);

      expect(await store(bindings, 'third', [binding('d')])).toEqual(right([binding('d')]));
    });

    test('tell a third that it has none', async () => {
      expect(await read(await filled(), 'third')).toEqual(right([]));
    });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Linked, LinkedList } from '../../src/endpoint/linked-list.js';

class Member implements Linked<Member> {
  previous: Member | undefined;
  next: Member | undefined;
}

describe('a linked list', () => {
  test('holds what a set would, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9))), (orders) => {
        const members = Array.from({ length: 10 }, () => new Member());
        const list = new LinkedList<Member>();
        const set = new Set<Member>();
        for (const [adds, index] of orders) {
          const member = members[index]!;
          if (!adds) expect(list.delete(member)).toBe(set.delete(member));
          else if (!set.has(member)) {
            list.add(member);
            set.add(member);
          }
          expect([...list]).toEqual([...set].toReversed());
          expect(list.size).toBe(set.size);
        }
      }),
    );
  });

  test('keeps no link of a member that has left', () => {
    const [one, other] = [new Member(), new Member()];
    const list = new LinkedList<Member>();
    list.add(one);
    list.add(other);
    list.delete(one);
    expect([one.previous, one.next, other.previous, other.next]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

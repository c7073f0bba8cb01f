/** What a linked list holds: its members carry the links. A member is in one list at a time. */
export interface Linked<Member> {
  previous: Member | undefined;
  next: Member | undefined;
}

/** A list whose members come and go at the same small cost however many there are, and leave no table behind that keeps them. */
export class LinkedList<Member extends Linked<Member>> {
  size = 0;
  private first: Member | undefined;

  add(member: Member): void {
    member.next = this.first;
    if (this.first !== undefined) this.first.previous = member;
    this.first = member;
    this.size++;
  }

  /** Gives back whether the member was in the list. */
  delete(member: Member): boolean {
    const { previous, next } = member;
    if (previous === undefined && this.first !== member) return false;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    member.previous = undefined;
    member.next = undefined;
    this.size--;
    return true;
  }

  /** The youngest first. */
  *[Symbol.iterator](): IterableIterator<Member> {
    for (let member = this.first; member !== undefined; member = member.next) yield member;
  }
}

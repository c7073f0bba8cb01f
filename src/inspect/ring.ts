/** What a kept entry is. */
export const kinds = { input: 1, sent: 2, step: 3 } as const;

const stride = 5;

/** What a place holds, besides its numbers. */
export type Content = readonly [unknown, unknown, unknown, unknown, unknown];

/**
 * The last so many entries, as references in tables that are made once: adding one allocates nothing. Entries are also
 * let go, the oldest first, while what they weigh together is over a limit.
 */
export class Ring {
  /** The number of the oldest entry; `next` where there is none. */
  first = 1;
  /** The number of the next. */
  next = 1;
  /** What the entries weigh together. */
  weight = 0;
  private places: number;
  private kinds: Uint8Array;
  private weights: Int32Array;
  private times: Float64Array;
  private causes: Float64Array;
  private contents: unknown[];
  /** The places of the next entry and of the oldest. */
  private head = 0;
  private tail = 0;

  constructor(
    places: number,
    readonly heaviest: number,
  ) {
    this.places = places;
    this.kinds = new Uint8Array(places);
    this.weights = new Int32Array(places);
    this.times = new Float64Array(places);
    this.causes = new Float64Array(places);
    this.contents = new Array<unknown>(places * stride).fill(undefined);
  }

  add(
    kind: number,
    at: number,
    cause: number,
    weight: number,
    a: unknown,
    b: unknown,
    c: unknown,
    d: unknown,
    e: unknown,
  ): void {
    const { head, contents, places } = this;
    if (this.next - this.first === places) this.forgetFirst();
    this.kinds[head] = kind;
    this.times[head] = at;
    this.causes[head] = cause;
    this.weights[head] = weight;
    const start = head * stride;
    contents[start] = a;
    contents[start + 1] = b;
    contents[start + 2] = c;
    contents[start + 3] = d;
    contents[start + 4] = e;
    this.head = head + 1 === places ? 0 : head + 1;
    this.next++;
    if (weight === 0) return;
    this.weight += weight;
    if (this.weight > this.heaviest) this.lighten();
  }

  /** Has room for so many from here on, the newest of those that there are among them. */
  resize(places: number): void {
    if (places === this.places) return;
    const { first, next } = this;
    const kept = new Ring(places, this.heaviest);
    kept.first = Math.max(first, next - places);
    kept.next = kept.first;
    for (let n = kept.first; n < next; n++) {
      const [a, b, c, d, e] = this.content(n);
      kept.add(this.kind(n), this.at(n), this.cause(n), this.weights[this.place(n)]!, a, b, c, d, e);
    }
    Object.assign(this, kept);
  }

  has(n: number): boolean {
    return n >= this.first && n < this.next;
  }

  kind(n: number): number {
    return this.kinds[this.place(n)]!;
  }

  at(n: number): number {
    return this.times[this.place(n)]!;
  }

  cause(n: number): number {
    return this.causes[this.place(n)]!;
  }

  content(n: number): Content {
    const start = this.place(n) * stride;
    return this.contents.slice(start, start + stride) as unknown as Content;
  }

  private place(n: number): number {
    return (this.tail + (n - this.first)) % this.places;
  }

  private forgetFirst(): void {
    const { tail } = this;
    this.weight -= this.weights[tail]!;
    this.tail = tail + 1 === this.places ? 0 : tail + 1;
    this.first++;
  }

  /** Written out: `fill` in a long table has the collector of garbage go through all of it. */
  private lighten(): void {
    const { contents } = this;
    while (this.weight > this.heaviest && this.next - this.first > 1) {
      const start = this.tail * stride;
      contents[start] = undefined;
      contents[start + 1] = undefined;
      contents[start + 2] = undefined;
      contents[start + 3] = undefined;
      contents[start + 4] = undefined;
      this.forgetFirst();
    }
  }
}

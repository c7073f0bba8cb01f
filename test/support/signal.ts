/** A value that changes, and can be waited for. */
export class Signal<Value> {
  #value: Value;
  #waiting: (() => void)[] = [];

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  set(value: Value): void {
    this.#value = value;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  async when(holds: (value: Value) => boolean): Promise<void> {
    while (!holds(this.#value)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

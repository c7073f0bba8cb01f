import { isRight } from 'fp-ts/lib/Either.js';
import type { Address } from '../../src/message/message.js';
import type { Flow, Receiver, Sender, Transport, TransportError } from '../../src/transports/transport.js';

/** A receiver that keeps what it is told and can be waited for. */
export class Recorder implements Receiver {
  readonly texts: string[] = [];
  readonly flows: Flow[] = [];
  readonly unframedTexts: string[] = [];
  readonly closedFlows: Flow[] = [];
  readonly limits: Parameters<NonNullable<Receiver['limited']>>[] = [];
  trusts = (_source: string): boolean => false;
  onText: (text: string, flow: Flow) => void = () => {};
  onUnframed: (text: string, flow: Flow) => void = () => {};
  #waiting: (() => void)[] = [];

  received(text: string, flow: Flow): void {
    this.texts.push(text);
    this.flows.push(flow);
    this.onText(text, flow);
    this.#wake();
  }

  unframed(text: string, flow: Flow): void {
    this.unframedTexts.push(text);
    this.onUnframed(text, flow);
    this.#wake();
  }

  closed(flow: Flow): void {
    this.closedFlows.push(flow);
    this.#wake();
  }

  limited(...reached: Parameters<NonNullable<Receiver['limited']>>): void {
    this.limits.push(reached);
    this.#wake();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

/** A sender that keeps the failures and can be waited for. */
export class FailureRecorder implements Sender {
  readonly errors: TransportError[] = [];
  #waiting: (() => void)[] = [];

  sendFailed(error: TransportError): void {
    this.errors.push(error);
    for (const resume of this.#waiting.splice(0)) resume();
  }

  async failed(): Promise<TransportError> {
    while (this.errors[0] === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.errors[0];
  }
}

export async function opened(transport: Transport, receiver: Receiver): Promise<Address> {
  const result = await transport.open(receiver)();
  if (isRight(result)) return result.right;
  throw new Error(result.left.message);
}

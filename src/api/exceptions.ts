/** What the compatible classes throw besides the language's own errors. */
export abstract class Exception extends Error {
  constructor(message?: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** A transaction's state does not allow what was asked of it. */
export class TransactionStateError extends Exception {
  constructor(message = 'Transaction state error.') {
    super(message);
  }
}

/** A transport did not send a message. */
export class TransportError extends Exception {
  constructor(message = 'Unspecified transport error.') {
    super(message);
  }
}

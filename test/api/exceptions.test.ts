import { describe, expect, test } from 'vitest';
import { Exception, TransactionStateError, TransportError } from '../../src/api/core.js';

describe('exceptions', () => {
  test.each([
    [TransactionStateError, 'TransactionStateError', 'Transaction state error.'],
    [TransportError, 'TransportError', 'Unspecified transport error.'],
  ])('%o has its name and message', (Thrown, name, message) => {
    expect(new Thrown()).toMatchObject({ name, message });
    expect(new Thrown('cause').message).toBe('cause');
    expect(new Thrown()).toBeInstanceOf(Exception);
    expect(new Thrown()).toBeInstanceOf(Error);
  });
});

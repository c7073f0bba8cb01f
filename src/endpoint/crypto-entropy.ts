import { createHmac, randomBytes, randomFillSync, randomInt } from 'node:crypto';
import type { Entropy } from './entropy.js';

const poolSize = 16_384;
const tokenSize = 8;

/** Tokens of 64 bits, in hexadecimal, from the system's cryptographic source. */
export const cryptoEntropy = (): Entropy => {
  const key = randomBytes(32);
  const pool = Buffer.allocUnsafe(poolSize);
  let used = poolSize;
  return {
    token: () => {
      if (used === poolSize) {
        randomFillSync(pool);
        used = 0;
      }
      used += tokenSize;
      return pool.toString('hex', used - tokenSize, used);
    },
    number: (limit) => randomInt(limit),
    tokenOf: (text) =>
      createHmac('sha256', key)
        .update(text, 'latin1')
        .digest('hex')
        .slice(0, 2 * tokenSize),
  };
};

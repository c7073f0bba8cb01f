import type { Limits } from '../message/index.js';
import { isLimit, optionsOf, type Rule } from './rules.js';

/** Of what a message may not exceed. */
export const messageLimits: Rule = optionsOf<Limits>({
  message: isLimit,
  headers: isLimit,
  line: isLimit,
  startLine: isLimit,
});

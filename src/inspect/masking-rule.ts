import { isFlag, optionsOf, type Rule } from '../options/rules.js';
import type { MaskingOptions } from './masking.js';

export const maskingRule: Rule = optionsOf<MaskingOptions>({ bodies: isFlag });

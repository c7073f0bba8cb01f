import { quoted } from './serialise.js';

/** A Warning that tells a person what a status alone does not (RFC 3261 §20.43); `-` stands for an agent without a name. */
export const warning = (text: string) => ['Warning', `399 - ${quoted(text)}`] as const;

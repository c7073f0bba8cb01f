import { createRequire } from 'node:module';

/** The package's own version; it reaches its package.json by its own name, wherever the built files lie. */
export const version = (): string => createRequire(import.meta.url)('sipchart/package.json').version;

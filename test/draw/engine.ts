import elkjs from 'elkjs/lib/elk.bundled.js';
import type { LayoutEngine } from '../../src/draw/layout.js';

/** The engine that `npm run draw` uses. */
export const engine: LayoutEngine = new elkjs.default();

import { getHeapStatistics } from 'node:v8';

/** Bytes that V8's heap may grow to, as `--max-old-space-size` or the machine's memory has it. */
export const heapLimit = (): number => getHeapStatistics().heap_size_limit;

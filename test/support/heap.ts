import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of heap that each of so many of what `make` gives keeps alive, once all garbage is gone. */
export function heapHeldByEach(count: number, make: (index: number) => unknown): number {
  const kept: unknown[] = [make(0)];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let index = 1; index <= count; index++) kept.push(make(index));
  collect();
  const after = process.memoryUsage().heapUsed;
  if (kept.length !== count + 1) throw new Error('Not all is kept.');
  return (after - before) / count;
}

import type { StateValue } from 'xstate';

/** `active.notifying`, as `data-state` in the pictures names it. */
export function statePath(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([parent, child]) => (child === undefined ? parent : `${parent}.${statePath(child)}`))
    .join(' ');
}

/** The states around a state, the outermost first, and itself. */
export function lineage(path: string): readonly string[] {
  const keys = path.split('.');
  return keys.map((_, index) => keys.slice(0, index + 1).join('.'));
}

/** `.early` where the state before, `proceeding.deciding`, has the same parents. */
export function relativePath(path: string, before: string): string {
  const parent = path.slice(0, path.lastIndexOf('.') + 1);
  return parent !== '' && before.startsWith(parent) && before !== path
    ? `.${path.slice(parent.length)}`
    : path;
}

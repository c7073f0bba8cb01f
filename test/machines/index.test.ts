import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/index.js';
import { compile } from '../../src/engine/compile.js';
import { CompileError } from '../../src/engine/subset.js';

describe('the shipped machines', () => {
  test.each(machines)(
    '$name has the name of its file and its test, and an id that says the same',
    (shipped) => {
      const { name, machine } = shipped;

      expect(existsSync(new URL(`../../machines/${name}.ts`, import.meta.url))).toBe(true);
      expect(existsSync(new URL(`./${name}.test.ts`, import.meta.url))).toBe(true);
      expect(machine.id.toLowerCase()).toBe(name.replaceAll('-', ''));
    },
  );

  test.each(machines)('$name names the clauses it comes from', ({ machine }) => {
    expect(machine.config.description).toMatch(/^RFC \d{4} §\d/);
  });

  test.each(machines)('$name is of the subset, and its event types are all that it takes', (shipped) => {
    const { machine, eventTypes } = shipped;
    const [first, ...others] = eventTypes;

    expect(() => compile(machine, eventTypes)).not.toThrow();
    if (first !== undefined) expect(() => compile(machine, others)).toThrow(CompileError);
  });

  test('are named once each', () => {
    expect(new Set(machines.map(({ name }) => name)).size).toBe(machines.length);
    expect(new Set(machines.map(({ machine }) => machine.id)).size).toBe(machines.length);
  });
});

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { compiled } from '../../src/engine/compiled.js';
import { expectAgreement } from '../support/engine-comparison.js';
import { randomEvents, randomInput, randomMachine } from '../support/random-machines.js';

/** One fault a row: where, what stands there, what the fault makes of it. */
const faults: readonly (readonly [name: string, file: string, text: string, fault: string])[] = [
  ['a guard is not asked', 'table.ts', 'arrow.guard === undefined || arrow.guard(this.scope)', 'true'],
  [
    'the last open arrow wins',
    'table.ts',
    'const arrow = arrows[index]!;',
    'const arrow = arrows[arrows.length - 1 - index]!;',
  ],
  [
    'no arrow is taken without an event',
    'table.ts',
    'changed ? this.choose(this.leaf.always) : undefined',
    'undefined',
  ],
  [
    'only one arrow is taken without an event',
    'table.ts',
    'changed = this.leaf !== leaf || this.scope !== scope',
    'changed = false',
  ],
  [
    'an arrow that changed nothing is taken again',
    'table.ts',
    'changed = this.leaf !== leaf || this.scope !== scope',
    'changed = true',
  ],
  ['a circle ends one round early', 'table.ts', 'microstep > limit', 'microstep >= limit'],
  ['a finished machine goes on', 'table.ts', "if (snapshot.status !== 'active')", 'if (false)'],
  ['an assign replaces the context', 'implementations.ts', 'return { ...context };', 'return {};'],
  [
    'effects come out backwards',
    'table.ts',
    'this.emit(place++,',
    'this.emit(place + actions.length - index,',
  ],
  ['an action is not reported', 'table.ts', 'this.trace?.action(effect)', ''],
  ['the initial state is not entered', 'table.ts', 'macrostep.perform(entry);', ''],
  [
    'an outer state goes before an inner one',
    'compile.ts',
    'const innermostFirst = pathTo(node).reverse();',
    'const innermostFirst = pathTo(node);',
  ],
  [
    'a wildcard goes before an exact type',
    'compile.ts',
    "[...(transitions.get(type) ?? []), ...(transitions.get('*') ?? [])]",
    "[...(transitions.get('*') ?? []), ...(transitions.get(type) ?? [])]",
  ],
  ['a wildcard serves only types without an arrow', 'compile.ts', ", ...(transitions.get('*') ?? [])]", ']'],
  [
    'a forbidden event is passed outward',
    'compile.ts',
    'innermostFirst.flatMap(definitions)',
    'innermostFirst.flatMap(definitions).filter((each) => each.target !== undefined || each.actions.length > 0)',
  ],
  [
    'outer states are left before inner ones',
    'compile.ts',
    'below(domain, pathTo(leaf)).reverse()',
    'below(domain, pathTo(leaf))',
  ],
  [
    'states are entered before others are left',
    'compile.ts',
    '[...exitsOf(exited), ...own, ...entriesOf(entered), ',
    '[...entriesOf(entered), ...own, ...exitsOf(exited), ',
  ],
  [
    "an arrow's own actions run after the entries",
    'compile.ts',
    '...own, ...entriesOf(entered), ',
    '...entriesOf(entered), ...own, ',
  ],
  [
    'emits run before assigns',
    'compile.ts',
    'definition.actions.map((action) => actionOf(source, action))',
    'definition.actions.map((action) => actionOf(source, action)).sort((one, other) => other.type.localeCompare(one.type))',
  ],
  [
    'the states inside a target are not entered',
    'compile.ts',
    '[...below(domain, pathTo(target)), ...descentFrom(target)]',
    '[...below(domain, pathTo(target))]',
  ],
  [
    'a machine that ends does not leave its states',
    'compile.ts',
    "leaf.type === 'final' ? exitsOf([leaf, leaf.machine.root]) : []",
    '[]',
  ],
  ['reenter is not heeded', 'compile.ts', 'if (!reenter && ', 'if ('],
  ['every arrow reenters', 'compile.ts', 'if (!reenter && ', 'if (false && '],
  [
    'a state left for itself is its own domain',
    'compile.ts',
    'const around = pathTo(source).slice(0, -1);',
    'const around = pathTo(source);',
  ],
  ['parameters get lost', 'implementations.ts', 'params === undefined ? expression', 'true ? expression'],
  ['and is or', 'implementations.ts', 'parts.every(', 'parts.some('],
  ['not is left out', 'implementations.ts', '!parts[0]!(scope)', 'parts[0]!(scope)'],
  [
    'the actions of the start are reported before its event',
    'compiled.ts',
    'action: () => {}',
    'action: (effect) => reportAction(instance, inspector, effect)',
  ],
  [
    'a step under inspection stores no snapshot',
    'compiled.ts',
    '  instance.snapshot = snapshot;\n  inspector.report({',
    '  inspector.report({',
  ],
];

const engine = fileURLToPath(new URL('../../src/engine', import.meta.url));
const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));
const workshop = mkdtempSync(join(tmpdir(), 'sipchart-mutations-'));
symlinkSync(packages, join(workshop, 'node_modules'), 'junction');
afterAll(() => rmSync(workshop, { recursive: true }));

describe('the comparison of the engines with XState', () => {
  test('passes a copy of the compiler without a fault', async () => {
    expect(await firstDifference('faultless', () => {})).toBeNull();
  });

  test.each(faults)('sees it when %s', async (name, file, text, fault) => {
    const difference = await firstDifference(name, (copy) => {
      const source = readFileSync(join(copy, file), 'utf8');
      expect(source, `${file} has no longer the text that this fault replaces`).toContain(text);
      writeFileSync(join(copy, file), source.replaceAll(text, fault));
    });
    expect(difference).not.toBeNull();
  });
});

/** What the comparison says of a copy of the engine after `spoil`; null where it sees nothing. The seed is one that tells all faults. */
async function firstDifference(name: string, spoil: (copy: string) => void): Promise<unknown> {
  const copy = join(workshop, name.replaceAll(/\W/g, '-'));
  cpSync(engine, copy, { recursive: true });
  spoil(copy);
  const mutant = (await import(join(copy, 'compiled.ts'))) as { readonly compiled: typeof compiled };
  const { failed, errorInstance } = fc.check(
    fc.property(randomMachine, randomInput, randomEvents, (machine, input, events) => {
      expectAgreement(machine, input, events, mutant.compiled);
    }),
    { seed: 1, numRuns: 400, endOnFailure: true },
  );
  return failed ? errorInstance : null;
}

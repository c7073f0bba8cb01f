import { type AnyStateNode, and, type EventObject, type MachineContext, not, or } from 'xstate';
import { refuse } from './subset.js';
import type { Action, Guard, Scope } from './table.js';

/**
 * The guard that a state's arrow refers to: a name, a name with constant parameters, or `and`, `or`, `not` of such.
 *
 * @throws CompileError
 */
export function guardOf(state: AnyStateNode, reference: unknown): Guard {
  if (isCombination(reference)) return combinationOf(state, reference);

  const { name, params } = nameOf(state, reference, 'guard');
  const implementation = (state.machine.implementations.guards as Record<string, unknown>)[name];
  if (isCombination(implementation)) return combinationOf(state, implementation);
  if (typeof implementation !== 'function') {
    return refuse(state, `the guard '${name}' is unknown`, 'define it in setup({ guards })');
  }
  if ('check' in implementation) {
    return refuse(state, `the guard '${name}' is a stateIn`, 'put the arrow on the state that is meant');
  }
  return bind(implementation as Expression<boolean>, params);
}

/**
 * The `assign` or `emit` that a state refers to by its name, or by its name with constant parameters.
 *
 * @throws CompileError
 */
export function actionOf(state: AnyStateNode, reference: unknown): Action {
  const { name, params } = nameOf(state, reference, 'action');
  const implementation = (state.machine.implementations.actions as Record<string, BuiltInAction | undefined>)[
    name
  ];
  switch (implementation?.type) {
    case 'xstate.assign':
      return { type: 'assign', context: bind(contextOf(implementation.assignment), params) };
    case 'xstate.emit':
      return { type: 'emit', effect: bind(effectOf(implementation.event), params) };
    default:
      return implementation === undefined
        ? refuse(state, `the action '${name}' is unknown`, 'define it in setup({ actions })')
        : refuse(
            state,
            `the action '${name}' is neither an assign nor an emit`,
            'emit an effect that orders it',
          );
  }
}

interface Combination {
  readonly check: unknown;
  readonly guards: readonly unknown[];
}

interface BuiltInAction {
  readonly type?: string;
  readonly assignment?: unknown;
  readonly event?: unknown;
}

type Expression<Result> = (scope: Scope, params?: unknown) => Result;

/** XState tells its connectives apart by their `check`. */
const checks = {
  and: (and([]) as unknown as Combination).check,
  or: (or([]) as unknown as Combination).check,
  not: (not('') as unknown as Combination).check,
};

function isCombination(guard: unknown): guard is Combination {
  return typeof guard === 'function' && 'check' in guard && Object.values(checks).includes(guard.check);
}

function combinationOf(state: AnyStateNode, { check, guards }: Combination): Guard {
  const parts = guards.map((guard) => guardOf(state, guard));
  switch (check) {
    case checks.and:
      return (scope) => parts.every((guard) => guard(scope));
    case checks.or:
      return (scope) => parts.some((guard) => guard(scope));
    default:
      return (scope) => !parts[0]!(scope);
  }
}

function nameOf(
  state: AnyStateNode,
  reference: unknown,
  kind: 'guard' | 'action',
): { name: string; params: unknown } {
  if (typeof reference === 'string') return { name: reference, params: undefined };
  if (typeof reference === 'function') {
    return refuse(state, `it has an inline ${kind}`, `name it in setup({ ${kind}s })`);
  }
  const { type, params } = reference as { type: string; params?: unknown };
  if (typeof params === 'function') {
    return refuse(
      state,
      `the parameters of the ${kind} '${type}' are an inline function`,
      `compute them in the ${kind}`,
    );
  }
  return { name: type, params };
}

function bind<Result>(expression: Expression<Result>, params: unknown): (scope: Scope) => Result {
  return params === undefined ? expression : (scope) => expression(scope, params);
}

function effectOf(event: unknown): Expression<EventObject> {
  return typeof event === 'function' ? (event as Expression<EventObject>) : () => event as EventObject;
}

/** An `assign` is one function for the whole update, or a value or function for each key; the next context has all of it. */
function contextOf(assignment: unknown): Expression<MachineContext> {
  if (typeof assignment === 'function') {
    const update = assignment as Expression<MachineContext>;
    return (scope, params) => {
      const context = copyOf(scope.context);
      const partial = update(scope, params);
      for (const key in partial) context[key] = partial[key];
      return context;
    };
  }
  const entries = Object.entries(assignment as Record<string, unknown>);
  return (scope, params) => {
    const context = copyOf(scope.context);
    for (let index = 0; index < entries.length; index++) {
      const [key, value] = entries[index]!;
      context[key] = typeof value === 'function' ? value(scope, params) : value;
    }
    return context;
  };
}

function copyOf(context: MachineContext): MachineContext {
  return { ...context };
}

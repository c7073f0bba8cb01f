/** What a call passes over: characters of a string, elements of an array. */
type Passed = (
  self: { readonly length: number },
  given: readonly unknown[],
  result: unknown,
  from: number,
) => number;

/**
 * How much the built-in functions pass over while a deed is done. What a regular expression does within one match, and
 * what it costs to copy joined strings into one, can't be seen.
 */
export function countPassed(deed: () => unknown): number {
  let passed = 0;
  const put = counters.map(([prototype, name, count]) => {
    const builtIn = Object.getOwnPropertyDescriptor(prototype, name)!;
    Object.defineProperty(prototype, name, {
      ...builtIn,
      value(this: { readonly length: number }, ...given: readonly unknown[]): unknown {
        const from = this instanceof RegExp && (this.global || this.sticky) ? this.lastIndex : 0;
        const result: unknown = builtIn.value.apply(this, given);
        passed += count(this, given, result, from);
        return result;
      },
    });
    return () => Object.defineProperty(prototype, name, builtIn);
  });
  try {
    deed();
  } finally {
    for (const putBack of put) putBack();
  }
  return passed;
}

const { indexOf } = String.prototype;

const whole: Passed = ({ length }) => length;

const made: Passed = (_self, _given, result) => (result as { readonly length: number }).length;

const given: Passed = (_self, [text]) => `${text}`.length;

const upToText: Passed = (self, [text, from = 0]) => {
  const at = indexOf.call(self as string, text as string, from as number);
  return (at < 0 ? self.length : at + `${text}`.length) - (from as number);
};

const downToText: Passed = ({ length }, [, from = length], result) =>
  (from as number) - Math.max(0, result as number);

const upToMatch: Passed = (self, [text], result, from) => {
  const match = result as RegExpExecArray | null;
  if (match !== null) return match.index + match[0].length - from;
  return (self as unknown as RegExp).sticky ? 1 : `${text}`.length - from;
};

const named = (prototype: object, names: readonly string[], passed: Passed) =>
  names.map((name) => [prototype, name, passed] as const);

const counters = [
  ...named(String.prototype, ['indexOf', 'includes'], upToText),
  ...named(String.prototype, ['lastIndexOf'], downToText),
  ...named(String.prototype, ['startsWith', 'endsWith'], given),
  ...named(String.prototype, ['split', 'replace', 'replaceAll', 'trim', 'toLowerCase', 'toUpperCase'], whole),
  ...named(String.prototype, ['repeat'], made),
  ...named(Array.prototype, ['indexOf', 'includes', 'lastIndexOf', 'splice', 'unshift'], whole),
  ...named(Array.prototype, ['join', 'concat', 'slice'], made),
  ...named(RegExp.prototype, ['exec'], upToMatch),
];

import { nearest } from './nearest.js';

/**
 * What an option may be. Gives an error where it is something else: one sentence that begins with its name and says what it
 * should be. One that is `undefined` is left to its default.
 */
export type Rule = (value: unknown, name: string) => TypeError | RangeError | undefined;

/** A rule for each option that there is. */
export type Rules<Options> = { readonly [Name in keyof Required<Options>]: Rule };

/** Throws a TypeError or a RangeError where what a function was called with breaks its rule. */
export const check = (called: string, value: unknown, rule: Rule): void => {
  const fault = rule(value, '');
  if (fault === undefined) return;
  fault.message = `${called}: ${fault.message}`;
  throw fault;
};

/** An object of options. */
export const optionsOf =
  <Options>(rules: Rules<Options>): Rule =>
  (value, name) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return wrong(name, 'an object of options', value);
    const unknown = isPlain(value) && Object.keys(value).find((key) => !Object.hasOwn(rules, key));
    if (unknown) return noOption(name, unknown, Object.keys(rules));
    return firstFault(Object.entries<Rule>(rules), ([key, rule]) =>
      rule((value as Record<string, unknown>)[key], within(name, key)),
    );
  };

/** The same rule for whatever is named. */
export const namedBy =
  (key: Rule, rule: Rule): Rule =>
  (value, name) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return wrong(name, 'an object, each under its name', value);
    return firstFault(
      Object.entries(value),
      ([own, it]) => key(own, `a name in ${name}`) ?? rule(it, within(name, own)),
    );
  };

export const listOf =
  (rule: Rule): Rule =>
  (value, name) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return wrong(name, 'a list', value);
    return firstFault(value.entries(), ([index, it]) =>
      it === undefined ? new TypeError(`${name}[${index}] is undefined`) : rule(it, `${name}[${index}]`),
    );
  };

/** What can't be left out; the example shows how it is given. */
export const required =
  (rule: Rule, example: string): Rule =>
  (value, name) =>
    value === undefined ? missing(name, example) : rule(value, name);

/** A list that can't be left out or empty. */
export const someOf =
  (rule: Rule, example: string): Rule =>
  (value, name) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? missing(name, example)
      : listOf(rule)(value, name);

/** What has these methods. */
export const having =
  (wanted: string, ...methods: readonly string[]): Rule =>
  (value, name) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null) return wrong(name, wanted, value);
    const lacking = methods.find((method) => typeof Reflect.get(value, method) !== 'function');
    return lacking === undefined
      ? undefined
      : new TypeError(`${name} is ${wanted}; this has no ${lacking}()`);
  };

/** What a value has to be, in words, and whether it is. */
export const rule =
  (wanted: string, accepts: (value: unknown) => boolean): Rule =>
  (value, name) =>
    value === undefined || accepts(value) ? undefined : wrong(name, wanted, value);

export const isFunction = rule('a function', (value) => typeof value === 'function');

export const isFlag = rule('true or false', (value) => typeof value === 'boolean');

export const isText = rule('a text', (value) => typeof value === 'string');

/** What a text has to match as a whole. */
export const textLike = (wanted: string, pattern: RegExp): Rule =>
  rule(wanted, (value) => typeof value === 'string' && pattern.test(value));

export const isLine = textLike('a text without a line break or NUL', /^[^\r\n\0]*$/);

export const oneOf = (...choices: readonly (string | number)[]): Rule =>
  rule(choices.map((choice) => JSON.stringify(choice)).join(' or '), (value) =>
    choices.includes(value as string | number),
  );

/** Whole numbers of something, from the least to the most. */
export const wholeNumber = (least: number, most: number, unit = ''): Rule =>
  rule(
    `a whole number${unit && ` of ${unit}`} from ${least} to ${most}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  );

/** How many there may be. */
export const isLimit = rule(
  'a whole number, 0 or more, or Infinity',
  (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 0),
);

/** A timer can't be longer than the most. */
export const positive = (unit: string, most: number, remark = ''): Rule =>
  rule(
    `a positive number of ${unit}${remark}`,
    (value) => typeof value === 'number' && value > 0 && value < most,
  );

export const isNumber = rule('a number', (value) => Number.isFinite(value));

export const isShare = rule(
  'a share from 0 to 1',
  (value) => typeof value === 'number' && value >= 0 && value <= 1,
);

/** The options without those that are undefined, to be spread over defaults. */
export const given = <Options extends object>(options: Options | undefined): Partial<Options> =>
  Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<Options>;

const firstFault = <Each>(all: Iterable<Each>, fault: (each: Each) => ReturnType<Rule>): ReturnType<Rule> => {
  for (const each of all) {
    const found = fault(each);
    if (found !== undefined) return found;
  }
  return undefined;
};

const within = (name: string, key: string) => (name === '' ? key : `${name}.${key}`);

/** Not an instance of a class, which may have more of its own. */
const isPlain = (value: object) => [Object.prototype, null].includes(Object.getPrototypeOf(value));

const missing = (name: string, example: string) =>
  new TypeError(`${name || 'its options'} can't be left out; give ${name ? 'it' : 'them'} as in ${example}`);

const noOption = (name: string, unknown: string, known: readonly string[]) => {
  const meant = known.length === 1 ? known[0] : nearest(unknown, known);
  const remedy =
    meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${within(name, meant)}?`;
  return new TypeError(`there is no option ${within(name, unknown)}; ${remedy}`);
};

const wrong = (name: string, wanted: string, value: unknown) => {
  const Fault = typeof value === 'number' ? RangeError : TypeError;
  return new Fault(`${name || 'what it takes'} is ${wanted}, not ${shown(value)}`);
};

const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'a list';
  return value instanceof Promise ? 'a promise: await it' : 'an object';
};

/** What a value that came out of JSON has to be. */
export type Shape = (value: unknown) => boolean;

export const isString: Shape = (value) => typeof value === 'string';

export const isBoolean: Shape = (value) => typeof value === 'boolean';

export const isNumber: Shape = (value) => typeof value === 'number' && Number.isFinite(value);

/** 0 or more, and whole. */
export const isCount: Shape = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

/** A number, or an infinite one as `toJSON` writes it. */
export const isLimit: Shape = (value) => isNumber(value) || value === 'Infinity';

export const isAnything: Shape = (value) => value !== undefined;

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);

export const oneOf =
  (...values: readonly unknown[]): Shape =>
  (value) =>
    values.includes(value);

export const listOf =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(shape);

export const tuple =
  (...shapes: readonly Shape[]): Shape =>
  (value) =>
    Array.isArray(value) && value.length === shapes.length && shapes.every((shape, at) => shape(value[at]));

export const record =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(shapes).every(([name, shape]) =>
      shape(Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined),
    );

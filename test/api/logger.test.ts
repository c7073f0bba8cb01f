import { afterEach, describe, expect, test, vi } from 'vitest';
import { Levels, LoggerFactory } from '../../src/api/core.js';

const names = ['error', 'warn', 'log', 'debug'] as const;

/** A factory, and what it writes to the console and hands to its connector. */
const watched = () => {
  const written: string[] = [];
  const connected: unknown[][] = [];
  for (const name of names)
    vi.spyOn(console, name).mockImplementation((text: string) => void written.push(`${name}: ${text}`));
  const factory = new LoggerFactory();
  factory.connector = (...message) => connected.push(message);
  return { factory, written, connected };
};

afterEach(() => void vi.restoreAllMocks());

describe('LoggerFactory', () => {
  test.each([0, 1, 2, 3] as const)(
    'at level %d writes the levels up to it, and connects every one',
    (level) => {
      const { factory, written, connected } = watched();
      factory.level = level;
      const logger = factory.getLogger('category');
      for (const name of names) logger[name](`an ${name}`);

      expect(written.map((line) => line.replace(/^(\w+): .* \| category \| /, '$1 '))).toEqual(
        names.slice(0, level + 1).map((name) => `${name} an ${name}`),
      );
      expect(connected).toEqual(names.map((name) => [name, 'category', undefined, `an ${name}`]));
    },
  );

  test('writes the date, the category, the label and the content', () => {
    const { factory, written, connected } = watched();
    factory.level = Levels.debug;
    factory.getLogger('category', 'label').warn('content');

    expect(written[0]).toMatch(/^warn: \w{3} \w{3} \d\d \d{4} .* \| category \| label \| content$/);
    expect(connected).toEqual([['warn', 'category', 'label', 'content']]);
  });

  test('writes nothing where its own writing is switched off', () => {
    const { factory, written, connected } = watched();
    factory.builtinEnabled = false;
    factory.getLogger('category').error('content');

    expect(written).toEqual([]);
    expect(connected).toHaveLength(1);
  });

  test('gives one logger a category, and one with a label only at level debug', () => {
    const { factory } = watched();
    const logger = factory.getLogger('category');
    expect(factory.getLogger('category', 'label')).toBe(logger);
    expect(factory.getLogger('other')).not.toBe(logger);

    factory.level = Levels.debug;
    expect(factory.getLogger('category', 'label')).not.toBe(logger);
    expect(factory.getLogger('category')).toBe(logger);
  });

  test('has one level, its own and of its loggers', () => {
    const { factory } = watched();
    const logger = factory.getLogger('category');
    expect(logger.level).toBe(Levels.log);
    logger.level = Levels.warn;
    expect(factory.level).toBe(Levels.warn);
  });

  test.each([
    [Levels.error, Levels.error],
    [9 as Levels, Levels.debug],
    ['warn', Levels.warn],
    ['debug', Levels.debug],
  ] as const)('takes the level %j', (level, expected) => {
    const { factory } = watched();
    factory.level = level;

    expect(factory.level).toBe(expected);
  });

  test.each(['loud', '1', 'toString', -1, 1.5, Number.NaN, null])('refuses the level %j', (level) => {
    const { factory, connected } = watched();
    factory.level = level as Levels;

    expect(factory.level).toBe(Levels.log);
    expect(connected).toEqual([
      ['error', 'sip:loggerfactory', undefined, `invalid 'level' parameter value: ${JSON.stringify(level)}`],
    ]);
  });

  test('refuses a connector that is no function, and takes none', () => {
    const { factory, connected } = watched();
    factory.connector = 'nobody' as never;
    expect(connected).toEqual([
      ['error', 'sip:loggerfactory', undefined, `invalid 'connector' parameter value: "nobody"`],
    ]);

    factory.connector = undefined;
    factory.getLogger('category').error('content');
    expect(factory.connector).toBeUndefined();
    expect(connected).toHaveLength(1);
  });
});

/** From the gravest to the least. */
export enum Levels {
  error,
  warn,
  log,
  debug,
}

type LevelName = keyof typeof Levels;

/** Hears every message, whatever the factory's level. */
export type Connector = (
  level: LevelName,
  category: string,
  label: string | undefined,
  content: string,
) => void;

/** Writes the messages of one category, and where it has a label, of one thing in it. */
export class Logger {
  readonly #factory: LoggerFactory;
  readonly #category: string;
  readonly #label: string | undefined;

  constructor(factory: LoggerFactory, category: string, label?: string) {
    this.#factory = factory;
    this.#category = category;
    this.#label = label;
  }

  error(content: string): void {
    this.#write(Levels.error, content);
  }

  warn(content: string): void {
    this.#write(Levels.warn, content);
  }

  log(content: string): void {
    this.#write(Levels.log, content);
  }

  debug(content: string): void {
    this.#write(Levels.debug, content);
  }

  /** The factory's. */
  get level(): Levels {
    return this.#factory.level;
  }

  set level(level: Levels) {
    this.#factory.level = level;
  }

  #write(level: Levels, content: string): void {
    this.#factory.genericLog(level, this.#category, this.#label, content);
  }
}

/**
 * Writes to the console what its level lets through, and hands everything to its connector.
 *
 * Deviates from SIP.js: a level that is set by its name reads back as its number.
 */
export class LoggerFactory {
  /** Whether anything is written to the console. */
  builtinEnabled = true;
  #level = Levels.log;
  #connector: Connector | undefined;
  readonly #loggers = new Map<string, Logger>();

  get level(): Levels {
    return this.#level;
  }

  /** One beyond the last is the last; what is no level is logged as an error and changes nothing. */
  set level(level: Levels | LevelName) {
    const number = typeof level === 'number' ? Math.min(level, Levels.debug) : Levels[level];
    if (typeof number === 'number' && number in Levels) this.#level = number;
    else this.#refuse('level', level);
  }

  get connector(): Connector | undefined {
    return this.#connector;
  }

  /** What is no function is logged as an error and changes nothing. */
  set connector(connector: Connector | undefined) {
    if (connector === undefined || typeof connector === 'function') this.#connector = connector;
    else this.#refuse('connector', connector);
  }

  /** A logger with a label is made only at level `debug`; else there is one a category. */
  getLogger(category: string, label?: string): Logger {
    if (label !== undefined && this.#level === Levels.debug) return new Logger(this, category, label);
    const logger = this.#loggers.get(category) ?? new Logger(this, category);
    this.#loggers.set(category, logger);
    return logger;
  }

  genericLog(level: Levels, category: string, label: string | undefined, content: string): void {
    const name = Levels[level] as LevelName;
    if (this.builtinEnabled && this.#level >= level) {
      const parts = label === undefined ? [category, content] : [category, label, content];
      console[name]([new Date(), ...parts].join(' | '));
    }
    this.#connector?.(name, category, label, content);
  }

  #refuse(parameter: string, value: unknown): void {
    const text = `invalid '${parameter}' parameter value: ${JSON.stringify(value)}`;
    this.genericLog(Levels.error, 'sip:loggerfactory', undefined, text);
  }
}

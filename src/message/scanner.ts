import { CR, classes, DIGIT, isAll, isHex, isSpace, SPACE, TAB, TOKEN, VALUE } from './characters.js';
import { Names } from './names.js';

export type Parameters = ReadonlyMap<string, string>;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where parameters stand, by name: from before their `;` to the end of their value. */
export class Spans {
  rport: Span | undefined = undefined;
  received: Span | undefined = undefined;
  expires: Span | undefined = undefined;
  method: Span | undefined = undefined;

  note(name: string, start: number, end: number): void {
    if (name === 'rport') this.rport = { start, end };
    else if (name === 'received') this.received = { start, end };
    else if (name === 'expires') this.expires = { start, end };
    else if (name === 'method') this.method = { start, end };
  }
}

export const noParameters: Parameters = new Map();

/** Of a header field's value, of a URI, and of a URI's headers each: what is read takes many times the memory of its text. */
export const mostParameters = 64;

export const tooManyParameters = `there are over ${mostParameters} parameters`;

/**
 * The one tokenizer of header field values and URIs: goes forward from `position` to `end`, over folds as over
 * any white space. What can't be read gives undefined and leaves its cause in `problem`.
 */
export class Scanner {
  text: string;
  position: number;
  end: number;
  problem = '';
  /** The identities among the last parameters that came in quotes, as written. */
  #quotedIdentities: Map<string, string> | undefined = undefined;

  constructor(text: string, position: number, end: number) {
    this.text = text;
    this.position = position;
    this.end = end;
  }

  /** The same scanner over another text, as if it were new. */
  over(text: string, position: number, end: number): this {
    this.text = text;
    this.position = position;
    this.end = end;
    this.problem = '';
    return this;
  }

  /** Notes the first cause. */
  fail(problem: string): undefined {
    if (this.problem === '') this.problem = problem;
    return undefined;
  }

  /** The character at the position, or -1 at the end. */
  peek(): number {
    return this.position < this.end ? this.text.charCodeAt(this.position) : -1;
  }

  skipSpace(): void {
    const { text, end } = this;
    let { position } = this;
    while (position < end && isSpace(text.charCodeAt(position))) position++;
    this.position = position;
  }

  /** Steps over a separator and the white space around it, or stays where it is. */
  separator(code: number): boolean {
    this.skipSpace();
    if (this.peek() !== code) return false;
    this.position++;
    this.skipSpace();
    return true;
  }

  /** Steps over a text if it stands here just so. */
  literal(text: string): boolean {
    if (!this.text.startsWith(text, this.position) || this.position + text.length > this.end) return false;
    this.position += text.length;
    return true;
  }

  /** Steps over the characters of a class and gives where they began. */
  skip(characterClass: number): number {
    const { text, position: start, end } = this;
    let position = start;
    while (position < end && (classes[text.charCodeAt(position)]! & characterClass) !== 0) position++;
    this.position = position;
    return start;
  }

  /** The same, and over escapes: `"%" HEXDIG HEXDIG`. */
  skipEscaped(characterClass: number): number {
    const { text, position: start, end } = this;
    let position = start;
    while (position < end) {
      const code = text.charCodeAt(position);
      if ((classes[code]! & characterClass) !== 0) position++;
      else if (code === PERCENT && isEscape(text, position, end)) position += 3;
      else break;
    }
    this.position = position;
    return start;
  }

  token(): string | undefined {
    const start = this.skip(TOKEN);
    return this.position > start ? this.text.slice(start, this.position) : this.fail('a token is missing');
  }

  /** `1*DIGIT`, not over `most`. */
  number(most: number): number | undefined {
    const start = this.skip(DIGIT);
    if (this.position === start) return this.fail('a number is missing');
    let value = 0;
    for (let index = start; index < this.position; index++) {
      value = value * 10 + this.text.charCodeAt(index) - 48;
      if (value > most) return this.fail(`a number is over ${most}`);
    }
    return value;
  }

  /** A quoted string from its opening quote on, without quotes and escapes, each fold a space. */
  quotedString(): string | undefined {
    const { text, end } = this;
    let start = this.position + 1;
    let unquoted = '';
    for (let index = start; index < end; ) {
      const code = text.charCodeAt(index);
      if (code === QUOTE) {
        this.position = index + 1;
        return unquoted + text.slice(start, index);
      }
      if (code === BACKSLASH) {
        if (text.charCodeAt(index + 1) === CR) return this.fail('a backslash escapes a line end');
        unquoted += text.slice(start, index);
        start = index + 1;
        index += 2;
      } else if (code === CR) {
        unquoted += `${text.slice(start, index)} `;
        while (index < end && isSpace(text.charCodeAt(index))) index++;
        start = index;
      } else {
        index++;
      }
    }
    return this.fail('a quoted string has no end');
  }

  /** `*( SEMI generic-param )`; a name that comes twice is refused (RFC 3261 §7.3.1). Notes where each stands, if asked. */
  parameters(spans?: Spans): Parameters | undefined {
    let parameters: Map<string, string> | undefined;
    this.#quotedIdentities = undefined;
    for (;;) {
      const start = this.position;
      if (!this.separator(SEMICOLON)) return parameters ?? noParameters;
      const name = this.parameterName();
      if (name === undefined) return undefined;
      const value = this.parameterValue(name);
      if (value === undefined) return undefined;
      parameters ??= new Map();
      if (parameters.has(name)) return this.fail(`the parameter ${name} comes twice`);
      if (parameters.size === mostParameters) return this.fail(tooManyParameters);
      parameters.set(name, value);
      spans?.note(name, start, this.position);
    }
  }

  /** In lower case. */
  parameterName(): string | undefined {
    const start = this.skip(TOKEN);
    if (this.position === start) return this.fail('a parameter has no name');
    return parameterNameAt(this.text, start, this.position);
  }

  /** What follows a parameter's name: unquoted, '' where there is no value. */
  parameterValue(name: string): string | undefined {
    const { position } = this;
    if (!this.separator(EQUALS)) {
      this.position = position;
      return '';
    }
    if (this.peek() === QUOTE) return this.#quotedValue(name);
    const start = this.skip(VALUE);
    return this.position > start
      ? this.text.slice(start, this.position)
      : this.fail('a parameter has an empty value');
  }

  /** One of the last parameters as it is compared and repeated: with the quotes that it came in. */
  identity(parameters: Parameters, name: string): string | undefined {
    return this.#quotedIdentities?.get(name) ?? parameters.get(name);
  }

  #quotedValue(name: string): string | undefined {
    const { text, position } = this;
    const unquoted = this.quotedString();
    if (unquoted !== undefined && identities.has(name)) {
      this.#quotedIdentities ??= new Map();
      this.#quotedIdentities.set(name, unfold(text.slice(position, this.position)));
    }
    return unquoted;
  }
}

/** The parameter name that stands there, in lower case. */
export function parameterNameAt(text: string, start: number, end: number): string {
  return knownParameters.list[knownParameters.find(text, start, end)] ?? text.slice(start, end).toLowerCase();
}

/** A parameter's `1*DIGIT` up to `most`; undefined where there is none to read, NaN where it is no such number. */
export function wholeNumber(digits: string | undefined, most: number): number | undefined {
  if (digits === undefined || digits === '') return undefined;
  const number = isAll(digits, DIGIT) ? Number(digits) : Number.NaN;
  return number <= most ? number : Number.NaN;
}

/** `qvalue` (RFC 3261 §25.1); undefined where it is none. */
export const qualityValue = (text: string | undefined): number | undefined =>
  text !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : undefined;

/** A value with each fold as one space. */
export function unfold(value: string): string {
  let fold = value.indexOf('\r\n');
  if (fold < 0) return value;
  let unfolded = '';
  let start = 0;
  while (fold >= 0) {
    let end = fold;
    while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
    unfolded += `${value.slice(start, end)} `;
    start = fold;
    while (start < value.length && isSpace(value.charCodeAt(start))) start++;
    fold = value.indexOf('\r\n', start);
  }
  return unfolded + value.slice(start);
}

/** What others compare byte for byte with what they sent. */
const identities: ReadonlySet<string> = new Set(['tag', 'to-tag', 'from-tag', 'id']);

const isEscape = (text: string, position: number, end: number): boolean =>
  position + 2 < end && isHex(text.charCodeAt(position + 1)) && isHex(text.charCodeAt(position + 2));

const isBlank = (code: number): boolean => code === SPACE || code === TAB;

const QUOTE = 34;
const PERCENT = 37;
const BACKSLASH = 92;
const SEMICOLON = 59;
const EQUALS = 61;

const knownParameters = new Names([
  'branch',
  'cause',
  'early-only',
  'expires',
  'from-tag',
  'handling',
  'id',
  'lr',
  'maddr',
  'method',
  'ob',
  'q',
  'reason',
  'received',
  'retry-after',
  'rport',
  'tag',
  'to-tag',
  'transport',
  'ttl',
  'user',
]);

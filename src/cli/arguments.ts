import { parseArgs } from 'node:util';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { nearest } from '../options/nearest.js';

/** What each option takes, for people; `undefined` where it takes nothing. */
export type OptionTable = Readonly<Record<string, string | { readonly optional: string } | undefined>>;

export interface Arguments {
  /** The values of each option that was given, in order; none for one that takes nothing. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/** Reads a command's words; where they don't fit the table, gives one sentence. */
export function readArguments(words: readonly string[], table: OptionTable): Either<string, Arguments> {
  const options = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokensOf(words, table)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!Object.hasOwn(table, name) || rawName !== `--${name}`) return left(noOption(rawName, table));
    const wanted = table[name];
    if (wanted === undefined && value !== undefined) return left(`${rawName} takes no value`);
    const needed = typeof wanted === 'string' ? wanted : undefined;
    if (needed !== undefined && isMissing(value, token.inlineValue))
      return left(`${rawName} lacks its value: ${needed}`);
    options.set(name, [...(options.get(name) ?? []), ...(value === undefined ? [] : [value])]);
  }
  return right({ options, positionals });
}

function noOption(name: string, table: OptionTable): string {
  const meant = nearest(name.replace(/^-+/, ''), Object.keys(table));
  return `there is no option ${name}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}

function tokensOf(words: readonly string[], table: OptionTable) {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, wanted]) => [
      name,
      { type: typeof wanted === 'string' ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  const args = joinOptional(words, table);
  return parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** `--inspect 127.0.0.1:0` as `--inspect=127.0.0.1:0`, where the value may be left out. */
function joinOptional(words: readonly string[], table: OptionTable): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1) ?? '';
    const isValue = before.startsWith('--') && typeof table[before.slice(2)] === 'object';
    if (isValue && !word.startsWith('-')) joined[joined.length - 1] = `${before}=${word}`;
    else joined.push(word);
  }
  return joined;
}

/** `--udp --quiet` names no socket. */
const isMissing = (value: string | undefined, inline: boolean | undefined) =>
  value === undefined || value === '' || (inline !== true && value.startsWith('-'));

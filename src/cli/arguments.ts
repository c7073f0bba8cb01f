import { parseArgs } from 'node:util';
import { type Either, left, right } from 'fp-ts/lib/Either.js';

/** What each option takes, for people; `undefined` where it takes nothing. */
export type OptionTable = Readonly<Record<string, string | undefined>>;

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
    if (!Object.hasOwn(table, name) || rawName !== `--${name}`) return left(`there is no option ${rawName}`);
    const wanted = table[name];
    if (wanted === undefined && value !== undefined) return left(`${rawName} takes no value`);
    if (wanted !== undefined && isMissing(value, token.inlineValue))
      return left(`${rawName} lacks its value: ${wanted}`);
    options.set(name, [...(options.get(name) ?? []), ...(value === undefined ? [] : [value])]);
  }
  return right({ options, positionals });
}

function tokensOf(words: readonly string[], table: OptionTable) {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, wanted]) => [
      name,
      { type: wanted === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  return parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** `--udp --quiet` names no socket. */
const isMissing = (value: string | undefined, inline: boolean | undefined) =>
  value === undefined || value === '' || (inline !== true && value.startsWith('-'));

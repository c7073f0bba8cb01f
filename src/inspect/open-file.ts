import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { isExport, readExport } from './exported-entries.js';
import { Feed } from './feed.js';
import { replay } from './replay.js';
import type { Source } from './source.js';

/** What a file holds, for a page to show. */
export interface Opened {
  readonly source: Source;
  /** A sentence about what is amiss, where something is. */
  readonly remark: string | undefined;
}

/** Opens a recording, which is replayed for it, or what a page has exported; where it is neither, one sentence. */
export const openText = (text: string): Either<string, Opened> => {
  if (isExport(text)) {
    const source = readExport(text);
    return isLeft(source) ? source : right({ source: source.right, remark: undefined });
  }
  const size = Math.min(Math.max(entriesOfLine * text.split('\n').length, fewest), most);
  let feed: Feed | undefined;
  const result = replay(text, {
    journal: (now) => {
      feed = new Feed({ size, characters: Number.MAX_SAFE_INTEGER, now });
      return feed;
    },
  });
  if (isLeft(result)) return left(result.left.message);
  if (feed === undefined) return left('there is nothing in it');
  const { difference } = result.right;
  const remark =
    difference === undefined
      ? undefined
      : `the replay is not what was recorded from line ${difference.line} on: ${difference.message}`;
  return right({ source: feed, remark });
};

/** An input has some ten entries, and a file that is small enough to be looked at as many as it has. */
const entriesOfLine = 16;
const fewest = 20_000;
const most = 1_000_000;

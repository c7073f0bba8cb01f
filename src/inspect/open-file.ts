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
    const exported = readExport(text);
    if (isLeft(exported)) return exported;
    const { source, cutOff } = exported.right;
    return right({ source, remark: cutOffRemark(cutOff) });
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
  const { difference, cutOff } = result.right;
  const remark =
    difference === undefined
      ? cutOffRemark(cutOff)
      : `the replay is not what was recorded from line ${difference.line} on: ${difference.message}`;
  return right({ source: feed, remark });
};

/** What there is to say of a file whose end is missing. */
const cutOffRemark = (line: number | undefined): string | undefined =>
  line === undefined ? undefined : `line ${line}, the last, is cut off and left out`;

/** An input has some ten entries, and a file that is small enough to be looked at as many as it has. */
const entriesOfLine = 16;
const fewest = 20_000;
const most = 1_000_000;

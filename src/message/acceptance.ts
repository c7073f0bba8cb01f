import { field, header } from './header.js';
import type { MediaRange } from './header-values.js';
import type { Request } from './message.js';

/**
 * Which of some media types, the preferred first, the Accept of a request takes best; undefined where it takes none
 * (RFC 3261 §20.1, RFC 7231 §5.3.2). Without an Accept that can be read it is the first.
 */
export const acceptedType = (request: Request, types: readonly string[]): string | undefined => {
  if (field(request, 'Accept') === undefined) return types[0];
  const accept = header(request, 'Accept');
  if (accept._tag === 'Left') return types[0];
  let best: string | undefined;
  let highest = 0;
  for (const type of types) {
    const quality = qualityOf(accept.right, type);
    if (quality > highest) {
      best = type;
      highest = quality;
    }
  }
  return best;
};

/** The media type of a Content-Type's text: in lower case, without parameters, '' for none. */
export const mediaType = (contentType: string): string => contentType.replace(/[\s;].*/s, '').toLowerCase();

/** That of the most specific range that the type is in, from 0, which takes nothing, to 1. */
const qualityOf = (ranges: readonly MediaRange[], type: string): number => {
  for (const range of [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']) {
    const qualities = ranges.filter((one) => one.range === range).map(({ quality }) => quality);
    if (qualities.length > 0) return Math.max(...qualities);
  }
  return 0;
};

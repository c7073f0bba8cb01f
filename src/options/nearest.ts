/** The word that another was meant for: the nearest, by no more than a third of the letters of either. */
export const nearest = (word: string, words: readonly string[]): string | undefined => {
  const ranked = words
    .map((other) => ({ other, distance: distanceOf(word.toLowerCase(), other.toLowerCase()) }))
    .filter(
      ({ other, distance }) => distance <= Math.max(1, Math.floor(Math.min(word.length, other.length) / 3)),
    )
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.other;
};

/** How many letters are left out, put in, changed or swapped with their neighbour. */
const distanceOf = (one: string, other: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let column = 1; column <= other.length; column++) {
      const change = one[row - 1] === other[column - 1] ? 0 : 1;
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      next[column] = Math.min(
        last[column]! + 1,
        next[column - 1]! + 1,
        last[column - 1]! + change,
        isSwap ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, next];
  }
  return last[other.length]!;
};

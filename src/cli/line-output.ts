/** The part of a stream that lines go to. */
export interface LineStream {
  readonly writableLength: number;
  write(text: string): unknown;
}

/**
 * Writes lines, but lets no more than `limit` characters wait for a slow reader: lines are left out meanwhile, and a
 * line says how many.
 */
export function lineOutput(stream: LineStream, limit = 1_048_576): (line: string) => void {
  let leftOut = 0;
  return (line) => {
    if (stream.writableLength > limit) {
      leftOut++;
      return;
    }
    if (leftOut > 0) stream.write(`… ${leftOut} lines left out: the reader is too slow\n`);
    leftOut = 0;
    stream.write(`${line}\n`);
  };
}

import { describe, expect, test } from 'vitest';
import { lineOutput } from '../../src/cli/line-output.js';

class SlowReader {
  readonly texts: string[] = [];
  writableLength = 0;

  write(text: string): void {
    this.texts.push(text);
    this.writableLength += text.length;
  }

  read(): void {
    this.writableLength = 0;
  }
}

describe('the output of lines', () => {
  test('writes each', () => {
    const reader = new SlowReader();
    const print = lineOutput(reader);
    print('one');
    print('two');
    expect(reader.texts).toEqual(['one\n', 'two\n']);
  });

  test('leaves lines out while the reader is too slow, and says how many', () => {
    const reader = new SlowReader();
    const print = lineOutput(reader, 6);
    for (const line of ['one', 'two', 'three', 'four']) print(line);
    reader.read();
    print('five');
    reader.read();
    print('six');
    expect(reader.texts).toEqual([
      'one\n',
      'two\n',
      '… 2 lines left out: the reader is too slow\n',
      'five\n',
      'six\n',
    ]);
  });
});

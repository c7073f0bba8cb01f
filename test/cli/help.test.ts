import { describe, expect, test } from 'vitest';
import { help } from '../../src/cli/help.js';

describe('help', () => {
  test.each([[undefined], ['serve'], ['inspect'], ['replay'], ['draw'], ['machines']])(
    'about %s fits 80 columns',
    (name) => {
      for (const line of help(name).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  test('about what is no command is that about all', () => {
    expect(help('dance')).toBe(help(undefined));
    for (const name of ['serve', 'draw', 'machines']) expect(help('--help')).toContain(`sipchart ${name} `);
  });
});

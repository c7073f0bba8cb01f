import { expect, test } from 'vitest';
import { countable, growth } from '../support/work.js';

const { maskText } = await countable(() => import('../../src/inspect/masking.js'));

test.each(['Authorization: \r\n ', '<?body=', '<?body=\r\n ', '?body=', '?body=&', '<&'])(
  'what it costs to mask %j again and again grows no faster than their number',
  (part) => {
    const text = (count: number) =>
      `OPTIONS sip:a?b SIP/2.0\r\n${part.repeat(count)}<${part.slice(1).repeat(count)}`;
    expect(growth(text, maskText, { small: 4_000, times: 4 })).toBeLessThan(4.5);
  },
);

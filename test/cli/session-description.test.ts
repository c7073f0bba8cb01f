import { describe, expect, test } from 'vitest';
import { silentDescription } from '../../src/cli/session-description.js';

const offer = (...media: readonly string[]) =>
  ['v=0', 'o=alice 1 1 IN IP4 192.0.2.2', 's=-', 't=0 0', ...media, ''].join('\r\n');

const mediaOf = (description: string) => description.split('\r\n').filter((line) => /^[ma]=/.test(line));

describe('the description of a session in which nobody sends', () => {
  test('is an offer of one inactive audio line where there is none to answer', () => {
    expect(silentDescription('')).toBe(
      [
        ...['v=0', 'o=sipchart 1 1 IN IP4 0.0.0.0', 's=-', 'c=IN IP4 0.0.0.0', 't=0 0'],
        ...['m=audio 9 RTP/AVP 0', 'a=inactive', ''],
      ].join('\r\n'),
    );
  });

  test.each([
    ['audio with the first of its formats', ['m=audio 4000 RTP/AVP 8 0 101'], ['m=audio 9 RTP/AVP 8']],
    ['audio that sends only', ['m=audio 4000 RTP/AVP 0', 'a=sendonly'], ['m=audio 9 RTP/AVP 0']],
    ['two audio lines', Array(2).fill('m=audio 4000 RTP/AVP 0'), Array(2).fill('m=audio 9 RTP/AVP 0')],
  ])('takes %s', (_, offered, answered) => {
    const expected = answered.flatMap((line) => [line, 'a=inactive']);
    expect(mediaOf(silentDescription(offer(...offered)))).toEqual(expected);
  });

  test('refuses any other line by port 0, in its place', () => {
    const lines = ['m=video 4002 RTP/AVP 96 97', 'm=audio 4000 RTP/AVP 0', 'm=audio 4004 RTP/SAVP 0'];
    expect(mediaOf(silentDescription(offer(...lines)))).toEqual([
      'm=video 0 RTP/AVP 96 97',
      ...['m=audio 9 RTP/AVP 0', 'a=inactive'],
      'm=audio 0 RTP/SAVP 0',
    ]);
  });

  test('has a higher version where the offer has more lines', () => {
    const audio = 'm=audio 4000 RTP/AVP 0';
    expect(silentDescription(offer(audio))).toContain('\r\no=sipchart 1 1 ');
    expect(silentDescription(offer(audio, audio))).toContain('\r\no=sipchart 1 2 ');
  });

  test('answers an offer of nothing with nothing', () => {
    expect(mediaOf(silentDescription(offer()))).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { accept, checkedAnswer, checkedInviteAnswer, reject } from '../../src/api/answer.js';

describe('an answer', () => {
  test('accepts with 200 and refuses with 403 unless it says otherwise', () => {
    expect(accept()).toEqual({ status: 200 });
    expect(accept({ status: 202, body: 'x' })).toEqual({ status: 202, body: 'x' });
    expect(reject()).toEqual({ status: 403 });
    expect(reject(603, { reason: 'No' })).toEqual({ status: 603, reason: 'No' });
  });

  test.each([199, 300, 486, 200.5, Number.NaN])('accepts with no status that is no 2xx: %d', (status) => {
    expect(() => accept({ status })).toThrow('from 200 to 299');
  });

  test.each([299, 700, 180])('refuses with no status that is no refusal: %d', (status) => {
    expect(() => reject(status)).toThrow('from 300 to 699');
  });

  test('is never 408, unless to an INVITE (RFC 4320 §4.2)', () => {
    expect(() => reject(408)).toThrow('RFC 4320');
    expect(() => checkedAnswer(408, 200, 699)).toThrow('RFC 4320');
    expect(checkedInviteAnswer(408, 300, 699)).toEqual({ status: 408 });
  });

  test('goes out as UTF-8, but for its body, whose bytes are given', () => {
    expect(checkedAnswer(200, 200, 699, { reason: 'Größe', body: 'caf\xe9' })).toEqual({
      status: 200,
      reason: Buffer.from('Größe').toString('latin1'),
      body: 'caf\xe9',
    });
    expect(() => checkedAnswer(200, 200, 699, { body: '日' })).toThrow('encode it first');
  });

  test.each([
    [['Sub ject', 'x'], 'is no header field name'],
    [['Content-Length', '1'], 'counted, not given'],
    [['v', 'SIP/2.0/UDP 192.0.2.9'], 'the user agent writes'],
    [['RSeq', '7'], 'the user agent writes'],
    [['Subject', 'a\r\nEvil: b'], 'holds a line break'],
  ] as const)('holds no field that would break its message: %j', (fieldGiven, message) => {
    expect(() => checkedAnswer(200, 200, 699, { headers: [fieldGiven] })).toThrow(message);
  });
});

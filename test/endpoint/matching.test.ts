import { describe, expect, test } from 'vitest';
import { grant } from '../../src/api/policy.js';
import { type RequestFields, requestText, toTag } from '../support/peer.js';
import { stage } from '../support/stage.js';

const via = (branch: string, sentBy = '192.0.2.2:5060') => `SIP/2.0/UDP ${sentBy};branch=${branch};rport`;

/** How many REFERs the application saw, and what the caller heard. */
const heard = async (...requests: RequestFields[]) => {
  let handled = 0;
  const { peer, scheduler } = await stage({
    policy: { refer: () => grant },
    on: {
      refer: (referral) => {
        handled++;
        referral.redirect(['sip:elsewhere@192.0.2.9']);
      },
    },
  });
  for (const fields of requests) {
    peer.send(requestText(fields));
    scheduler.advance(10);
  }
  return { handled, story: peer.story, tags: peer.responses.map(toTag) };
};

const refer: RequestFields = { branch: 'z9hG4bKone', callId: 'one' };
const old: RequestFields = { via: via('1'), callId: 'one' };

describe('matching of requests to server transactions (RFC 3261 §17.2.3)', () => {
  test.each<[string, RequestFields, RequestFields, number, string[]]>([
    ['the same branch, sent-by and method', refer, refer, 1, ['302 REFER', '302 REFER']],
    [
      'the default port and no port',
      { ...refer, via: via('z9hG4bKone') },
      { ...refer, via: via('z9hG4bKone', '192.0.2.2') },
      1,
      ['302 REFER', '302 REFER'],
    ],
    [
      'another sent-by is another transaction',
      refer,
      { ...refer, via: via('z9hG4bKone', 'other.example.com'), callId: 'two' },
      2,
      ['302 REFER', '302 REFER'],
    ],
    [
      'another branch of the same request is a merged one (§8.2.2.2)',
      refer,
      { ...refer, branch: 'z9hG4bKtwo' },
      1,
      ['302 REFER', '482 REFER'],
    ],
    [
      'another method with the same branch is another transaction',
      refer,
      { ...refer, method: 'OPTIONS' },
      1,
      ['302 REFER', '200 OPTIONS'],
    ],
    [
      'the bare magic cookie identifies nothing',
      { ...refer, branch: 'z9hG4bK' },
      { ...refer, branch: 'z9hG4bK', callId: 'two' },
      2,
      ['302 REFER', '302 REFER'],
    ],
    ['without the magic cookie, what RFC 2543 compares', old, old, 1, ['302 REFER', '302 REFER']],
    [
      'without the magic cookie, another CSeq',
      old,
      { ...old, cseq: '2 REFER' },
      2,
      ['302 REFER', '302 REFER'],
    ],
    [
      'without the magic cookie, another Call-ID',
      old,
      { ...old, callId: 'two' },
      2,
      ['302 REFER', '302 REFER'],
    ],
    [
      'without the magic cookie, another Request-URI',
      old,
      { ...old, uri: 'sip:carol@192.0.2.1' },
      1,
      ['302 REFER', '482 REFER'],
    ],
  ])('%s', async (_name, first, second, handled, story) => {
    expect(await heard(first, second)).toMatchObject({ handled, story });
  });

  test('a retransmission gets the same response, To tag and all', async () => {
    const { tags } = await heard(refer, refer);
    expect(tags[0]).not.toBe('');
    expect(tags[1]).toBe(tags[0]);
  });
});

describe('matching of a CANCEL (RFC 3261 §9.2)', () => {
  test('with the branch of a REFER is answered 200, told, and changes nothing', async () => {
    let cancelled = 0;
    const { peer, scheduler } = await stage({
      policy: { refer: () => grant },
      on: { refer: (referral) => referral.listen({ cancelled: () => cancelled++ }) },
    });
    peer.send(requestText(refer));
    peer.send(requestText({ ...refer, method: 'CANCEL' }));
    scheduler.advance(30_000);
    expect(cancelled).toBe(1);
    expect(peer.story.slice(0, 3)).toEqual(['200 CANCEL', '100 REFER', '200 REFER']);
  });

  test('is found by what RFC 2543 compares, too', async () => {
    const { story } = await heard(old, { ...old, method: 'CANCEL' });
    expect(story).toEqual(['302 REFER', '200 CANCEL']);
  });

  test('shares the To tag of the request that it names (§9.2)', async () => {
    const { tags } = await heard(refer, { ...refer, method: 'CANCEL' });
    expect(tags[1]).toBe(tags[0]);
  });

  test('with any other branch is answered 481', async () => {
    const { story } = await heard(refer, { ...refer, method: 'CANCEL', branch: 'z9hG4bKtwo' });
    expect(story).toEqual(['302 REFER', '481 CANCEL']);
  });
});

import { isLeft, left } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { type Description, describeSession } from '../../src/cli/session-description.js';

const origin = { session: 7, media: { host: '192.0.2.1', port: 4000 } };

const offerOf = (...lines: readonly string[]) =>
  ['v=0', 'o=alice 1 1 IN IP4 192.0.2.2', 's=-', 'c=IN IP4 192.0.2.2', 't=0 0', ...lines, ''].join('\r\n');

const describeOffer = (offer: string | undefined, last?: Description): Description => {
  const description = describeSession(offer, origin, last);
  if (isLeft(description)) throw new Error(`refused ${description.left}`);
  return description.right;
};

/** The lines of an answer's streams. */
const answerTo = (...lines: readonly string[]) =>
  describeOffer(offerOf(...lines))
    .text.split('\r\n')
    .slice(5, -1);

const pcmu = 'a=rtpmap:0 PCMU/8000';

describe('the description of a session', () => {
  test('is an offer of one stream of audio where there is none to answer', () => {
    expect(describeOffer(undefined).text).toBe(
      [
        ...['v=0', 'o=sipchart 7 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'],
        ...['m=audio 4000 RTP/AVP 0', pcmu, 'a=sendrecv', ''],
      ].join('\r\n'),
    );
  });

  test('names an IPv6 address as one', () => {
    const description = describeSession(undefined, { ...origin, media: { host: '2001:db8::1', port: 4000 } });
    expect(description).toMatchObject({
      right: { text: expect.stringContaining('c=IN IP6 2001:db8::1\r\n') },
    });
  });

  test('has the time of its offer (§6)', () => {
    const offer = offerOf('m=audio 5004 RTP/AVP 0').replace('t=0 0', 't=2873397496 2873404696');
    expect(describeOffer(offer).text).toContain('\r\nt=2873397496 2873404696\r\n');
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ['a static one, with the mapping of RFC 3551', ['m=audio 5004 RTP/AVP 8'], ['8', 'a=rtpmap:8 PCMA/8000']],
    [
      'the first static one, before any dynamic one',
      ['m=audio 5004 RTP/AVP 96 18 0 101', 'a=rtpmap:96 opus/48000/2', 'a=fmtp:18 annexb=no'],
      ['18', 'a=rtpmap:18 G729/8000', 'a=fmtp:18 annexb=no'],
    ],
    [
      'a static one with the mapping that the offer has',
      ['m=audio 5004 RTP/AVP 0', 'a=rtpmap:0 pcmu/8000/1'],
      ['0', 'a=rtpmap:0 pcmu/8000/1'],
    ],
    [
      'a dynamic one, with its rtpmap and fmtp and no other’s',
      [
        'm=audio 5004 RTP/AVP 96 97',
        ...['a=rtpmap:97 speex/16000', 'a=fmtp:97 vbr=on', 'a=rtpmap:96 opus/48000/2'],
        ...['a=fmtp:96 useinbandfec=1', 'a=fmtp:96 stereo=0'],
      ],
      ['96', 'a=rtpmap:96 opus/48000/2', 'a=fmtp:96 useinbandfec=1', 'a=fmtp:96 stereo=0'],
    ],
    [
      'a dynamic one that is a codec, not what goes along with one',
      [
        'm=audio 5004 RTP/AVP 101 13 98 97',
        ...['a=rtpmap:101 telephone-event/8000', 'a=rtpmap:98 CN/16000', 'a=rtpmap:97 iLBC/8000'],
      ],
      ['97', 'a=rtpmap:97 iLBC/8000'],
    ],
    [
      'no dynamic one without a mapping',
      ['m=audio 5004 RTP/AVP 96 97', 'a=rtpmap:97 L16/44100/2'],
      ['97', 'a=rtpmap:97 L16/44100/2'],
    ],
  ])('takes one format (§6.1): %s', (_, offered, [format, ...mapping]) => {
    expect(answerTo(...offered)).toEqual([`m=audio 4000 RTP/AVP ${format}`, ...mapping, 'a=sendrecv']);
  });

  test.each([
    ['nothing', [], 'sendrecv'],
    ['sendrecv', ['a=sendrecv'], 'sendrecv'],
    ['sendonly: held', ['a=sendonly'], 'recvonly'],
    ['recvonly', ['a=recvonly'], 'sendonly'],
    ['inactive', ['a=inactive'], 'inactive'],
    ['0.0.0.0: held by an older peer (§8.4)', ['c=IN IP4 0.0.0.0'], 'recvonly'],
    ['0.0.0.0 and recvonly', ['c=IN IP4 0.0.0.0', 'a=recvonly'], 'inactive'],
  ])('has the direction that answers %s (§6.1)', (_, lines, direction) => {
    expect(answerTo('m=audio 5004 RTP/AVP 0', ...lines).at(-1)).toBe(`a=${direction}`);
  });

  test('heeds the direction of the whole session where a stream has none of its own', () => {
    const offer = offerOf('a=sendonly', 'm=audio 5004 RTP/AVP 0', 'm=audio 5006 RTP/AVP 0', 'a=inactive');
    expect(describeOffer(offer).text.match(/a=(?!rtpmap).*/g)).toEqual(['a=recvonly', 'a=inactive']);
  });

  test.each([
    ['video', 'm=video 5006 RTP/AVP 96 97', 'm=video 0 RTP/AVP 96 97'],
    ['a stream that is removed (§8.2)', 'm=audio 0 RTP/AVP 0', 'm=audio 0 RTP/AVP 0'],
    ['SRTP', 'm=audio 5006 RTP/SAVP 0', 'm=audio 0 RTP/SAVP 0'],
    ['DTLS', 'm=audio 5006 UDP/TLS/RTP/SAVPF 0', 'm=audio 0 UDP/TLS/RTP/SAVPF 0'],
    ['fax', 'm=image 5006 udptl t38', 'm=image 0 udptl t38'],
    [
      'a data channel',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
    ],
    ['audio of no format that is known', 'm=audio 5006 RTP/AVP 101', 'm=audio 0 RTP/AVP 101'],
  ])('refuses %s by port 0, in its place', (_, refused, line) => {
    const taken = ['m=audio 4000 RTP/AVP 0', pcmu, 'a=sendrecv'];
    const audio = 'm=audio 5004 RTP/AVP 0';
    expect(answerTo(refused, audio, refused)).toEqual([line, ...taken, line]);
    expect(answerTo(audio, refused, audio)).toEqual([...taken, line, ...taken]);
  });

  test('copies nothing else: no ICE, no bundle, no keys', () => {
    const lines = answerTo(
      ...['a=group:BUNDLE 0', 'a=ice-ufrag:x', 'm=audio 5004 RTP/AVP 0', 'a=mid:0', 'a=rtcp-mux'],
      ...['a=candidate:1 1 UDP 1 192.0.2.2 5004 typ host', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x'],
    );
    expect(lines).toEqual(['m=audio 4000 RTP/AVP 0', pcmu, 'a=sendrecv']);
  });

  test('answers an offer of no stream with none', () => {
    expect(answerTo()).toEqual([]);
  });

  test.each([
    ['no stream that can be taken', ['m=video 5006 RTP/AVP 96', 'm=audio 5004 RTP/SAVP 0'], 488],
    ['key presses alone', ['m=audio 5004 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000'], 488],
    ['a first stream that is removed already (§5.1)', ['m=audio 0 RTP/AVP 0'], 488],
    ['a stream without a format', ['m=audio 5004 RTP/AVP'], 400],
    ['a stream without a port', ['m=audio RTP/AVP 0'], 400],
    ['a port beyond all', ['m=audio 65536 RTP/AVP 0'], 400],
    ['a line that is none', ['m=audio 5004 RTP/AVP 0', 'nonsense'], 400],
  ])('refuses an offer of %s', (_, lines, status) => {
    expect(describeSession(offerOf(...lines), origin)).toEqual(left(status));
  });

  test.each(['nonsense', 'v=1\r\nm=audio 5004 RTP/AVP 0\r\n', '\r\n', 'm=audio 5004 RTP/AVP 0\r\n'])(
    'refuses %j, which is no description',
    (text) => {
      expect(describeSession(text, origin)).toEqual(left(400));
    },
  );

  test('is read with bare line feeds too', () => {
    expect(describeOffer(offerOf('m=audio 5004 RTP/AVP 0').replaceAll('\r', '')).version).toBe(1);
  });
});

describe('the version of a description (§8)', () => {
  const audio = offerOf('m=audio 5004 RTP/AVP 0');
  const first = describeOffer(audio);

  test.each([
    ['the same offer', audio, 1],
    ['an offer whose own version has risen', audio.replace('alice 1 1', 'alice 1 2'), 1],
    ['no offer', undefined, 1],
    ['a hold', `${audio}a=sendonly\r\n`, 2],
    ['one more stream', `${audio}m=video 5006 RTP/AVP 96\r\n`, 2],
    ['all streams removed (§8.2)', audio.replace('5004', '0'), 2],
  ])('after %s', (_, offer, version) => {
    const next = describeOffer(offer, first);
    expect(next.version).toBe(version);
    expect(next.text).toContain(`\r\no=sipchart 7 ${version} IN IP4 192.0.2.1\r\n`);
    expect(next.text === first.text).toBe(version === 1);
  });

  test('rises by one each time, back to what was before too', () => {
    const held = describeOffer(`${audio}a=sendonly\r\n`, first);
    const resumed = describeOffer(audio, held);
    expect([held.version, resumed.version]).toEqual([2, 3]);
    expect(describeOffer(undefined, resumed)).toEqual(resumed);
  });
});

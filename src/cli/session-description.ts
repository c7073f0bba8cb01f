/** What describes a session in which nobody sends: the answer to an offer, or an offer where there is none (RFC 3264). */
export const silentDescription = (offer: string): string => {
  const lines = offer === '' ? ['m=audio 9 RTP/AVP 0'] : (offer.match(/^m=.+$/gm) ?? []);
  const media = lines.map(silentMedia);
  // An answer keeps its version while it stays the same, and an offer's lines never grow fewer (RFC 3264 §8).
  return [
    'v=0',
    `o=sipchart 1 ${media.length} IN IP4 0.0.0.0`,
    's=-',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    ...media,
    '',
  ].join('\r\n');
};

/** An audio line is taken with the first of its formats; any other is refused by port 0 (RFC 3264 §6). */
function silentMedia(line: string): string {
  const [kind, , profile, ...formats] = line.trim().split(' ');
  return kind === 'm=audio' && profile === 'RTP/AVP' && formats[0] !== undefined
    ? `${kind} 9 ${profile} ${formats[0]}\r\na=inactive`
    : [kind, 0, profile, ...formats].join(' ');
}

/** What counts as one source: an IPv4 address, or the 64 bits of an IPv6 address that name its network (RFC 4291 §2.5.4). */
export function sourceKey(host: string): string {
  return host.includes(':') ? `${networkOf(host)}::/64` : host;
}

/** The first four groups, whatever `::` leaves out. */
function networkOf(host: string): string {
  const [head = '', tail] = host.split('%', 1)[0]!.split('::');
  const groups = groupsOf(head);
  if (tail !== undefined) {
    const missing = 8 - groups.length - groupsOf(tail).length;
    groups.push(...Array<string>(Math.max(0, missing)).fill('0'), ...groupsOf(tail));
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** An IPv4 address at the end stands for two groups. */
const groupsOf = (part: string): string[] =>
  part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));

import { BlockList, isIPv6 } from 'node:net';
import { grant, header, isSIPURI, type ReferPolicy, type Referral, refuse } from '../index.js';

/**
 * Grants a call, which comes from this machine's loopback. What goes to no SIP or tel URI is refused with 416, and in a
 * dialog, which a 416 would end (RFC 5057 §5.1), with 603, as all else is.
 */
export const grantCalls: ReferPolicy = ({ request, source, inDialog }) => {
  const referTo = header(request, 'Refer-To');
  if (!isLoopback(source.host) || referTo._tag === 'Left') return refuse(603);
  const { uri } = referTo.right;
  if (!isSIPURI(uri)) return uri.scheme === 'tel' ? grant : refuse(inDialog ? 603 : 416);
  const method = uri.parameters.get('method') ?? 'INVITE';
  return method.toUpperCase() === 'INVITE' ? grant : refuse(603);
};

/** Accepts a referral and reports a call that nobody makes: 100 at once, 180 after one second, 200 after two. */
export function simulateReferral(referral: Referral): void {
  let timer: NodeJS.Timeout | undefined;
  referral.listen({ ended: () => clearTimeout(timer) });
  // The subscription's first NOTIFY says 100 by itself (RFC 3515 §2.4.4).
  referral.accept();
  timer = setTimeout(() => {
    if (!referral.progress(180)) return;
    timer = setTimeout(() => referral.finish(200), second).unref();
  }, second).unref();
}

const second = 1_000;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** 127.0.0.0/8 and ::1. */
export const isLoopback = (host: string): boolean => loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');

import { BlockList, isIPv6 } from 'node:net';
import { grant, type ReferPolicy, type Referral, refuse } from '../index.js';

/** Grants what comes from this machine's loopback; anything else is refused with 603. */
export const grantLoopback: ReferPolicy = ({ source }) => (isLoopback(source.host) ? grant : refuse(603));

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

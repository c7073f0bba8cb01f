import { describe, expect, test } from 'vitest';
import { OwnAddresses } from '../../src/endpoint/own-addresses.js';
import { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';
import { createMemoryNetwork } from '../../src/transports/memory.js';
import type { Protocol, Transport } from '../../src/transports/transport.js';

const network = createMemoryNetwork({ seed: 1, scheduler: createVirtualScheduler() });

/** Transports that are bound to these hosts, at ports of their own. */
const open = (...bound: readonly (readonly [protocol: 'UDP' | 'TCP', host: string])[]) => {
  const addresses = new OwnAddresses({ advertisedHost: undefined, localHost: '198.51.100.1' });
  const transports = bound.map(([protocol, host], index) => {
    const address = { host, port: 5060 + index };
    const transport = network.transport({ protocol, address });
    addresses.add(transport, address);
    return transport;
  });
  /** By the number of the transport. */
  const chosen = (host: string, protocol: Protocol | undefined, own: number) =>
    transports.indexOf(addresses.transportTo(host, protocol, transports[own] as Transport) as Transport);
  return { addresses, transports, chosen };
};

const none = -1;

describe('the transport to a numeric host (RFC 3263 §4.1)', () => {
  const ipv4 = '192.0.2.7';
  const ipv6 = '2001:db8::7';

  test.each([
    ['UDP', ipv4, undefined, 0, 0],
    ['UDP, though the dialog came by TCP', ipv4, undefined, 1, 0],
    ['what is asked for', ipv4, 'TCP', 0, 1],
    ['none, where what is asked for is not there', ipv4, 'TLS', 0, none],
    ['one of its family', ipv6, undefined, 0, 2],
    ['any, where there is no UDP of its family', ipv6, undefined, 3, 2],
    ['none, where what is asked for is of the other family', ipv6, 'UDP', 0, none],
    ['the dialog’s own of several', ipv4, undefined, 3, 3],
  ] as const)('is %s', (_what, host, protocol, own, transport) => {
    const { chosen } = open(
      ['UDP', '192.0.2.1'],
      ['TCP', '192.0.2.1'],
      ['TCP', '2001:db8::1'],
      ['UDP', '192.0.2.2'],
    );
    expect(chosen(host, protocol, own)).toBe(transport);
  });

  test.each([ipv4, ipv6])('is one that is bound to every address of both families, for %s', (host) => {
    expect(open(['UDP', '::']).chosen(host, undefined, 0)).toBe(0);
  });

  test.each([
    ['0.0.0.0', ipv6],
    ['127.0.0.1', ipv6],
    ['::1', ipv4],
  ])('is none that is bound to %s, for %s', (bound, host) => {
    expect(open(['UDP', bound]).chosen(host, undefined, 0)).toBe(none);
  });
});

describe('where others reach a transport', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1:5060'],
    ['2001:db8::1', '[2001:db8::1]:5060'],
    ['0.0.0.0', '198.51.100.1:5060'],
    ['::', '198.51.100.1:5060'],
  ])('is, bound to %s, at %s', (bound, text) => {
    const { addresses, transports } = open(['UDP', bound]);
    expect(addresses.text(transports[0] as Transport)).toBe(text);
    expect([...addresses.of('UDP')]).toHaveLength(1);
    expect([...addresses.of('TCP')]).toEqual([]);
  });
});

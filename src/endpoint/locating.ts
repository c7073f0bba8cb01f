import { isLeft } from 'fp-ts/lib/Either.js';
import type { Event, Input } from '../../machines/delivery.js';
import type { RequestInDialog, Target } from '../../machines/effects.js';
import type { TransportError } from '../transports/transport.js';
import type { Endpoint } from './endpoint.js';
import type { Delivery, Dialog } from './live-machine.js';
import { type NextHop, noAddress, noTransport, rankOfFlow, readNextHop } from './request-routing.js';
import { isNumeric } from './routing.js';

/** The addresses of a name that are tried: each may be a third party, who never asked. */
const mostAddresses = 5;

/** What a request's delivery starts with: its targets, as far as they are known (RFC 3261 §8.1.2, RFC 3263 §4). */
export const targetsOf = (endpoint: Endpoint, request: RequestInDialog, dialog: Dialog): Input => {
  const read = readNextHop(request.nextHop);
  if (isLeft(read)) return { targets: [], cause: read.left.message };
  const hop = read.right;
  const rank = rankOfFlow(hop, dialog.neighbour);
  const byFlow = rank === 'none' ? [] : targetsByFlow(endpoint, request, dialog);
  if (rank === 'only') return { targets: byFlow };
  const byURI = isNumeric(hop.host)
    ? targetsAt(endpoint, hop, [hop.host], request, dialog)
    : [request.nextHop];
  const targets = rank === 'first' ? [...byFlow, ...byURI] : [...byURI, ...byFlow];
  return targets.length === 0 ? { targets, cause: noTransport(hop) } : { targets };
};

/** What a delivery hears of the addresses that its next hop's host has, or of why it has none. */
export const located = (
  endpoint: Endpoint,
  { request, user }: Delivery,
  hosts: readonly string[],
  failure: TransportError['code'] | undefined,
): Extract<Event, { type: 'located' }> => {
  const read = readNextHop(request.nextHop);
  if (isLeft(read)) return { type: 'located', targets: [], cause: read.left.message };
  const hop = read.right;
  const [host] = hosts;
  if (host === undefined) return { type: 'located', targets: [], cause: noAddress(hop.host, failure) };
  const targets = targetsAt(endpoint, hop, hosts, request, user.dialog);
  if (targets.length > 0) return { type: 'located', targets };
  return { type: 'located', targets, cause: noTransport({ ...hop, host }) };
};

/** The flow by which the dialog's neighbour is reached, while it is open. */
const targetsByFlow = (endpoint: Endpoint, request: RequestInDialog, dialog: Dialog): readonly Target[] => {
  const { transport, remote } = dialog.neighbour;
  if (transport.reliable && !endpoint.hasFlowTo(transport, remote)) return [];
  return waysTo(endpoint, { protocol: transport.protocol, ...remote }, request, dialog);
};

/** The targets at addresses of the next hop, of those that a transport reaches (RFC 3263 §4.1, §4.2). */
const targetsAt = (
  endpoint: Endpoint,
  { protocol, port }: NextHop,
  hosts: readonly string[],
  request: RequestInDialog,
  dialog: Dialog,
): readonly Target[] =>
  hosts.slice(0, mostAddresses).flatMap((host) => {
    const transport = endpoint.ownAddresses.transportTo(host, protocol, dialog.neighbour.transport);
    if (transport === undefined) return [];
    return waysTo(endpoint, { protocol: transport.protocol, host, port }, request, dialog);
  });

/** TCP for what is too large for UDP, which is tried all the same where TCP connects to nobody (RFC 3261 §18.1.1). */
const waysTo = (
  endpoint: Endpoint,
  target: Target,
  request: RequestInDialog,
  dialog: Dialog,
): readonly Target[] => {
  const own = dialog.neighbour.transport;
  if (target.protocol !== 'UDP' || !endpoint.requests.isLarge(request, dialog)) return [target];
  if (endpoint.ownAddresses.transportTo(target.host, 'TCP', own) === undefined) return [target];
  return [{ ...target, protocol: 'TCP' }, target];
};

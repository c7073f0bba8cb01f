import { isRight } from 'fp-ts/lib/Either.js';
import type { StartNotifier } from '../../machines/effects.js';
import { copied, flat } from '../message/flat.js';
import { header, isSIPURI, type Request, type URI } from '../message/index.js';
import { forgetFields } from '../message/wire-message.js';
import type { Endpoint } from './endpoint.js';
import { Dialog, Notifier, Session, type UAS } from './live-machine.js';
import { dialogKey, type EventName, eventKey } from './matching.js';
import { neighbourOf } from './request-routing.js';

/** Starts the session of an INVITE, and the early dialog that its response makes (RFC 3261 §12.1.1). */
export const startSession = (endpoint: Endpoint, uas: UAS): void => {
  const dialog = startDialog(endpoint, uas);
  const instance = endpoint.engines.session.create({ offered: uas.arrival.request.body !== '' });
  const session = new Session(endpoint, instance, dialog);
  endpoint.dispatch(dialog, { type: 'usageStarted' });
  endpoint.start(session);
  endpoint.configuration.application.sessionStarted(session, uas);
};

/** Starts a subscription, and the dialog that the 2xx makes where there is none (RFC 6665 §4.2.1, RFC 3515 §2.4.4). */
export const startNotifier = (
  endpoint: Endpoint,
  uas: UAS,
  { state, report, expires }: StartNotifier,
): void => {
  const { eventPackages } = endpoint.configuration;
  const event = eventOf(uas);
  const { neutral, default: usual, spacing } = eventPackages.get(event.package)!;
  const dialog = uas.dialog ?? startDialog(endpoint, uas);
  endpoint.dispatch(dialog, { type: 'confirm' });
  const instance = endpoint.engines.notifier.create({
    state,
    event: eventKey(event),
    report: report ?? neutral,
    expires: expires ?? usual,
    spacing,
    now: endpoint.now(),
  });
  uas.notifier = new Notifier(endpoint, instance, event, dialog, uas);
  endpoint.dispatch(dialog, { type: 'usageStarted' });
  endpoint.start(uas.notifier);
  // The subscription keeps its request, not what the header fields were read into.
  forgetFields(uas.arrival.request);
  if (endpoint.isClosing) endpoint.dispatch(uas.notifier, deactivation(endpoint.now()));
};

/** The end of a subscription whose user agent closes (RFC 6665 §4.1.3). */
export const deactivation = (now: number) => ({ type: 'end', reason: 'deactivated', now }) as const;

/** Where a peer wants its requests: its one Contact, a SIP URI. */
export const contactOf = (request: Request): string | undefined => {
  const contact = header(request, 'Contact');
  const uri = isRight(contact) && contact.right !== '*' ? contact.right[0]?.uri : undefined;
  return uri !== undefined && isSIPURI(uri) ? copied(uri.target) : undefined;
};

/** What the subscription is to: what the SUBSCRIBE's Event names, or the referral of a REFER (RFC 3515 §2.4.6). */
const eventOf = ({ arrival: { request, essentials } }: UAS): EventName => {
  const event = header(request, 'Event');
  return request.method === 'SUBSCRIBE' && isRight(event)
    ? {
        package: copied(event.right.package),
        id: event.right.id === undefined ? undefined : copied(event.right.id),
      }
    : { package: 'refer', id: `${essentials.cseq.sequence}` };
};

/** The dialog that the response to a request makes, as its UAS sees it (RFC 3261 §12.1.1). */
const startDialog = (endpoint: Endpoint, uas: UAS): Dialog => {
  const { arrival, tag } = uas;
  const { request, essentials, flow } = arrival;
  const routes = header(request, 'Record-Route');
  const route = isRight(routes) ? routes.right : [];
  const [first] = route;
  const instance = endpoint.engines.dialog.create({
    callId: copied(essentials.callId),
    local: flat(`<${essentials.to.uri.text}>;tag=${tag}`),
    remote: flat(
      `<${essentials.from.uri.text}>${essentials.from.tag === undefined ? '' : `;tag=${essentials.from.tag}`}`,
    ),
    target: contactOf(request) ?? '',
    routes: route.map(({ uri }) => flat(`<${targetOf(uri)}>`)),
    firstRouteIsLoose: first === undefined || (isSIPURI(first.uri) && first.uri.parameters.has('lr')),
    remoteSequence: essentials.cseq.sequence,
    source: flow.remote.host,
  });
  const key = dialogKey(essentials.callId, tag, essentials.from.tag);
  const contact = flat(endpoint.requests.contact(arrival));
  const neighbour = neighbourOf(essentials.via, flow);
  const dialog = new Dialog(endpoint, instance, key, neighbour, contact, uas.source);
  endpoint.start(dialog);
  uas.join(dialog, endpoint.tables);
  return dialog;
};

const targetOf = (uri: URI): string => (isSIPURI(uri) ? uri.target : uri.text);

import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { type Contact, equalURI, header, parseURI, type Request, type URI } from '../message/index.js';
import { secondsUntil } from '../message/interval.js';
import { contactInterval } from '../message/registration.js';
import { qualityValue } from '../message/scanner.js';
import type { Essentials } from './matching.js';
import { grantedInterval, type Intervals, type SoftState, unexpired } from './soft-state.js';

/** That a contact stands for an address of record (RFC 3261 §10). */
export interface Binding extends SoftState {
  readonly uri: string;
  /** The Contact value as it came, without its expires parameter. */
  readonly contact: string;
  /** Its preference from 0 to 1, where it has one. */
  readonly q?: number | undefined;
  /** Of the REGISTER that made it. */
  readonly callId: string;
  /** The CSeq's, of that REGISTER. */
  readonly sequence: number;
}

/** A REGISTER whose contacts are valid. */
export interface Registration {
  readonly request: Request;
  readonly essentials: Essentials;
}

/** The bindings of an address of record after a REGISTER that comes `now`, in milliseconds (RFC 3261 §10.3 steps 6 and 7). */
export const reviseBindings = (
  current: readonly Binding[],
  registration: Registration,
  now: number,
  intervals: Intervals,
): Either<'outOfOrder', readonly Binding[]> => {
  const bindings = unexpired(current, now).map(located);
  const contacts = contactsOf(registration);
  const isMeant = ({ uri }: Located) =>
    contacts === '*' || contacts.some((contact) => equalURI(uri, contact.uri));
  if (bindings.some((one) => isMeant(one) && isAsLate(one.binding, registration))) return left('outOfOrder');
  if (contacts === '*') return right([]);

  const revised = contacts.reduce((others, contact) => {
    const kept = others.filter(({ uri }) => !equalURI(uri, contact.uri));
    const interval = grantedInterval(contactInterval(registration.request, contact), intervals);
    if (interval === 0) return kept;
    return [...kept, { uri: contact.uri, binding: bind(contact, registration, now + interval * 1_000) }];
  }, bindings);
  return right(revised.map(({ binding }) => binding));
};

/** The Contact values of a 200, each with the whole seconds that its binding stays at the least, and never 0 (RFC 3261 §10.3 step 8). */
export const formatBindings = (bindings: readonly Binding[], now: number): readonly string[] =>
  unexpired(bindings, now).map(
    ({ contact, expiresAt }) => `${contact};expires=${secondsUntil(expiresAt, now)}`,
  );

const contactsOf = ({ request }: Registration): readonly Contact[] | '*' => {
  const contacts = header(request, 'Contact');
  return contacts._tag === 'Right' ? contacts.right : [];
};

/** A binding and its URI, read. */
interface Located {
  readonly binding: Binding;
  readonly uri: URI;
}

const located = (binding: Binding): Located => {
  const uri = parseURI(binding.uri);
  return { binding, uri: uri._tag === 'Right' ? uri.right : { scheme: '', text: binding.uri } };
};

/** Whether a request that came no later made the binding, as far as its user agent can tell. */
const isAsLate = ({ callId, sequence }: Binding, { essentials }: Registration): boolean =>
  callId === essentials.callId && sequence >= essentials.cseq.sequence;

const bind = (
  { uri, text, parameters }: Contact,
  { essentials }: Registration,
  expiresAt: number,
): Binding => ({
  uri: uri.text,
  contact: text,
  q: qualityValue(parameters.get('q')),
  callId: essentials.callId,
  sequence: essentials.cseq.sequence,
  expiresAt,
});

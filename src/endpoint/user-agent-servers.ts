import { isRight } from 'fp-ts/lib/Either.js';
import type { ResponseDraft } from '../../machines/effects.js';
import type { Instance } from '../engine/engine.js';
import { header, type Request } from '../message/index.js';
import type { Endpoint } from './endpoint.js';
import {
  type Arrival,
  type Dialog,
  type ServerTransaction,
  UAS,
  type UASJoins,
  type UASMachine,
} from './live-machine.js';
import { serverTransactionKey } from './matching.js';
import { acceptance, allow } from './request-inspection.js';

const eventPackages = ['refer'] as const;

/** Starts the user agent server of a request's method (RFC 3261 §8.2.5). */
export const startUAS = (endpoint: Endpoint, transaction: ServerTransaction, arrival: Arrival): void => {
  const dialog = endpoint.dialogOf(arrival.essentials);
  const tag = endpoint.configuration.entropy.token();
  const start = (instance: Instance<UASMachine>, joins: UASJoins) =>
    endpoint.start(new UAS(endpoint, instance, arrival, transaction, tag, joins));
  switch (arrival.request.method) {
    case 'REFER':
      return start(refer(endpoint, arrival, dialog), { dialog });
    case 'SUBSCRIBE': {
      const notifier = dialog?.notifierOf(eventOf(arrival.request)?.id);
      return start(subscribe(endpoint, arrival.request, notifier !== undefined), { dialog, notifier });
    }
    case 'CANCEL': {
      const cancels = cancelled(endpoint, arrival);
      const instance = endpoint.engines.cancel.create({ matches: cancels !== undefined });
      return endpoint.start(
        new UAS(endpoint, instance, arrival, transaction, tagOf(cancels) ?? tag, { cancels }),
      );
    }
    default:
      return start(options(endpoint), { dialog });
  }
};

const refer = (
  { engines, configuration }: Endpoint,
  { request, flow }: Arrival,
  dialog: Dialog | undefined,
) =>
  engines.referUAS.create({
    request,
    verdict: configuration.application.judge(request, flow, dialog !== undefined),
    success: configuration.referSuccess,
    timers: configuration.timers,
  });

const subscribe = ({ engines, configuration }: Endpoint, request: Request, matches: boolean) => {
  const expires = header(request, 'Expires');
  return engines.subscribeUAS.create({
    packageIsKnown: eventPackages.some((known) => known === eventOf(request)?.package),
    matches,
    expires: Math.min(
      isRight(expires) ? expires.right : configuration.referExpires,
      configuration.referExpires,
    ),
    packages: eventPackages,
  });
};

/** An OPTIONS is answered as RFC 3261 §11.2 says. */
const options = ({ engines, configuration, rules }: Endpoint) =>
  engines.options.create({
    handled: configuration.application.handles('OPTIONS'),
    answer: capabilities(rules),
    timers: configuration.timers,
  });

const capabilities = (rules: Endpoint['rules']): ResponseDraft => ({
  status: 200,
  headers: [
    allow(rules),
    ...acceptance(rules),
    ['Supported', rules.supported.join(', ')],
    ['Allow-Events', eventPackages.join(', ')],
  ],
});

const eventOf = (request: Request) => {
  const event = header(request, 'Event');
  return isRight(event) ? event.right : undefined;
};

/** The server transaction that a CANCEL names: its own key with any other method (RFC 3261 §9.2). */
const cancelled = ({ tables, rules }: Endpoint, { essentials }: Arrival): ServerTransaction | undefined => {
  for (const method of rules.methods) {
    if (method === 'CANCEL') continue;
    const named = tables.serverTransactions.get(serverTransactionKey(essentials, method));
    if (named !== undefined) return named;
  }
  return undefined;
};

/** The To tag of a request's responses, which those to its CANCEL share (RFC 3261 §9.2). */
const tagOf = (transaction: ServerTransaction | undefined): string | undefined => {
  if (transaction?.user !== undefined) return transaction.user.tag;
  const response = transaction?.instance.snapshot.context.response;
  const to = response === undefined ? undefined : header(response, 'To');
  return to !== undefined && isRight(to) ? to.right.tag : undefined;
};

import { describe, expect, test } from 'vitest';
import * as effects from '../../machines/effects.js';
import { callouts, type Effect } from '../../machines/effects.js';
import { throughJSON } from '../support/machine-life.js';
import { notifyRequest, response } from '../support/sample-messages.js';

/** Each effect's constructor at work, by the effect's type. */
const constructed: { readonly [Type in Effect['type']]: Extract<Effect, { readonly type: Type }> } = {
  sendRequest: effects.sendRequest(notifyRequest),
  sendResponse: effects.sendResponse(response(200)),
  passToUser: effects.passToUser(response(404)),
  reportFailure: effects.reportFailure('transportError', 'no address for phone.example.com'),
  startTimer: effects.startTimer('timerE', 500),
  stopTimer: effects.stopTimer('timerE'),
  respond: effects.respond({ status: 200, reason: 'OK', headers: [['Allow', 'REFER']], body: 'caf\xe9' }),
  startSession: effects.startSession(),
  tellSession: effects.tellSession({ type: 'offered' }),
  replaceSession: effects.replaceSession(),
  acknowledgeProvisional: effects.acknowledgeProvisional(),
  startNotifier: effects.startNotifier('active', { contentType: 'message/sipfrag', body: 'caf\xe9' }, 60),
  refreshSubscription: effects.refreshSubscription(60),
  endSubscription: effects.endSubscription(),
  cancelTransaction: effects.cancelTransaction(),
  reviseBindings: effects.reviseBindings(),
  revisePublication: effects.revisePublication(),
  sendInDialog: effects.sendInDialog({ method: 'BYE', headers: [['Reason', 'SIP;cause=200']], body: '' }),
  endRequests: effects.endRequests(),
  confirmDialog: effects.confirmDialog(),
  leaveDialog: effects.leaveDialog(),
  tellApplication: effects.tellApplication({ type: 'subscriptionEnded', reason: 'noresource' }),
  requestInDialog: effects.requestInDialog({
    usage: 7,
    method: 'NOTIFY',
    uri: 'sip:alice@alice.example.com',
    nextHop: 'sip:proxy.example.com;lr',
    identity: [['Call-ID', '3848276298220188511@alice.example.com']],
    headers: [['Event', 'refer;id=314']],
    body: 'SIP/2.0 100 Trying\r\n',
  }),
  numberRequest: effects.numberRequest(7, 1),
  passToUsage: effects.passToUsage('z9hG4bK1'),
  refuseRequest: effects.refuseRequest('z9hG4bK1', { status: 500 }),
  endUsages: effects.endUsages(),
  locate: effects.locate('sip:alice@phone.example.com'),
  takeNumber: effects.takeNumber(),
  tryTarget: effects.tryTarget({ protocol: 'UDP', host: '192.0.2.7', port: 5060 }, 1, 1),
};

describe('effects', () => {
  test('have one constructor each, of their type’s name', () => {
    const constructors = Object.entries(effects).flatMap(([name, exported]) =>
      typeof exported === 'function' ? [name] : [],
    );

    expect(constructors.sort()).toEqual(Object.keys(constructed).sort());
  });

  test.each(Object.entries(constructed))('%s is a plain value, whole in its JSON form', (type, effect) => {
    expect(effect.type).toBe(type);
    expect(Object.getPrototypeOf(effect)).toBe(Object.prototype);
    expect(throughJSON(effect)).toStrictEqual(effect);
  });

  test('hold a message as its wire text in JSON', () => {
    expect(JSON.parse(JSON.stringify(constructed.sendRequest))).toEqual({
      type: 'sendRequest',
      request: notifyRequest.text,
    });
  });

  test('call out of the machines where a user or an application hears of them', () => {
    expect([...callouts].sort()).toEqual(['passToUsage', 'passToUser', 'reportFailure', 'tellApplication']);
  });

  test('carry what they are given', () => {
    expect(constructed.startTimer).toEqual({ type: 'startTimer', timer: 'timerE', delay: 500 });
    expect(constructed.sendInDialog).toEqual({
      type: 'sendInDialog',
      request: { method: 'BYE', headers: [['Reason', 'SIP;cause=200']], body: '' },
    });
    expect(constructed.startNotifier).toEqual({
      type: 'startNotifier',
      state: 'active',
      report: { contentType: 'message/sipfrag', body: 'caf\xe9' },
      expires: 60,
    });
    expect(constructed.tellSession).toEqual({ type: 'tellSession', event: { type: 'offered' } });
    expect(constructed.refuseRequest).toEqual({
      type: 'refuseRequest',
      transaction: 'z9hG4bK1',
      response: { status: 500 },
    });
  });
});

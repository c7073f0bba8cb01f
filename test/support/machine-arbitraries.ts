import fc from 'fast-check';
import type { AnyStateMachine, EventFromLogic, EventObject, InputFrom } from 'xstate';
import type { HeaderField, ResponseDraft } from '../../machines/effects.js';
import {
  type bye,
  type cancel,
  type delivery,
  type dialog,
  type info,
  type inviteServerTransaction,
  type inviteUAS,
  machines,
  type nonInviteClientTransaction,
  type nonInviteServerTransaction,
  type notifier,
  type notify,
  type options,
  type prack,
  type publish,
  type referUAS,
  type register,
  type reInviteUAS,
  type ShippedMachine,
  type session,
  type subscribeUAS,
  type update,
} from '../../machines/index.js';
import type { InviteVerdict } from '../../machines/invite-uas.js';
import type { Verdict } from '../../machines/refer-uas.js';
import { defaultTimerValues, type TimerValues } from '../../machines/timers.js';
import {
  ackRequest,
  inviteRequest,
  notifyRequest,
  optionsRequest,
  publishRequest,
  referRequest,
  referWithoutSubscription,
  registerRequest,
  response,
} from './sample-messages.js';

/** What can happen to a machine. */
export interface MachineArbitraries {
  readonly input: fc.Arbitrary<unknown>;
  /** Absent where the machine takes no events. */
  readonly event?: fc.Arbitrary<EventObject>;
}

const arbitrariesOf = ({ name }: ShippedMachine): MachineArbitraries => {
  const arbitraries = arbitrariesByName.get(name);
  if (arbitraries === undefined) throw new RangeError(`There are no arbitraries for ${name}.`);
  return arbitraries;
};

/** Each shipped machine with what can happen to it. */
export const machinesAndArbitraries = () =>
  machines.map((shipped) => ({ ...shipped, ...arbitrariesOf(shipped) }));

export const arbitraryEvents = ({ event }: MachineArbitraries): fc.Arbitrary<readonly EventObject[]> =>
  event === undefined ? fc.constant([]) : fc.array(event, { maxLength: 20 });

interface ArbitrariesFor<Machine extends AnyStateMachine> {
  readonly input: fc.Arbitrary<InputFrom<Machine>>;
  readonly event: fc.Arbitrary<EventFromLogic<Machine>>;
}

const just = <const Type extends string>(type: Type) => fc.constant({ type });

/** The first more often than any of the others. */
const mostly = <const T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

/** Records as literals and JSON make them: with Object's prototype. */
const record = <T, Required extends keyof T = keyof T>(
  model: { [Key in keyof T]: fc.Arbitrary<T[Key]> },
  requiredKeys?: Required[],
) => fc.record<T, Required>(model, { noNullPrototype: true, ...(requiredKeys && { requiredKeys }) });

const timers = fc.constantFrom<TimerValues>(
  defaultTimerValues,
  { T1: 100, T2: 800, T4: 1_000 },
  { T1: 4_000, T2: 4_000, T4: 5_000 },
);
const request = fc.constantFrom(optionsRequest, notifyRequest);
const anyResponse = fc.constantFrom(100, 180, 200, 302, 404, 408, 500, 603).map(response);
const failure = fc.constantFrom('timeout', 'transportError');
const cause = fc.constantFrom('no address for phone.example.com', 'UDP 192.0.2.7:5060 is unreachable');
const reason = fc.constantFrom('', 'OK', 'Ringing', 'Caf\xe9');
const now = fc.nat(100_000);
const headers: fc.Arbitrary<readonly HeaderField[]> = fc.subarray<HeaderField>([
  ['Subject', 'Transfer'],
  ['Contact', '<sip:bob@elsewhere.example.org>'],
]);

const answer = (least: number, most: number): fc.Arbitrary<ResponseDraft> =>
  record(
    { status: fc.integer({ min: least, max: most }), reason, headers, body: fc.constantFrom('', 'v=0\r\n') },
    ['status'],
  );
const failed = record({ type: fc.constant('failure'), failure });

const inviteTransaction: ArbitrariesFor<typeof inviteServerTransaction> = {
  input: record({ request: fc.constant(inviteRequest), reliable: fc.boolean(), timers }),
  event: fc.oneof(
    just('retransmission'),
    record({ type: fc.constant('response'), response: anyResponse }),
    record({ type: fc.constant('ack'), request: fc.constant(ackRequest) }),
    just('transportError'),
    just('tryingDelay'),
    just('timerG'),
    just('timerH'),
    just('timerI'),
    just('timerL'),
  ),
};

const serverTransaction: ArbitrariesFor<typeof nonInviteServerTransaction> = {
  input: record({ request, reliable: fc.boolean(), timers }),
  event: fc.oneof(
    just('retransmission'),
    record({ type: fc.constant('response'), response: anyResponse }),
    just('transportError'),
    just('tryingDelay'),
    just('expiry'),
    just('timerJ'),
  ),
};

const clientTransaction: ArbitrariesFor<typeof nonInviteClientTransaction> = {
  input: record({
    request,
    reliable: fc.boolean(),
    repeats: fc.constantFrom(undefined, 0, 1, 2),
    timers,
  }),
  event: fc.oneof(
    record({ type: fc.constant('response'), response: anyResponse }),
    record({ type: fc.constant('transportError'), cause }, ['type']),
    just('timerE'),
    just('timerF'),
    just('timerK'),
  ),
};

const sendingTarget = record({
  protocol: fc.constantFrom('UDP', 'TCP'),
  host: fc.constantFrom('192.0.2.7', '2001:db8::7'),
  port: fc.constant(5060),
});

const sending: ArbitrariesFor<typeof delivery> = {
  input: record(
    {
      targets: fc.array(fc.oneof(sendingTarget, fc.constant('sip:phone.example.com')), { maxLength: 4 }),
      cause,
    },
    ['targets'],
  ),
  event: fc.oneof(
    record({ type: fc.constant('located'), targets: fc.array(sendingTarget, { maxLength: 3 }), cause }, [
      'type',
      'targets',
    ]),
    { weight: 2, arbitrary: record({ type: fc.constant('numbered'), sequence: fc.nat(20) }) },
    record({ type: fc.constant('response'), response: anyResponse }),
    just('timeout'),
    record({ type: fc.constant('transportError'), cause }, ['type']),
    just('userEnded'),
  ),
};

const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 4, arbitrary: just('grant') },
  { weight: 2, arbitrary: just('pending') },
  record({ type: fc.constant('refuse'), status: fc.integer({ min: 300, max: 699 }), reason }, [
    'type',
    'status',
  ]),
);

const routesAreReadable = mostly(true, false);
const contentRefusal = mostly<ResponseDraft | undefined>(undefined, { status: 415 });

const refer: ArbitrariesFor<typeof referUAS> = {
  input: record({
    request: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(referRequest(), referWithoutSubscription),
      },
      fc.constantFrom(
        referRequest([['Contact', '<sip:alice@alice.example.com>']]),
        referRequest([['Refer-To', '<sip:carol@example.net>']]),
      ),
    ),
    verdict,
    success: fc.constantFrom(200, 202),
    routesAreReadable,
    contentRefusal,
    timers,
  }),
  event: fc.oneof(
    record({ type: fc.constant('accept'), answer: answer(200, 299) }, ['type']),
    record({ type: fc.constant('redirect'), answer: answer(300, 399) }),
    record({ type: fc.constant('reject'), answer: answer(400, 699) }),
    just('trying'),
    just('cancel'),
    just('sessionEnded'),
    failed,
    just('decision'),
  ),
};

/** The longest that an application may think about an INVITE, in seconds. */
export const longestPatience = 600;

const invitation = {
  hasOneContact: mostly(true, false),
  handled: mostly(true, false),
  reliability: fc.constantFrom('required', 'supported', 'none'),
  firstSequence: fc.constantFrom(1, 314, 2 ** 31 - 1),
  expires: fc.constantFrom(undefined, 0, 30, 200, 4_000),
  patience: fc.constantFrom(20, 180, longestPatience),
  capabilities: headers,
  descriptionIsAcceptable: mostly(true, false),
  contentRefusal,
  timers,
} as const;

const invitationEvent: NonNullable<ArbitrariesFor<typeof inviteUAS>['event']> = fc.oneof(
  just('trying'),
  {
    weight: 8,
    arbitrary: record({ type: fc.constant('progress'), answer: answer(101, 199), reliable: fc.boolean() }, [
      'type',
      'answer',
    ]),
  },
  { weight: 4, arbitrary: record({ type: fc.constant('accept'), answer: answer(200, 299) }) },
  record({ type: fc.constant('redirect'), answer: answer(300, 399) }),
  record({ type: fc.constant('reject'), answer: answer(400, 699) }),
  { weight: 8, arbitrary: just('prack') },
  record({ type: fc.constant('ack'), request: fc.constant(ackRequest) }),
  just('cancel'),
  just('sessionEnded'),
  failed,
  just('expiry'),
  just('decision'),
  just('provisionalRefresh'),
  just('provisionalRetransmission'),
  just('provisionalExpiry'),
  just('successRetransmission'),
  just('successExpiry'),
);

const inviteVerdict: fc.Arbitrary<InviteVerdict> = fc.oneof(
  { weight: 4, arbitrary: just('grant') },
  record({ type: fc.constant('refuse'), status: fc.integer({ min: 300, max: 699 }), reason }, [
    'type',
    'status',
  ]),
);

const invite: ArbitrariesFor<typeof inviteUAS> = {
  input: record({
    ...invitation,
    routesAreReadable,
    verdict: inviteVerdict,
    replaces: mostly('nothing', 'confirmed', 'malformed', 'unmatched', 'early', 'ending'),
    earlyOnly: fc.boolean(),
  }),
  event: invitationEvent,
};

const glare = {
  glare: mostly('none', 'ours', 'theirs', 'noSession'),
  retryAfter: fc.nat(10),
} as const;

const reInvite: ArbitrariesFor<typeof reInviteUAS> = {
  input: record({ ...invitation, ...glare }),
  event: invitationEvent,
};

const report = record({
  contentType: fc.constantFrom('message/sipfrag', 'application/pidf+xml'),
  body: fc.constantFrom('', 'SIP/2.0 100 Trying\r\n', 'Caf\xe9'),
});

const subscribe: ArbitrariesFor<typeof subscribeUAS> = {
  input: record({
    hasOneContact: mostly(true, false),
    packageIsKnown: mostly(true, false),
    packages: fc.constant(['refer', 'presence']),
    matches: fc.boolean(),
    isReferral: mostly(false, true),
    expires: fc.constantFrom(0, 1, 60, 3_600),
    minimum: fc.constantFrom(0, 60),
    neutral: report,
    contentTypes: fc.constantFrom([], ['application/pidf+xml']),
    contentType: mostly<string | undefined>('application/pidf+xml', undefined),
    routesAreReadable,
    contentRefusal,
    timers,
  }),
  event: fc.oneof(
    record({ type: fc.constant('accept'), answer: answer(200, 299), report }),
    record({ type: fc.constant('suspend'), answer: answer(200, 299), report }),
    record({ type: fc.constant('reject'), answer: answer(300, 699) }),
    just('trying'),
    just('cancel'),
    just('sessionEnded'),
    failed,
    just('decision'),
  ),
};

const single = { handled: fc.boolean(), answer: answer(200, 699), contentRefusal, timers } as const;
const packages = fc.constant(['refer', 'presence']);

const singleResponse: Required<ArbitrariesFor<typeof options>> = {
  input: record(single),
  event: fc.oneof(
    record({ type: fc.constant('answer'), answer: answer(200, 699) }),
    just('trying'),
    just('cancel'),
    just('sessionEnded'),
    failed,
    just('decision'),
  ),
};

const infoRequest: ArbitrariesFor<typeof info> = {
  input: record({
    ...single,
    inSession: mostly(true, false),
    packageIsKnown: mostly(true, false),
    packages,
  }),
  event: singleResponse.event,
};

const notification: ArbitrariesFor<typeof notify> = {
  input: record({ ...single, packageIsKnown: fc.boolean(), packages }),
  event: singleResponse.event,
};

const acknowledgement: ArbitrariesFor<typeof prack> = {
  input: record({ ...single, matches: mostly(true, false) }),
  event: singleResponse.event,
};

const sessionUpdate: ArbitrariesFor<typeof update> = {
  input: record({
    ...single,
    ...glare,
    hasOneContact: mostly(true, false),
    hasOffer: mostly(true, false),
    descriptionIsAcceptable: mostly(true, false),
  }),
  event: singleResponse.event,
};

const revising = [
  record({ type: fc.constant('answer'), answer: answer(200, 699) }),
  { weight: 2, arbitrary: record({ type: fc.constant('answer'), answer: answer(200, 299) }) },
  just('trying'),
  just('cancel'),
  failed,
  just('decision'),
  just('storeFailed'),
] as const;

const registration: ArbitrariesFor<typeof register> = {
  input: record({
    request: mostly(
      registerRequest(),
      registerRequest([]),
      registerRequest([['Contact', 'sip:alice@alice.example.com;expires=1']]),
      registerRequest([['Contact', '<<<']]),
    ),
    minimum: fc.constant(60),
    contentRefusal,
    timers,
  }),
  event: fc.oneof(
    ...revising,
    record({
      type: fc.constant('revised'),
      bindings: fc.subarray([
        '<sip:alice@alice.example.com>;expires=3600',
        '<sip:alice@192.0.2.1>;expires=60',
      ]),
    }),
    just('outOfOrder'),
  ),
};

const publication: ArbitrariesFor<typeof publish> = {
  input: record({
    packages: fc.constant(['presence']),
    request: mostly(
      publishRequest(),
      publishRequest([['SIP-If-Match', 'dx200xyz']], ''),
      publishRequest([['Expires', '1']]),
      publishRequest([['SIP-If-Match', 'a, b']]),
      publishRequest([['Event', 'dialog']]),
    ),
    minimum: fc.constant(60),
    contentRefusal,
    timers,
  }),
  event: fc.oneof(
    ...revising,
    record({
      type: fc.constant('revised'),
      entityTag: fc.constant('dx200xyz'),
      expires: fc.constantFrom(0, 3_600),
    }),
    just('unmatched'),
  ),
};

const matched: Pick<ArbitrariesFor<typeof bye>, 'input'> = {
  input: record({ matches: fc.boolean(), contentRefusal }),
};

const cancelled: Pick<ArbitrariesFor<typeof cancel>, 'input'> = {
  input: record({ matches: fc.boolean() }),
};

const target = fc.constantFrom('sip:alice@alice.example.com', 'sip:alice@192.0.2.1;transport=tcp', 'tel:+1');
const sequence = fc.nat(20);
const source = fc.constantFrom('192.0.2.2', '192.0.2.3', '2001:db8::2');

const dialogue: ArbitrariesFor<typeof dialog> = {
  input: record({
    callId: fc.constant('3848276298220188511@alice.example.com'),
    local: fc.constant('<sip:bob@example.org>;tag=a6c85cf'),
    remote: fc.constant('<sip:alice@example.com>;tag=9fxced76sl'),
    target,
    routes: fc.subarray(['<sip:proxy1;lr>', '<sip:proxy2>']),
    firstRouteIsLoose: fc.boolean(),
    remoteSequence: sequence,
    source,
  }),
  event: fc.oneof(
    record({
      type: fc.constant('request'),
      transaction: fc.constant('z9hG4bK1'),
      sequence,
      mayStartUsage: fc.boolean(),
      host: source,
    }),
    just('requestEnded'),
    record({ type: fc.constant('acknowledged'), host: source }),
    record({ type: fc.constant('targetRefresh'), target }),
    record({
      type: fc.constant('send'),
      usage: fc.nat(3),
      request: record({ method: fc.constantFrom('NOTIFY', 'BYE'), headers, body: fc.constant('') }),
    }),
    record({ type: fc.constant('ready'), usage: fc.nat(3) }),
    just('confirm'),
    record({
      type: fc.constant('answered'),
      status: fc.constantFrom(200, 404, 408, 480, 481, 503),
      host: source,
    }),
    just('usageStarted'),
    just('usageEnded'),
  ),
};

const call: ArbitrariesFor<typeof session> = {
  input: record({ offered: fc.boolean() }),
  event: fc.oneof(
    just('offered'),
    just('offerSettled'),
    { weight: 3, arbitrary: just('accepted') },
    { weight: 3, arbitrary: just('acknowledged') },
    just('unacknowledged'),
    just('refused'),
    just('bye'),
    { weight: 2, arbitrary: just('hangUp') },
    record({ type: fc.constant('requestAnswered'), status: fc.constantFrom(200, 408, 481, 503) }),
    record({ type: fc.constant('requestFailed'), failure, cause }, ['type', 'failure']),
    just('dialogEnded'),
  ),
};

/** The longest subscription, in seconds. */
export const longestSubscription = 3_600;
const expires = fc.integer({ min: 1, max: longestSubscription });

const subscription: ArbitrariesFor<typeof notifier> = {
  input: record({
    state: fc.constantFrom('pending', 'active'),
    event: fc.constantFrom('refer;id=314', 'presence'),
    report,
    expires: fc.oneof({ weight: 4, arbitrary: expires }, fc.constant(0)),
    spacing: fc.constantFrom(1_000, 5_000),
    now,
  }),
  event: fc.oneof(
    record({ type: fc.constant('report'), report, now }),
    record({ type: fc.constant('grant'), now }),
    record({ type: fc.constant('refresh'), expires, now }),
    record(
      {
        type: fc.constant('end'),
        reason: fc.constantFrom(
          'deactivated',
          'probation',
          'rejected',
          'timeout',
          'giveup',
          'noresource',
          'invariant',
        ),
        report,
        retryAfter: fc.constantFrom(0, 30),
        now,
      },
      ['type', 'reason', 'now'],
    ),
    {
      weight: 3,
      arbitrary: record({ type: fc.constant('requestAnswered'), status: fc.constant(200) }),
    },
    record(
      {
        type: fc.constant('requestAnswered'),
        status: fc.constantFrom(202, 302, 481, 503, 603),
        retryAfter: fc.constantFrom(0, 1, 30, 2 ** 32 - 1),
      },
      ['type', 'status'],
    ),
    record({ type: fc.constant('requestFailed'), failure, cause }, ['type', 'failure']),
    just('dialogEnded'),
    record({ type: fc.constant('notifySpacing'), now }),
    record({ type: fc.constant('expiry'), now }),
  ),
};

const arbitrariesByName: ReadonlyMap<string, MachineArbitraries> = new Map<string, MachineArbitraries>([
  ['invite-server-transaction', inviteTransaction],
  ['non-invite-server-transaction', serverTransaction],
  ['non-invite-client-transaction', clientTransaction],
  ['delivery', sending],
  ['invite-uas', invite],
  ['re-invite-uas', reInvite],
  ['bye', matched],
  ['cancel', cancelled],
  ['info', infoRequest],
  ['message', singleResponse],
  ['notify', notification],
  ['options', singleResponse],
  ['prack', acknowledgement],
  ['publish', publication],
  ['refer-uas', refer],
  ['register', registration],
  ['subscribe-uas', subscribe],
  ['update', sessionUpdate],
  ['dialog', dialogue],
  ['session', call],
  ['notifier', subscription],
]);

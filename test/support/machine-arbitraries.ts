import fc from 'fast-check';
import type { AnyStateMachine, EventFromLogic, EventObject, InputFrom } from 'xstate';
import type { HeaderField } from '../../machines/effects.js';
import {
  type cancel,
  type dialog,
  machines,
  type nonInviteClientTransaction,
  type nonInviteServerTransaction,
  type notifier,
  type options,
  type referUAS,
  type ShippedMachine,
  type subscribeUAS,
} from '../../machines/index.js';
import type { Answer, Verdict } from '../../machines/refer-uas.js';
import { defaultTimerValues, type TimerValues } from '../../machines/timers.js';
import {
  notifyRequest,
  optionsRequest,
  referRequest,
  referWithoutSubscription,
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
const reason = fc.constantFrom('', 'OK', 'Ringing', 'Caf\xe9');
const now = fc.nat(100_000);
const headers: fc.Arbitrary<readonly HeaderField[]> = fc.subarray<HeaderField>([
  ['Subject', 'Transfer'],
  ['Contact', '<sip:bob@elsewhere.example.org>'],
]);

const answer = (least: number, most: number): fc.Arbitrary<Answer> =>
  record(
    { status: fc.integer({ min: least, max: most }), reason, headers, body: fc.constantFrom('', 'v=0\r\n') },
    ['status'],
  );
const failed = record({ type: fc.constant('failure'), failure });

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
  input: record({ request, reliable: fc.boolean(), timers }),
  event: fc.oneof(
    record({ type: fc.constant('response'), response: anyResponse }),
    just('transportError'),
    just('timerE'),
    just('timerF'),
    just('timerK'),
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
    timers,
  }),
  event: fc.oneof(
    record({ type: fc.constant('accept'), answer: answer(200, 299) }, ['type']),
    record({ type: fc.constant('redirect'), answer: answer(300, 399) }),
    record({ type: fc.constant('reject'), answer: answer(400, 699) }),
    just('trying'),
    just('cancel'),
    failed,
    just('decision'),
  ),
};

const subscribe: Pick<ArbitrariesFor<typeof subscribeUAS>, 'input'> = {
  input: record({
    packageIsKnown: fc.boolean(),
    matches: fc.boolean(),
    expires: fc.constantFrom(0, 1, 3_600),
    packages: fc.constant(['refer']),
  }),
};

const singleResponse: ArbitrariesFor<typeof options> = {
  input: record({ handled: fc.boolean(), answer: answer(200, 699), timers }),
  event: fc.oneof(
    record({ type: fc.constant('answer'), answer: answer(200, 699) }),
    just('trying'),
    just('cancel'),
    failed,
    just('decision'),
  ),
};

const cancelled: Pick<ArbitrariesFor<typeof cancel>, 'input'> = {
  input: record({ matches: fc.boolean() }),
};

const target = fc.constantFrom('sip:alice@alice.example.com', 'sip:alice@192.0.2.1;transport=tcp', 'tel:+1');
const sequence = fc.nat(20);

const dialogue: ArbitrariesFor<typeof dialog> = {
  input: record({
    callId: fc.constant('3848276298220188511@alice.example.com'),
    local: fc.constant('<sip:bob@example.org>;tag=a6c85cf'),
    remote: fc.constant('<sip:alice@example.com>;tag=9fxced76sl'),
    target,
    routes: fc.subarray(['<sip:proxy1;lr>', '<sip:proxy2>']),
    firstRouteIsLoose: fc.boolean(),
    remoteSequence: sequence,
  }),
  event: fc.oneof(
    record({ type: fc.constant('request'), transaction: fc.constant('z9hG4bK1'), sequence }),
    record({ type: fc.constant('targetRefresh'), target }),
    record({
      type: fc.constant('send'),
      usage: fc.nat(3),
      request: record({ method: fc.constantFrom('NOTIFY', 'BYE'), headers, body: fc.constant('') }),
    }),
    just('usageStarted'),
    just('usageEnded'),
  ),
};

const report = record({ status: fc.integer({ min: 100, max: 699 }), reason });
/** The longest subscription, in seconds. */
export const longestSubscription = 3_600;
const expires = fc.integer({ min: 1, max: longestSubscription });

const subscription: ArbitrariesFor<typeof notifier> = {
  input: record({
    state: fc.constantFrom('pending', 'active'),
    id: fc.nat(2 ** 31 - 1),
    report,
    expires,
    now,
  }),
  event: fc.oneof(
    record({ type: fc.constant('report'), report, now }),
    record({ type: fc.constant('grant'), now }),
    record({ type: fc.constant('refresh'), expires, now }),
    record(
      {
        type: fc.constant('end'),
        reason: fc.constantFrom('deactivated', 'noresource', 'rejected', 'timeout'),
        report,
        now,
      },
      ['type', 'reason', 'now'],
    ),
    {
      weight: 3,
      arbitrary: record({ type: fc.constant('notifyAnswered'), status: fc.constant(200) }),
    },
    record(
      {
        type: fc.constant('notifyAnswered'),
        status: fc.constantFrom(202, 302, 481, 503, 603),
        retryAfter: fc.constantFrom(0, 1, 30, 2 ** 32 - 1),
      },
      ['type', 'status'],
    ),
    record({ type: fc.constant('notifyFailed'), failure }),
    record({ type: fc.constant('notifySpacing'), now }),
    record({ type: fc.constant('expiry'), now }),
  ),
};

const arbitrariesByName: ReadonlyMap<string, MachineArbitraries> = new Map<string, MachineArbitraries>([
  ['non-invite-server-transaction', serverTransaction],
  ['non-invite-client-transaction', clientTransaction],
  ['refer-uas', refer],
  ['subscribe-uas', subscribe],
  ['options', singleResponse],
  ['cancel', cancelled],
  ['dialog', dialogue],
  ['notifier', subscription],
]);

export type {
  Failure,
  HeaderField,
  Report,
  SessionEnd,
  SubscriptionEnd,
  TerminationReason,
} from '../machines/effects.js';
export { defaultTimerValues, type TimerValues } from '../machines/timers.js';
export { type Answer, type AnswerOptions, accept, reject } from './api/answer.js';
export {
  IncomingRequestMessage,
  Levels,
  Logger,
  LoggerFactory,
  ReferUserAgentServer,
  TransactionState,
  TransactionStateError,
  UserAgentCore,
} from './api/core.js';
export { IncomingRequest, type RequestListener } from './api/incoming-request.js';
export {
  Invitation,
  type InvitationListener,
  type ProgressOptions,
  ReInvitation,
} from './api/invitation.js';
export {
  grant,
  type InvitePolicy,
  type InviteRequest,
  type InviteVerdict,
  pending,
  type ReferPolicy,
  type ReferRequest,
  refuse,
  type Verdict,
} from './api/policy.js';
export { Referral, type ReferralListener } from './api/referral.js';
export type { Sending } from './api/sending.js';
export { Session, type SessionListener } from './api/session.js';
export { Subscription, type SubscriptionEnding, type SubscriptionListener } from './api/subscription.js';
export {
  createUserAgent,
  ListenError,
  type ListeningAddress,
  type UserAgent,
  type UserAgentCounts,
  type WireMessage,
} from './api/user-agent.js';
export type {
  AnswerHandler,
  Policies,
  UserAgentHandlers,
  UserAgentOptions,
} from './api/user-agent-options.js';
export { addressOfRecord } from './endpoint/address-of-record.js';
export { type BindingLimits, type BindingStore, memoryBindingStore } from './endpoint/binding-store.js';
export type { Binding } from './endpoint/bindings.js';
export type { EndpointLimits, EventPackage, Keeping } from './endpoint/configuration.js';
export type { Entropy } from './endpoint/entropy.js';
export type { LimitName, LimitReached } from './endpoint/limit-report.js';
export {
  memoryPublicationStore,
  type PublicationLimits,
  type PublicationStore,
} from './endpoint/publication-store.js';
export type { Publication } from './endpoint/publications.js';
export type { Recorder } from './endpoint/recorder.js';
export type { Scheduler, Timer, TimerOwner } from './endpoint/scheduler.js';
export type { Holdings } from './endpoint/sources.js';
export type { Counts } from './endpoint/tables.js';
export { createTimerWheel, type TimerDriver } from './endpoint/timer-wheel.js';
export {
  createVirtualScheduler,
  type VirtualScheduler,
  type VirtualSchedulerOptions,
} from './endpoint/virtual-scheduler.js';
export { actor } from './engine/actor.js';
export { compile } from './engine/compile.js';
export { compiled } from './engine/compiled.js';
export type { Engine, Instance, Snapshot } from './engine/engine.js';
export type { InspectionEvent, Observer } from './engine/inspection.js';
export { CompileError } from './engine/subset.js';
export * from './message/index.js';
export {
  createMemoryNetwork,
  type Fate,
  type MemoryMessage,
  type MemoryNetwork,
  type MemoryNetworkOptions,
} from './transports/memory.js';
export { type NodeResolverOptions, nodeResolver, type Resolver } from './transports/resolver.js';
export { type TcpLimits, type TcpOptions, tcp } from './transports/tcp.js';
export type { Flow, Protocol, Receiver, Sender, Transport, TransportError } from './transports/transport.js';
export { type UdpOptions, udp } from './transports/udp.js';

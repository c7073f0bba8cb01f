import type {
  Configuration,
  EndpointLimits,
  EventPackage,
  HandlerName,
  Keeping,
} from '../endpoint/configuration.js';
import { type MaskingOptions, maskValue } from './masking.js';

/**
 * A recording is lines of JSON: a header, a line for each input in order, and an end. A line stands for what came from
 * outside, for what the ports answered until the next, and for what the machines ordered meanwhile.
 */
export const recordingVersion = 2;

/** The first line: what a replay makes its endpoint of. */
export interface RecordingHeader {
  readonly sipchart: 'recording';
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** The same moment on the clock of the lines, which is the endpoint's scheduler's. */
  readonly now: number;
  readonly masking: MaskingOptions;
  /** Whether the lines hold the effects themselves. */
  readonly effects: boolean;
  readonly transports: readonly { readonly protocol: string; readonly reliable: boolean }[];
  readonly configuration: RecordedConfiguration;
}

/** What of a configuration decides what the machines do. */
interface RecordedConfiguration
  extends Pick<
    Configuration,
    | 'timers'
    | 'advertisedHost'
    | 'localHost'
    | 'server'
    | 'displayName'
    | 'methods'
    | 'supported'
    | 'accept'
    | 'languages'
    | 'referSuccess'
    | 'patience'
    | 'infoPackages'
  > {
  readonly limits: EndpointLimits;
  readonly eventPackages: readonly (readonly [string, EventPackage])[];
  readonly bindings: Keeping;
  readonly publications: Keeping;
  readonly handlers: readonly HandlerName[];
}

/** The last line: that all is there, or why no more is. */
export interface RecordingEnd {
  readonly at: number;
  readonly end: 'closed' | 'stopped';
  readonly reason?: string;
}

export type RecordedFlow = readonly [transport: number, host: string, port: number];

/** What came, as `Input` of `src/endpoint/journal.ts`, and a transport that has opened. */
type RecordedInput =
  | { readonly input: 'opened'; readonly transport: number; readonly host: string; readonly port: number }
  | { readonly input: 'received' | 'unframed'; readonly flow: RecordedFlow; readonly text: string }
  | { readonly input: 'closed'; readonly flow: RecordedFlow }
  | {
      readonly input: 'sendFailed';
      readonly machine: number;
      readonly error: { readonly code: string; readonly message: string };
    }
  | { readonly input: 'timerEnded'; readonly machine: number; readonly timer: string; readonly now: number }
  | {
      readonly input: 'resolved';
      readonly machine: number;
      readonly hosts: readonly string[];
      readonly failure?: string;
    }
  | { readonly input: 'order'; readonly machine: number; readonly event: { readonly type: string } }
  | { readonly input: 'close'; readonly drain: number }
  | { readonly input: 'drained' };

/** An effect and the number of the machine that ordered it; 0 for a message that has left. */
export type RecordedEffect = readonly [machine: number, effect: { readonly type: string }];

export type RecordedLine = RecordedInput & {
  /** Whole milliseconds. */
  readonly at: number;
  /** The number of the call out of the endpoint during which it came; else it came when nothing went on. */
  readonly in?: number;
  /** What the clock, chance, the transports and the application answered, in order. */
  readonly answers?: readonly unknown[];
  /** How many effects it had. */
  readonly effects: number;
  readonly digest: number;
  readonly made?: readonly RecordedEffect[];
};

const handlers: readonly HandlerName[] = [
  'info',
  'invite',
  'message',
  'notify',
  'options',
  'prack',
  'publish',
  'refer',
  'register',
  'reInvite',
  'subscribe',
  'update',
];

const keeping = ({ minimum, default: usual, maximum }: Keeping): Keeping => ({
  minimum,
  default: usual,
  maximum,
});

export const headerOf = (
  configuration: Configuration,
  effects: boolean,
  masking: MaskingOptions,
  started: number,
): RecordingHeader => {
  const { timers, advertisedHost, localHost, server, displayName, methods, supported, accept, languages } =
    configuration;
  const { referSuccess, patience, infoPackages, limits, eventPackages, bindings, publications } =
    configuration;
  return {
    sipchart: 'recording',
    version: recordingVersion,
    started,
    now: configuration.scheduler.now(),
    masking,
    effects,
    transports: configuration.transports.map(({ protocol, reliable }) => ({ protocol, reliable })),
    configuration: maskValue(
      {
        timers,
        limits,
        methods,
        supported,
        accept,
        languages,
        advertisedHost,
        localHost,
        server,
        displayName,
        referSuccess,
        patience,
        infoPackages,
        eventPackages: [...eventPackages].map(([name, { spacing, contentTypes, neutral, ...its }]) => [
          name,
          { ...keeping(its), spacing, contentTypes, neutral },
        ]),
        bindings: keeping(bindings),
        publications: keeping(publications),
        handlers: handlers.filter((handler) => configuration.application.handles(handler)),
      },
      masking,
    ) as RecordedConfiguration,
  };
};

/** JSON has no infinite numbers. */
export const toJSON = (value: unknown): string =>
  JSON.stringify(value, (_name, own) => (typeof own === 'number' && !Number.isFinite(own) ? `${own}` : own));

import { isLeft } from 'fp-ts/lib/Either.js';
import { endpointOf, type UserAgent } from '../api/user-agent.js';
import { check, isFunction, isLimit, isText, optionsOf, wholeNumber } from '../options/rules.js';
import { Feed, type FeedOptions } from './feed.js';
import { type Inspector, type ServerOptions, serveInspector } from './inspector-server.js';
import { maskingRule } from './masking-rule.js';

export type { Entry, InputEntry, MessageEntry, Standing, StepEntry } from './entry.js';
export type { FeedOptions } from './feed.js';
export { type FileRecording, fileRecording } from './file-recording.js';
export type { Inspector, ServerOptions } from './inspector-server.js';
export { masked } from './masked-observer.js';
export { type MaskingOptions, maskText } from './masking.js';
export {
  type MemoryRecording,
  type MemoryRecordingOptions,
  memoryRecording,
} from './memory-recording.js';
export { type RecorderOptions, type RecordingSink, recorder } from './recorder.js';
export type { RecordedEffect, RecordingEnd } from './recording.js';
export {
  type ReplayDifference,
  type ReplayError,
  type ReplayOptions,
  type ReplayResult,
  replay,
} from './replay.js';

export type InspectorOptions = ServerOptions & Omit<FeedOptions, 'now'>;

const inspectorRule = optionsOf<InspectorOptions>({
  host: isText,
  port: wholeNumber(0, 65_535),
  token: isText,
  pages: wholeNumber(1, 65_535),
  recording: isFunction,
  size: wholeNumber(1, 2 ** 32),
  unwatched: wholeNumber(0, 2 ** 32),
  characters: isLimit,
  mask: maskingRule,
});

/**
 * Shows all that happens in a user agent from here on to browsers at one address; the machines that are live already appear
 * as they stand. It ends with its user agent: the pages are told so, and keep what they show. Where it can't listen, it rejects
 * with an Error that names cause and remedy.
 */
export const startInspector = async (
  userAgent: UserAgent,
  options: InspectorOptions = {},
): Promise<Inspector> => {
  const endpoint = endpointOf(userAgent);
  check('startInspector', options, inspectorRule);
  if (endpoint.isClosing)
    throw new Error('inspector: the user agent is closed; start the inspector before that');
  const feed = new Feed(options, endpoint);
  const inspector = await serveInspector(feed, options)();
  if (isLeft(inspector)) {
    feed.detach();
    throw inspector.left;
  }
  const { url, close } = inspector.right;
  return {
    url,
    close: () => {
      feed.detach();
      return close();
    },
  };
};

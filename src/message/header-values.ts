import { TOKEN } from './characters.js';
import { methodAt } from './methods.js';
import type { Contact, NameAddress } from './name-address.js';
import { qualityValue, type Scanner, wholeNumber } from './scanner.js';
import type { Via } from './via.js';

/** What `header` gives for each header name. */
export interface HeaderValues {
  readonly Via: readonly [Via, ...Via[]];
  readonly From: NameAddress;
  readonly To: NameAddress;
  readonly 'Call-ID': string;
  readonly CSeq: CSeq;
  readonly Contact: readonly Contact[] | '*';
  /** 0 to 255. */
  readonly 'Max-Forwards': number;
  readonly Route: readonly NameAddress[];
  readonly 'Record-Route': readonly NameAddress[];
  /** Option tags as written. */
  readonly Require: readonly string[];
  readonly 'Proxy-Require': readonly string[];
  readonly Supported: readonly string[];
  readonly Unsupported: readonly string[];
  readonly Allow: readonly string[];
  readonly 'Allow-Events': readonly string[];
  readonly Accept: readonly MediaRange[];
  /** Content codings in lower case, without their parameters. */
  readonly 'Accept-Encoding': readonly string[];
  /** Language ranges in lower case, without their parameters. */
  readonly 'Accept-Language': readonly string[];
  /** A URI of any scheme; a second value is `repeated` (RFC 3515 §2.4.2). */
  readonly 'Refer-To': NameAddress;
  readonly 'Referred-By': NameAddress;
  readonly 'Refer-Sub': boolean;
  readonly Replaces: Replaces;
  readonly Event: Event;
  readonly 'Subscription-State': SubscriptionState;
  /** Seconds. */
  readonly Expires: number;
  /** Seconds. */
  readonly 'Min-Expires': number;
  /** Seconds; its comment and parameters are left out. */
  readonly 'Retry-After': number;
  /** Bytes. */
  readonly 'Content-Length': number;
  readonly 'Content-Type': ContentType;
  readonly 'Content-Disposition': ContentDisposition;
  /** In lower case. */
  readonly 'Content-Encoding': readonly string[];
  /** In lower case. */
  readonly 'Content-Language': readonly string[];
  /** As written. */
  readonly Timestamp: string;
  readonly RAck: RAck;
  /** 1 to 2**32 - 1. */
  readonly RSeq: number;
  /** Compared byte for byte. */
  readonly 'SIP-ETag': string;
  /** Compared byte for byte. */
  readonly 'SIP-If-Match': string;
  /** In lower case, without its parameters. */
  readonly 'Info-Package': string;
  /** In lower case, without their parameters. */
  readonly 'Recv-Info': readonly string[];
}

/** RFC 3261 §20.16. */
export interface CSeq {
  /** Less than 2**32. */
  readonly sequence: number;
  readonly method: string;
}

/** RFC 3262 §7.2. */
export interface RAck {
  /** The RSeq: 1 to 2**32 - 1. */
  readonly sequence: number;
  /** Less than 2**32. */
  readonly cseq: number;
  readonly method: string;
}

/** RFC 3891 §6.1. */
export interface Replaces {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  readonly earlyOnly: boolean;
}

/** RFC 6665 §8.2.1: package and id are compared byte for byte, and so as written. */
export interface Event {
  readonly package: string;
  readonly id?: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 6665 §8.2.3. */
export interface SubscriptionState {
  /** In lower case. */
  readonly state: string;
  /** Seconds. */
  readonly expires?: number | undefined;
  /** In lower case. */
  readonly reason?: string | undefined;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/** RFC 3261 §20.15. */
export interface ContentType {
  /** `type/subtype` in lower case. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 3261 §20.1. */
export interface MediaRange {
  /** In lower case, without parameters: `application/sdp`, `application/*`. */
  readonly range: string;
  /** From 0, which takes nothing, to 1, which is also that of a range without one that can be read. */
  readonly quality: number;
}

/** RFC 3261 §20.11. */
export interface ContentDisposition {
  /** In lower case. */
  readonly type: string;
  /** Required where the header doesn't say. */
  readonly handling: 'required' | 'optional';
  readonly parameters: ReadonlyMap<string, string>;
}

/** `1*DIGIT LWS Method` */
export function readCSeq(scanner: Scanner): CSeq | undefined {
  const sequence = scanner.number(0xffff_ffff);
  if (sequence === undefined) return undefined;
  const digitsEnd = scanner.position;
  scanner.skipSpace();
  const start = scanner.skip(TOKEN);
  if (start === digitsEnd || scanner.position === start) return scanner.fail('no method follows the number');
  return { sequence, method: methodAt(scanner.text, start, scanner.position) };
}

/** `response-num LWS CSeq-num LWS Method` */
export function readRAck(scanner: Scanner): RAck | undefined {
  const sequence = readRSeq(scanner);
  scanner.skipSpace();
  const cseq = sequence === undefined ? undefined : readCSeq(scanner);
  if (sequence === undefined || cseq === undefined) return undefined;
  return { sequence, cseq: cseq.sequence, method: cseq.method };
}

/** `response-num` (RFC 3262 §7.1) */
export function readRSeq(scanner: Scanner): number | undefined {
  const sequence = scanner.number(0xffff_ffff);
  return sequence === 0 ? scanner.fail('the RSeq is 0') : sequence;
}

/** `word [ "@" word ]`, and any visible character that ends no value: Call-IDs are compared, never taken apart. */
export function readCallId(scanner: Scanner): string | undefined {
  const { text, position: start, end } = scanner;
  let position = start;
  while (position < end && isCallIdCharacter(text.charCodeAt(position))) position++;
  scanner.position = position;
  return position > start ? text.slice(start, position) : scanner.fail('the Call-ID is empty');
}

export const readMaxForwards = (scanner: Scanner): number | undefined => scanner.number(255);

/** `delta-seconds`, or a number of bytes. */
export const readNumber = (scanner: Scanner): number | undefined => scanner.number(0xffff_ffff);

/** `delta-seconds [ comment ] *( SEMI retry-param )` */
export function readRetryAfter(scanner: Scanner): number | undefined {
  const seconds = scanner.number(0xffff_ffff);
  scanner.skipSpace();
  if (scanner.peek() === OPENING_PARENTHESIS || scanner.peek() === SEMICOLON) scanner.position = scanner.end;
  return seconds;
}

export const readToken = (scanner: Scanner): string | undefined => scanner.token();

export const readLowerToken = (scanner: Scanner): string | undefined => scanner.token()?.toLowerCase();

/** A token with its parameters, which are left out: a range, an Info Package (RFC 6086 §12). */
export function readLowerTokenWithParameters(scanner: Scanner): string | undefined {
  const token = readLowerToken(scanner);
  return scanner.parameters() && token;
}

/** `media-range [ accept-params ]` */
export function readMediaRange(scanner: Scanner): MediaRange | undefined {
  const range = readContentType(scanner);
  return range && { range: range.type, quality: qualityValue(range.parameters.get('q')) ?? 1 };
}

/** `m-type SLASH m-subtype *( SEMI m-parameter )` */
export function readContentType(scanner: Scanner): ContentType | undefined {
  const type = readLowerToken(scanner);
  if (type === undefined || !scanner.separator(SLASH)) return scanner.fail('a media type has no /');
  const subtype = readLowerToken(scanner);
  const parameters = subtype === undefined ? undefined : scanner.parameters();
  return parameters && { type: `${type}/${subtype}`, parameters };
}

/** `disp-type *( SEMI disp-param )` */
export function readContentDisposition(scanner: Scanner): ContentDisposition | undefined {
  const type = readLowerToken(scanner);
  const parameters = type === undefined ? undefined : scanner.parameters();
  if (type === undefined || parameters === undefined) return undefined;
  const handling = parameters.get('handling')?.toLowerCase() === 'optional' ? 'optional' : 'required';
  return { type, handling, parameters };
}

/** `( "true" / "false" ) *( SEMI exten )` (RFC 4488 §4) */
export function readReferSub(scanner: Scanner): boolean | undefined {
  const value = readLowerToken(scanner);
  if (value !== 'true' && value !== 'false') return scanner.fail('it is neither true nor false');
  return scanner.parameters() && value === 'true';
}

/** `callid *( SEMI replaces-param )` */
export function readReplaces(scanner: Scanner): Replaces | undefined {
  const callId = readCallId(scanner);
  const parameters = callId === undefined ? undefined : scanner.parameters();
  if (callId === undefined || parameters === undefined) return undefined;
  const toTag = scanner.identity(parameters, 'to-tag');
  const fromTag = scanner.identity(parameters, 'from-tag');
  if (!toTag || !fromTag) return scanner.fail('to-tag or from-tag is missing');
  return { callId, toTag, fromTag, earlyOnly: parameters.has('early-only') };
}

/** `event-type *( SEMI event-param )` */
export function readEvent(scanner: Scanner): Event | undefined {
  const eventPackage = scanner.token();
  const parameters = eventPackage === undefined ? undefined : scanner.parameters();
  if (eventPackage === undefined || parameters === undefined) return undefined;
  return { package: eventPackage, id: scanner.identity(parameters, 'id'), parameters };
}

/** `substate-value *( SEMI subexp-params )` */
export function readSubscriptionState(scanner: Scanner): SubscriptionState | undefined {
  const state = readLowerToken(scanner);
  const parameters = state === undefined ? undefined : scanner.parameters();
  if (state === undefined || parameters === undefined) return undefined;
  const expires = wholeNumber(parameters.get('expires'), 0xffff_ffff);
  const retryAfter = wholeNumber(parameters.get('retry-after'), 0xffff_ffff);
  if (Number.isNaN(expires) || Number.isNaN(retryAfter))
    return scanner.fail('expires or retry-after is no number');
  return { state, expires, reason: parameters.get('reason')?.toLowerCase(), retryAfter };
}

export function readText(scanner: Scanner): string {
  const start = scanner.position;
  scanner.position = scanner.end;
  return scanner.text.slice(start, scanner.end);
}

const isCallIdCharacter = (code: number): boolean =>
  code > 32 && code !== 127 && code !== COMMA && code !== SEMICOLON;

const OPENING_PARENTHESIS = 40;
const COMMA = 44;
const SLASH = 47;
const SEMICOLON = 59;

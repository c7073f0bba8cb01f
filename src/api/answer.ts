import type { HeaderField, ResponseDraft } from '../../machines/effects.js';
import { toWire } from './wire-text.js';

/** What an application may add to an answer; text is Unicode and goes out as UTF-8. */
export interface AnswerOptions {
  readonly reason?: string;
  readonly headers?: readonly HeaderField[];
  /** Latin1 text, one character a byte; give its Content-Type among the headers. */
  readonly body?: string;
}

/** The one final response to a request, which its handler gives back: `accept()`, `reject(486)`. */
export interface Answer extends AnswerOptions {
  /** 200 to 699, never 408. */
  readonly status: number;
}

/** 200, or another 2xx. Throws a RangeError on any other status. */
export const accept = ({ status = 200, ...options }: Partial<Answer> = {}): Answer => {
  checkStatus(status, 200, 299);
  return { status, ...options };
};

/** A refusal, 300 to 699; by default 403, which ends nothing but the request (RFC 5057 §5.1). Throws a RangeError on any other status. */
export const reject = (status = 403, options: AnswerOptions = {}): Answer => {
  checkStatus(status, 300, 699);
  return { status, ...options };
};

/** An answer as the machines take it. Throws a RangeError that names what can't stand in a message. */
export const checkedAnswer = (
  status: number,
  least: number,
  most: number,
  options: AnswerOptions = {},
): ResponseDraft => {
  checkStatus(status, least, most);
  return checkedDraft(status, options);
};

/** The same for an INVITE, which may be answered 408. */
export const checkedInviteAnswer = (
  status: number,
  least: number,
  most: number,
  options: AnswerOptions = {},
): ResponseDraft => {
  checkRange(status, least, most);
  return checkedDraft(status, options);
};

/** A whole number in the range, and never 408, which no answer to a non-INVITE request may be (RFC 4320 §4.2). */
export const checkStatus = (status: number, least: number, most: number) => {
  checkRange(status, least, most);
  if (status === 408) throw new RangeError('A non-INVITE request is never answered 408 (RFC 4320 §4.2)');
};

/** Text for one line of a message, as the wire has it. */
export const checkedLine = (name: string, text: string): string => {
  checkLine(name, text);
  return toWire(text);
};

export const checkLine = (name: string, text: string) => {
  if (/[\r\n\0]/.test(text))
    throw new RangeError(`${name} holds a line break or NUL; a header field is one line`);
};

/** A body as the wire has it: throws a RangeError where it is not latin1 text. */
export const checkedBody = (body: string): string => {
  if (/[\u0100-\uffff]/.test(body))
    throw new RangeError('body is latin1 text, one character a byte: encode it first');
  return body;
};

const checkRange = (status: number, least: number, most: number) => {
  if (!Number.isInteger(status) || status < least || status > most)
    throw new RangeError(`The status is a whole number from ${least} to ${most} here, not ${status}`);
};

const checkedDraft = (status: number, { reason, headers, body }: AnswerOptions): ResponseDraft => ({
  status,
  ...(reason === undefined ? {} : { reason: checkedLine('reason', reason) }),
  ...(headers === undefined ? {} : { headers: headers.map(checkedField) }),
  ...(body === undefined ? {} : { body: checkedBody(body) }),
});

const checkedField = ([name, value]: HeaderField): HeaderField => {
  if (!/^[\w\-.!%*+`'~]+$/.test(name))
    throw new RangeError(`${JSON.stringify(name)} is no header field name (RFC 3261 §7.3.1)`);
  if (/^(content-length|l)$/i.test(name)) throw new RangeError('Content-Length is counted, not given');
  if (/^(via|v|from|f|to|t|call-id|i|cseq|record-route|rseq)$/i.test(name))
    throw new RangeError(
      `${name} is a field that the user agent writes into every response itself: leave it out`,
    );
  return [name, checkedLine(name, value)];
};

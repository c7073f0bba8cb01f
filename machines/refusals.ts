/** Why a user agent server answers a request by itself, before the application hears of it. */
import { emit } from 'xstate';
import { warning } from '../src/message/warning.js';
import { type ResponseDraft, respond } from './effects.js';

/** A 400 whose Warning tells a person what is wrong; its phrase names no header field, since deployed parsers look for these in it. */
export const badRequest = (reason: string, cause: string): ResponseDraft => ({
  status: 400,
  reason,
  headers: [warning(cause)],
});

/** A row of a user agent server's inspection, tried in order. */
export interface Refusal<Input> {
  /** The guard's name; the effect's is `refuse` and the name without its verb. */
  readonly guard: `${'is' | 'has'}${string}`;
  readonly description: string;
  readonly applies: (input: Input) => boolean;
  readonly response: (input: Input) => ResponseDraft;
}

/** Rows as the guards, the actions and the arrows of a `received` state; `inputOf` finds the input in the context where it is not the context itself. */
export const refusalArrows = <Input, Context = Input>(
  rows: readonly Refusal<Input>[],
  target: string,
  inputOf = (context: Context) => context as unknown as Input,
) => {
  const action = ({ guard }: Refusal<Input>) => guard.replace(/^(is|has)/, 'refuse');
  return {
    guards: Object.fromEntries(
      rows.map(({ guard, applies }) => [
        guard,
        ({ context }: { context: Context }) => applies(inputOf(context)),
      ]),
    ),
    actions: Object.fromEntries(
      rows.map((row) => [
        action(row),
        emit(({ context }) => respond(row.response(inputOf(context as Context)))),
      ]),
    ),
    arrows: rows.map((row) => ({
      description: row.description,
      guard: row.guard,
      target,
      actions: action(row),
    })),
  };
};

/** A target refresh request without a target (RFC 3261 §8.1.1.8, §12.2.2). */
export const hasNotOneContact = {
  guard: 'hasNotOneContact',
  description: 'RFC 3261 §8.1.1.8',
  applies: ({ hasOneContact }: { readonly hasOneContact: boolean }) => !hasOneContact,
  response: () => badRequest('One Remote Target Required', 'The Contact is not exactly one SIP or SIPS URI.'),
} as const;

export interface RouteInput {
  /** Whether the request makes no dialog, or a route set can be made of its Record-Route. */
  readonly routesAreReadable: boolean;
}

/** A request that would make a dialog whose route set nobody knows (RFC 3261 §12.1.1). */
export const hasUnreadableRoutes: Refusal<RouteInput> = {
  guard: 'hasUnreadableRoutes',
  description: 'RFC 3261 §12.1.1',
  applies: ({ routesAreReadable }) => !routesAreReadable,
  response: () => badRequest('Malformed Hop List', 'The Record-Route is no list of URIs in angle brackets.'),
};

export interface AnswerInput {
  /** Whether the Accept takes a description of a session, if one is to be answered with. */
  readonly descriptionIsAcceptable: boolean;
}

/** Nothing that it could be answered with is acceptable (RFC 3261 §20.1, RFC 4475 §3.3.15). */
export const hasNoAcceptableAnswer: Refusal<AnswerInput> = {
  guard: 'hasNoAcceptableAnswer',
  description: 'RFC 3261 §13.2.1, §21.4.7',
  applies: ({ descriptionIsAcceptable }) => !descriptionIsAcceptable,
  response: () => notAcceptable('application/sdp'),
};

/** A 406 whose Warning tells what the answer would be made of. */
export const notAcceptable = (types: string): ResponseDraft => ({
  status: 406,
  headers: [warning(`The Accept does not take ${types}.`)],
});

export interface ContentInput {
  /** The answer to content that is not understood; undefined where it is, or there is none. */
  readonly contentRefusal: ResponseDraft | undefined;
}

/** Judged after the header fields (RFC 3261 §8.2.3). */
export const hasStrangeContent: Refusal<ContentInput> = {
  guard: 'hasStrangeContent',
  description: 'RFC 3261 §8.2.3',
  applies: ({ contentRefusal }) => contentRefusal !== undefined,
  response: ({ contentRefusal }) => contentRefusal ?? { status: 415 },
};

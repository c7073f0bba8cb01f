import { isLeft } from 'fp-ts/lib/Either.js';
import { field, header, type Message, parse, type Request, type Response } from '../message/index.js';
import { fromWire, type Segment, type Style } from './styled-text.js';

export interface MessageSummary {
  /** As it stands on the wire. */
  readonly callId: string | undefined;
  /** What a line says of it, the weightier first. */
  readonly segments: readonly Segment[];
}

/** What a line of the ladder says of a message, whatever its bytes. */
export function summarise(text: string): MessageSummary {
  const parsed = parse(text);
  if (isLeft(parsed)) {
    const { message, request } = parsed.left;
    const what = request === undefined ? fromWire(firstLine(text.trimStart())) : fromWire(request.method);
    return {
      callId: request === undefined ? undefined : field(request, 'Call-ID'),
      segments: [{ text: what, style: 'red' }, gap, { text: message, style: 'red' }],
    };
  }
  const message = parsed.right;
  return {
    callId: field(message, 'Call-ID'),
    segments: message.type === 'request' ? ofRequest(message) : ofResponse(message),
  };
}

function ofRequest(request: Request): readonly Segment[] {
  const method: Segment = { text: fromWire(request.method), style: 'bold' };
  const uri: Segment = { text: fromWire(request.uri) };
  switch (request.method) {
    case 'NOTIFY':
      return [
        method,
        ...eventState(request),
        space,
        subscriptionState(request),
        gap,
        { ...uri, style: 'dim' },
      ];
    case 'SUBSCRIBE':
    case 'PUBLISH':
      return [method, ...eventState(request), ...seconds(request), gap, { ...uri, style: 'dim' }];
    case 'REFER':
      return [method, { text: ' to ', style: 'dim' }, referred(request), gap, { ...uri, style: 'dim' }];
    case 'REGISTER':
      return [method, space, uri, ...seconds(request), gap, named(request, 'Contact')];
    default:
      return [method, space, uri, ...content(request)];
  }
}

function ofResponse(response: Response): readonly Segment[] {
  const cseq = header(response, 'CSeq');
  const method = isLeft(cseq) ? '' : ` (${fromWire(cseq.right.method)})`;
  const reliable = field(response, 'RSeq') === undefined ? '' : '  reliable';
  return [
    { text: fromWire(`${response.status} ${response.reason}`), style: styleOf(response.status) },
    { text: `${method}${reliable}`, style: 'dim' },
    ...content(response),
  ];
}

/** `sdp`, or the first line of a text. */
function content(message: Message): readonly Segment[] {
  if (message.body === '') return [];
  const [type = ''] = (field(message, 'Content-Type') ?? '').toLowerCase().split(';', 1);
  const text = type.trim() === 'text/plain' ? firstLine(message.body) : type.slice(type.indexOf('/') + 1);
  return [gap, { text: fromWire(text), style: 'dim' }];
}

/** The Status-Line of a referral's NOTIFY (RFC 3420), or the event package and what a presence document says (RFC 3863). */
function eventState(request: Request): readonly Segment[] {
  const event = header(request, 'Event');
  if (isLeft(event) || (request.method === 'NOTIFY' && event.right.package === 'refer'))
    return sipfrag(request);
  const [, basic] = /<basic>(open|closed)<\/basic>/.exec(request.body.slice(0, longestRead)) ?? [];
  return [
    space,
    { text: fromWire(event.right.package) },
    ...(basic === undefined ? [] : [space, state(basic)]),
  ];
}

const longestRead = 4_000;

const state = (basic: string): Segment => ({ text: basic, style: basic === 'open' ? 'green' : 'yellow' });

/** What Expires asks for. */
function seconds(request: Request): readonly Segment[] {
  const expires = header(request, 'Expires');
  return isLeft(expires) ? [] : [{ text: ` ${expires.right} s`, style: 'dim' }];
}

/** The Status-Line of a `message/sipfrag` body (RFC 3420), as a referral's NOTIFY carries it. */
function sipfrag({ body }: Request): readonly Segment[] {
  const line = firstLine(body);
  if (!line.startsWith('SIP/2.0 ')) return [];
  const status = line.slice('SIP/2.0 '.length);
  return [space, { text: fromWire(status), style: styleOf(Number(status.slice(0, 3))) }];
}

/** `active 299 s`, `terminated noresource`: short, because it has to fit beside the Status-Line in 80 columns. */
function subscriptionState(notify: Request): Segment {
  const value = header(notify, 'Subscription-State');
  if (isLeft(value)) return { text: '' };
  const { state, reason, expires } = value.right;
  const detail = reason ?? (expires === undefined ? '' : `${expires} s`);
  return { text: fromWire(`${state} ${detail}`.trimEnd()), style: 'dim' };
}

/** Where a REFER refers to, by its URI alone. */
function referred(request: Request): Segment {
  const referTo = header(request, 'Refer-To');
  const text = isLeft(referTo) ? (field(request, 'Refer-To') ?? '') : referTo.right.uri.text;
  return { text: fromWire(text) };
}

const named = (message: Message, name: string): Segment => ({
  text: fromWire(field(message, name) ?? ''),
  style: 'dim',
});

function styleOf(status: number): Style {
  if (status < 200) return 'yellow';
  if (status < 300) return 'green';
  return status < 400 ? 'magenta' : 'red';
}

const space: Segment = { text: ' ' };
const gap: Segment = { text: '  ' };

function firstLine(text: string): string {
  const end = text.search(/[\r\n]/);
  return end < 0 ? text : text.slice(0, end);
}

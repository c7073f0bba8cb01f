import type { createVirtualScheduler } from '../../src/endpoint/virtual-scheduler.js';
import {
  type Address,
  createResponse,
  field,
  header,
  parse,
  type Request,
  type Response,
} from '../../src/message/index.js';
import type { createMemoryNetwork } from '../../src/transports/memory.js';
import type { Flow, Transport } from '../../src/transports/transport.js';

type MemoryNetwork = ReturnType<typeof createMemoryNetwork>;
export type VirtualScheduler = ReturnType<typeof createVirtualScheduler>;

/** A caller on the memory network that says what it is told to, keeps what it hears, and answers requests 200. */
export class Peer {
  readonly received: (Request | Response)[] = [];
  /** What it answers a request with; undefined for silence. */
  answer: (
    request: Request,
  ) => { status: number; headers?: readonly (readonly [string, string])[] } | undefined = () => ({
    status: 200,
  });
  readonly #transport: Transport;
  readonly #flow: Flow;

  constructor(network: MemoryNetwork, protocol: 'UDP' | 'TCP', address: Address, target: Address) {
    this.#transport = network.transport({ protocol, address });
    void this.#transport.open({
      received: (text, flow) => this.#receive(text, flow),
      unframed: () => {},
      closed: () => {},
    })();
    this.#flow = this.#transport.flowTo(target);
  }

  get responses(): readonly Response[] {
    return this.received.filter((message) => message.type === 'response');
  }

  get requests(): readonly Request[] {
    return this.received.filter((message) => message.type === 'request');
  }

  /** Status lines and request methods in order, a NOTIFY with its Subscription-State and first line. */
  get story(): readonly string[] {
    return this.received.map((message) =>
      message.type === 'response'
        ? `${message.status} ${field(message, 'CSeq')?.split(' ')[1]}`
        : `${message.method} ${field(message, 'Subscription-State')} ${message.body.trim()}`,
    );
  }

  send(text: string): void {
    this.#transport.send(text, this.#flow, { sendFailed: () => {} });
  }

  #receive(text: string, flow: Flow): void {
    const parsed = parse(text);
    if (parsed._tag === 'Left') throw new Error(parsed.left.message);
    const message = parsed.right;
    this.received.push(message);
    if (message.type !== 'request') return;
    const answer = this.answer(message);
    if (answer === undefined) return;
    const response = createResponse(message, answer.status, { headers: answer.headers });
    this.#transport.send(response.text, flow, { sendFailed: () => {} });
  }
}

export interface RequestFields {
  readonly method?: string;
  readonly uri?: string;
  readonly via?: string;
  readonly branch?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: string;
  /** Whole lines, in place of the Contact and Refer-To of a REFER. */
  readonly lines?: readonly string[];
  readonly body?: string;
}

let branches = 0;

/** A REFER as a good caller writes it, or another request by these fields. */
export const requestText = ({
  method = 'REFER',
  uri = 'sip:bob@192.0.2.1',
  branch = `z9hG4bK${++branches}`,
  via = `SIP/2.0/UDP 192.0.2.2:5060;branch=${branch};rport`,
  from = '<sip:alice@192.0.2.2>;tag=alice',
  to = '<sip:bob@192.0.2.1>',
  callId = `call-${branches}`,
  cseq = `1 ${method}`,
  lines = method === 'REFER'
    ? ['Contact: <sip:alice@192.0.2.2:5060>', 'Refer-To: <sip:carol@192.0.2.3>']
    : [],
  body = '',
}: RequestFields = {}): string =>
  [
    `${method} ${uri} SIP/2.0`,
    `Via: ${via}`,
    'Max-Forwards: 70',
    `From: ${from}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    ...lines,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');

/** The tag that a response's To carries. */
export const toTag = (response: Response): string => {
  const to = header(response, 'To');
  return to._tag === 'Right' ? (to.right.tag ?? '') : '';
};

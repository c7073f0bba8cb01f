import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { localHost } from '../api/local-host.js';
import { addressText } from '../transports/transport-error.js';
import { type Access, passCookie, refusalOf } from './access.js';
import { Batches, EventStream } from './event-stream.js';
import { Pace } from './pace.js';
import { type PageFile, readPageFiles } from './page-files.js';
import { pcapngOf } from './pcapng.js';
import type { Source } from './source.js';

export interface ServerOptions {
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** 8060 by default; 0 takes a free one. */
  readonly port?: number;
  /** What a URL must have as `?token=`; made by chance where none is given, for other users of this machine reach loopback too. */
  readonly token?: string;
  /** How many pages may be open at once; 16 by default. */
  readonly pages?: number;
  /** The recording that is kept, as far as it goes. */
  readonly recording?: () => Readable | undefined;
}

/** A server that is open. */
export interface Inspector {
  /** Where a browser finds it, the token included: who has it sees all. */
  readonly url: string;
  /** Ends every page's connection. The end of its user agent does too. */
  close(): Promise<void>;
}

export const defaultInspectorAddress = { host: '127.0.0.1', port: 8060 };

/** Milliseconds: how often pages are sent what is new, and how much of that time it may take in any case. */
const pumping = 50;
const share = 12;
/** How long a page may take to read the last of it. */
const farewell = 1_000;
const mostConnections = 256;
const heartbeat = 15_000;

/** Shows a source to browsers; what fails is one sentence that names the remedy. */
export const serveInspector =
  (source: Source, options: ServerOptions = {}): TaskEither<Error, Inspector> =>
  async () => {
    const { host = defaultInspectorAddress.host, port = defaultInspectorAddress.port } = options;
    const token = options.token || randomBytes(18).toString('base64url');
    const service = new Service(source, options, token);
    const server = createServer({ keepAliveTimeout: 5_000 }, (request, response) =>
      service.answer(request, response),
    );
    server.maxConnections = mostConnections;
    const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.on('error', resolve);
      server.listen({ host, port }, () => resolve(undefined));
    });
    if (failure !== undefined) return left(new Error(`inspector ${sentenceOf(failure, { host, port })}`));
    const address = server.address() as AddressInfo;
    const bound = { host: address.address, port: address.port };
    service.access = { bound, token };
    const shown = { host: isWildcard(address.address) ? localHost() : address.address, port: address.port };
    const closed = new Promise<void>((resolve) => server.on('close', resolve));
    let isOver = false;
    source.over?.then(() => {
      isOver = true;
      service.finish();
      server.close();
      // A page that does not read keeps no process alive.
      setTimeout(() => server.closeAllConnections(), farewell).unref();
    });
    return right({
      url: `http://${addressText(shown)}/?token=${encodeURIComponent(token)}`,
      close: () => {
        if (!isOver) {
          service.close();
          server.close();
          server.closeAllConnections();
        }
        return closed;
      },
    });
  };

const isWildcard = (host: string) => host === '0.0.0.0' || host === '::';

const sentenceOf = (
  error: NodeJS.ErrnoException,
  address: { readonly host: string; readonly port: number },
) => {
  const where = addressText(address);
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where} is in use by another process; name another port, or 0 for a free one`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${where} is no address of this machine; name one of its own`;
    case 'EACCES':
      return `${where} is not permitted to this user; name a port from 1024 on`;
    default:
      return `${where} failed: ${error.message}`;
  }
};

class Service {
  /** Set before the first request comes. */
  access: Access;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #batches: Batches;
  readonly #pace = new Pace(pumping, share);
  readonly #streams = new Set<EventStream>();
  readonly #mostPages: number;
  #pump: NodeJS.Timeout | undefined;
  #again: NodeJS.Immediate | undefined;
  #beat: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: Source,
    private readonly options: ServerOptions,
    token: string,
  ) {
    this.access = { bound: defaultInspectorAddress, token };
    this.#files = readPageFiles();
    this.#batches = new Batches(source);
    this.#mostPages = options.pages ?? 16;
  }

  /** What goes wrong here is no reason for calls to end. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#answer(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendText(response, 500, error instanceof Error ? error.message : String(error));
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of protections) response.setHeader(name, value);
    const url = URL.canParse(request.url ?? '', 'http://inspector')
      ? new URL(request.url ?? '', 'http://inspector')
      : undefined;
    if (url === undefined) return sendText(response, 400, 'this is no URL');
    const { pathname, searchParams } = url;
    const refusal = refusalOf(request, url, this.access);
    if (refusal !== undefined) return sendText(response, 403, refusal);
    if (request.method !== 'GET') {
      response.setHeader('Allow', 'GET');
      return sendText(response, 405, 'the inspector only shows: GET');
    }
    switch (pathname) {
      case '/events':
        return this.#stream(request, response, searchParams);
      case '/recording.jsonl':
        return this.#recording(response);
      case '/messages.pcapng':
        return sendFile(response, {
          type: 'application/x-pcapng',
          bytes: pcapngOf(this.source, searchParams.get('callId') ?? undefined),
          name: 'messages.pcapng',
        });
      default:
        return this.#file(response, pathname);
    }
  }

  close(): void {
    for (const stream of this.#streams) stream.end();
    this.#stopTimers();
  }

  /** Tells every page all that there is, and that it is the end. */
  finish(): void {
    for (const stream of this.#streams) stream.finish();
    this.#stopTimers();
  }

  #file(response: ServerResponse, path: string): void {
    const file = this.#files.get(path);
    if (file === undefined) return sendText(response, 404, 'there is nothing here');
    if (file.type.startsWith('text/html')) response.setHeader('Set-Cookie', passCookie(this.access));
    sendFile(response, file);
  }

  #recording(response: ServerResponse): void {
    const recording = this.options.recording?.();
    if (recording === undefined)
      return sendText(response, 404, 'no recording is kept; start with one, as in serve --record FILE');
    response.writeHead(200, attached('application/jsonl', 'recording.jsonl'));
    pipeline(recording, response, () => {});
  }

  #stream(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    if (this.#streams.size >= this.#mostPages)
      return sendText(response, 503, `${this.#mostPages} pages are open already; close one`);
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', Connection: 'close' });
    if (this.#streams.size === 0) this.source.watch?.(true);
    const after = [request.headers['last-event-id']].flat()[0] ?? query.get('after') ?? undefined;
    const stream = new EventStream(response, this.source, this.#batches, this.#pace, after, () =>
      this.#pumpSoon(),
    );
    this.#streams.add(stream);
    response.on('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size > 0) return;
      this.#stopTimers();
      this.source.watch?.(false);
    });
    this.#pumpSoon();
    this.#pump ??= setInterval(() => {
      this.#pace.renew();
      this.#pumpAll();
    }, pumping);
    this.#beat ??= setInterval(() => {
      for (const each of this.#streams) each.beat();
    }, heartbeat);
  }

  /** When what waits for the event loop has had its turn. */
  #pumpSoon(): void {
    this.#again ??= setImmediate(() => this.#pumpAll());
  }

  /** One batch for each page, and again while there is more. */
  #pumpAll(): void {
    clearImmediate(this.#again);
    this.#again = undefined;
    let isMore = false;
    for (const stream of this.#streams) {
      const result = stream.pump();
      if (result === 'overrun') stream.drop();
      isMore ||= result === 'sent';
    }
    if (isMore) this.#pumpSoon();
  }

  #stopTimers(): void {
    clearInterval(this.#pump);
    clearInterval(this.#beat);
    clearImmediate(this.#again);
    this.#again = undefined;
    this.#pump = undefined;
    this.#beat = undefined;
  }
}

const protections: readonly (readonly [string, string])[] = [
  [
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
];

const sendText = (response: ServerResponse, status: number, sentence: string): void => {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${sentence}\n`);
};

const sendFile = (
  response: ServerResponse,
  { type, bytes, name }: PageFile & { readonly name?: string },
): void => {
  response.writeHead(200, {
    ...(name === undefined ? { 'Content-Type': type } : attached(type, name)),
    'Content-Length': bytes.length,
  });
  response.end(bytes);
};

const attached = (type: string, name: string) => ({
  'Content-Type': type,
  'Content-Disposition': `attachment; filename="${name}"`,
});

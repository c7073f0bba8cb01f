import { type IncomingMessage, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Another address of the server that an inspector's URL leads to, with the token. */
export const addressAt = (url: string, path: string): string => {
  const address = new URL(path, url);
  address.searchParams.set('token', new URL(url).searchParams.get('token') ?? '');
  return address.href;
};

/** Asks as a browser would, with any header fields. */
export const get = (
  url: string,
  {
    method = 'GET',
    path,
    headers = {},
  }: { method?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false, ...(path === undefined ? {} : { path }) });
    asked.on('error', reject);
    asked.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.end();
  });

/** The status alone, whatever comes after it. */
export const statusOf = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent: false });
    asked.on('error', reject);
    asked.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      asked.destroy();
    });
    asked.end();
  });

export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** A page that listens to `/events`. */
export class Page {
  readonly events: StreamEvent[] = [];
  text = '';
  isClosed = false;
  readonly #request;
  #response: IncomingMessage | undefined;
  #rest = '';
  #waiting: (() => void)[] = [];

  constructor(url: string, headers: Record<string, string> = {}, reads = true) {
    this.#request = request(url, { headers, agent: false });
    this.#request.on('error', () => this.#close());
    this.#request.on('response', (response) => {
      this.#response = response;
      response.setEncoding('utf8');
      response.on('error', () => this.#close());
      response.on('close', () => this.#close());
      if (reads) this.read();
      this.#wake();
    });
    this.#request.end();
  }

  /** What came in events of a name, flat. */
  data<Value>(event: string): readonly Value[] {
    return this.events
      .filter((each) => each.event === event)
      .flatMap(({ data }) => data as Value | Value[]) as Value[];
  }

  read(): void {
    this.#response?.on('data', (text: string) => {
      this.text += text;
      this.#rest += text;
      const blocks = this.#rest.split('\n\n');
      this.#rest = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
      this.#wake();
    });
  }

  get isAnswered(): boolean {
    return this.#response !== undefined;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.isClosed) throw new Error('the connection is closed');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#request.destroy();
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
      }),
    );
    const event = fields.get('event');
    if (event !== undefined)
      this.events.push({
        event,
        id: fields.get('id'),
        data: JSON.parse(fields.get('data') ?? 'null') as unknown,
      });
  }

  #close(): void {
    this.isClosed = true;
    this.#wake();
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

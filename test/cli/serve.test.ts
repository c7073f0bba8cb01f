import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createResponse, field, parse, type Request } from '../../src/index.js';
import { isBuilt, RunningCommand, unlessBuilt } from '../support/command.js';
import { requestText } from '../support/peer.js';

const running: RunningCommand[] = [];
const sockets: Socket[] = [];

function serve(line: string, environment: Readonly<Record<string, string>> = {}): RunningCommand {
  const command = new RunningCommand(['serve', ...line.split(' ')], environment);
  running.push(command);
  return command;
}

afterEach(() => {
  for (const command of running.splice(0)) command.kill();
  for (const socket of sockets.splice(0)) socket.close();
});

describe.skipIf(!isBuilt)(`sipchart serve${unlessBuilt}`, () => {
  test('prints a line for each socket with its real port, and nothing else when it is quiet', async () => {
    const command = serve('--quiet --udp 127.0.0.1:0 --udp [::1]:0 --tcp 127.0.0.1:0');
    await command.line(/^listening tcp/);
    const caller = await Caller.to(await command.port('udp'));
    expect(await caller.ask(requestText({ method: 'OPTIONS' }))).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    command.signal('SIGTERM');
    expect(await command.finished).toEqual({
      status: 0,
      output: expect.stringMatching(
        /^listening udp 127\.0\.0\.1:\d+\nlistening udp \[::1\]:\d+\nlistening tcp 127\.0\.0\.1:\d+\n$/,
      ),
      complaint: '',
    });
  });

  test('tells the host that --advertise names, in Contact and in descriptions', async () => {
    const command = serve('--quiet --udp 127.0.0.1:0 --advertise sip.example.com');
    const port = await command.port('udp');
    const caller = await Caller.to(port);
    const contact = `Contact: <sip:alice@127.0.0.1:${caller.port}>`;
    caller.send(requestText({ method: 'INVITE', lines: [contact] }));
    const accepted = await caller.finalResponse();
    expect(accepted).toContain(`\r\nContact: <sip:bob@sip.example.com:${port}>\r\n`);
    expect(accepted).toMatch(/\r\nc=IN IP4 sip\.example\.com\r\n.*\r\nm=audio [1-9]\d+ RTP\/AVP 0\r\n/s);
  });

  test('answers OPTIONS over TCP', async () => {
    const command = serve('--tcp 127.0.0.1:0');
    const socket = connect(await command.port('tcp'), '127.0.0.1');
    socket.write(requestText({ method: 'OPTIONS', via: 'SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bKtcp' }));
    const [answer] = await once(socket.setEncoding('latin1'), 'data');
    socket.destroy();
    expect(answer).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    await command.line(/TCP 127\.0\.0\.1:\d+ ─+► OPTIONS sip:bob@192\.0\.2\.1/);
    await command.line(/TCP 127\.0\.0\.1:\d+ ◄─+ 200 OK \(OPTIONS\)/);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('ends with status 0 on %s', async (signal) => {
    const command = serve('--quiet --udp 127.0.0.1:0');
    await command.port('udp');
    command.signal(signal);
    expect(await command.finished).toMatchObject({ status: 0, complaint: '' });
  });

  test('refuses a REFER with 603 unless told otherwise', async () => {
    const command = serve('--udp 127.0.0.1:0');
    const caller = await Caller.to(await command.port('udp'));
    expect(await caller.ask(requestText())).toMatch(/^SIP\/2\.0 603 Decline\r\n/);
    await command.line(/referUAS +● rejected ◉/);
  });

  test.each(['compiled', 'actor'])('reports a simulated referral, run by the %s engine', async (engine) => {
    const command = serve(`--refer accept --engine ${engine} --udp 127.0.0.1:0`);
    const caller = await Caller.to(await command.port('udp'));
    const contact = `Contact: <sip:alice@127.0.0.1:${caller.port}>`;
    const answer = await caller.ask(requestText({ lines: [contact, 'Refer-To: <sip:carol@192.0.2.3>'] }));
    expect(answer).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    const reports: string[] = [];
    for (;;) {
      const notify = await caller.answerNext();
      reports.push(notify.body.trim());
      if (field(notify, 'Subscription-State')?.startsWith('terminated')) break;
    }
    expect(reports).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing', 'SIP/2.0 200 OK']);
    await command.line(/notifier +ending\.last → terminated ◉/);
  });

  test('ends its subscriptions before it stops', async () => {
    const command = serve('--refer accept --udp 127.0.0.1:0');
    const caller = await Caller.to(await command.port('udp'));
    const contact = `Contact: <sip:alice@127.0.0.1:${caller.port}>`;
    await caller.ask(requestText({ lines: [contact, 'Refer-To: <sip:carol@192.0.2.3>'] }));
    await caller.answerNext();
    command.signal('SIGINT');
    expect(field(await caller.answerNext(), 'Subscription-State')).toBe('terminated;reason=deactivated');
    expect((await command.finished).status).toBe(0);
  });

  test('stops at once on a second signal', async () => {
    const command = serve('--refer accept --udp 127.0.0.1:0');
    const caller = await Caller.to(await command.port('udp'));
    const contact = `Contact: <sip:alice@127.0.0.1:${caller.port}>`;
    await caller.ask(requestText({ lines: [contact, 'Refer-To: <sip:carol@192.0.2.3>'] }));
    command.signal('SIGINT');
    await command.line(/^stopping/);
    command.signal('SIGTERM');
    expect((await command.finished).status).toBe(128 + 15);
  });

  test('takes a call to hangup, and hangs up', async () => {
    const command = serve('--udp 127.0.0.1:0');
    const caller = await Caller.to(await command.port('udp'));
    const call = new Call(caller, 'hangup');
    const answer = await call.begin();
    expect(answer).toMatch(/^SIP\/2\.0 200 .*\r\nContent-Type: application\/sdp\r\n.*\r\na=sendrecv\r\n$/s);
    call.acknowledge(answer);
    expect((await caller.answerNext()).method).toBe('BYE');
    await command.line(/session +ending → terminated ◉/);
  });

  test('hangs up its calls before it stops', async () => {
    const command = serve('--udp 127.0.0.1:0');
    const caller = await Caller.to(await command.port('udp'));
    const call = new Call(caller, 'bob');
    call.acknowledge(await call.begin());
    await command.line(/session +accepted → confirmed/);
    command.signal('SIGINT');
    expect((await caller.answerNext()).method).toBe('BYE');
    expect((await command.finished).status).toBe(0);
    await command.line(/^stopping: calls and subscriptions end/);
  });

  test('answers 503 above its limit', async () => {
    const command = serve('--limit 1 --quiet --udp 127.0.0.1:0');
    const caller = await Caller.to(await command.port('udp'));
    expect(await caller.ask(requestText({ method: 'OPTIONS' }))).toMatch(/^SIP\/2\.0 200 /);
    expect(await caller.ask(requestText({ method: 'OPTIONS' }))).toMatch(/^SIP\/2\.0 503 .*Retry-After/s);
  });

  test('says in one line that a port is busy, with status 1', async () => {
    const first = serve('--quiet --udp 127.0.0.1:0');
    const port = await first.port('udp');
    expect(await serve(`--tcp 127.0.0.1:0 --udp 127.0.0.1:${port}`).finished).toEqual({
      status: 1,
      output: '',
      complaint: `sipchart serve: UDP 127.0.0.1:${port} is in use by another process; name another port\n`,
    });
  });

  test.skipIf(!existsSync('/dev/full'))(
    'says in one line that not all was recorded, with status 1',
    async () => {
      const command = serve('--quiet --udp 127.0.0.1:0 --record /dev/full');
      await command.line(/^listening udp/);
      command.signal('SIGTERM');
      expect(await command.finished).toMatchObject({
        status: 1,
        complaint: expect.stringMatching(
          /^sipchart serve: --record: not all is recorded: \/dev\/full finds no more room on its disk\n$/m,
        ),
      });
    },
  );

  test('shows a newcomer a referral and a call with --demo, over every socket in turn', async () => {
    const both = serve('--demo --refer accept --udp 127.0.0.1:0 --tcp 127.0.0.1:0');
    const tcp = serve('--demo --refer accept --tcp 127.0.0.1:0');
    for (const [protocol, command] of [
      ['UDP', both],
      ['TCP', tcp],
    ] as const) {
      const received = (message: string) => command.line(new RegExp(`${protocol} \\S+ ─+► ${message}`));
      const sent = (message: string) => command.line(new RegExp(`${protocol} \\S+ ◄─+ ${message}`));
      await received('REFER to sip:carol@example\\.com +sip:bob@127');
      await sent('NOTIFY 200 OK terminated noresource');
      await received('INVITE sip:bob@.*sdp');
      await sent('180 Ringing \\(INVITE\\)');
      await sent('200 OK \\(INVITE\\) +sdp');
      await received('ACK sip:bob@');
      await received('REFER to sip:dave@example\\.com');
      await received('BYE sip:bob@');
      await sent('200 OK \\(BYE\\)');
    }
    await both.line(/TCP \S+ ─+► REFER/);
    for (const command of [both, tcp]) {
      command.signal('SIGINT');
      expect(await command.finished).toMatchObject({ status: 0, complaint: '' });
    }
  });

  test('colours the ladder when told to, and not in a pipe', async () => {
    for (const [environment, method] of [
      [{ FORCE_COLOR: '1' }, '\x1b[1mOPTIONS\x1b[0m'],
      [{}, 'OPTIONS'],
    ] as const) {
      const command = serve('--udp 127.0.0.1:0', environment);
      const caller = await Caller.to(await command.port('udp'));
      await caller.ask(requestText({ method: 'OPTIONS' }));
      const line = await command.line(/OPTIONS.* sip:bob/);
      expect(line).toContain(`${method} sip:bob`);
      expect(line.includes('\x1b')).toBe('FORCE_COLOR' in environment);
    }
  });

  test('ends quietly when nobody reads any more', async () => {
    const command = serve('--udp 127.0.0.1:0');
    const caller = await Caller.to(await command.port('udp'));
    command.stopReading();
    caller.send(requestText({ method: 'OPTIONS' }));
    expect(await command.finished).toMatchObject({ status: 0, complaint: '' });
  });
});

/** A call of a caller, who offers no session and takes the one that is offered. */
class Call {
  readonly #caller: Caller;
  readonly #user: string;

  constructor(caller: Caller, user: string) {
    this.#caller = caller;
    this.#user = user;
  }

  /** The final response to its INVITE. */
  begin(): Promise<string> {
    this.#caller.send(this.#request('INVITE'));
    return this.#caller.finalResponse();
  }

  acknowledge(answer: string): void {
    this.#caller.send(this.#request('ACK', /^To: (.*)$/m.exec(answer)?.[1]));
  }

  #request(method: string, to = `<sip:${this.#user}@127.0.0.1>`): string {
    const lines = [`Contact: <sip:alice@127.0.0.1:${this.#caller.port}>`];
    return requestText({ method, uri: `sip:${this.#user}@127.0.0.1`, to, callId: this.#user, lines });
  }
}

/** A client with one UDP socket. */
class Caller {
  readonly #socket: Socket;
  readonly #heard: string[] = [];
  readonly #answered = new Set<string>();
  #waiting: (() => void)[] = [];

  static async to(port: number): Promise<Caller> {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Caller(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes) => {
      this.#heard.push(bytes.toString('latin1'));
      for (const resume of this.#waiting.splice(0)) resume();
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  /** Sends a request and gives its response. */
  async ask(text: string): Promise<string> {
    this.send(text);
    return this.#take((heard) => heard.startsWith('SIP/2.0 '));
  }

  finalResponse(): Promise<string> {
    return this.#take((heard) => /^SIP\/2\.0 [2-6]/.test(heard));
  }

  /** Answers the next request with 200, and what comes again because the answer was late. */
  async answerNext(): Promise<Request> {
    const parsed = parse(await this.#take((heard) => !heard.startsWith('SIP/2.0 ')));
    if (parsed._tag === 'Left' || parsed.right.type !== 'request') throw new Error('no request came');
    this.send(createResponse(parsed.right, 200).text);
    const number = field(parsed.right, 'CSeq') ?? '';
    if (this.#answered.has(number)) return this.answerNext();
    this.#answered.add(number);
    return parsed.right;
  }

  async #take(matches: (heard: string) => boolean): Promise<string> {
    for (;;) {
      const index = this.#heard.findIndex(matches);
      if (index >= 0) return this.#heard.splice(index, 1)[0] ?? '';
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

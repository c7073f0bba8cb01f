import { unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTimerWheel, createUserAgent, grant, udp } from '../../dist/src/index.js';
import { fileRecording, recorder, startInspector } from '../../dist/src/inspect/index.js';
import { header, parse as parseMessage } from '../../dist/src/message/index.js';
import { sdpAnswer } from '../call.mjs';

/** @typedef {{ subscription?: boolean, call?: boolean, recording?: boolean, inspected?: boolean }} Asked */

const createServer = (
  /** @type {import('../../dist/src/index.js').Transport} */ transport,
  /** @type {Asked & { scheduler?: import('../../dist/src/index.js').Scheduler }} */ {
    subscription = false,
    call = false,
    recording = false,
    ...options
  } = {},
) =>
  createUserAgent({
    ...options,
    transports: [transport],
    // The one client stands for many.
    isTrusted: () => true,
    ...(recording ? { record: recorder(temporaryFile()) } : {}),
    policy: { refer: () => grant },
    on: {
      refer: (referral) => {
        referral.accept();
        if (subscription) referral.finish(200);
      },
      ...(call ? { invite } : {}),
      error: (error) => {
        throw error;
      },
    },
  });

/** A real file, which is gone when the process is. */
const temporaryFile = () => {
  const path = join(tmpdir(), `sipchart-bench-${process.pid}.jsonl`);
  const file = fileRecording(path);
  unlinkSync(path);
  return file;
};

const invite = (/** @type {import('../../dist/src/index.js').Invitation} */ invitation) => {
  invitation.accept({ headers: [['Content-Type', 'application/sdp']], body: sdpAnswer });
};

/**
 * With a subscription the referral is over as soon as it is accepted, so that its NOTIFYs are 100 and 200. One that is
 * inspected has an inspector open, and no page.
 */
export const listen = async (/** @type {Asked} */ { inspected = false, ...asked } = {}) => {
  const userAgent = createServer(udp({ host: '127.0.0.1', port: 0 }), asked);
  const [{ port }] = await userAgent.listen();
  if (inspected) await startInspector(userAgent, { port: 0 });
  return { port };
};

/** A transport without a socket: it makes the bytes that it would send. */
class BytesTransport {
  protocol = /** @type {const} */ ('UDP');
  reliable = false;
  sent = 0;
  last = Buffer.alloc(0);
  flow = { transport: this, remote: { host: '127.0.0.1', port: 5062 } };

  open(/** @type {import('../../dist/src/transports/transport.js').Receiver} */ receiver) {
    this.receiver = receiver;
    return async () => /** @type {const} */ ({ _tag: 'Right', right: { host: '127.0.0.1', port: 5060 } });
  }

  receive(/** @type {Buffer} */ bytes) {
    this.receiver?.received(bytes.latin1Slice(), this.flow);
  }

  flowTo() {
    return this.flow;
  }

  send(/** @type {string} */ text) {
    this.last = Buffer.from(text, 'latin1');
    this.sent += 1;
  }

  async close() {}
}

export const inProcess = async (/** @type {Asked} */ asked = {}) => {
  const transport = new BytesTransport();
  await createServer(transport, asked).listen();
  return {
    receive: (/** @type {Buffer} */ bytes) => transport.receive(bytes),
    sent: () => transport.sent,
    last: () => transport.last,
  };
};

/** The driver of a timer wheel whose time passes as it is told. */
class Clock {
  present = 0;
  due = Number.POSITIVE_INFINITY;
  callback = () => {};

  now() {
    return this.present;
  }

  setTimer(/** @type {() => void} */ callback, /** @type {number} */ delay) {
    this.callback = callback;
    this.due = this.present + delay;
  }

  clearTimer() {
    this.due = Number.POSITIVE_INFINITY;
  }

  advance(/** @type {number} */ milliseconds) {
    this.present += milliseconds;
    if (this.due > this.present) return;
    this.due = Number.POSITIVE_INFINITY;
    this.callback();
  }
}

/** In process too, with a clock that a request moves by `interval` milliseconds, so that as many transactions end as begin. */
export const inSteadyState = async (/** @type {Asked} */ asked = {}) => {
  const clock = new Clock();
  const transport = new BytesTransport();
  const userAgent = createServer(transport, { ...asked, scheduler: createTimerWheel(clock) });
  await userAgent.listen();
  return {
    interval: 0,
    receive(/** @type {Buffer} */ bytes) {
      clock.advance(this.interval);
      transport.receive(bytes);
    },
    sent: () => transport.sent,
    last: () => transport.last,
    live: () => userAgent.counts().serverTransactions,
    counts: () => userAgent.counts(),
    advance: (/** @type {number} */ milliseconds) => clock.advance(milliseconds),
  };
};

const read = /** @type {const} */ (['Via', 'From', 'To', 'CSeq', 'Contact', 'Refer-To']);

/** Header fields are parsed when asked for: what every REFER needs is asked for here, as the other parsers parse it at once. */
export const parse = (/** @type {Buffer} */ bytes) => {
  const message = parseMessage(bytes.latin1Slice());
  if (message._tag === 'Left') return undefined;
  return read.every((name) => header(message.right, name)._tag === 'Right') ? message.right : undefined;
};

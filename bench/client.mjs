import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Caller, isEchoOfCall, isOfBye, toTag } from './call.mjs';
import { answer } from './child.mjs';
import { referTemplate } from './refer.mjs';
import { branchSequence, callIdSequence } from './template.mjs';

const silenceLimit = 5_000;
const receiveBuffer = 4 << 20;

/**
 * A closed loop over UDP: as many transactions outstanding as the window says, until the time or the count is up
 * and the last answer is there. With a subscription every NOTIFY is answered too, and a run ends with the last
 * NOTIFY that terminates one. With calls each is an INVITE, and once that is answered an ACK and a BYE.
 */
class ClosedLoop {
  /**
   * @param {import('node:dgram').Socket} socket
   * @param {{ port: number, window: number, milliseconds?: number, count?: number, echo?: boolean, subscription?: boolean, call?: boolean }} options
   */
  constructor(
    socket,
    { port, window, milliseconds, count, echo = false, subscription = false, call = false },
  ) {
    this.socket = socket;
    this.port = port;
    this.window = window;
    this.count = count ?? Number.POSITIVE_INFINITY;
    this.deadline = milliseconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + milliseconds;
    this.echo = echo;
    this.subscription = subscription;
    const ownPort = socket.address().port;
    const slots = Array.from({ length: window });
    this.template = referTemplate(port, ownPort, { subscription });
    this.requests = slots.map(() => this.template.copy());
    this.callers = call ? slots.map(() => new Caller(port, ownPort)) : undefined;
    this.established = new Uint8Array(window);
    this.sequences = new Float64Array(window).fill(-1);
    this.outstanding = 0;
    this.sent = 0;
    this.completed = 0;
    this.notifications = 0;
    this.subscriptions = new Set();
    this.started = performance.now();
    this.loadEnded = this.started;
    this.heard = this.started;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  async run() {
    this.socket.on('message', (bytes) => this.received(bytes));
    this.socket.on('error', (error) => this.reject(error));
    const watch = setInterval(() => this.watch(), 500);
    for (let slot = 0; slot < this.window; slot += 1) this.send(slot);
    try {
      await this.done;
    } finally {
      clearInterval(watch);
    }
    return {
      transactions: this.completed,
      milliseconds: this.loadEnded - this.started,
      notifications: this.notifications,
    };
  }

  send(/** @type {number} */ slot) {
    if (this.sent === this.count || performance.now() >= this.deadline) {
      if (this.outstanding === 0 && this.loadEnded === this.started) this.loadEnded = performance.now();
      if (this.outstanding === 0 && this.subscriptions.size === 0) this.resolve(undefined);
      return;
    }
    const sequence = nextSequence * this.window + slot;
    if (slot === this.window - 1) nextSequence += 1;
    this.sequences[slot] = sequence;
    this.outstanding += 1;
    this.sent += 1;
    if (this.subscription) this.subscriptions.add(sequence);
    this.transmit(this.callers === undefined ? this.refer(slot) : this.invite(this.callers[slot], slot));
  }

  transmit(/** @type {Buffer} */ bytes) {
    this.socket.send(bytes, this.port, '127.0.0.1');
  }

  refer(/** @type {number} */ slot) {
    this.template.number(this.requests[slot], this.sequences[slot]);
    return this.requests[slot];
  }

  invite(/** @type {Caller} */ caller, /** @type {number} */ slot) {
    this.established[slot] = 0;
    caller.begin(this.sequences[slot]);
    return caller.invite;
  }

  received(/** @type {Buffer} */ bytes) {
    this.heard = performance.now();
    if (bytes[0] === N && !this.echo) return this.notified(bytes);
    if (!this.isAnswer(bytes)) return this.fail(bytes);
    if (!this.echo && bytes[8] !== two) return bytes[8] === one ? undefined : this.fail(bytes);
    const sequence = branchSequence(bytes);
    const slot = sequence % this.window;
    if (this.sequences[slot] !== sequence) return;
    if (this.callers !== undefined && !isOfBye(bytes)) return this.accepted(this.callers[slot], slot, bytes);
    this.sequences[slot] = -1;
    this.outstanding -= 1;
    this.completed += 1;
    this.send(slot);
  }

  isAnswer(/** @type {Buffer} */ bytes) {
    if (!this.echo) return bytes[0] === S;
    return this.callers === undefined ? bytes[0] === R : isEchoOfCall(bytes);
  }

  /** A 200 that is repeated has its ACK on the way. */
  accepted(/** @type {Caller} */ caller, /** @type {number} */ slot, /** @type {Buffer} */ bytes) {
    if (this.established[slot] === 1) return;
    this.established[slot] = 1;
    caller.establish(this.echo ? undefined : toTag(bytes));
    this.transmit(caller.ack);
    this.transmit(caller.bye);
  }

  notified(/** @type {Buffer} */ bytes) {
    const text = bytes.latin1Slice();
    const copied = text.match(/^(?:Via|From|To|Call-ID|CSeq):[^\r]*\r\n/gim)?.join('');
    this.transmit(Buffer.from(`SIP/2.0 200 OK\r\n${copied}Content-Length: 0\r\n\r\n`, 'latin1'));
    this.notifications += 1;
    if (!text.includes('\r\nSubscription-State: terminated')) return;
    this.subscriptions.delete(callIdSequence(bytes));
    if (this.subscriptions.size === 0 && this.outstanding === 0) this.resolve(undefined);
  }

  fail(/** @type {Buffer} */ bytes) {
    this.reject(new Error(`the server sent "${bytes.latin1Slice().split('\r\n', 1)[0]}"`));
  }

  watch() {
    if (performance.now() - this.heard < silenceLimit) return;
    this.reject(
      new Error(
        `${silenceLimit} ms without a word from the server: ${this.completed} of ${this.sent} requests were answered` +
          (this.subscription ? `, ${this.subscriptions.size} subscriptions wait for their last NOTIFY` : ''),
      ),
    );
  }
}

const [N, R, S, one, two] = Buffer.from('NRS12');
let nextSequence = 1;

answer({
  async run(/** @type {ConstructorParameters<typeof ClosedLoop>[1]} */ options) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: receiveBuffer });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    nextSequence += 1;
    try {
      return await new ClosedLoop(socket, options).run();
    } finally {
      socket.close();
    }
  },
});

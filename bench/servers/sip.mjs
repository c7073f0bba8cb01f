import dgram from 'node:dgram';
import { once } from 'node:events';
import sip from 'sip';
import { sdpAnswer } from '../call.mjs';

const handle = (/** @type {any} */ server) => (/** @type {any} */ request) => {
  if (request.method === 'ACK') return;
  const response = sip.makeResponse(request, 200, 'OK', extensions(request));
  tag += 1;
  response.headers.to.params.tag ??= tag.toString(36);
  server().send(response);
};

/** It has no dialogs: what belongs to one the application adds. */
const extensions = (/** @type {any} */ { method, uri }) => {
  if (method === 'REFER') return { headers: { 'refer-sub': 'false' } };
  if (method !== 'INVITE') return {};
  return { headers: { contact: [{ uri }], 'content-type': 'application/sdp' }, content: sdpAnswer };
};

let tag = 0;

const options = (/** @type {number} */ port) => ({
  address: '127.0.0.1',
  port,
  tcp: false,
  logger: {
    error: (/** @type {Error} */ error) => {
      throw error;
    },
  },
});

export const listen = async () => {
  const port = await freePort();
  /** @type {any} */
  const server = sip.create(
    options(port),
    handle(() => server),
  );
  return { port };
};

/** It takes no port 0. */
const freePort = async () => {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
};

/** The whole stack, its transport included, on a socket that is none. */
export const inProcess = () => {
  let sent = 0;
  /** @type {any} */
  let onMessage;
  const { createSocket } = dgram;
  dgram.createSocket = /** @type {any} */ (
    (/** @type {string} */ _type, /** @type {any} */ listener) => {
      onMessage = listener;
      return {
        bind() {},
        close() {},
        send() {
          sent += 1;
        },
      };
    }
  );
  /** @type {any} */
  const server = sip.create(
    options(5060),
    handle(() => server),
  );
  dgram.createSocket = createSocket;
  const remote = { address: '127.0.0.1', port: 5062 };
  return {
    receive: (/** @type {Buffer} */ bytes) => onMessage(bytes, remote),
    sent: () => sent,
  };
};

export const parse = (/** @type {Buffer} */ bytes) => sip.parse(bytes);

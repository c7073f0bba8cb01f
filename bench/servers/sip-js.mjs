import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { LoggerFactory, URI, UserAgentCore } from 'sip.js/lib/core/index.js';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { sdpAnswer } from '../call.mjs';

const loggerFactory = new LoggerFactory();
loggerFactory.builtinEnabled = false;
const logger = loggerFactory.getLogger('bench');

const createCore = (/** @type {(text: string) => void} */ send) => {
  const uri = new URI('sip', 'bench', '127.0.0.1', undefined, undefined, undefined);
  const transport = {
    protocol: 'UDP',
    send: async (/** @type {string} */ text) => send(text),
  };
  return new UserAgentCore(
    {
      aor: uri,
      contact: { pubGruu: undefined, tempGruu: undefined, uri, toString: () => `<${uri}>` },
      displayName: '',
      loggerFactory,
      hackViaTcp: false,
      routeSet: [],
      sipjsId: 'bench',
      supportedOptionTags: [],
      supportedOptionTagsResponse: [],
      userAgentHeaderFieldValue: undefined,
      viaForceRport: true,
      viaHost: '127.0.0.1',
      authenticationFactory: () => undefined,
      transportAccessor: () => transport,
    },
    {
      onInvite: (invite) =>
        invite.accept({
          statusCode: 200,
          body: { contentDisposition: 'session', contentType: 'application/sdp', content: sdpAnswer },
        }),
      onRefer: (refer) => refer.accept({ statusCode: 200, extraHeaders: ['Refer-Sub: false'] }),
    },
  );
};

const receive = (/** @type {UserAgentCore} */ core, /** @type {Buffer} */ bytes) => {
  const message = parse(bytes);
  if (message !== undefined && 'ruri' in message) core.receiveIncomingRequestFromTransport(message);
};

export const listen = async () => {
  const socket = createSocket('udp4');
  /** @type {import('node:dgram').RemoteInfo} */
  let remote;
  const core = createCore((text) => socket.send(Buffer.from(text), remote.port, remote.address));
  socket.on('message', (bytes, from) => {
    remote = from;
    receive(core, bytes);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port };
};

export const inProcess = () => {
  let sent = 0;
  const core = createCore((text) => {
    if (Buffer.from(text).length > 0) sent += 1;
  });
  return {
    receive: (/** @type {Buffer} */ bytes) => receive(core, bytes),
    sent: () => sent,
  };
};

export const parse = (/** @type {Buffer} */ bytes) => Parser.parseMessage(bytes.toString(), logger);

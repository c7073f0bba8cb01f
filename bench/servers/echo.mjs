import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** The floor: every datagram goes back as it came. */
export const listen = async () => {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, remote) => socket.send(bytes, remote.port, remote.address));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port };
};

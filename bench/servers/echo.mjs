import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const [A] = Buffer.from('A');

/** The floor: every datagram goes back as it came, but for an ACK, which nobody answers. */
export const listen = async () => {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, remote) => {
    if (bytes[0] !== A) socket.send(bytes, remote.port, remote.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port };
};

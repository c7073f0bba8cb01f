import { isLeft } from 'fp-ts/lib/Either.js';
import { createUserAgent, udp } from 'sipchart';
import { startInspector } from 'sipchart/inspect';

const userAgent = createUserAgent({ transports: [udp({ host: '127.0.0.1', port: 0 })] });
await userAgent.listen()();
const inspector = await startInspector(userAgent, { port: 0 })();
if (isLeft(inspector)) throw inspector.left;
console.log(inspector.right.url);
process.stdin.once('data', async () => {
  process.stdin.destroy();
  await userAgent.close();
  console.log('closed');
});

import { createUserAgent, udp } from 'sipchart';
import { startInspector } from 'sipchart/inspect';

const userAgent = createUserAgent({ transports: [udp({ host: '127.0.0.1', port: 0 })] });
await userAgent.listen();
const { url } = await startInspector(userAgent, { port: 0 });
console.log(url);
process.stdin.once('data', async () => {
  process.stdin.destroy();
  await userAgent.close();
  console.log('closed');
});

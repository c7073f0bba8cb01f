// Installs the packed package in an empty folder and uses it there under plain Node, as its users do.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sipchart-smoke-'));
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: 'utf8' });

const program = `
import { createUserAgent, grant, udp } from 'sipchart';
import { startInspector } from 'sipchart/inspect';
import { machines } from 'sipchart/machines';

const userAgent = createUserAgent({
  transports: [udp({ host: '127.0.0.1', port: 0 })],
  policy: { refer: () => grant },
  on: { refer: (referral) => referral.accept() },
});
await userAgent.listen();
const inspector = await startInspector(userAgent, { port: 0 });
const page = await (await fetch(inspector.url)).text();
if (!page.includes('<script')) throw new Error('the page of the inspector is not built');
await inspector.close();
await userAgent.close();
if (machines.length === 0) throw new Error('no machines');
`;

try {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', `./${filename}`], folder);
  writeFileSync(join(folder, 'program.mjs'), program);
  run(process.execPath, ['program.mjs'], folder);
  const listed = run(join(folder, 'node_modules/.bin/sipchart'), ['machines'], folder);
  if (!listed.includes('refer-uas')) throw new Error(`sipchart machines printed:\n${listed}`);
  const drawn = run(join(folder, 'node_modules/.bin/sipchart'), ['draw', 'refer-uas'], folder);
  if (!drawn.includes('stateDiagram-v2')) throw new Error(`sipchart draw printed:\n${drawn}`);
  console.log('smoke: the packed package installs, answers, draws and shows its page under plain Node');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { machines } from '../../machines/index.js';
import { packageRoot } from '../draw/picture.js';

/** One file as it goes to a page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Every file that a page may ask for, by its path; read once, so that no path leads out of them. */
export const readPageFiles = (root = packageRoot()): ReadonlyMap<string, PageFile> => {
  const files = new Map<string, PageFile>();
  const folder = new URL('dist/inspector/', root);
  const names = existsSync(new URL('index.html', folder))
    ? (readdirSync(folder, { recursive: true }) as string[])
    : [];
  for (const name of names.map((name) => name.replaceAll('\\', '/'))) {
    const type = types.get(name.slice(name.lastIndexOf('.') + 1));
    if (type !== undefined) files.set(`/${name}`, { type, bytes: readFileSync(new URL(name, folder)) });
  }
  files.set('/', files.get('/index.html') ?? notBuilt);
  for (const { name } of machines) {
    const picture = new URL(`visualizations/${name}.svg`, root);
    if (existsSync(picture))
      files.set(`/charts/${name}.svg`, { type: 'image/svg+xml', bytes: readFileSync(picture) });
  }
  return files;
};

const types: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['ico', 'image/x-icon'],
  ['json', 'application/json'],
  ['woff2', 'font/woff2'],
]);

const notBuilt: PageFile = {
  type: 'text/html; charset=utf-8',
  bytes: Buffer.from(`<!doctype html>
<html lang="en"><title>sipchart inspector</title>
<h1>The inspector’s page is not built</h1>
<p>In the checkout of sipchart, run <code>npm run build</code> and start again.</p></html>
`),
};

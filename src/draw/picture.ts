import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The shipped picture of a machine: Mermaid's text or an SVG; `undefined` where there is none of that name. */
export async function readPicture(name: string, format: 'mermaid' | 'svg'): Promise<string | undefined> {
  if (!/^[a-z0-9-]+$/.test(name)) return undefined;
  const file = new URL(`visualizations/${name}.${format === 'svg' ? 'svg' : 'md'}`, packageRoot());
  if (!existsSync(file)) return undefined;
  const text = await readFile(file, 'utf8');
  return format === 'svg' ? text : fenced(text);
}

function fenced(markdown: string): string | undefined {
  return /^```mermaid\n([^`]*)```$/m.exec(markdown)?.[1];
}

/** The nearest folder above this file that has a package.json: the sources and the built files lie at different depths. */
export function packageRoot(): URL {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder)) && folder.pathname !== '/')
    folder = new URL('../', folder);
  return folder;
}

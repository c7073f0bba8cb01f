import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { machines } from '../../machines/index.js';
import { drawingOf } from '../../src/draw/drawing.js';
import { readPicture } from '../../src/draw/picture.js';
import { engine } from './engine.js';

const folder = new URL('../../visualizations/', import.meta.url);

describe.each(machines)('the shipped picture of $name', async (machine) => {
  const drawing = await drawingOf(machine, engine);

  test.each(['md', 'svg'] as const)('shows the machine as it is (%s)', async (extension) => {
    const shipped = await readFile(new URL(`${machine.name}.${extension}`, folder), 'utf8').catch(() => '');
    expect(shipped === drawing[extension], 'the picture is stale: npm run draw').toBe(true);
  });

  test('can be read by name', async () => {
    const mermaid = await readPicture(machine.name, 'mermaid');
    expect(mermaid).toMatch(/^stateDiagram-v2\n/);
    expect(drawing.md).toContain(`\`\`\`mermaid\n${mermaid}\`\`\`\n`);
    expect(await readPicture(machine.name, 'svg')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });
});

describe('the shipped pictures', () => {
  test('are of shipped machines alone', async () => {
    const pictures = (await readdir(folder)).filter((file) => file.endsWith('.svg'));
    expect(pictures.sort()).toEqual(machines.map(({ name }) => `${name}.svg`).sort());
  });

  test.each(['nothing', '', '../package', 'NOTIFIER'])('are not found by the name %j', async (name) => {
    expect(await readPicture(name, 'svg')).toBeUndefined();
    expect(await readPicture(name, 'mermaid')).toBeUndefined();
  });
});

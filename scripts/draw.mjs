// Draws every shipped machine into visualizations/, from the built library.
import { writeFile } from 'node:fs/promises';
import elkjs from 'elkjs/lib/elk.bundled.js';
import { machines } from '../dist/machines/index.js';
import { drawingOf } from '../dist/src/draw/drawing.js';

const engine = new elkjs.default();
for (const machine of machines) {
  const drawing = await drawingOf(machine, engine);
  for (const [extension, text] of Object.entries(drawing)) {
    const path = `visualizations/${machine.name}.${extension}`;
    await writeFile(new URL(`../${path}`, import.meta.url), text);
    console.log(path);
  }
}

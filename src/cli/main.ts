#!/usr/bin/env node
import { complain } from './complaint.js';
import { run } from './run.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Nobody reads any more, as after `| head`.
  if (error.code === 'EPIPE') process.exit(0);
  complain('sipchart', `standard output fails: ${error.message}`);
  process.exit(1);
});

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  complain('sipchart', error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

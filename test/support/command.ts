import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export const isBuilt = existsSync(main);

/** What a test's name says where it can't run. */
export const unlessBuilt = isBuilt ? '' : ' (skipped: there is no dist, npm run build makes it)';

export interface Finished {
  readonly status: number | null;
  readonly output: string;
  readonly complaint: string;
}

/** The built command as a process of its own. */
export class RunningCommand {
  readonly lines: string[] = [];
  readonly finished: Promise<Finished>;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  #output = '';
  #complaint = '';
  #waiting: (() => void)[] = [];
  #hasFinished = false;

  constructor(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const { NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
    this.#process = spawn(process.execPath, [main, ...words], {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text;
    });
    this.finished = new Promise((resolve) => {
      this.#process.on('close', (status) => {
        this.#hasFinished = true;
        this.#wake();
        resolve({ status, output: this.#output, complaint: this.#complaint });
      });
    });
  }

  /** The first line from `from` on that matches. */
  async line(pattern: RegExp, from = 0): Promise<string> {
    for (;;) {
      const found = this.lines.slice(from).find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.#hasFinished)
        throw new Error(`no line matches ${pattern}:\n${this.#output}\n${this.#complaint}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The port of a `listening` line. */
  async port(protocol: 'udp' | 'tcp'): Promise<number> {
    const line = await this.line(new RegExp(`^listening ${protocol} `));
    return Number(line.slice(line.lastIndexOf(':') + 1));
  }

  signal(name: 'SIGINT' | 'SIGTERM'): void {
    this.#process.kill(name);
  }

  /** Stops reading, as `head` does. */
  stopReading(): void {
    this.#process.stdout.destroy();
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #take(text: string): void {
    this.#output += text;
    this.lines.splice(0, this.lines.length, ...this.#output.split('\n').slice(0, -1));
    this.#wake();
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

export const runCommand = (...words: string[]): Promise<Finished> => new RunningCommand(words).finished;

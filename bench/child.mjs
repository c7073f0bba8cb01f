import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const answerTimeout = 60_000;

/** The children that run: none outlives the process that started it. */
const running = new Set();

/** Another process, asked one command at a time. */
export class Child {
  /**
   * @param {string} module a file beside this one
   * @param {string} name what errors call it
   * @param {string[]} [args]
   */
  constructor(module, name, args = []) {
    this.name = name;
    this.process = fork(fileURLToPath(new URL(module, import.meta.url)), args, {
      execArgv: ['--expose-gc', '--max-old-space-size=8192'],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    /** @type {{ resolve(value: any): void, reject(error: Error): void } | undefined} */
    this.asked = undefined;
    /** @type {Error | undefined} */
    this.failure = undefined;
    running.add(this);
    this.process.on('message', (/** @type {any} */ { result, error }) =>
      error === undefined ? this.asked?.resolve(result) : this.asked?.reject(new Error(`${name}: ${error}`)),
    );
    this.ended = new Promise((resolve) =>
      this.process.once('exit', (status, signal) => {
        running.delete(this);
        this.failure = new Error(`${name} ended early, with ${signal ?? `status ${status}`}`);
        this.asked?.reject(this.failure);
        resolve(undefined);
      }),
    );
  }

  /**
   * @param {string} command
   * @param {Record<string, unknown>} [options]
   * @returns {Promise<any>}
   */
  ask(command, options = {}) {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(
        () =>
          this.asked?.reject(new Error(`${this.name} did not answer "${command}" in ${answerTimeout} ms`)),
        answerTimeout,
      );
      const settle = () => {
        clearTimeout(timeout);
        this.asked = undefined;
      };
      this.asked = {
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.process.send({ command, options });
    });
  }

  /** Ends the child, which writes what Node still wants to write (a CPU profile). */
  async stop() {
    if (this.process.connected) this.process.disconnect();
    await this.ended;
  }
}

export const stopEveryChild = () => {
  for (const child of running) child.process.kill('SIGKILL');
};

/**
 * The child's side: answers commands, and ends with its parent.
 *
 * @param {Record<string, (options: any) => unknown>} commands
 */
export const answer = (commands) => {
  process.on('message', async (/** @type {any} */ { command, options }) => {
    try {
      const result = await commands[command]?.(options);
      process.send?.({ result });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? error.message : String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
};

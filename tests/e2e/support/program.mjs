// Starting the project's own programs and knowing when they are ready.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** How long a program may take until it has said that it is ready. */
const START_MS = 30_000;
/** How long a program may take to end when asked to; the programs promise five seconds. */
const STOP_MS = 6_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * A program that cargo has built.
 * @param {string} name
 * @param {string} variable environment variable that names another file
 */
export function built(name, variable) {
  const target = process.env.CARGO_TARGET_DIR ? resolve(ROOT, process.env.CARGO_TARGET_DIR) : resolve(ROOT, 'target');
  const path = process.env[variable] ?? resolve(target, 'debug', name);
  if (!existsSync(path)) throw new Error(`${path} is missing; build it first, or name another one in ${variable}`);
  return path;
}

/** A running program and everything that it has said. */
export class Program {
  /** @type {string[]} everything, in the order in which it came */
  lines = [];
  /** @type {string[]} standard output alone */
  answers = [];
  /** @type {number | string | null} exit code or signal; null while it runs */
  ended = null;
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /**
   * @param {string} path
   * @param {string[]} args
   * @param {Record<string, string | undefined>} [env] added to this process's own
   */
  constructor(path, args, env = {}) {
    this.name = [path, ...args].join(' ');
    this.child = spawn(path, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (stream === this.child.stdout) this.answers.push(line);
        this.#tell();
      });
    }
    // A program that has gone takes no more orders; its end is reported by what waits for an answer.
    this.child.stdin.on('error', () => undefined);
    this.child.once('error', (error) => this.#end(error.message));
    this.child.once('exit', (code, signal) => this.#end(code ?? signal ?? 'gone'));
  }

  /** @param {number | string} how */
  #end(how) {
    this.ended = how;
    running.delete(this.child);
    this.#tell();
  }

  #tell() {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /**
   * Resolves when `look` finds something; fails when the program ends or takes too long.
   * @template T
   * @param {() => T | null | undefined} look
   * @param {string} what for the message of a failure
   * @param {number} [within] milliseconds
   * @returns {Promise<T>}
   */
  until(look, what, within = START_MS) {
    return new Promise((done, fail) => {
      const finish = (/** @type {() => void} */ how) => {
        clearTimeout(timer);
        this.#watchers.delete(check);
        how();
      };
      const failed = (/** @type {string} */ why) =>
        finish(() => fail(new Error(`${this.name} ${why} before ${what}:\n${this.lines.slice(-40).join('\n')}`)));
      const check = () => {
        const found = look();
        if (found !== null && found !== undefined) finish(() => done(found));
        else if (this.ended !== null) failed(`ended (${this.ended})`);
      };
      const timer = setTimeout(() => failed('took too long'), within);
      this.#watchers.add(check);
      check();
    });
  }

  /**
   * Waits for a line and returns what its pattern captured.
   * @param {RegExp} pattern
   * @param {number} [from] first line to look at
   */
  line(pattern, from = 0) {
    return this.until(() => {
      for (const line of this.lines.slice(from)) {
        const found = pattern.exec(line);
        if (found) return found;
      }
      return null;
    }, `it said ${pattern}`);
  }

  /** Waits for its end and returns the exit code or signal. */
  exit(within = START_MS) {
    if (this.ended !== null) return Promise.resolve(this.ended);
    return new Promise((/** @type {(how: number | string) => void} */ done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${this.name} is still running`)), within);
      this.child.once('exit', (code, signal) => {
        clearTimeout(timer);
        done(code ?? signal ?? 'gone');
      });
    });
  }

  /** Asks it to end, and makes it end if it does not. */
  async stop() {
    if (this.ended !== null) return;
    this.child.kill('SIGTERM');
    try {
      await this.exit(STOP_MS);
    } catch (late) {
      this.child.kill('SIGKILL');
      await this.exit();
      throw late;
    }
  }
}

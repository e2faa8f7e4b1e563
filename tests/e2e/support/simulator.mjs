// A simulated openWB that does what it is told.

import { built, Program } from './program.mjs';

/** A running `ladebuch-sim`; orders go in by its standard input, one a line. */
export class Simulator {
  /**
   * @param {Program} program
   * @param {number} port of its broker
   */
  constructor(program, port) {
    this.program = program;
    this.port = port;
  }

  /** @param {string[]} args what is asked of it; with no past unless one is */
  static async start(...args) {
    const past = args.includes('--past-days') ? [] : ['--past-days', '0'];
    const program = new Program(built('ladebuch-sim', 'LADEBUCH_SIM_BIN'), [
      // Ten times as fast: a control cycle of the box takes one second. Vehicles wait for orders.
      ...['--mqtt-port', '0', '--seed', '1', '--speed', '10', '--no-traffic'],
      ...past,
      ...args,
    ]);
    const [, port] = await program.line(/mqtt:\/\/127\.0\.0\.1:(\d+)/);
    await program.line(/^type help/);
    return new Simulator(program, Number(port));
  }

  /**
   * Tells the simulator to do something and waits until it has.
   * @param {string} text
   */
  async order(text) {
    const from = this.program.answers.length;
    this.program.child.stdin.write(`${text}\n`);
    const answer = await this.program.until(() => this.program.answers[from], `it answered ${text}`);
    if (answer !== 'done') throw new Error(`${text}: ${answer}`);
  }

  /** Address of Elli's cloud, if it was asked for with `--elli-port 0`. */
  get elli() {
    return this.#address(/simulated\) at (http:\/\/[\d.]+:\d+),/);
  }

  /** Port of the Elli Charger 2, if it was asked for with `--modbus-port 0`. */
  get modbus() {
    return Number(this.#address(/modbus\+tcp:\/\/127\.0\.0\.1:(\d+)/));
  }

  /** @param {RegExp} pattern */
  #address(pattern) {
    for (const line of this.program.lines) {
      const found = pattern.exec(line);
      if (found?.[1] !== undefined) return found[1];
    }
    throw new Error(`${this.program.name} has said nothing of ${pattern}`);
  }

  stop() {
    return this.program.stop();
  }
}

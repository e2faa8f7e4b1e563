// What a person does who sits in front of the display: looks at titles, types, closes a window.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { Program } from '../e2e/support/program.mjs';
import { until } from './webdriver.mjs';

/** @type {(args: string[]) => Promise<string>} */
const xdotool = async (args) => (await promisify(execFile)('xdotool', args)).stdout.trim();

/** The display with a window manager: without one nothing has the keyboard or can be closed. */
export class Desk {
  /** @param {Program} program */
  constructor(program) {
    this.program = program;
  }

  static async start() {
    const program = new Program('openbox', ['--sm-disable']);
    await until(() => {
      if (program.ended !== null) throw new Error(`openbox ended (${program.ended}):\n${program.lines.join('\n')}`);
      return xdotool(['get_num_desktops']).catch(() => null);
    }, 'there is a window manager');
    return new Desk(program);
  }

  /**
   * The numbers of the windows whose title fits.
   * @param {string} title a regular expression
   */
  async windows(title) {
    // It fails when it finds none.
    const found = await xdotool(['search', '--onlyvisible', '--name', title]).catch(() => '');
    return found.split('\n').filter((line) => line !== '');
  }

  /**
   * Waits for one window with such a title and brings it to the front.
   * @param {string} title a regular expression
   */
  async window(title) {
    const [window] = await until(
      () => this.windows(title).then((found) => (found.length === 1 ? found : null)),
      `there is one window ${title}`,
    );
    await xdotool(['windowactivate', '--sync', window ?? '']);
    return window;
  }

  /** @param {string} title a regular expression */
  async gone(title) {
    await until(async () => (await this.windows(title)).length === 0, `there is no window ${title}`);
  }

  /** @param {string} text */
  type(text) {
    return xdotool(['type', '--delay', '20', text]);
  }

  /** @param {string[]} keys such as Tab, ctrl+a, alt+F4 */
  press(...keys) {
    return xdotool(['key', ...keys]);
  }

  stop() {
    return this.program.stop();
  }
}

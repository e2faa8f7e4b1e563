// The few commands of the W3C WebDriver protocol that the test needs, over tauri-driver.

import { createServer } from 'node:net';

import { Program } from '../e2e/support/program.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const POLL_MS = 100;
const PATIENCE_MS = 30_000;

/** @returns {Promise<number>} a port that was free just now */
function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('not listening on a port');
      server.close(() => done(address.port));
    });
  });
}

/**
 * Looks again and again until the answer is neither null, undefined nor false.
 * @template T
 * @param {() => Promise<T | null | undefined | false>} look
 * @param {string} what for the message of a failure
 * @returns {Promise<T>}
 */
export async function until(look, what) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
}

/** A running tauri-driver. */
export class Driver {
  /**
   * @param {Program} program
   * @param {string} url
   */
  constructor(program, url) {
    this.program = program;
    this.url = url;
  }

  /** @param {Record<string, string>} env that the app sees */
  static async start(env) {
    const [port, nativePort] = [await freePort(), await freePort()];
    const args = ['--port', String(port), '--native-port', String(nativePort)];
    const driver = new Driver(
      new Program(process.env.TAURI_DRIVER ?? 'tauri-driver', args, env),
      `http://127.0.0.1:${port}`,
    );
    await until(() => driver.call('GET', '/status').catch(() => null), 'tauri-driver answers');
    return driver;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async call(method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { value } = /** @type {{ value: any }} */ (await answer.json());
    if (!answer.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
    return value;
  }

  /**
   * Starts the app and takes hold of its window.
   * @param {string} application
   * @param {string[]} args
   */
  async open(application, args) {
    const { sessionId } = await this.call('POST', '/session', {
      capabilities: {
        alwaysMatch: {
          browserName: 'wry',
          'tauri:options': { application, args },
        },
      },
    });
    return new Window(this, sessionId);
  }

  stop() {
    return this.program.stop();
  }
}

/** The app's window. */
export class Window {
  /**
   * @param {Driver} driver
   * @param {string} id
   */
  constructor(driver, id) {
    this.driver = driver;
    this.path = `/session/${id}`;
  }

  /**
   * Runs the body of a function in the page.
   * @param {string} script
   * @param {unknown[]} args
   */
  run(script, ...args) {
    return this.driver.call('POST', `${this.path}/execute/sync`, {
      script,
      args,
    });
  }

  /**
   * The visible text of the first element that a selector finds; null without one.
   * @param {string} selector
   * @returns {Promise<string | null>}
   */
  text(selector) {
    return this.run('return document.querySelector(arguments[0])?.innerText ?? null', selector);
  }

  /**
   * Clicks the way a person does, as soon as the element is there.
   * @param {string} what a CSS selector, or an XPath that begins with //
   */
  async click(what) {
    const wanted = { using: what.startsWith('//') ? 'xpath' : 'css selector', value: what };
    const find = () => this.driver.call('POST', `${this.path}/element`, wanted).catch(() => null);
    const element = await until(find, `there is ${what}`);
    await this.driver.call('POST', `${this.path}/element/${element[ELEMENT]}/click`, {});
  }

  /** Where the page is: path and query. */
  address() {
    return this.run('return location.pathname + location.search');
  }

  /** @returns {Promise<{ x: number, y: number, width: number, height: number }>} */
  rect() {
    return this.driver.call('GET', `${this.path}/window/rect`);
  }

  /** @param {{ width: number, height: number }} size */
  resize(size) {
    return this.driver.call('POST', `${this.path}/window/rect`, size);
  }

  /** @returns {Promise<string>} a PNG, base64 */
  screenshot() {
    return this.driver.call('GET', `${this.path}/screenshot`);
  }

  /** Ends the session and with it the app, however it is doing. */
  async close() {
    await this.driver.call('DELETE', this.path).catch(() => undefined);
  }
}

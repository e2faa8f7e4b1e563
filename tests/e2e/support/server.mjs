// The headless server, each with a data directory of its own.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { built, Program } from './program.mjs';

const LINK = /(http:\/\/[^\s/]+)\/sign-in#code=[^\s"]+/;

/** A running `ladebuch-server`. */
export class Server {
  /**
   * @param {Program} program
   * @param {string} dataDir
   * @param {string} link the one-time link that it printed
   * @param {string} url
   * @param {string} token the owner's
   */
  constructor(program, dataDir, link, url, token) {
    this.program = program;
    this.dataDir = dataDir;
    this.link = link;
    this.url = url;
    this.token = token;
  }

  /** @param {string[]} args what is asked of it besides an address and a data directory */
  static async start(...args) {
    const dataDir = await mkdtemp(join(tmpdir(), 'ladebuch-e2e-'));
    const program = new Program(built('ladebuch-server', 'LADEBUCH_SERVER_BIN'), [
      ...['--data-dir', dataDir, '--listen', '127.0.0.1:0'],
      ...args,
    ]);
    const [link, url] = await program.line(LINK);
    if (url === undefined) throw new Error('the link names no address');
    const token = (await readFile(join(dataDir, 'owner-token'), 'utf8')).trim();
    return new Server(program, dataDir, link, url, token);
  }

  /**
   * Asks the API as the owner.
   * @param {string} path
   * @param {{ method?: string, body?: unknown }} [options]
   * @returns {Promise<any>}
   */
  async api(path, { method = 'GET', body } = {}) {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /**
   * Connects a simulated openWB on this machine and returns the stored source.
   * @param {number} port
   * @param {string} [name]
   */
  connect(port, name) {
    return this.api('/api/v1/sources', {
      method: 'POST',
      body: {
        ...{ kind: 'openwb', name, host: '127.0.0.1', port, tls: { enabled: false, pinned_fingerprint: null } },
        ...{ username: null, password: null, topic_prefix: null },
      },
    });
  }

  /** Starts it again on the same address with the same data, after `program.stop()`. */
  async restart() {
    const args = ['--data-dir', this.dataDir, '--listen', new URL(this.url).host];
    this.program = new Program(built('ladebuch-server', 'LADEBUCH_SERVER_BIN'), args);
    await this.program.line(LINK);
  }

  /** Ends it and removes its data. */
  async stop() {
    await this.program.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

// The pages that the sign-in window is shown. WebDriver cannot reach them: WebKit lets it into one
// web context alone, and a private window has one of its own. So they tell about themselves.

import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** Says when a person could begin to type into the form. */
const TELLS = `<script>
(function look() {
  const field = document.activeElement;
  if (!document.hasFocus() || field?.id !== 'username') return requestAnimationFrame(look);
  const error = document.getElementById('error')?.textContent ?? null;
  fetch('/test/said', { method: 'POST', body: JSON.stringify({ username: field.value, error }) });
})();
</script>`;

/** Says where it is, then does what the test orders and says what came of it. */
const OBEYS = `<!doctype html><title>Elli</title><body><script>
(async () => {
  await fetch('/test/said', { method: 'POST', body: JSON.stringify(location.href) });
  for (;;) {
    const order = await (await fetch('/test/order')).text();
    let said;
    try { said = await (0, eval)(order); } catch (error) { said = String(error); }
    await fetch('/test/said', { method: 'POST', body: JSON.stringify(said ?? null) });
  }
})();
</script>`;

/** The simulated Elli, seen through this test; below /test/ there are pages of its own. */
export class ElliPages {
  /** Addresses that were asked for, as the browser named them. @type {string[]} */
  asked = [];
  /** @type {unknown[]} */
  #said = [];
  /** @type {((what: any) => void)[]} */
  #listeners = [];
  /** @type {string[]} */
  #orders = [];
  /** @type {((order: string) => void)[]} */
  #waiting = [];

  /** @param {string} elli where the simulator is */
  constructor(elli) {
    this.elli = elli;
    this.server = createServer((incoming, answer) => {
      this.asked.push(`http://${incoming.headers.host}${incoming.url}`);
      void this.#answer(incoming, answer);
    });
  }

  /** @param {string} elli where the simulator is */
  static async start(elli) {
    const pages = new ElliPages(elli);
    pages.server.listen(0, '127.0.0.1');
    await once(pages.server, 'listening');
    return pages;
  }

  get port() {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on a port');
    return address.port;
  }

  /**
   * The address of a page here.
   * @param {string} path
   * @param {string} host
   */
  at(path, host = '127.0.0.1') {
    return `http://${host}:${this.port}${path}`;
  }

  /** What the page says next. @returns {Promise<any>} */
  said() {
    return new Promise((done) => {
      if (this.#said.length > 0) done(this.#said.shift());
      else this.#listeners.push(done);
    });
  }

  /**
   * Waits until the obedient page has said that it is at an address.
   * @param {string} url
   */
  async shown(url) {
    for (;;) if ((await this.said()) === url) return;
  }

  /**
   * Lets the obedient page evaluate something; resolves to what came of it.
   * @param {string} script
   */
  order(script) {
    this.#give(script);
    return this.said();
  }

  /**
   * Lets the obedient page go elsewhere; it does nothing any more.
   * @param {string} url
   */
  leave(url) {
    this.#give(`location.href = ${JSON.stringify(url)}; new Promise(() => {})`);
  }

  /** @param {string} order */
  #give(order) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(order);
    else this.#orders.push(order);
  }

  /**
   * @param {import('node:http').IncomingMessage} incoming
   * @param {import('node:http').ServerResponse} answer
   */
  async #answer(incoming, answer) {
    const { pathname } = new URL(incoming.url ?? '/', this.elli);
    if (pathname === '/test/page') {
      // Whatever the page before was told or has said is over.
      for (const past of [this.#said, this.#orders, this.#waiting]) past.length = 0;
      answer.setHeader('content-type', 'text/html; charset=utf-8').end(OBEYS);
    } else if (pathname === '/test/order') {
      const order = this.#orders.shift() ?? (await new Promise((done) => this.#waiting.push(done)));
      answer.end(order);
    } else if (pathname === '/test/said') {
      const said = JSON.parse(Buffer.concat(await incoming.toArray()).toString());
      const listener = this.#listeners.shift();
      if (listener) listener(said);
      else this.#said.push(said);
      answer.end();
    } else {
      this.#pass(incoming, answer);
    }
  }

  /**
   * @param {import('node:http').IncomingMessage} incoming
   * @param {import('node:http').ServerResponse} answer
   */
  #pass(incoming, answer) {
    const { method, headers } = incoming;
    const passed = request(new URL(incoming.url ?? '/', this.elli), { method, headers }, (theirs) => {
      const page = theirs.headers['content-type']?.startsWith('text/html');
      delete theirs.headers['content-length'];
      answer.writeHead(theirs.statusCode ?? 502, theirs.headers);
      theirs.pipe(answer, { end: false });
      theirs.once('end', () => answer.end(page ? TELLS : undefined));
    });
    passed.once('error', () => answer.destroy());
    incoming.pipe(passed);
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

// Signing in with Elli in the real desktop app, at a simulated Elli.
//
// Run it apart from the person's own desktop:
//   xvfb-run -a dbus-run-session -- node --test --test-concurrency=1 --test-force-exit tests/desktop/

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { built, Program } from '../e2e/support/program.mjs';
import { Desk } from './desk.mjs';
import { ElliPages } from './elli-pages.mjs';
import { Home } from './home.mjs';
import { Driver, until } from './webdriver.mjs';

const REDIRECT = 'com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback';
const USER = 'demo@example.com';
const PASSWORD = 'correct horse';
const TITLE = 'Sign in for the test';
const TIMEOUT_MS = 120_000;
const CHARGE_POINT = '[data-testid=charge-point]';
const CONNECTION = '[data-testid=connection]';
const APP = built('ladebuch', 'LADEBUCH_APP_BIN');

const home = await Home.make();
const opened = join(home.path, 'opened');

describe('the window for signing in with Elli', () => {
  /** @type {Program} */
  let elli;
  /** where it is @type {string} */
  let url;
  /** @type {ElliPages} */
  let pages;
  /** @type {Desk} */
  let desk;
  /** @type {Driver} */
  let driver;
  /** @type {import('./webdriver.mjs').Window} */
  let app;

  before(async () => {
    // In front of the system's: what would open a browser writes down what it was to open.
    const bin = join(home.path, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" >>${opened}\n`);
    await chmod(join(bin, 'xdg-open'), 0o755);

    elli = new Program(built('ladebuch-sim', 'LADEBUCH_SIM_BIN'), ['--elli-port', '0', '--past-days', '0']);
    [url] = await elli.line(/http:\/\/127\.0\.0\.1:\d+/);
    desk = await Desk.start();
    driver = await Driver.start({ ...home.env, NO_COLOR: '1', PATH: `${bin}:${process.env.PATH}` });
  });

  beforeEach(async () => {
    pages = await ElliPages.start(url);
    app = await driver.open(APP, ['--demo', '--data-dir', home.dataDir]);
    await until(() => app.run('return document.querySelector("nav") !== null'), 'the page of the app');
  });

  afterEach(async () => {
    await app.close();
    pages.stop();
  });

  after(async () => {
    await driver?.stop();
    await desk?.stop();
    await elli?.stop();
    await home.remove();
  });

  /**
   * Asks for the window as the page of the app does; the answer is kept there under a name.
   * @param {string} name
   * @param {string} url
   */
  const signIn = (name, url) =>
    app.run(
      `const [name, url, title] = arguments;
       window[name] = null;
       window.__TAURI_INTERNALS__.invoke('elli_sign_in', { url, title }).then(
         (address) => { window[name] = { address }; },
         (error) => { window[name] = { error }; });`,
      name,
      url,
      TITLE,
    );

  /**
   * @param {string} name
   * @returns {Promise<{ address?: string | null, error?: string }>}
   */
  const answer = (name) => until(() => app.run('return window[arguments[0]]', name), `an answer to ${name}`);

  it('leads through a wrong and the right password to an address with a code', { timeout: TIMEOUT_MS }, async () => {
    const { url, state } = authorize(pages.at('/authorize'));
    await signIn('signIn', url);
    await desk.window(`^127.0.0.1:${pages.port} – ${TITLE}$`);
    assert.deepEqual(await pages.said(), { username: '', error: null });
    await desk.type(USER);
    await desk.press('Tab');
    await desk.type('wrong horse');
    await desk.press('Return');

    const again = await pages.said();
    assert.equal(again.username, USER);
    assert.match(again.error, /Passwort ist falsch/u);
    assert.equal(await app.run('return window.signIn'), null);
    await desk.press('Tab');
    await desk.type(PASSWORD);
    await desk.press('Return');

    const { address } = await answer('signIn');
    assert.ok(address);
    assert.ok(address.startsWith(`${REDIRECT}?`), 'it is the address for the app');
    const { searchParams } = new URL(address);
    assert.equal(searchParams.get('state'), state);
    const code = searchParams.get('code');
    assert.ok(code);
    assert.deepEqual(await desk.windows(TITLE), []);
    assert.deepEqual(
      driver.program.lines.filter((line) => line.includes(code)),
      [],
      'nobody logs the code',
    );
  });

  it('signs an account in from the first start on, which lasts over a restart', { timeout: TIMEOUT_MS }, async () => {
    await app.close();
    const args = ['--data-dir', join(home.path, 'signed-in'), '--elli-url', `http://127.0.0.1:${pages.port}`];
    app = await driver.open(APP, args);
    await app.click('//button[normalize-space()="Connect"]');
    await app.click('//button[contains(., "Elli account")]');
    await app.click('//button[contains(., "page") and contains(., "Elli")]');
    await desk.window(`^127.0.0.1:${pages.port} – `);
    await pages.said();
    await desk.type(USER);
    await desk.press('Tab');
    await desk.type(PASSWORD);
    await desk.press('Return');
    await until(async () => /Garage/u.test((await app.text(CHARGE_POINT)) ?? ''), 'the station on the live page');
    assert.deepEqual(await desk.windows(`^127.0.0.1:${pages.port} – `), []);

    await app.close();
    app = await driver.open(APP, args);
    await until(async () => /Garage/u.test((await app.text(CHARGE_POINT)) ?? ''), 'the station after a restart');
    await app.click('nav a[href^="/settings"]');
    await until(async () => (await app.text(CONNECTION))?.includes(`127.0.0.1:${pages.port}`), 'the account');
    const tokens = pages.asked.filter((address) => address.endsWith('/oauth/token'));
    assert.equal(tokens.length, 2, 'one code was exchanged, one refresh token used');
  });

  it('is private: the next sign-in knows nothing of the one before', { timeout: TIMEOUT_MS }, async () => {
    await signIn('signIn', ends(pages.at('/test/page')));
    await pages.shown(ends(pages.at('/test/page')));
    assert.equal(await pages.order('document.cookie = "a=b; max-age=9999"; document.cookie'), 'a=b');
    pages.leave(`${REDIRECT}?code=c`);
    assert.deepEqual(await answer('signIn'), { address: `${REDIRECT}?code=c` });

    await signIn('signIn', ends(pages.at('/test/page')));
    await pages.shown(ends(pages.at('/test/page')));
    assert.equal(await pages.order('document.cookie'), '');
  });

  it('answers with null when the person closes it', { timeout: TIMEOUT_MS }, async () => {
    await signIn('signIn', authorize(pages.at('/authorize')).url);
    await desk.window(TITLE);
    await pages.said();
    await desk.press('alt+F4');
    assert.deepEqual(await answer('signIn'), { address: null });
    await desk.gone(TITLE);
    assert.equal(await app.address(), '/', 'the app is still there');
  });

  it('belongs to who asked last', { timeout: TIMEOUT_MS }, async () => {
    await signIn('first', ends(pages.at('/test/page?first')));
    await desk.window(TITLE);
    await signIn('second', ends(pages.at('/test/page?second')));
    await signIn('third', ends(pages.at('/test/page?third')));
    assert.deepEqual(await answer('first'), { address: null });
    assert.deepEqual(await answer('second'), { address: null });
    await desk.window(TITLE);
    await pages.shown(ends(pages.at('/test/page?third')));
    await desk.press('alt+F4');
    assert.deepEqual(await answer('third'), { address: null });
  });

  it('is closed when the page that asked goes', { timeout: TIMEOUT_MS }, async () => {
    await signIn('signIn', ends(pages.at('/test/page')));
    await desk.window(TITLE);
    await app.run('location.reload()');
    await desk.gone(TITLE);
  });

  it('goes with the window of the app', { timeout: TIMEOUT_MS }, async () => {
    await signIn('signIn', ends(pages.at('/test/page')));
    await desk.window(TITLE);
    await desk.window('^Ladebuch$');
    await desk.press('alt+F4');
    await desk.gone('^Ladebuch$');
    await desk.gone(TITLE);
  });

  it('opens for nothing but an encrypted page that leads back to an app', { timeout: TIMEOUT_MS }, async () => {
    for (const url of [
      ends('http://elli.example/authorize'),
      ends('tauri://localhost/'),
      ends('file:///etc/passwd'),
      'https://login.elli.eco/authorize',
      `https://login.elli.eco/authorize?redirect_uri=${encodeURIComponent('https://elli.example/')}`,
    ]) {
      await signIn('signIn', url);
      assert.equal(typeof (await answer('signIn')).error, 'string', url);
    }
    assert.deepEqual(await desk.windows(TITLE), []);
  });

  it('lets its page neither into the app nor out of the way', { timeout: TIMEOUT_MS }, async () => {
    await signIn('signIn', ends(pages.at('/test/page')));
    await desk.window(`^127.0.0.1:${pages.port} – ${TITLE}$`);
    await pages.shown(ends(pages.at('/test/page')));

    const commands = {
      api: { request: { method: 'GET', path: '/api/v1/sources', headers: [], body: null } },
      elli_sign_in: { url: ends(pages.at('/test/page')), title: TITLE },
      'plugin:opener|open_url': { url: 'https://elli.example/' },
      'plugin:store|load': { path: 'preferences.json' },
    };
    for (const [command, parameters] of Object.entries(commands)) {
      const said = await pages.order(
        `window.__TAURI_INTERNALS__.invoke(${JSON.stringify(command)}, ${JSON.stringify(parameters)})
           .then(() => 'done', (error) => 'refused: ' + error)`,
      );
      assert.match(said, /^refused: .*not allowed/su, command);
    }

    for (const [to, scheme] of [
      // A name of this machine that anybody on the network could give to theirs.
      [pages.at('/test/page?stolen', 'elli.localhost'), 'http'],
      ['tauri://localhost/', 'tauri'],
      ['elli-example://callback?code=c', 'elli-example'],
      ['com.elli.ios.emsp://elli.example/callback?code=c', 'com.elli.ios.emsp'],
    ]) {
      const from = driver.program.lines.length;
      await pages.order(`location.href = ${JSON.stringify(to)}; 0`);
      await driver.program.line(new RegExp(`may not.*scheme="${scheme}"`, 'u'), from);
      assert.equal(await pages.order('location.pathname'), '/test/page', `still there after ${to}`);
    }
    assert.deepEqual(
      pages.asked.filter((address) => address.includes('stolen')),
      [],
    );

    const links = ['http://elli.example/in-the-clear', 'mailto:elli@elli.example', 'https://elli.example/help'];
    for (const link of links) {
      await pages.order(
        `document.body.innerHTML = '<a target="_blank" href="${link}">away</a>';
         document.querySelector('a').focus(); 0`,
      );
      await desk.press('Return');
    }
    const browsed = await until(() => readFile(opened, 'utf8').catch(() => null), 'the browser was called');
    assert.equal(browsed, 'https://elli.example/help\n');
    assert.equal((await desk.windows(TITLE)).length, 1);
    assert.equal(await pages.order('location.pathname'), '/test/page');

    pages.leave(pages.at('/test/page', 'localhost'));
    await desk.window(`^localhost:${pages.port} – ${TITLE}$`);
    await desk.press('alt+F4');
    assert.deepEqual(await answer('signIn'), { address: null });
  });
});

/**
 * The address of a page that is said to end at the app.
 * @param {string} page
 */
function ends(page) {
  return `${page}${page.includes('?') ? '&' : '?'}redirect_uri=${encodeURIComponent(REDIRECT)}`;
}

/**
 * What an app asks Elli for.
 * @param {string} page
 */
function authorize(page) {
  const state = randomBytes(32).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(page);
  url.search = new URLSearchParams({
    client_id: 'vFGCyS5GUbctkPk1FfcNH6TrDtyfUCwX',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    audience: 'https://api.elli.eco/',
    redirect_uri: REDIRECT,
    scope: 'offline_access openid profile',
    response_type: 'code',
    state,
    prompt: 'login',
    ui_locales: 'de',
  }).toString();
  return { url: url.href, state };
}

// The real desktop app in a window of its own, against a simulated openWB.
//
// Run it apart from the person's own desktop:
//   xvfb-run -a dbus-run-session -- node --test --test-concurrency=1 --test-force-exit tests/desktop/

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';

import { built, Program, ROOT } from '../e2e/support/program.mjs';
import { Simulator } from '../e2e/support/simulator.mjs';
import { Home } from './home.mjs';
import { Driver, until } from './webdriver.mjs';

const HOUSE = '[data-testid=house]';
const CHARGE_POINT = '[data-testid=charge-point]';
const ARTIFACTS = join(ROOT, 'tests/desktop/artifacts');
const TIMEOUT_MS = 120_000;
const APP = built('ladebuch', 'LADEBUCH_APP_BIN');

const home = await Home.make();
const { dataDir } = home;

describe('the desktop app', () => {
  /** @type {Simulator} */
  let box;
  /** @type {Driver} */
  let driver;
  /** @type {import('./webdriver.mjs').Window | null} */
  let window = null;

  const open = async () => {
    window = await driver.open(APP, ['--openwb', `mqtt://127.0.0.1:${box.port}`, '--data-dir', dataDir]);
    return window;
  };
  const close = async () => {
    await window?.close();
    window = null;
  };

  before(async () => {
    box = await Simulator.start();
    driver = await Driver.start(home.env);
  });

  afterEach(async (context) => {
    if (window === null) return;
    await mkdir(ARTIFACTS, { recursive: true });
    const picture = join(ARTIFACTS, `${context.name.replaceAll(/\W+/g, '-')}.png`);
    // WebKit draws no picture of a page that stands still; the test does not depend on one.
    await window.screenshot().then(
      (png) => writeFile(picture, png, 'base64'),
      () => undefined,
    );
    await close();
  });

  after(async () => {
    await driver?.stop();
    await box?.stop();
    await home.remove();
  });

  it('shows what the simulator says, turns to the history and back', { timeout: TIMEOUT_MS }, async () => {
    const window = await open();
    await box.order('home 4200');
    await until(async () => /4[.,]2\s*kW/u.test((await window.text(HOUSE)) ?? ''), 'the house takes 4.2 kW');
    assert.match((await window.text(CHARGE_POINT)) ?? '', /Garage|Carport/);

    await window.click('nav a[href="/history"]');
    await until(() => window.run('return document.querySelector("[data-testid=chart] canvas") !== null'), 'a chart');
    assert.equal(await window.address(), '/history');

    await window.click('nav a[href="/"]');
    await until(() => window.text(HOUSE), 'the house again');
    await box.order('home 1300');
    await until(async () => /1[.,]3\s*kW/u.test((await window.text(HOUSE)) ?? ''), 'the house takes 1.3 kW');
  });

  it('a second start ends at once and the first goes on', { timeout: TIMEOUT_MS }, async () => {
    const window = await open();
    await until(() => window.text(HOUSE), 'the live page');
    const second = new Program(APP, ['--data-dir', dataDir], home.env);
    assert.equal(await second.exit(), 0, second.lines.join('\n'));
    assert.notEqual(await window.text(HOUSE), null);
    assert.equal(await window.run('return document.visibilityState'), 'visible');
  });

  it('remembers the size of its window, the theme and the language', { timeout: TIMEOUT_MS }, async () => {
    const first = await open();
    await until(() => first.text(HOUSE), 'the live page');
    await first.resize({ width: 1010, height: 700 });
    await first.click('nav a[href^="/settings"]');
    await first.click('a[href="/settings/appearance"]');
    await first.click('//label[normalize-space()="English"]');
    await first.click('//label[normalize-space()="Dark"]');
    await first.click('//label[normalize-space()="Deutsch"]');
    await until(async () => (await look(first)) === 'de dark', 'German and dark');
    // WebDriver kills what it closes; a system that shuts down asks, and so does this.
    const app = await processOf(dataDir);
    process.kill(app, 'SIGTERM');
    await until(async () => (await processOf(dataDir).catch(() => null)) === null, 'the app has ended');
    await close();

    const second = await open();
    await until(() => second.text(HOUSE), 'the live page');
    assert.equal(await look(second), 'de dark');
    const { width, height } = await second.rect();
    assert.deepEqual({ width, height }, { width: 1010, height: 700 });
  });
});

/**
 * Language and theme of the page.
 * @param {import('./webdriver.mjs').Window} window
 */
const look = (window) =>
  window.run('return `${document.documentElement.lang} ${document.documentElement.dataset.theme}`');

/**
 * The app that works on this data.
 * @param {string} dataDir
 */
async function processOf(dataDir) {
  for (const id of await readdir('/proc')) {
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    if (command.startsWith(`${APP}\0`) && command.includes(dataDir)) return Number(id);
  }
  throw new Error('the app is not running');
}

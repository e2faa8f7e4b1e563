// Pictures of the running program.
//
//   npm run screenshots                    the README's, into docs/screenshots
//   npm run screenshots -- --all DIR       every page in every shape, to judge the design by
//   npm run screenshots -- --all DIR --only live,history

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { chromium } from '@playwright/test';

import { CHROMIUM_ARGS, CHROMIUM_PATH } from './support/chromium.mjs';
import { ROOT } from './support/program.mjs';
import { Server } from './support/server.mjs';
import { Simulator } from './support/simulator.mjs';

const LARGEST_BYTES = 150_000;

const SIZES = {
  360: { width: 360, height: 740 },
  768: { width: 768, height: 1024 },
  1280: { width: 1280, height: 860 },
};

/** @typedef {{ width: 360 | 768 | 1280, theme: 'light' | 'dark', language: 'de' | 'en' }} Shape */

/** Stands for the id of the first charge point. */
const FIRST = ':first';

const PAGES = {
  live: '/',
  'charge-point': `/charge-points/${FIRST}`,
  'history-day': '/history',
  'history-month': '/history?period=month',
  'history-year': '/history?period=year',
  'history-table': '/history?period=month&table=1',
  connections: '/settings/connections',
  recording: '/settings/recording',
  diagnostics: '/settings/diagnostics',
  appearance: '/settings/appearance',
  about: '/settings/about',
  welcome: '/welcome',
  connect: '/welcome?step=connect',
};

const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_ARGS });

/**
 * Opens a signed-in page of this shape.
 * @param {Server} server
 * @param {Shape} shape
 */
async function visit(server, { width, theme, language }) {
  const context = await browser.newContext({
    viewport: SIZES[width],
    hasTouch: width === 360,
    isMobile: width === 360,
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: language === 'de' ? 'de-DE' : 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  await context.request.post(`${server.url}/api/v1/sign-in`, { data: { token: server.token } });
  await context.addInitScript(() => localStorage.setItem('ladebuch.welcome', 'seen'));
  return context.newPage();
}

/**
 * Waits until a page has drawn everything that it is going to draw.
 * @param {import('@playwright/test').Page} page
 * @param {string} address
 */
async function settle(page, address) {
  await page.goto(address);
  await page.locator('h1').waitFor();
  await page.waitForFunction(
    () => document.querySelector('[aria-busy=true], .animate-pulse') === null && document.fonts.status === 'loaded',
  );
  await page.evaluate(() => {
    const endless = (/** @type {Animation} */ animation) => animation.effect?.getComputedTiming().endTime === Infinity;
    for (const animation of document.getAnimations()) if (!endless(animation)) animation.finish();
  });
}

/**
 * Waits until a household's box has been through a control cycle: what it says before does not fit together yet.
 * @param {Server} server
 */
async function heard(server) {
  for (;;) {
    const { sources, devices } = await server.api('/api/v1/live');
    const live = sources.every((/** @type {any} */ source) => source.state === 'live');
    const told = devices.every(
      (/** @type {any} */ { charge_point: point }) => !point?.plugged || point.energy_since_plug_in_wh > 0,
    );
    if (devices.length > 4 && live && told) return;
    await new Promise((next) => setTimeout(next, 200));
  }
}

/** The README's pictures. */
async function forReadme() {
  const dir = join(ROOT, 'docs/screenshots');
  await mkdir(dir, { recursive: true });
  const server = await Server.start('--demo');
  await heard(server);
  for (const [name, path] of [
    ['live', '/'],
    ['history', '/history?period=month'],
  ]) {
    const page = await visit(server, { width: 1280, theme: 'light', language: 'en' });
    await settle(page, server.url + path);
    const file = join(dir, `${name}.png`);
    await page.screenshot({ path: file });
    const { size } = await stat(file);
    console.log(`${file} ${Math.round(size / 1000)} kB`);
    if (size > LARGEST_BYTES) throw new Error(`${file} is larger than ${LARGEST_BYTES / 1000} kB`);
    await page.context().close();
  }
  await server.stop();
}

/**
 * Servers in the states that a page has to cope with.
 * @returns {Promise<Record<string, Server>>}
 */
async function states() {
  const full = await Server.start('--demo');
  const empty = await Server.start();
  const offline = await Server.start();
  const box = await Simulator.start();
  await offline.connect(box.port, 'openWB Keller');
  await Promise.all([heard(full), heard(offline)]);
  await box.stop();
  return { full, empty, offline };
}

/**
 * Every page in every shape and state.
 * @param {string} dir
 * @param {string[]} only names of pages to begin with
 */
async function all(dir, only) {
  await mkdir(dir, { recursive: true });
  const servers = await states();
  const pages = Object.entries(PAGES).filter(
    ([name]) => only.length === 0 || only.some((start) => name.startsWith(start)),
  );
  let count = 0;
  for (const [state, server] of Object.entries(servers)) {
    const { devices } = await server.api('/api/v1/live');
    const first = devices.find((/** @type {any} */ { kind }) => kind === 'charge_point')?.id ?? 'none';
    for (const width of /** @type {const} */ ([360, 768, 1280])) {
      for (const theme of /** @type {const} */ (['light', 'dark'])) {
        for (const language of /** @type {const} */ (['de', 'en'])) {
          const page = await visit(server, { width, theme, language });
          for (const [name, path] of pages) {
            await settle(page, server.url + path.replace(FIRST, first));
            await page.screenshot({
              path: join(dir, `${name}-${state}-${width}-${theme}-${language}.png`),
              fullPage: true,
            });
            count += 1;
          }
          await page.context().close();
        }
      }
    }
  }
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  console.log(`${count} pictures in ${dir}`);
}

const { values } = parseArgs({ options: { all: { type: 'string' }, only: { type: 'string' } } });
try {
  if (values.all === undefined) await forReadme();
  else await all(values.all, values.only?.split(',') ?? []);
} finally {
  await browser.close();
}

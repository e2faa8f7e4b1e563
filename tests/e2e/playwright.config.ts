import { defineConfig } from '@playwright/test';

import { CHROMIUM_ARGS, CHROMIUM_PATH } from './support/chromium.mjs';
import type { Options } from './support/test';

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const german = { locale: 'de-DE', language: 'de' } as const;
const english = { locale: 'en-GB', language: 'en' } as const;

/** What every page must be in every shape; the other specs walk through one thing that a person does. */
const EVERY_PAGE = 'pages.spec.ts';

export default defineConfig<Options>({
  testDir: 'specs',
  globalSetup: './support/demo.ts',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 30_000,
  expect: { timeout: 8_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    timezoneId: 'Europe/Berlin',
    launchOptions: { executablePath: CHROMIUM_PATH, args: CHROMIUM_ARGS },
    screenshot: 'only-on-failure',
    // Without its film: taking one holds up the frames of a busy machine.
    trace: { mode: 'retain-on-failure', screenshots: false },
  },
  projects: [
    { name: 'desktop', use: { ...desktop, ...english } },
    { name: 'phone', use: { ...phone, ...german } },
    { name: 'desktop-de', testMatch: EVERY_PAGE, use: { ...desktop, ...german } },
    { name: 'phone-en', testMatch: EVERY_PAGE, use: { ...phone, ...english } },
  ],
});

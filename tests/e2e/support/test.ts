import { test as base, expect, type Page } from '@playwright/test';

import { runningDemo, type Demo } from './demo';
import { Messages, type Language } from './messages';
import { Server } from './server.mjs';
import { Simulator } from './simulator.mjs';

export interface Options {
  /** The language that the browser asks for. */
  language: Language;
}

interface Fixtures {
  /** The UI's texts in the project's language. */
  t: Messages;
  /** Complaints of the browser that a test provokes on purpose. */
  expected: RegExp[];
  /** Fails the test for everything else that the browser complains about. */
  complaints: string[];
  /** A server of this test alone with nothing connected. */
  server: Server;
  /** A simulated openWB of this test alone. */
  box: Simulator;
  /** Signs this test's browser in; the welcome of a first visit is over. */
  signIn: (server: Demo) => Promise<void>;
}

interface WorkerFixtures {
  /** The demo household, shared by tests that only look. */
  demo: Demo;
}

/** Collects what the browser itself complains about: errors in the console, CSP, exceptions, missing files. */
function listen(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    // A page that is left at once takes its half-open connection along.
    if (message.text().includes('WebSocket is closed before the connection is established')) return;
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
}

export const test = base.extend<Options & Fixtures, WorkerFixtures>({
  language: ['en', { option: true }],

  t: async ({ language }, use) => {
    await use(new Messages(language));
  },

  expected: async ({}, use) => {
    await use([]);
  },

  complaints: [
    async ({ page, expected }, use) => {
      const complaints: string[] = [];
      listen(page, complaints);
      await use(complaints);
      const surprising = complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)));
      expect(surprising, 'complaints of the browser').toEqual([]);
    },
    { auto: true },
  ],

  server: async ({ page }, use) => {
    const server = await Server.start();
    await use(server);
    // That nobody answers any more is no news.
    page.removeAllListeners('console');
    await server.stop();
  },

  box: async ({}, use) => {
    const box = await Simulator.start();
    await use(box);
    await box.stop();
  },

  signIn: async ({ context }, use) => {
    await use(async (server) => {
      const answer = await context.request.post(`${server.url}/api/v1/sign-in`, { data: { token: server.token } });
      expect(answer.status()).toBe(204);
      await context.addInitScript(() => localStorage.setItem('ladebuch.welcome', 'seen'));
    });
  },

  demo: [
    async ({}, use) => {
      await use(runningDemo());
    },
    { scope: 'worker' },
  ],
});

export { expect };

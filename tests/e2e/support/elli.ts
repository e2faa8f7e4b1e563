import { expect, type Page } from '@playwright/test';

import type { Messages } from './messages';
import { Server } from './server.mjs';
import { Simulator } from './simulator.mjs';
import { test as base } from './test';

interface Fixtures {
  /** A household with Elli's cloud and a Charger 2, and a past of two months. */
  cloud: Simulator;
}

/** The server of a test asks the simulated cloud instead of Elli. */
export const test = base.extend<Fixtures>({
  cloud: async ({}, use) => {
    const cloud = await Simulator.start('--elli-port', '0', '--modbus-port', '0', '--past-days', '60');
    await use(cloud);
    await cloud.stop();
  },

  server: async ({ page, cloud }, use) => {
    const server = await Server.start('--elli-url', cloud.elli);
    await use(server);
    // That nobody answers any more is no news.
    page.removeAllListeners('console');
    await server.stop();
  },
});

export { expect };

/** Whom the simulated cloud knows. */
const EMAIL = 'demo@example.com';
const PASSWORD = 'correct horse';

/** What the address at the end of a sign-in begins with. */
const SCHEME = 'com.elli.ios.emsp://';

/**
 * Signs in at Elli's page and returns where it wanted to go, as a person reads it from the developer tools: no
 * browser can open that address.
 */
async function signInAtElli(elli: Page): Promise<string> {
  await elli.locator('input[name=username]').fill(EMAIL);
  await elli.locator('input[name=password]').fill(PASSWORD);
  const last = elli.waitForResponse((answer) => (answer.headers()['location'] ?? '').startsWith(SCHEME));
  await elli.locator('button[type=submit]').click();
  return (await last).headers()['location'] ?? '';
}

/** From the link in the dialog through Elli's page; returns the address at which that ended. */
export async function followLink(page: Page): Promise<string> {
  const opened = page.context().waitForEvent('page');
  await page.getByTestId('elli-sign-in').getByRole('link').click();
  const elli = await opened;
  const callback = await signInAtElli(elli);
  await elli.close();
  return callback;
}

/** Pastes what somebody has copied and lets it be checked. */
export async function paste(page: Page, t: Messages, text: string): Promise<void> {
  const dialog = page.getByTestId('elli-sign-in');
  await dialog.getByRole('textbox', { name: t.text('elli_callback') }).fill(text);
  await dialog.getByRole('button', { name: t.text('elli_finish') }).click();
}

/** Opens the dialog in which an account is added. */
export async function addElli(page: Page, t: Messages): Promise<void> {
  await page.getByRole('button', { name: t.text('settings_add') }).click();
  await page
    .getByTestId('new-connection')
    .getByRole('button', { name: t.text('kind_elli') })
    .click();
}

/** Signs an account in without any page of Ladebuch, and returns its source. */
export async function connectElli(server: Server, page: Page): Promise<{ id: string; name: string }> {
  const begun = await server.api('/api/v1/elli/sign-in', { method: 'POST', body: {} });
  const elli = await page.context().newPage();
  await elli.goto(begun.url);
  const callback = await signInAtElli(elli);
  await elli.close();
  return server.api(`/api/v1/elli/sign-in/${begun.id}/callback`, { method: 'POST', body: { callback } });
}

interface Account {
  state: string;
  records: { state: string; kept: number };
  stations: { id: string; name: string; totals: { agree: boolean | null } }[];
}

/** What the server knows of the account. */
export const accountOf = (server: Server, source: string): Promise<Account> =>
  server.api(`/api/v1/sources/${source}/elli`);

/** The same once all its records were read. */
export async function accountRead(server: Server, source: string): Promise<Account> {
  const state = async () => (await accountOf(server, source)).records.state;
  await expect.poll(state, { timeout: 20_000 }).toBe('complete');
  return accountOf(server, source);
}

/** Connects the simulated Charger 2 and returns its source. */
export const connectCharger2 = (server: Server, cloud: Simulator, name: string): Promise<{ id: string }> =>
  server.api('/api/v1/sources', {
    method: 'POST',
    body: { kind: 'charger2', name, host: '127.0.0.1', port: cloud.modbus },
  });

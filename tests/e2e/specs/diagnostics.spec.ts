import { readFile } from 'node:fs/promises';

import type { Page } from '@playwright/test';

import { expectAccessible, expectNoSidewaysScroll, expectOneLanguage } from '../support/judge';
import { Simulator } from '../support/simulator.mjs';
import { expect, test } from '../support/test';

const rows = (page: Page) => page.getByRole('list').getByRole('listitem');

test('every topic is found, read and followed', async ({ server, box, page, signIn, t, language }) => {
  await server.connect(box.port, 'Keller');
  await signIn(server);
  await page.goto(`${server.url}/settings/diagnostics`);
  await expect(page.getByText(t.text('diag_lead', { name: 'Keller' }))).toBeVisible();
  const count = page.getByRole('status').filter({ hasText: t.like('diag_count') });
  await expect(count).toBeVisible({ timeout: 15_000 });
  // A box has hundreds of them; only what fits on the screen exists in the page.
  const list = page.getByRole('list', { name: t.text('diag_topics') });
  const drawn = await list.getByRole('listitem').count();
  expect(drawn).toBeGreaterThan(5);
  expect(drawn).toBeLessThan(60);
  expect(Number(await list.getByRole('listitem').first().getAttribute('aria-setsize'))).toBeGreaterThan(200);
  await expectNoSidewaysScroll(page);
  await expectOneLanguage(page, language);
  await expectAccessible(page);

  const search = page.getByRole('searchbox', { name: t.text('diag_search') });
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await search.fill('pv/1 get/power');
  await expect(page).toHaveURL(/q=pv\/1\+get\/power/);
  const row = list.getByRole('listitem').filter({ hasText: /openWB\/pv\/1\/get\/power(?!_)/ });
  await expect(row).toHaveCount(1);

  // What the box says next is shown without a reload.
  await box.order('pv 4321');
  await expect(row).toContainText('4321', { timeout: 15_000 });

  await row.getByRole('button').first().click();
  const details = page.getByRole('dialog', { name: t.text('diag_topic') });
  await expect(details).toContainText('openWB/pv/1/get/power');
  await expect(details).toContainText(t.text('diag_understood'));
  await expect(details.getByRole('button', { name: t.text('diag_copy') })).toBeEnabled();
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  // The search is part of the address.
  await page.reload();
  await expect(search).toHaveValue('pv/1 get/power');
  await expect(row).toHaveCount(1, { timeout: 15_000 });
  await search.fill('nothing is called like that');
  await expect(page.getByText(t.text('diag_none'))).toBeVisible();
});

test('what was not understood can be singled out', async ({ server, box, page, signIn, t }) => {
  await server.connect(box.port, 'Keller');
  await signIn(server);
  await box.order('publish openWB/nobody/knows 42');
  await box.order('publish openWB/pv/get/exported rubbish');
  await page.goto(`${server.url}/settings/diagnostics?q=rubbish`);
  const button = page.getByRole('button', { name: t.like('diag_not_understood') });
  await expect(button).toHaveAttribute('aria-pressed', 'false', { timeout: 15_000 });
  await button.click();
  await expect(page).toHaveURL(/only=not_understood/);
  await expect(rows(page).filter({ hasText: 'openWB/pv/get/exported' })).toContainText(t.text('diag_malformed'));
  await page.getByRole('searchbox').fill('nobody');
  await expect(rows(page).filter({ hasText: 'openWB/nobody/knows' })).toContainText(t.text('diag_unknown'));
  await page.getByRole('searchbox').fill('bat/get/power');
  await expect(page.getByText(t.text('diag_none'))).toBeVisible();
});

test('secrets are neither shown nor saved', async ({ server, box, page, signIn, t }) => {
  await server.connect(box.port, 'Keller');
  await signIn(server);
  await box.order('publish openWB/system/backup_password "sesame-4711"');
  await page.goto(`${server.url}/settings/diagnostics?q=backup_password`);
  const row = rows(page).filter({ hasText: 'openWB/system/backup_password' });
  await expect(row).toContainText(t.text('diag_hidden'), { timeout: 15_000 });
  await row.getByRole('button').first().click();
  await expect(page.getByRole('dialog')).toContainText(t.text('diag_hidden_hint'));
  await expect(page.getByRole('dialog').getByRole('button', { name: t.text('diag_copy') })).toBeDisabled();
  await page.keyboard.press('Escape');

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: t.text('diag_save') }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^ladebuch-diagnostics-\d{4}-\d\d-\d\d\.json$/);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain('openWB/system/backup_password');
  expect(text).not.toContain('sesame-4711');
});

test('of several sources one is chosen, and a hidden page asks nothing', async ({ server, box, page, signIn, t }) => {
  const second = await Simulator.start('--openwb', '1.9');
  await server.connect(box.port, 'Keller');
  const old = await server.connect(second.port, 'Carport');
  await signIn(server);
  await page.goto(`${server.url}/settings/diagnostics`);
  await page.getByLabel(t.text('device_source'), { exact: true }).selectOption('Carport');
  await expect(page).toHaveURL(new RegExp(`source=${old.id}`));
  await page.getByRole('searchbox').fill('ChargeMode');
  await expect(rows(page).filter({ hasText: 'openWB/global/ChargeMode' })).toBeVisible({ timeout: 15_000 });

  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/topics') ? 1 : 0));
  await expect.poll(() => asked, { timeout: 15_000 }).toBeGreaterThan(0);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  asked = 0;
  // Longer than the pause between two questions.
  await page.waitForTimeout(3000);
  expect(asked).toBe(0);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => false });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect.poll(() => asked).toBeGreaterThan(0);
  await second.stop();
});

test('without a connection the page says what to do', async ({ server, page, signIn, t }) => {
  await signIn(server);
  await page.goto(`${server.url}/settings/diagnostics`);
  await expect(page.getByText(t.text('settings_no_connections_title'))).toBeVisible();
  await page.getByRole('link', { name: t.text('status_manage') }).click();
  await expect(page).toHaveURL(/\/settings\/connections$/);
});

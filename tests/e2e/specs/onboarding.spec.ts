import type { Page } from '@playwright/test';

import { chargePoint, powerOf } from '../support/live';
import type { Messages } from '../support/messages';
import { expect, test } from '../support/test';

/** From the welcome to the form of an openWB. */
async function chooseOpenwb(page: Page, t: Messages): Promise<void> {
  await page.getByRole('button', { name: t.text('welcome_connect') }).click();
  await page.getByRole('button', { name: t.text('kind_openwb') }).click();
}

test('the first visit leads from the welcome over a test to real numbers', async ({ server, box, page, t }) => {
  await page.goto(server.link);
  await chooseOpenwb(page, t);
  await expect(page.getByRole('heading', { level: 1, name: t.text('welcome_connect_title') })).toBeVisible();

  await page.getByLabel(t.text('connection_host'), { exact: true }).fill('127.0.0.1');
  await page.getByLabel(t.text('connection_port'), { exact: true }).fill(String(box.port));
  await page.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  // The version that the box itself reports, and what it has just said about the house.
  await expect(page.getByText(t.like('connection_test_ok', { version: '\\d+\\.\\d+\\.\\d+\\S*' }))).toBeVisible({
    timeout: 15_000,
  });
  const received = page.getByRole('listitem').filter({ hasText: /\d\s(W|kW)$/ });
  await expect(received.first()).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Garage' }).first()).toBeVisible();

  await page.getByRole('button', { name: t.text('save'), exact: true }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByTestId('house')).toBeVisible();
  await expect.poll(() => powerOf(page.getByTestId('house'))).toBeGreaterThan(0);
  await expect(chargePoint(page, 'Garage')).toBeVisible();
  await expect(
    page.getByRole('button', { name: t.text('status_open_list', { status: t.text('status_live') }) }),
  ).toBeVisible();

  // Whoever has come this far is not welcomed again.
  await page.reload();
  await expect(page.getByTestId('house')).toBeVisible();
});

test('a wrong port gets a sentence that says what to do, and nothing is stored', async ({ server, page, t }) => {
  await page.goto(server.link);
  await chooseOpenwb(page, t);
  await page.getByLabel(t.text('connection_host'), { exact: true }).fill('127.0.0.1');
  // A web server is no broker: the server under test itself is one.
  await page.getByLabel(t.text('connection_port'), { exact: true }).fill('1');
  await page.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText(t.text('connection_test_failed'), { timeout: 15_000 });
  await expect(alert).toContainText(t.text('problem_connection_refused'));
  expect((await server.api('/api/v1/sources')).sources).toEqual([]);

  await page.getByLabel(t.text('connection_port'), { exact: true }).fill(new URL(server.url).port);
  await page.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  await expect(alert).toContainText(t.text('problem_protocol_error'), { timeout: 15_000 });
});

test('an incomplete address is named at its field', async ({ server, page, t }) => {
  await page.goto(server.link);
  await chooseOpenwb(page, t);
  await page.getByLabel(t.text('connection_port'), { exact: true }).fill('70000');
  await page.getByRole('button', { name: t.text('connection_test'), exact: true }).click();
  await expect(page.getByText(t.text('connection_required'))).toBeVisible();
  await expect(page.getByText(t.text('connection_port_invalid'))).toBeVisible();
});

test('the demo is entered from the welcome, is marked as such, and is left again', async ({ server, page, t }) => {
  test.slow();
  await page.goto(server.link);
  await page.getByRole('button', { name: t.text('welcome_demo') }).click();
  await expect(page.getByText(t.text('banner_demo'))).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('charge-point')).toHaveCount(2);

  await page.getByRole('button', { name: t.text('banner_demo_leave') }).click();
  await expect(page.getByText(t.text('banner_demo'))).toBeHidden();
  await expect(page.getByText(t.text('live_empty_title'))).toBeVisible();
  expect(await server.api('/api/v1/sources')).toEqual({ sources: [] });
});

test('the welcome can be skipped and stays away', async ({ server, page, t }) => {
  await page.goto(server.link);
  await page.getByRole('button', { name: t.text('welcome_skip') }).click();
  await expect(page.getByText(t.text('live_empty_text'))).toBeVisible();
  await page.reload();
  await expect(page.getByText(t.text('live_empty_text'))).toBeVisible();
});
